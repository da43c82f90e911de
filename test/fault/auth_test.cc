// What goes wrong with the configured identity: tokens and certificates that rotate or expire, exec
// plugins that misbehave, kubeconfigs that contradict themselves.
#include "kube/config/auth.h"

#include <algorithm>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/log.h"
#include "kube/config/exec_plugin.h"
#include "kube/watch/log_stream.h"
#include "support/kube_world.h"
#include "support/sim_world.h"

namespace {

using base::Errc;
using base::seconds;
using kube::config::Credentials;
using test::FakeAnswer;
using test::Seen;
using test::tls;

FakeAnswer unauthorized() {
  return {.status = 401, .body = test::status_json(401, "Unauthorized", "Unauthorized")};
}

// A cluster whose users come and go, and a log that is followed as one of them by a token file.
class FaultToken : public test::SimWorld, public kube::watch::Health, public kube::watch::LogSink {
 protected:
  FaultToken() {
    base::log::capture(&log);
    allow("first");
    dir.write("token", "first");
    cluster.set_pod({.ns = "team-a", .name = "web"});
    const std::string text = api.kubeconfig("unused");
    const std::size_t at = text.find("token: unused");
    dir.write("kubeconfig", std::string(text).replace(at, 13, "tokenFile: token"));
    kube::config::LoadOptions options;
    options.file = dir.path("kubeconfig");
    client = *kube::Client::create(loop, resolver, *kube::config::load_config(options), "test");
  }
  ~FaultToken() override {
    stream.reset();
    loop.run_once();
    base::log::capture(nullptr);
  }
  void allow(const std::string& token) { api.users()[token] = {"robot", "2", {}, {}}; }
  void forbid(const std::string& token) { api.users().erase(token); }
  void follow() {
    kube::watch::LogSpec spec;
    spec.ns = "team-a";
    spec.pod = "web";
    spec.container = "app";
    stream = std::make_unique<kube::watch::LogStream>(kube::Context{loop, *client, scope}, retry,
                                                      *this, *this, spec);
    stream->start();
  }
  bool says(const std::string& text) {
    cluster.log("team-a", "web", "app", text);
    return run_until([&] { return said == text; });
  }
  int refusals() const {
    const auto& seen = api.seen();
    return static_cast<int>(
        std::count_if(seen.begin(), seen.end(), [](const auto& s) { return s.user.empty(); }));
  }

  void on_ready() override {}
  void on_denied(const kube::Failure&) override {}
  void on_line(const kube::watch::LogLine& line) override { said = line.text; }
  void on_marker(std::string_view, std::string_view) override {}
  void on_down(const kube::Failure&, base::Duration) override { ++downs; }
  void on_up() override {}
  void on_end(const kube::watch::LogEnd& how) override { end = how; }

