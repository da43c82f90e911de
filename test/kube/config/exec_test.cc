// Exec plugins: real child processes on real time, moved by the test.
#include <list>

#include <gtest/gtest.h>

#include "base/json.h"
#include "base/log.h"
#include "kube/config/auth.h"
#include "kube/config/exec_plugin.h"
#include "support/certs.h"
#include "support/fake_api.h"
#include "support/temp_dir.h"

namespace {

using base::Errc;
using test::FakeAnswer;
using test::Seen;

constexpr const char* kV1 = "client.authentication.k8s.io/v1";

FakeAnswer unauthorized() {
  return {.status = 401, .body = test::status_json(401, "Unauthorized", "Unauthorized")};
}

// Answers 401 to every token but `good`.
test::FakeApi::AnswerFn only(std::string good) {
  return [good](const Seen& seen) {
    return seen.header("authorization") == "Bearer " + good ? FakeAnswer{} : unauthorized();
  };
}

kube::config::ExecConfig exec_config(std::string command) {
  kube::config::ExecConfig exec;
  exec.api_version = kV1;
  exec.command = std::move(command);
  return exec;
}

class ExecPlugin : public ::testing::Test {
 protected:
  // `body` is a shell script; it runs with $DIR, and its runs are counted.
  void make(const std::string& body, std::string api_version = kV1, bool cluster_info = false) {
    kube::config::ExecConfig exec;
    exec.api_version = std::move(api_version);
    exec.command = dir.write("plugin", "#!/bin/sh\necho run >> \"$DIR/runs\"\n" + body, 0700);
    exec.args = {"first arg"};
    exec.env = {{"DIR", dir.path()}};
    exec.install_hint = "install it from the shop";
    exec.provide_cluster_info = cluster_info;
    exec.cluster_extension_json = R"({"audience":"a"})";
    make(std::move(exec));
  }
  void make(kube::config::ExecConfig exec) {
    kube::config::Config config = api.config();
    config.user.exec = std::move(exec);
    if (tls) config.cluster.ca_pem = test::shared_certs().ca_pem;
    client = *kube::Client::create(loop, resolver, std::move(config), "test");
    get = std::make_unique<test::Get>(*client);
  }
  static std::string credential(const std::string& status, const std::string& version = kV1) {
    return "{\"kind\":\"ExecCredential\",\"apiVersion\":\"" + version + "\",\"status\":{" + status +
           "}}";
  }
  // A script that prints it; $(…) in it is the shell's.
  static std::string print(const std::string& status, const std::string& version = kV1) {
    return "cat <<EOF\n" + credential(status, version) + "\nEOF\n";
  }
  template <class Done>
  bool run_until(Done done) {
    const base::TimePoint limit = loop::RealClock::monotonic() + base::seconds(20);
    while (!done() && loop::RealClock::monotonic() < limit) {
      loop::Timer tick(loop, "test tick", loop::Timer::Fn::bind<&ExecPlugin::on_tick>(this));
      tick.arm(base::milliseconds(20));
      loop.run_once();
    }
    return done();
  }
  void on_tick() {}
  std::string call() {
    get->start();
    EXPECT_TRUE(run_until([&] { return get->out.has_value(); }));
    return api.seen.empty() ? "" : api.seen.back().header("authorization");
  }
  int runs() const {
    const std::string text = dir.read("runs");
    return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  }
  void pass(base::Duration time) {
    clock.shift(time);
    run_until([n = 0]() mutable { return n++ == 1; });
  }

