// TLS handshakes: who is accepted, who is refused, and in which words.

#include <cstdlib>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/hash.h"
#include "net/tls_trust.h"
#include "support/tls_world.h"

namespace {

using base::Errc;
using Tls = test::TlsWorld;

TEST_F(Tls, AcceptsAServerOfItsCaByName) {
  contexts(test::shared_certs(), "localhost");
  EXPECT_TRUE(connect()) << client_error;
  EXPECT_TRUE(client->handshake_done());
  EXPECT_FALSE(client->resumed());
  ASSERT_TRUE(test::run_until(loop, [&] { return server->handshake_done(); }));
}

TEST_F(Tls, DropsATrailingDotOfTheName) {
  contexts(test::shared_certs(), "localhost.");
  EXPECT_TRUE(connect()) << client_error;
}

TEST_F(Tls, AcceptsAnIpAddressByItsSan) {
  contexts(test::shared_certs(), "127.0.0.1");
  EXPECT_TRUE(connect()) << client_error;
  contexts(test::shared_certs(), "[::1]");
  EXPECT_TRUE(connect()) << client_error;
}

TEST_F(Tls, RefusesAnotherCa) {
  const auto other = test::make_certs({.ca_name = "other CA"});
  make_server({other.server_cert_pem, other.server_key_pem, {}, false});
  make_client({.ca_pem = test::shared_certs().ca_pem,
               .cert_pem = {},
               .key_pem = {},
               .verify_name = "localhost"});
  expect_refused("signed by an unknown authority");
  EXPECT_NE(client_error.find("issuer CN=other CA"), std::string::npos) << client_error;
  EXPECT_EQ(client_code, Errc::unavailable);
}

TEST_F(Tls, RefusesAnotherNameAndNeverAsksTheCommonName) {
  contexts(
      test::make_certs({.common_name = "k8s.example", .dns = {"a.example"}, .ip = {"10.1.2.3"}}),
      "k8s.example");
  expect_refused(
      "certificate is not for the DNS name k8s.example: it is for DNS a.example, IP 10.1.2.3 "
      "(subject CN=k8s.example");
  contexts(test::make_certs({.common_name = "k8s.example", .dns = {}, .ip = {}}), "k8s.example");
  expect_refused("it has no subject alternative name");
}

TEST_F(Tls, RefusesAnIpAddressWithoutIpSan) {
  contexts(
      test::make_certs({.common_name = "127.0.0.1", .dns = {"localhost", "127.0.0.1"}, .ip = {}}),
      "127.0.0.1");
  expect_refused(
      "certificate is not for the IP address 127.0.0.1: it is for DNS localhost, DNS 127.0.0.1");
}

TEST_F(Tls, NamesTheClockWhenExpired) {
  // The virtual clock stands at 2026-01-01.
  contexts(test::make_certs({.not_after = 1767225600 - 86400}), "localhost");
  expect_refused(
      "certificate has expired: it was valid until 2025-12-31T00:00:00Z, and the clock here says "
      "2026-01-01T00:00:00Z");
}

TEST_F(Tls, NamesTheClockWhenNotYetValid) {
  contexts(test::make_certs({.not_before = 1767225600 + 3600}), "localhost");
  expect_refused(
      "certificate is not yet valid: it begins at 2026-01-01T01:00:00Z, and the clock here says "
      "2026-01-01T00:00:00Z");
  clock.step_wall(base::hours(2));
  EXPECT_TRUE(connect()) << client_error;
}

TEST_F(Tls, TakesAnIntermediateAloneAsAnchor) {
  const auto certs = test::make_certs({.intermediate = true});
  make_server({certs.server_cert_pem, certs.server_key_pem, {}, false});
  make_client({.ca_pem = certs.intermediate_pem,
               .cert_pem = {},
               .key_pem = {},
               .verify_name = "localhost"});
  EXPECT_TRUE(connect()) << client_error;
}

TEST_F(Tls, InsecureAcceptsAnything) {
  const auto certs = test::make_certs(
      {.common_name = "x", .dns = {"x"}, .ip = {}, .not_after = test::kCertBegin + 1});
  make_server({certs.server_cert_pem, certs.server_key_pem, {}, false});
  make_client(
      {.ca_pem = {}, .cert_pem = {}, .key_pem = {}, .verify_name = "localhost", .insecure = true});
  EXPECT_TRUE(connect()) << client_error;
}

TEST_F(Tls, ResumesASessionWithinOneContext) {
  contexts(test::shared_certs(), "localhost");
  ASSERT_TRUE(connect()) << client_error;
  EXPECT_FALSE(client->resumed());
  char byte;
  // The ticket comes after the handshake.
  for (int i = 0; i < 10; ++i) {
    loop.run_once();
    EXPECT_EQ(client->read(&byte, 1).kind, net::Io::Kind::would_block);
  }
  client->abort();
  ASSERT_TRUE(connect()) << client_error;
  EXPECT_TRUE(client->resumed());
}

TEST_F(Tls, ResumesASessionThatHadAClientCertificate) {
  const auto& certs = test::shared_certs();
  make_server({certs.server_cert_pem, certs.server_key_pem, certs.ca_pem, true});
  make_client({.ca_pem = certs.ca_pem,
               .cert_pem = certs.client_cert_pem,
               .key_pem = certs.client_key_pem,
               .verify_name = "localhost"});
  for (const bool resumed : {false, true}) {
    ASSERT_TRUE(connect()) << client_error;
    EXPECT_EQ(client->resumed(), resumed);
    test::Pump from(*client), to(*server);
    to.send("hello");
    ASSERT_TRUE(test::run_until(loop, [&] { return from.received == "hello"; })) << server->error();
  }
}

TEST_F(Tls, AbsentClientCertificateIsOurIdentityNotAReset) {
  const auto& certs = test::shared_certs();
  make_server({certs.server_cert_pem, certs.server_key_pem, certs.ca_pem, true});
  make_client({.ca_pem = certs.ca_pem, .cert_pem = {}, .key_pem = {}, .verify_name = "localhost"});
  ASSERT_TRUE(connect()) << "TLS 1.3: the handshake appears fine: " << client_error;
  test::Pump pump(*client);
  ASSERT_TRUE(test::run_until(loop, [&] { return pump.failed; }));
  EXPECT_EQ(client->error_code(), Errc::unauthorized);
  EXPECT_EQ(client->error(),
            "the peer refused our certificate (tlsv13 alert certificate required)");
}

TEST_F(Tls, ATwinWithoutTheCertificateTrustsTheSameAndShowsNone) {
  const auto& certs = test::shared_certs();
  const auto take_twin = [this] {
    auto twin = client_context->without_certificate();
    ASSERT_TRUE(twin) << twin.error().what();
    client_context = *std::move(twin);  // the first one need not live on
  };
  const auto with_certificate = [&](const std::string& name) {
    make_client({.ca_pem = certs.ca_pem,
                 .cert_pem = certs.client_cert_pem,
                 .key_pem = certs.client_key_pem,
                 .verify_name = name});
    take_twin();
  };
  make_server({certs.server_cert_pem, certs.server_key_pem, certs.ca_pem, true});
  with_certificate("localhost");
  ASSERT_TRUE(connect()) << client_error;
  test::Pump pump(*client);
  ASSERT_TRUE(test::run_until(loop, [&] { return pump.failed; }));
  EXPECT_EQ(client->error_code(), Errc::unauthorized) << client->error();
  with_certificate("elsewhere.example");
  expect_refused("certificate is not for the DNS name elsewhere.example");
  with_certificate("localhost");
  const auto other = test::make_certs({.ca_name = "other CA"});
  make_server({other.server_cert_pem, other.server_key_pem, {}, false});
  expect_refused("signed by an unknown authority");
  make_client(
      {.ca_pem = {}, .cert_pem = {}, .key_pem = {}, .verify_name = "localhost", .insecure = true});
  take_twin();
  EXPECT_TRUE(connect()) << client_error;
}

TEST_F(Tls, TheAlertIsFoundWhenTheRequestMeetsAReset) {
  const auto& certs = test::shared_certs();
  make_server({certs.server_cert_pem, certs.server_key_pem, certs.ca_pem, true});
  make_client({.ca_pem = certs.ca_pem, .cert_pem = {}, .key_pem = {}, .verify_name = "localhost"});
  ASSERT_TRUE(connect());
  // The request reaches a server that has already refused: closing with unread bytes is a reset.
  iovec request{const_cast<char*>("GET /"), 5};
  ASSERT_EQ(client->write(&request, 1).kind, net::Io::Kind::bytes);
  server->set_ready({});
  char byte;
  ASSERT_TRUE(
      test::run_until(loop, [&] { return server->read(&byte, 1).kind == net::Io::Kind::error; }));
  server->close();
  net::Io io{};
  ASSERT_TRUE(test::run_until(
      loop, [&] { return (io = client->write(&request, 1)).kind != net::Io::Kind::bytes; }, 100));
  EXPECT_EQ(io.kind, net::Io::Kind::error);
  EXPECT_EQ(client->error_code(), Errc::unauthorized) << client->error();
}

TEST_F(Tls, RefusesAClientOfAnotherCa) {
  const auto& certs = test::shared_certs();
  const auto other = test::make_certs({.ca_name = "other CA"});
  make_server({certs.server_cert_pem, certs.server_key_pem, certs.ca_pem, true});
  make_client({.ca_pem = certs.ca_pem,
               .cert_pem = other.client_cert_pem,
               .key_pem = other.client_key_pem,
               .verify_name = "localhost"});
  ASSERT_TRUE(connect());
  test::Pump client_pump(*client), server_pump(*server);
  ASSERT_TRUE(test::run_until(loop, [&] { return client_pump.failed && server_pump.failed; }));
  EXPECT_EQ(client->error_code(), Errc::unauthorized) << client->error();
  EXPECT_NE(server->error().find("certificate is signed by an unknown authority"),
            std::string::npos)
      << server->error();
}

TEST_F(Tls, APeerThatHangsUpDuringTheHandshake) {
  make_client({.ca_pem = test::shared_certs().ca_pem,
               .cert_pem = {},
               .key_pem = {},
               .verify_name = "localhost"});
  auto [a, b] = test::tcp_pair();
  net::TlsStream stream(loop, *client_context, std::move(a));
  stream.start_handshake(
      net::TlsStream::HandshakeFn::bind<&Tls::on_handshake>(static_cast<Tls*>(this)));
  ::shutdown(b.get(), SHUT_WR);
  ASSERT_TRUE(test::run_until(loop, [&] { return done > 0; }));
  EXPECT_EQ(client_error, "the peer closed the connection during the handshake");
  EXPECT_EQ(client_code, Errc::unavailable);
}

TEST_F(Tls, APeerThatSpeaksNoTls) {
  make_client({.ca_pem = test::shared_certs().ca_pem,
               .cert_pem = {},
               .key_pem = {},
               .verify_name = "localhost"});
  auto [a, b] = test::tcp_pair();
  net::TlsStream stream(loop, *client_context, std::move(a));
  stream.start_handshake(
      net::TlsStream::HandshakeFn::bind<&Tls::on_handshake>(static_cast<Tls*>(this)));
  ASSERT_GT(::send(b.get(), "HTTP/1.1 400 Bad Request\r\n\r\n", 28, 0), 0);
  ASSERT_TRUE(test::run_until(loop, [&] { return done > 0; }));
  EXPECT_EQ(client_error, "the peer does not speak TLS (wrong version number)");
  EXPECT_EQ(client_code, Errc::protocol);
}

std::string client_error_of(const net::TlsClientOptions& options) {
  auto made = net::TlsContext::client(options);
  return made ? "" : made.error().what();
}

TEST(TlsContext, SaysWhichPartIsWrong) {
  const auto& certs = test::shared_certs();
  net::TlsClientOptions good{.ca_pem = certs.ca_pem,
                             .cert_pem = certs.client_cert_pem,
                             .key_pem = certs.client_key_pem,
                             .verify_name = "localhost"};
  EXPECT_EQ(client_error_of(good), "");
  auto o = good;
  o.ca_pem = "garbage";
  EXPECT_EQ(client_error_of(o), "CA bundle: no certificate in it");
  o = good;
  o.insecure = true;
  EXPECT_EQ(client_error_of(o), "a CA bundle and skipping verification at once");
  o = good;
  o.cert_pem = "garbage";
  EXPECT_EQ(client_error_of(o), "client certificate: no certificate in it");
  o = good;
  o.key_pem = certs.server_key_pem;
  EXPECT_EQ(client_error_of(o), "client key: it does not match the certificate");
  o = good;
  o.key_pem = "garbage";
  EXPECT_NE(client_error_of(o).find("client key: no private key in it"), std::string::npos);
  o = good;
  o.verify_name = "";
  EXPECT_EQ(client_error_of(o), "no name to verify the server's certificate for");
}

TEST(TlsContext, PassesOverBadBlocksOfABundle) {
  const auto& certs = test::shared_certs();
  const std::string bad = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  const std::string cut = certs.server_cert_pem.substr(0, 200) + "\n";
  EXPECT_EQ(client_error_of({.ca_pem = "# ours\n" + bad + cut + certs.ca_pem,
                             .cert_pem = {},
                             .key_pem = {},
                             .verify_name = "localhost"}),
            "");
  EXPECT_EQ(client_error_of(
                {.ca_pem = bad + cut, .cert_pem = {}, .key_pem = {}, .verify_name = "localhost"}),
            "CA bundle: no certificate in it");
}

struct SystemTrust : Tls {
  std::string path = "/tmp/k0rdent-mcp-ca-XXXXXX";
  void SetUp() override {
    const auto& certs = test::shared_certs();
    const base::Fd fd(::mkstemp(path.data()));
    ASSERT_EQ(::write(fd.get(), certs.ca_pem.data(), certs.ca_pem.size()),
              static_cast<ssize_t>(certs.ca_pem.size()));
    make_server({certs.server_cert_pem, certs.server_key_pem, {}, false});
  }
  void TearDown() override {
    ::unsetenv("SSL_CERT_FILE");
    ::unsetenv("SSL_CERT_DIR");
    ::unlink(path.c_str());
  }
  const net::TlsClientOptions options{
      .ca_pem = {}, .cert_pem = {}, .key_pem = {}, .verify_name = "localhost"};
};

TEST_F(SystemTrust, ComesFromTheFileNamed) {
  ASSERT_EQ(::setenv("SSL_CERT_FILE", path.c_str(), 1), 0);
  make_client(options);
  EXPECT_TRUE(connect()) << client_error;
  ASSERT_EQ(::setenv("SSL_CERT_FILE", "/nonexistent/ca.pem", 1), 0);
  EXPECT_EQ(client_error_of(options).find("SSL_CERT_FILE: "), 0u) << client_error_of(options);
}

TEST_F(SystemTrust, IsNeverAddedToABundle) {
  ASSERT_EQ(::setenv("SSL_CERT_FILE", path.c_str(), 1), 0);
  make_client({.ca_pem = test::make_certs({.ca_name = "other CA"}).ca_pem,
               .cert_pem = {},
               .key_pem = {},
               .verify_name = "localhost"});
  expect_refused("signed by an unknown authority");
}

TEST_F(SystemTrust, ComesFromTheDirectoryNamed) {
  std::string directory = "/tmp/k0rdent-mcp-ca-dir-XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  const std::string name = directory + "/" + test::subject_hash(test::shared_certs().ca_pem) + ".0";
  ASSERT_EQ(::symlink(path.c_str(), name.c_str()), 0);
  ASSERT_EQ(::setenv("SSL_CERT_DIR", directory.c_str(), 1), 0);
  make_client(options);
  EXPECT_TRUE(connect()) << client_error;
  ::unlink(name.c_str());
  ::rmdir(directory.c_str());
}

TEST_F(SystemTrust, IsParsedInStepsAndSharedByContexts) {
  std::string bundle;
  for (int i = 0; i < 5; ++i)
    bundle += test::make_certs({.ca_name = "CA " + std::to_string(i)}).ca_pem + "junk\n";
  bundle += test::shared_certs().ca_pem;
  ASSERT_EQ(::truncate(path.c_str(), 0), 0);
  const base::Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  ASSERT_EQ(::write(fd.get(), bundle.data(), bundle.size()), static_cast<ssize_t>(bundle.size()));
  ASSERT_EQ(::setenv("SSL_CERT_FILE", path.c_str(), 1), 0);
  for (const std::string& pem : {bundle, std::string()}) {
    auto trust = std::make_unique<net::TlsTrust>(pem);
    int steps = 1;
    while (!trust->step(2))
      ++steps;
    EXPECT_GE(steps, 3) << "six in twos";
    EXPECT_TRUE(trust->verdict());
    net::TlsClientOptions with = options;
    with.trust = trust.get();
    make_client(with);
    trust.reset();
    EXPECT_TRUE(connect()) << client_error;
  }
  net::TlsTrust none("no certificate");
  EXPECT_TRUE(none.step(1));
  EXPECT_EQ(none.verdict().error().what(), "CA bundle: no certificate in it");
}

TEST(TlsContext, Sha256) {
  const auto digest = base::sha256("abc");
  EXPECT_EQ(digest[0], 0xba);
  EXPECT_EQ(digest[31], 0xad);
}

}  // namespace