  test::TempDir dir;
  std::string log, said;
  kube::watch::RetryParameters parameters;
  kube::watch::Retry retry{"logs", parameters, loop};
  loop::Scope scope{"test"};
  int downs = 0;
  std::optional<kube::watch::LogEnd> end;
  std::unique_ptr<kube::Client> client;
  std::unique_ptr<kube::watch::LogStream> stream;
};

TEST_F(FaultToken, A01ARotatedTokenIsReadAgainAndTriedAtOnceWithoutAFailure) {
  follow();
  ASSERT_TRUE(says("one"));
  dir.write("token", "second\n");
  allow("second");
  forbid("first");
  pass(seconds(3));
  EXPECT_TRUE(says("two")) << "a running stream is not cut by it";
  api.end_streams("/log");
  EXPECT_TRUE(says("three"));
  EXPECT_EQ(refusals(), 1) << "the look at the pod, with the old one";
  EXPECT_EQ(downs, 0);
  EXPECT_EQ(client->stats().failures, 0U);
}

TEST_F(FaultToken, A02AnEmptyOrMissingFileKeepsTheLastGoodToken) {
  follow();
  ASSERT_TRUE(says("one"));
  for (const bool missing : {false, true}) {
    missing ? dir.remove("token") : void(dir.write("token", ""));
    pass(kube::config::kFileCheck + seconds(1));  // it is looked at again
    api.end_streams("/log", sim::ApiServer::End::cut);
    EXPECT_TRUE(says(missing ? "missing" : "empty"));
    pass(seconds(5));
    dir.write("token", "first");
  }
  EXPECT_EQ(refusals(), 0);
  EXPECT_EQ(downs, 0);
  EXPECT_NE(log.find("last good content"), std::string::npos) << "and it is said";
}

TEST_F(FaultToken, A03ALineEndIsTrimmedAndOneInsideIsRejected) {
  dir.write("token", "  first\r\n");
  follow();
  ASSERT_TRUE(says("one"));
  dir.write("token", "first\r\nX-Remote-User: admin");
  pass(kube::config::kFileCheck + seconds(1));
  api.end_streams("/log", sim::ApiServer::End::cut);
  EXPECT_TRUE(says("two")) << "with the last good one";
  EXPECT_EQ(refusals(), 0);
  EXPECT_EQ(log.find("X-Remote-User"), std::string::npos);
}

TEST_F(FaultToken, A04ATokenRefusedForEverIsItsOwnFailureAndSurfaced) {
  forbid("first");
  follow();
  ASSERT_TRUE(run_until([&] { return end.has_value(); }));
  ASSERT_TRUE(end->failure);
  EXPECT_EQ(end->failure->status, 401);
  EXPECT_EQ(end->reason, "Unauthorized");
  pass(base::hours(1));
  EXPECT_LE(refusals(), 2) << "no hot loop";
  EXPECT_EQ(retry.breaker().failures(), 0) << "the API server is well";
  test::Get other(*client);
  other.start(Credentials::bearer(std::string(sim::ApiServer::kAdminToken)));
  ASSERT_TRUE(run_until([&] { return other.out.has_value(); }));
  EXPECT_TRUE(other.ok()) << "nobody else is concerned";
}

// Real child processes: real time, moved by the test.
class FaultExec : public ::testing::Test {
 protected:
  std::string script(const std::string& body) {
    return dir.write("plugin", "#!/bin/sh\necho run >> \"$DIR/runs\"\n" + body, 0700);
  }
  static std::string print(const std::string& status, const std::string& version = "v1") {
    return "cat "
           "<<EOF\n{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/" +
           version + "\",\"status\":{" + status + "}}\nEOF\n";
  }
  void make(const std::string& body) {
    kube::config::Config config = api.config();
    config.user.exec.emplace();
    config.user.exec->api_version = "client.authentication.k8s.io/v1";
    config.user.exec->command = script(body);
    config.user.exec->env = {{"DIR", dir.path()}};
    client = *kube::Client::create(loop, resolver, std::move(config), "test");
  }
  template <class Done>
  bool run_until(Done done) {
    const base::TimePoint limit = loop::RealClock::monotonic() + seconds(20);
    while (!done() && loop::RealClock::monotonic() < limit) {
      loop::Timer tick(loop, "test tick", loop::Timer::Fn::bind<&FaultExec::on_tick>(this));
      tick.arm(base::milliseconds(20));
      loop.run_once();
    }
    return done();
  }
  void on_tick() {}
  kube::Failure failure_of(const std::string& body) {
    dir.remove("runs");
    make(body);
    test::Get get(*client);
    get.start();
    EXPECT_TRUE(run_until([&] { return get.out.has_value(); }));
    EXPECT_TRUE(get.out && get.out->failure);
    return get.out && get.out->failure ? *get.out->failure : kube::Failure{};
  }
  int runs() const {
    const std::string text = dir.read("runs");
    return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  }