  test::TempDir dir;
  test::ShiftedClock clock;
  loop::Loop loop{clock};
  net::Resolver resolver{loop};
  std::unique_ptr<net::TlsContext> tls;
  test::FakeApi api{loop};
  std::unique_ptr<kube::Client> client;
  std::unique_ptr<test::Get> get;
};

TEST_F(ExecPlugin, ItsTokenIsUsedAndKept) {
  make(print(R"("token":"from-plugin")"));
  EXPECT_EQ(call(), "Bearer from-plugin");
  EXPECT_TRUE(get->ok()) << get->message();
  pass(base::hours(24));
  EXPECT_EQ(call(), "Bearer from-plugin");
  EXPECT_EQ(runs(), 1) << "without an expiry it is kept until a 401";
}

TEST_F(ExecPlugin, TheOlderVersionWorksToo) {
  const std::string beta = "client.authentication.k8s.io/v1beta1";
  make(print(R"("token":"t")", beta), beta);
  EXPECT_EQ(call(), "Bearer t");
}

TEST_F(ExecPlugin, ItLearnsOfUsAndOfTheCluster) {
  make(
      "printf '%s' \"$KUBERNETES_EXEC_INFO\" > \"$DIR/info\"; printf '%s' \"$1\" > \"$DIR/arg\"\n" +
          print(R"("token":"t")"),
      kV1, true);
  call();
  EXPECT_EQ(dir.read("arg"), "first arg");
  base::json::Document doc;
  const auto info = doc.parse(dir.read("info"));
  ASSERT_TRUE(info) << dir.read("info");
  EXPECT_EQ((*info)["kind"].str(), "ExecCredential");
  EXPECT_EQ((*info)["apiVersion"].str(), kV1);
  const auto spec = (*info)["spec"];
  EXPECT_EQ(spec["interactive"].as_bool(), false);
  EXPECT_EQ(spec["cluster"]["server"].str(), client->server());
  EXPECT_EQ(spec["cluster"]["config"]["audience"].str(), "a");
}

TEST_F(ExecPlugin, TheClusterIsToldOnlyWhenAskedFor) {
  kube::config::ExecConfig exec = exec_config("x");
  kube::config::ClusterConfig cluster;
  cluster.host = "fd00::1";
  cluster.tls_server_name = "kubernetes";
  cluster.insecure = true;
  EXPECT_EQ(
      kube::config::exec_info(exec, cluster, "PEM"),
      R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false}})");
  exec.provide_cluster_info = true;
  EXPECT_EQ(
      kube::config::exec_info(exec, cluster, "PEM"),
      R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"cluster":{)"
      R"("server":"https://[fd00::1]:443","tls-server-name":"kubernetes","insecure-skip-tls-verify":true,)"
      R"("certificate-authority-data":"UEVN"},"interactive":false}})");
}

TEST_F(ExecPlugin, TwentyCallsAtOnceAreOneRun) {
  make(print(R"("token":"shared")"));
  std::list<test::Get> gets;
  for (int i = 0; i < 20; ++i)
    gets.emplace_back(*client).start();
  const auto done = [&] {
    return std::all_of(gets.begin(), gets.end(),
                       [](const test::Get& g) { return g.out.has_value(); });
  };
  ASSERT_TRUE(run_until(done));
  for (const test::Get& g : gets)
    EXPECT_TRUE(g.ok());
  EXPECT_EQ(api.seen.size(), 20u);
  EXPECT_EQ(runs(), 1);
}

TEST_F(ExecPlugin, ThoseWhoWaitMayCancelAndBeFreedMeanwhile) {
  make(print(R"("token":"shared")"));
  std::list<test::Get> gets;
  for (int i = 0; i < 4; ++i)
    gets.emplace_back(*client).start();
  gets.front().call.cancel();
  gets.pop_back();
  auto second = std::next(gets.begin());
  auto third = std::next(second);
  second->hook = [&, third] {
    if (third->call.active()) third->call.cancel();
  };
  ASSERT_TRUE(run_until([&] { return second->out.has_value(); }));
  EXPECT_TRUE(second->ok());
  EXPECT_EQ(gets.front().calls, 0);
  EXPECT_EQ(runs(), 1);
}

TEST_F(ExecPlugin, AnExitCodeIsToldWithTheHintAndNothingOfItsOutput) {
  std::string log;
  base::log::capture(&log);
  make("echo s3cret; exit 7\n");
  call();
  base::log::capture(nullptr);
  EXPECT_NE(get->message().find("exit code 7"), std::string::npos) << get->message();
  EXPECT_NE(get->message().find("install it from the shop"), std::string::npos);
  EXPECT_EQ(get->message().find("s3cret"), std::string::npos);
  EXPECT_NE(log.find("exit code 7"), std::string::npos);
  EXPECT_EQ(log.find("s3cret"), std::string::npos);
  EXPECT_TRUE(api.seen.empty());
}

TEST_F(ExecPlugin, AMissingProgramIsToldWithTheHint) {
  kube::config::ExecConfig exec = exec_config("no-such-program-anywhere");
  exec.install_hint = "install it from the shop";
  make(std::move(exec));
  call();
  EXPECT_NE(get->message().find("no-such-program-anywhere"), std::string::npos);
  EXPECT_NE(get->message().find("install it from the shop"), std::string::npos);
}

