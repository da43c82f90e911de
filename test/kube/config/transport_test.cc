// Whose connection a request travels over, and what stands in files that rotate.
#include <gtest/gtest.h>

#include "base/log.h"
#include "kube/config/watched_file.h"
#include "support/kube_world.h"

namespace {

using base::Errc;
using kube::config::Credentials;
using test::FakeAnswer;
using test::Seen;
using test::tls;

class KubeTransport : public test::KubeWorld {};

TEST_F(KubeTransport, Rule41ACallersBearerNeverTravelsOverAConnectionWithOurCertificate) {
  const auto context = tls().server(tls().certs, true);  // refuses who shows no certificate
  test::FakeApi api(loop, context.get());
  kube::config::Config config = api.config();
  config.cluster.ca_pem = tls().certs.ca_pem;
  fill_user(config);
  auto client = make(config);
  test::Get ours(*client), theirs(*client);
  ours.start();
  ASSERT_TRUE(finish(ours));
  EXPECT_TRUE(ours.ok()) << ours.message();
  // An idle connection with our certificate is there to be taken; it must not be.
  theirs.start(Credentials::bearer("callers-own"));
  ASSERT_TRUE(finish(theirs));
  ASSERT_FALSE(theirs.ok()) << "the server takes nobody without a certificate";
  EXPECT_TRUE(theirs.out->failure->transport());
  theirs.start(Credentials::none());
  ASSERT_TRUE(finish(theirs));
  EXPECT_FALSE(theirs.ok());
  EXPECT_EQ(api.seen.size(), 1u) << "no request of the caller arrived";
}

TEST_F(KubeTransport, OursAndCallersNeverShareAConnection) {
  const auto context = tls().server(tls().certs);
  test::FakeApi api(loop, context.get());
  kube::config::Config config = api.config();
  config.cluster.ca_pem = tls().certs.ca_pem;
  fill_user(config);
  auto client = make(config);
  test::Get get(*client);
  for (const auto& who :
       {Credentials::configured(), Credentials::bearer("a"), Credentials::configured(),
        Credentials::bearer("b"), Credentials::none()}) {
    get.start(who);
    ASSERT_TRUE(finish(get));
    ASSERT_TRUE(get.ok()) << get.message();
  }
  const auto& seen = api.seen;
  ASSERT_EQ(seen.size(), 5u);
  EXPECT_EQ(seen[0].peer, seen[2].peer) << "ours are kept alive";
  EXPECT_EQ(seen[1].peer, seen[3].peer);
  EXPECT_EQ(seen[1].peer, seen[4].peer);
  EXPECT_NE(seen[0].peer, seen[1].peer);
  EXPECT_EQ(client->stats().connections, 2u);
  EXPECT_EQ(client->stats().requests, 5u);
}

class KubeRotation : public test::KubeWorld {
 protected:
  std::unique_ptr<net::TlsContext> first = tls().server(tls().certs),
                                   second = tls().server(tls().other);
  test::FakeApi api{loop, first.get()};
  kube::config::Config with_ca_file() {
    kube::config::Config config = api.config();
    config.cluster.ca_file = dir.write("ca.crt", tls().certs.ca_pem);
    return config;
  }
};

TEST_F(KubeRotation, ANewCaWorksAfterOneFailedAttempt) {
  auto client = make(with_ca_file());
  test::Get get(*client);
  get.start();
  ASSERT_TRUE(finish(get));
  ASSERT_TRUE(get.ok()) << get.message();
  api.set_tls(second.get());
  dir.write("ca.crt", tls().other.ca_pem);
  // The connection kept alive still works; a new one does not until the file was read again.
  test::Get a(*client), b(*client);
  a.start(Credentials::none());
  ASSERT_TRUE(finish(a));
  EXPECT_FALSE(a.ok());
  EXPECT_NE(a.message().find("certificate"), std::string::npos) << a.message();
  a.start(Credentials::none());
  b.start();
  ASSERT_TRUE(finish(a) && finish(b));
  EXPECT_TRUE(a.ok()) << a.message();
  EXPECT_TRUE(b.ok()) << b.message();
  EXPECT_NE(api.seen.back().peer, api.seen.front().peer) << "idle ones of the old trust are closed";
}

TEST_F(KubeRotation, AGarbledCaKeepsTheLastGoodOne) {
  auto client = make(with_ca_file());
  test::Get get(*client);
  std::string log;
  base::log::capture(&log);
  for (const char* bad :
       {"", "garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    dir.write("ca.crt", bad);
    test::pass(loop, clock, kube::config::kFileCheck + base::seconds(1));
    get.start();
    ASSERT_TRUE(finish(get));
    EXPECT_TRUE(get.ok()) << get.message();
  }
  dir.remove("ca.crt");
  test::pass(loop, clock, kube::config::kFileCheck + base::seconds(1));
  get.start(Credentials::none());
  ASSERT_TRUE(finish(get));
  EXPECT_TRUE(get.ok()) << get.message();
  base::log::capture(nullptr);
  EXPECT_NE(log.find("last good content"), std::string::npos);
}

TEST_F(KubeRotation, ARotatedClientCertificateIsUsedForNewConnections) {
  const auto strict = tls().server(tls().certs, true);
  api.set_tls(strict.get());
  kube::config::Config config = with_ca_file();
  config.user.client_cert_file = dir.write("tls.crt", tls().other.client_cert_pem);
  config.user.client_key_file = dir.write("tls.key", tls().other.client_key_pem);
  auto client = make(config);
  test::Get get(*client);
  get.start();
  ASSERT_TRUE(finish(get));
  EXPECT_FALSE(get.ok()) << "signed by a CA that the server does not know";
  // Half of the pair alone changes nothing and breaks nothing.
  dir.write("tls.crt", tls().certs.client_cert_pem);
  test::pass(loop, clock, kube::config::kFileCheck + base::seconds(1));
  get.start();
  ASSERT_TRUE(finish(get));
  EXPECT_FALSE(get.ok());
  dir.write("tls.key", tls().certs.client_key_pem);
  test::pass(loop, clock, kube::config::kFileCheck + base::seconds(1));
  get.start();
  ASSERT_TRUE(finish(get));
  EXPECT_TRUE(get.ok()) << get.message();
}

TEST_F(KubeRotation, AStreamGoesOnOverARotation) {
  auto client = make(with_ca_file());
  test::Get slow(*client), get(*client);
  api.answer = [](const Seen&) { return FakeAnswer{.silent = true}; };
  slow.start();
  ASSERT_TRUE(run_until([&] { return api.seen.size() == 1; }));
  dir.write("ca.crt", tls().certs.ca_pem + tls().other.ca_pem);
  test::pass(loop, clock, kube::config::kFileCheck + base::seconds(1));
  api.answer = [](const Seen&) { return FakeAnswer{}; };
  // The slow one's head time is over by now; what matters is that its end is told from a pool that
  // was replaced.
  get.start();
  ASSERT_TRUE(finish(get) && finish(slow));
  EXPECT_TRUE(get.ok()) << get.message();
  EXPECT_EQ(slow.out->failure->code, Errc::timeout);
  EXPECT_EQ(client->stats().connections, 1u);
}

TEST_F(KubeRotation, WhatCannotBeUsedAtTheStartIsAnError) {
  const auto error = [&](const kube::config::Config& config) {
    auto client = kube::Client::create(loop, resolver, config, "x");
    return client ? std::string("no error") : client.error().what();
  };
  kube::config::Config config = with_ca_file();
  config.cluster.ca_file = dir.path("none");
  EXPECT_NE(error(config).find(dir.path("none")), std::string::npos);
  config.cluster.ca_file = dir.write("empty", "");
  EXPECT_NE(error(config).find("empty"), std::string::npos);
  config.cluster.ca_file = dir.write("garbage", "garbage");
  EXPECT_NE(error(config).find("CA bundle"), std::string::npos);
  config = with_ca_file();
  config.user.client_cert_pem = tls().certs.client_cert_pem;
  config.user.client_key_pem = tls().other.client_key_pem;
  EXPECT_NE(error(config).find("match"), std::string::npos) << error(config);
}

TEST_F(KubeRotation, TlsServerNameAndInsecureDecideWhatIsVerified) {
  kube::config::Config config = with_ca_file();
  config.cluster.tls_server_name = "localhost";
  auto named = make(config);
  test::Get get(*named);
  get.start();
  ASSERT_TRUE(finish(get));
  EXPECT_TRUE(get.ok()) << get.message();
  EXPECT_EQ(api.seen.back().header("host"), "127.0.0.1:" + std::to_string(api.port()));

  config.cluster.tls_server_name = "kubernetes.default.svc";
  auto wrong = make(config);
  test::Get refused(*wrong);
  refused.start();
  ASSERT_TRUE(finish(refused));
  EXPECT_FALSE(refused.ok());

  config.cluster.ca_file.clear();
  config.cluster.insecure = true;
  auto insecure = make(config);
  test::Get any(*insecure);
  any.start();
  ASSERT_TRUE(finish(any));
  EXPECT_TRUE(any.ok()) << any.message();
}

}  // namespace