  test::TempDir dir;
  test::ShiftedClock clock;
  loop::Loop loop{clock};
  net::Resolver resolver{loop};
  test::FakeApi api{loop};
  std::unique_ptr<kube::Client> client;
};

TEST_F(FaultExec, A05ASlowPluginIsKilledAtThirtySeconds) {
  // A real child takes no virtual time: the limit comes first.
  loop::VirtualClock virtual_clock;
  loop::Loop virtual_loop{virtual_clock};
  net::Resolver virtual_resolver{virtual_loop};
  kube::config::Config config = api.config();
  config.user.exec.emplace();
  config.user.exec->api_version = "client.authentication.k8s.io/v1";
  config.user.exec->command = script("sleep 40\n");
  config.user.exec->env = {{"DIR", dir.path()}};
  auto slow = *kube::Client::create(virtual_loop, virtual_resolver, config, "test");
  test::Get get(*slow);
  const base::TimePoint before = virtual_loop.now();
  get.start();
  for (int turn = 0; turn < 1000000 && !get.out; ++turn)
    virtual_loop.run_once();
  ASSERT_TRUE(get.out && get.out->failure);
  EXPECT_EQ(get.out->failure->code, Errc::timeout);
  EXPECT_NE(get.message().find("did not end within 30s"), std::string::npos) << get.message();
  EXPECT_GE(virtual_loop.now() - before, seconds(30));
  EXPECT_LE(virtual_loop.now() - before, seconds(31)) << "a second for its end to be seen";
}

TEST_F(FaultExec, A05WhatAPluginGetsWrongIsToldAndNothingOfItsOutput) {
  const struct {
    std::string body, expect;
    Errc code;
  } cases[] = {
      {"echo s3cret; echo s3cret >&2; exit 1\n", "exit code 1", Errc::unauthorized},
      {"head -c 2097152 /dev/zero\n", "", Errc::too_large},
      {print(R"("token":"s3cret")", "v1beta1"), "v1beta1", Errc::unauthorized},
      {print(R"("clientCertificateData":"s3cret")"), "both", Errc::unauthorized},
  };
  for (const auto& c : cases) {
    const kube::Failure failure = failure_of(c.body);
    EXPECT_NE(failure.message.find(c.expect), std::string::npos) << failure.message;
    EXPECT_EQ(failure.message.find("s3cret"), std::string::npos) << failure.message;
    if (c.code == Errc::too_large) {
      EXPECT_EQ(failure.code, c.code);
    }
    EXPECT_EQ(runs(), 1);
    EXPECT_TRUE(api.seen.empty()) << "no request without credentials";
  }
}

TEST_F(FaultExec, A05CredentialsThatExpiredAreFetchedAgainButNotAtEveryUse) {
  make(print(R"("token":"old","expirationTimestamp":"2020-01-01T00:00:00Z")"));
  const auto use = [&] {
    test::Get get(*client);
    get.start();
    EXPECT_TRUE(run_until([&] { return get.out.has_value(); }));
    EXPECT_TRUE(get.ok());
  };
  for (int i = 0; i < 20; ++i)
    use();
  EXPECT_EQ(runs(), 1);
  clock.shift(seconds(2));
  for (int i = 0; i < 20; ++i)
    use();
  EXPECT_EQ(runs(), 2);
}

TEST_F(FaultExec, A06TwentyStreamsThatNeedCredentialsAreOneRun) {
  make("sleep 0.1\n" + print(R"("token":"shared")"));
  std::list<test::Get> streams;
  for (int i = 0; i < 20; ++i)
    streams.emplace_back(*client).start();
  ASSERT_TRUE(run_until([&] {
    return std::all_of(streams.begin(), streams.end(), [](const auto& s) { return s.out; });
  }));
  EXPECT_EQ(runs(), 1);
  ASSERT_EQ(api.seen.size(), 20U);
  for (const Seen& seen : api.seen)
    EXPECT_EQ(seen.header("authorization"), "Bearer shared");
}

class FaultCertificate : public test::KubeWorld {
 protected:
  FaultCertificate() {
    base::log::capture(&log);
    show(tls().certs);
    kube::config::Config config = api.config();
    config.cluster.ca_pem = tls().certs.ca_pem;
    config.user.client_cert_file = dir.path("client.crt");
    config.user.client_key_file = dir.path("client.key");
    client = make(std::move(config));
  }
  ~FaultCertificate() override { base::log::capture(nullptr); }
  void show(const test::TestCerts& certs) {
    dir.write("client.crt", certs.client_cert_pem);
    dir.write("client.key", certs.client_key_pem);
  }
  bool call() {
    test::Get get(*client);
    get.start();
    EXPECT_TRUE(finish(get));
    last = get.message();
    return get.ok();
  }