TEST_F(ExecPlugin, FailuresAreFollowedByAPause) {
  make("exit 1\n");
  call();
  EXPECT_EQ(runs(), 1);
  call();
  EXPECT_FALSE(get->ok());
  EXPECT_EQ(runs(), 1) << "the same error, without another run";
  pass(base::seconds(2));
  call();
  EXPECT_EQ(runs(), 2);
  pass(base::seconds(1));
  call();
  EXPECT_EQ(runs(), 2) << "the second pause is longer";
  dir.write("plugin", "#!/bin/sh\necho run >> \"$DIR/runs\"\n" + print(R"("token":"t")"), 0700);
  pass(base::seconds(3));
  EXPECT_EQ(call(), "Bearer t");
  EXPECT_TRUE(get->ok());
}

TEST_F(ExecPlugin, TooMuchOutputIsAnError) {
  make("head -c 2097152 /dev/zero\n");
  call();
  EXPECT_EQ(get->out->failure->code, Errc::too_large) << get->message();
}

TEST_F(ExecPlugin, ARefreshStartsAheadOfTheExpiryAndDelaysNobody) {
  make(print(
      R"sh("token":"t-$(wc -l < "$DIR/runs" | tr -d ' ')","expirationTimestamp":"$(cat "$DIR/expires")")sh"));
  const auto expire_in = [&](base::Duration d) {
    dir.write("expires", base::format_rfc3339({clock.wall().ns + d.count()}, 0));
  };
  expire_in(base::hours(1));
  EXPECT_EQ(call(), "Bearer t-1");
  pass(base::minutes(59) + base::seconds(40));
  expire_in(base::hours(1));
  EXPECT_EQ(call(), "Bearer t-1") << "still good while the next one is fetched";
  ASSERT_TRUE(run_until([&] { return runs() == 2 && call() == "Bearer t-2"; }));
  // One that has expired is waited for.
  pass(base::hours(2));
  expire_in(base::hours(1));
  EXPECT_EQ(call(), "Bearer t-3");
}

TEST_F(ExecPlugin, WhatHasExpiredAlreadyIsUsedButNotAskedForAtEveryCall) {
  make(print(R"("token":"old","expirationTimestamp":"2020-01-01T00:00:00Z")"));
  EXPECT_EQ(call(), "Bearer old");
  EXPECT_EQ(call(), "Bearer old");
  EXPECT_EQ(runs(), 1);
  pass(base::seconds(2));
  EXPECT_EQ(call(), "Bearer old");
  EXPECT_EQ(runs(), 2);
}

TEST_F(ExecPlugin, A401RunsItAgainAndTriesOnceMore) {
  make(print(R"sh("token":"t-$(wc -l < "$DIR/runs" | tr -d ' ')")sh"));
  api.answer = only("t-2");
  EXPECT_EQ(call(), "Bearer t-2");
  EXPECT_TRUE(get->ok()) << get->message();
  EXPECT_EQ(runs(), 2);
  EXPECT_EQ(api.seen.size(), 2u);
}

TEST_F(ExecPlugin, A401ForTheSameTokenIsToldAndDoesNotRunItAtEveryCall) {
  make(print(R"("token":"same")"));
  api.answer = [](const Seen&) { return unauthorized(); };
  call();
  EXPECT_EQ(get->status(), 401);
  EXPECT_EQ(runs(), 2);
  EXPECT_EQ(api.seen.size(), 1u) << "the same token is not tried again";
  call();
  EXPECT_EQ(get->status(), 401);
  EXPECT_EQ(runs(), 2);
  pass(kube::config::kExecRefusedPause);
  call();
  EXPECT_EQ(runs(), 3);
}

TEST_F(ExecPlugin, WhenItFailsAfterA401TheCallerLearnsOfBoth) {
  make("test $(wc -l < \"$DIR/runs\") -gt 1 && exit 3\n" + print(R"("token":"t")"));
  api.answer = [](const Seen&) { return unauthorized(); };
  call();
  EXPECT_EQ(get->status(), 401);
  EXPECT_NE(get->message().find("exit code 3"), std::string::npos) << get->message();
}

