// The listeners as the settings say them, with TLS from files that others rotate.
#include "app/doors.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "app/open_rules.h"
#include "net/tls_stream.h"
#include "support/certs.h"
#include "support/http_server_world.h"
#include "support/temp_dir.h"

namespace {

struct DoorsTest : test::HttpServerWorld {
  DoorsTest() {
    start();
    settings.tls = {dir.write("cert", certs.server_cert_pem),
                    dir.write("key", certs.server_key_pem), dir.write("ca", certs.ca_pem)};
    settings.listens[0].port = 0;
    doors =
        std::make_unique<app::Doors>(app::Doors::Parts{loop, settings, *server, nullptr, budgets});
    const auto ok = doors->open();
    EXPECT_TRUE(ok) << ok.error().what();
  }
  ~DoorsTest() override {
    doors->finish();
    doors->end_handshakes();
    settle();
    server.reset();
    settle();
  }
  std::unique_ptr<net::TlsStream> dial(const test::TestCerts& shown) {
    net::TlsClientOptions options;
    options.ca_pem = certs.ca_pem;
    options.verify_name = "localhost";
    options.cert_pem = shown.client_cert_pem;
    options.key_pem = shown.client_key_pem;
    context = std::move(*net::TlsContext::client(options));
    base::Fd fd(::socket(AF_INET, SOCK_STREAM, 0));
    const net::Address& to = doors->address(0);
    EXPECT_EQ(::connect(fd.get(), to.get(), to.length), 0);
    ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
    auto stream = std::make_unique<net::TlsStream>(loop, *context, std::move(fd));
    stream->start_handshake(net::TlsStream::HandshakeFn::bind<&DoorsTest::on_done>(this));
    return stream;
  }
  void on_done(base::Result<void>) {}
  std::string ask(net::TlsStream& stream) {
    std::string text = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", got;
    for (int i = 0; i < 10; ++i)
      settle(4);
    iovec piece{text.data(), text.size()};
    stream.write(&piece, 1);
    for (int i = 0; i < 10; ++i) {
      settle(4);
      char buffer[4096];
      const net::Io io = stream.read(buffer, sizeof buffer);
      if (io.kind == net::Io::Kind::bytes) got.append(buffer, io.n);
    }
    return got;
  }
  bool served(const test::TestCerts& shown) { return test::contains(ask(*dial(shown)), "ok:"); }

  test::TempDir dir;
  test::TestCerts certs = test::make_certs({.client_common_name = "alice"});
  test::TestCerts other = test::make_certs({.ca_name = "another CA", .client_common_name = "bob"});
  app::Settings settings;
  base::Budgets budgets;
  std::unique_ptr<net::TlsContext> context;
  std::unique_ptr<app::Doors> doors;
};

TEST_F(DoorsTest, AConnectionEndsWithTheAuthorityThatItsCertificateIsFrom) {
  handler.keep();  // a stream without an end
  auto stream = dial(certs);
  ask(*stream);
  ASSERT_EQ(server->busy(), 1u);
  auto shaking = dial(certs);  // the server has not heard of it yet
  settle(1);
  pass(door::kCertificateCheck);
  ASSERT_GE(server->connections(), 1u) << "nothing has changed";
  dir.write("ca", other.ca_pem);
  pass(door::kCertificateCheck);
  EXPECT_EQ(server->connections(), 0u);
  EXPECT_EQ(doors->tls()->under_way(), 0u);
  handler.script = nullptr;
  EXPECT_FALSE(served(certs));
  EXPECT_TRUE(served(other));
}

TEST_F(DoorsTest, NewAuthoritiesDoNotWaitForAPairThatIsUnusable) {
  dir.write("key", other.server_key_pem);
  dir.write("ca", other.ca_pem);
  pass(door::kCertificateCheck);
  EXPECT_TRUE(test::contains(log, "cannot be used")) << log;
  EXPECT_TRUE(served(other)) << "with the last good pair";
  EXPECT_FALSE(served(certs));
}

TEST_F(DoorsTest, ANewPairDoesNotWaitForAuthoritiesThatAreUnusable) {
  const test::CertAndKey ca{certs.ca_pem, certs.ca_key_pem};
  test::CertSpec spec;
  spec.common_name = "localhost";
  spec.alternative_names = "DNS:localhost";
  spec.usage = "serverAuth";
  const test::CertAndKey fresh = test::make_cert(spec, &ca);
  auto open = dial(certs);
  EXPECT_TRUE(test::contains(ask(*open), "ok:"));
  log.clear();
  dir.write("ca", "-----BEGIN CERTIFICATE-----\nnonsense");
  dir.write("cert", fresh.cert_pem);
  dir.write("key", fresh.key_pem);
  pass(door::kCertificateCheck);
  EXPECT_TRUE(test::contains(log, "server certificate in use")) << log;
  EXPECT_TRUE(test::contains(log, "cannot be used")) << log;
  EXPECT_TRUE(test::contains(ask(*open), "ok:")) << "its authority is in use as before";
  EXPECT_TRUE(served(certs));
}

// ---- what the modes of the listeners ask for

app::Settings with(app::AuthMode main, std::vector<std::optional<app::AuthMode>> listens) {
  app::Settings out;
  out.auth_mode = main;
  out.listens.clear();
  for (const auto& each : listens)
    out.listens.emplace_back().auth = each;
  return out;
}

TEST(ListenersModes, CredentialsAreNeededUnlessAllCallersBringTheirOwn) {
  using enum app::AuthMode;
  EXPECT_FALSE(app::needs_credentials(with(oidc_required, {std::nullopt})));
  EXPECT_FALSE(app::needs_credentials(with(dev_allow_any, {oidc_required, oidc_required})));
  for (const app::AuthMode other : {dev_allow_any, oauth, client_cert})
    EXPECT_TRUE(app::needs_credentials(with(oidc_required, {std::nullopt, other})));
  EXPECT_TRUE(app::needs_credentials(with(dev_allow_any, {std::nullopt})));
}

TEST(ListenersModes, CallersHaveIdentitiesWhereOneListenerGivesThem) {
  using enum app::AuthMode;
  EXPECT_FALSE(app::callers_have_identities(with(oauth, {dev_allow_any})));
  EXPECT_TRUE(app::callers_have_identities(with(dev_allow_any, {std::nullopt, client_cert})));
}

}  // namespace