  std::string log, last;
  // Takes any client certificate of the CA.
  std::unique_ptr<net::TlsContext> server = tls().server(tls().certs, true);
  test::FakeApi api{loop, server.get()};
  // The same person's, as a renewal writes it: other bytes, the same key.
  test::TestCerts renewed = [] {
    test::TestCerts certs = tls().certs;
    certs.client_cert_pem = "subject=CN = client\n" + certs.client_cert_pem;
    return certs;
  }();
  std::unique_ptr<kube::Client> client;
};

TEST_F(FaultCertificate, A07ARotatedCertificateIsForNewConnectionsAndIdleOnesAreClosed) {
  ASSERT_TRUE(call()) << last;
  ASSERT_TRUE(call()) << last;
  EXPECT_EQ(api.seen[0].peer, api.seen[1].peer) << "kept alive";
  show(renewed);
  test::pass(loop, clock, kube::config::kFileCheck + seconds(1));
  ASSERT_TRUE(call()) << last;
  EXPECT_NE(api.seen[1].peer, api.seen[2].peer);
  EXPECT_EQ(client->stats().connections, 1U) << "those of the old certificate are closed";
  // Half a rotation: the certificate is written, its key not yet.
  dir.write("client.crt", tls().other.client_cert_pem);
  test::pass(loop, clock, kube::config::kFileCheck + seconds(1));
  EXPECT_TRUE(call()) << last << ": the last pair that fits is kept";
}

TEST_F(FaultCertificate, A08ACertificateThatExpiresOnAKeptConnectionIsReplaced) {
  ASSERT_TRUE(call()) << last;
  const std::string old_peer = api.seen.back().peer;
  // The API server looks at the certificate at each request: from now on what the old connection
  // carries is refused.
  api.answer = [&](const Seen& seen) {
    return seen.peer == old_peer ? unauthorized() : FakeAnswer{};
  };
  show(renewed);
  ASSERT_TRUE(call()) << last;
  ASSERT_EQ(api.seen.size(), 3U) << "refused once, tried once more";
  EXPECT_EQ(api.seen[1].peer, old_peer);
  EXPECT_NE(api.seen[2].peer, old_peer);
  EXPECT_EQ(client->stats().failures, 0U);
  // Without a new one on disk the refusal is told, and the next try is on a new connection.
  api.answer = [&](const Seen&) { return unauthorized(); };
  EXPECT_FALSE(call());
  api.answer = [](const Seen&) { return FakeAnswer{}; };
  const std::string refused_peer = api.seen.back().peer;
  ASSERT_TRUE(call()) << last;
  EXPECT_NE(api.seen.back().peer, refused_peer) << "the pool was dropped";
}

std::map<std::string, std::string> environment;
const char* fake_getenv(const char* name) {
  const auto at = environment.find(name);
  return at == environment.end() ? nullptr : at->second.c_str();
}

class FaultKubeconfig : public ::testing::Test {
 protected:
  FaultKubeconfig() { environment.clear(); }
  base::Result<kube::config::Config> load() {
    kube::config::LoadOptions options;
    options.getenv = fake_getenv;
    options.service_account_dir = dir.path("none");
    return kube::config::load_config(options);
  }
  std::string error_of(const std::string& cluster, const std::string& user) {
    environment["KUBECONFIG"] =
        dir.write("config",
                  "current-context: m\ncontexts: [{name: m, context: {cluster: c, user: u}}]\n"
                  "clusters: [{name: c, cluster: {server: 'https://a', " +
                      cluster + "}}]\nusers: [{name: u, user: {" + user + "}}]\n");
    const auto config = load();
    return config ? "no error" : config.error().what();
  }
  test::TempDir dir;
};

TEST_F(FaultKubeconfig, A09AMergedListTakesTheFirstAndResolvesPathsWhereTheyStand) {
  dir.make_dir("one");
  dir.make_dir("two");
  dir.write("one/config",
            "current-context: main\n"
            "users: [{name: u, user: {tokenFile: secrets/token}}]\n"
            "contexts: [{name: main, context: {cluster: c, user: u}}]\n");
  dir.write(
      "two/config",
      "current-context: other\n"
      "users: [{name: u, user: {token: second}}]\n"
      "clusters: [{name: c, cluster: {server: 'https://a', certificate-authority: ca.crt}}]\n");
  environment["KUBECONFIG"] = dir.path("one/config") + ":" + dir.path("missing") + ":" +
                              dir.path("two/config") + ":" + dir.path("one/config");
  const auto config = load();
  ASSERT_TRUE(config) << config.error().what();
  EXPECT_EQ(config->context, "main") << "the first that names one";
  EXPECT_EQ(config->user.token, "") << "the first entry of a name wins whole";
  EXPECT_EQ(config->user.token_file, dir.path("one/secrets/token"));
  EXPECT_EQ(config->cluster.ca_file, dir.path("two/ca.crt"));
}

TEST_F(FaultKubeconfig, A10ContradictionsAreConfigErrorsThatNameBothSides) {
  const struct {
    const char *cluster, *user, *one, *two;
  } cases[] = {
      {"insecure-skip-tls-verify: true, certificate-authority: ca.crt", "",
       "insecure-skip-tls-verify", "certificate-authority"},
      {"", "token: t, username: a, password: b", "token", "username"},
      {"", "as-groups: [g]", "as-groups", "as"},
      {"", "as-uid: x", "as-uid", "as"},
      {"", "client-certificate: c.crt", "client-certificate", "client-key"},
  };
  for (const auto& c : cases) {
    const std::string error = error_of(c.cluster, c.user);
    EXPECT_NE(error.find(dir.path("config")), std::string::npos) << error;
    EXPECT_NE(error.find(c.one), std::string::npos) << error;
    EXPECT_NE(error.find(c.two), std::string::npos) << error;
  }
}

}  // namespace