TEST_F(ExecPlugin, ASlowOneIsKilledAtItsLimit) {
  // A real child takes no virtual time: the limit comes first.
  loop::VirtualClock virtual_clock;
  loop::Loop virtual_loop{virtual_clock};
  net::Resolver virtual_resolver{virtual_loop};
  kube::config::Config config;
  config.cluster.tls = false;
  config.cluster.host = "127.0.0.1";
  config.cluster.port = 1;
  config.user.exec = exec_config("sleep");
  config.user.exec->args = {"40"};
  auto other = *kube::Client::create(virtual_loop, virtual_resolver, config, "test");
  test::Get slow(*other);
  slow.start();
  for (int turn = 0; turn < 1000000 && !slow.out; ++turn)
    virtual_loop.run_once();
  ASSERT_TRUE(slow.out);
  EXPECT_EQ(slow.out->failure->code, Errc::timeout);
  EXPECT_NE(slow.message().find("did not end within 30s"), std::string::npos) << slow.message();
}

class ExecCertificate : public ExecPlugin {
 protected:
  void SetUp() override {
    const test::TestCerts& certs = test::shared_certs();
    tls =
        *net::TlsContext::server({certs.server_cert_pem, certs.server_key_pem, certs.ca_pem, true});
    secure = std::make_unique<test::FakeApi>(loop, tls.get());
  }
  void make_secure(const std::string& body) {
    kube::config::Config config = secure->config();
    config.cluster.ca_pem = test::shared_certs().ca_pem;
    config.user.exec =
        exec_config(dir.write("plugin", "#!/bin/sh\necho run >> \"$DIR/runs\"\n" + body, 0700));
    config.user.exec->env = {{"DIR", dir.path()}};
    client = *kube::Client::create(loop, resolver, std::move(config), "test");
    get = std::make_unique<test::Get>(*client);
  }
  static std::string pair_of(const test::TestCerts& certs) {
    std::string out;
    base::json::Writer w(out);
    w.begin_object()
        .field("kind", "ExecCredential")
        .field("apiVersion", kV1)
        .key("status")
        .begin_object();
    w.field("clientCertificateData", certs.client_cert_pem)
        .field("clientKeyData", certs.client_key_pem);
    w.end_object().end_object();
    return out;
  }
  std::unique_ptr<test::FakeApi> secure;
};

TEST_F(ExecCertificate, Rule41ItsCertificateIsUsedForOursAndNeverForACaller) {
  dir.write("out", pair_of(test::shared_certs()));
  make_secure("cat \"$DIR/out\"\n");
  call();
  EXPECT_TRUE(get->ok()) << get->message();
  ASSERT_EQ(secure->seen.size(), 1u);
  EXPECT_EQ(secure->seen[0].count("authorization"), 0);
  get->start(kube::config::Credentials::bearer("theirs"));
  ASSERT_TRUE(run_until([&] { return get->out.has_value(); }));
  EXPECT_FALSE(get->ok()) << "the server takes nobody without a certificate";
  EXPECT_EQ(secure->seen.size(), 1u);
}

TEST_F(ExecCertificate, ANewCertificateMakesNewConnections) {
  dir.write("out", pair_of(test::shared_certs()));
  make_secure("cat \"$DIR/out\"\n");
  call();
  ASSERT_TRUE(get->ok()) << get->message();
  // Another pair of the same CA's is not at hand: the old one in another order of PEM text is
  // another certificate to us.
  test::TestCerts other = test::shared_certs();
  other.client_cert_pem += "\n";
  dir.write("out", pair_of(other));
  int refusals = 1;
  secure->answer = [&](const Seen&) { return refusals-- > 0 ? unauthorized() : FakeAnswer{}; };
  call();
  EXPECT_TRUE(get->ok()) << get->message();
  ASSERT_EQ(secure->seen.size(), 3u);
  EXPECT_EQ(secure->seen[0].peer, secure->seen[1].peer);
  EXPECT_NE(secure->seen[1].peer, secure->seen[2].peer);
  EXPECT_EQ(client->stats().connections, 1u) << "those of the old certificate are closed";
}

TEST_F(ExecCertificate, ACertificateThatDoesNotFitItsKeyIsAnErrorOfThePlugin) {
  test::TestCerts mixed = test::shared_certs();
  mixed.client_key_pem = test::make_certs().client_key_pem;
  dir.write("out", pair_of(mixed));
  make_secure("cat \"$DIR/out\"\n");
  call();
  EXPECT_FALSE(get->ok());
  EXPECT_NE(get->message().find("exec plugin"), std::string::npos) << get->message();
  EXPECT_TRUE(secure->seen.empty());
}

}  // namespace
