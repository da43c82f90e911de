// Which server certificates are accepted: what Go's crypto/x509 says of each form, which
// test/e2e/apiserver/parity asks it. Also what a resumed session must still be.
#include "support/raw_tls.h"
#include "support/tls_world.h"

namespace {

using test::CertAndKey;
using test::CertSpec;
using test::make_cert;

struct TlsVerify : test::TlsWorld {
  const CertAndKey ca = make_cert({.common_name = "ca", .ca = true});
  static CertSpec server_spec() {
    return {.common_name = "server", .alternative_names = "DNS:localhost", .usage = "serverAuth"};
  }
  bool accepts(const CertAndKey& leaf, const std::string& bundle, const std::string& above = {},
               const std::string& name = "localhost") {
    make_server({leaf.cert_pem + above, leaf.key_pem, {}, false});
    make_client({.ca_pem = bundle, .cert_pem = {}, .key_pem = {}, .verify_name = name});
    return connect();
  }
  bool accepts(const CertSpec& spec) { return accepts(make_cert(spec, &ca), ca.cert_pem); }
  bool accepts_name(const std::string& names, const std::string& name) {
    CertSpec spec = server_spec();
    spec.alternative_names = names;
    return accepts(make_cert(spec, &ca), ca.cert_pem, "", name);
  }
};

// Bug: of two authorities of one name the first was taken, whichever had signed.
TEST_F(TlsVerify, ABundleInRotationWorksInAnyOrder) {
  for (const bool ids : {false, true}) {
    const CertSpec spec{.common_name = "one name", .ca = true, .key_ids = ids};
    const CertAndKey before = make_cert(spec), after = make_cert(spec);
    CertSpec of = server_spec();
    of.key_ids = ids;
    const CertAndKey leaf = make_cert(of, &after);
    EXPECT_TRUE(accepts(leaf, before.cert_pem + after.cert_pem)) << client_error;
    EXPECT_TRUE(accepts(leaf, after.cert_pem + before.cert_pem)) << client_error;
    EXPECT_FALSE(accepts(leaf, before.cert_pem));
    EXPECT_NE(client_error.find("signed by an unknown authority"), std::string::npos);
  }
}

// Bug: "unsuitable certificate purpose" for what kubectl takes.
TEST_F(TlsVerify, OnlyTheExtendedKeyUsageCounts) {
  const struct {
    const char *usage, *key_usage, *netscape;
    bool good;
  } cases[] = {
      {"serverAuth", "by kind", "", true},
      {"anyExtendedKeyUsage", "by kind", "", true},
      {"clientAuth,anyExtendedKeyUsage", "by kind", "", true},
      {"", "by kind", "", true},
      {"clientAuth", "by kind", "", false},
      {"serverAuth", "critical,keyCertSign", "", true},
      {"serverAuth", "", "", true},
      {"serverAuth", "by kind", "client", true},
      {"clientAuth", "by kind", "server", false},
  };
  for (const auto& c : cases) {
    CertSpec spec = server_spec();
    spec.usage = c.usage;
    spec.key_usage = c.key_usage;
    spec.netscape_type = c.netscape;
    EXPECT_EQ(accepts(spec), c.good) << c.usage << c.key_usage << c.netscape << client_error;
  }
  EXPECT_NE(client_error.find("is for other uses than that of a server"), std::string::npos);
}

TEST_F(TlsVerify, UsageIsNestedAlongTheChain) {
  for (const auto& [usage, good] : {std::pair{"", true},
                                    {"serverAuth", true},
                                    {"anyExtendedKeyUsage", true},
                                    {"clientAuth", false}}) {
    const CertAndKey between =
        make_cert({.common_name = "between", .ca = true, .usage = usage}, &ca);
    EXPECT_EQ(accepts(make_cert(server_spec(), &between), ca.cert_pem, between.cert_pem), good)
        << usage << client_error;
  }
}

TEST_F(TlsVerify, OnlyAnAuthoritySigns) {
  for (const auto& [is_ca, key_usage] :
       {std::pair{false, "critical,keyCertSign"}, {true, "critical,digitalSignature"}}) {
    const CertAndKey between =
        make_cert({.common_name = "between", .ca = is_ca, .key_usage = key_usage}, &ca);
    EXPECT_FALSE(accepts(make_cert(server_spec(), &between), ca.cert_pem, between.cert_pem));
  }
}

TEST_F(TlsVerify, ASelfSignedOneOfTheBundleIsTrustedAsItStands) {
  for (const char* key_usage : {"by kind", "critical,keyCertSign", ""}) {
    for (const bool is_ca : {false, true}) {
      CertSpec spec = server_spec();
      spec.key_usage = key_usage;
      spec.ca = is_ca;
      const CertAndKey own = make_cert(spec);
      EXPECT_TRUE(accepts(own, own.cert_pem)) << key_usage << is_ca << client_error;
    }
  }
}

TEST_F(TlsVerify, NameConstraintsHold) {
  const CertAndKey between = make_cert(
      {.common_name = "between", .ca = true, .permitted = "critical,permitted;DNS:a.example"}, &ca);
  EXPECT_FALSE(accepts(make_cert(server_spec(), &between), ca.cert_pem, between.cert_pem));
}

TEST_F(TlsVerify, NamesMatchAsGoMatchesThem) {
  EXPECT_TRUE(accepts_name("DNS:LocalHost", "localHOST"));
  EXPECT_TRUE(accepts_name("DNS:*.example", "api.example")) << "a label is enough below it";
  EXPECT_TRUE(accepts_name("DNS:*.a_b.example", "api.a_b.example"));
  EXPECT_FALSE(accepts_name("DNS:*.example", "a.api.example"));
  EXPECT_FALSE(accepts_name("DNS:*.example", "example"));
  EXPECT_FALSE(accepts_name("DNS:a*.example", "api.example"));
  EXPECT_FALSE(accepts_name("DNS:api.*", "api.example"));
  EXPECT_FALSE(accepts_name("DNS:*", "localhost"));
  EXPECT_TRUE(accepts_name("IP:10.0.0.1", "10.0.0.1"));
  EXPECT_TRUE(accepts_name("IP:::ffff:10.0.0.1", "10.0.0.1"));
  EXPECT_FALSE(accepts_name("DNS:10.0.0.1,IP:10.0.0.2", "10.0.0.1"));
  EXPECT_NE(client_error.find("is not for the IP address 10.0.0.1: it is for DNS 10.0.0.1, IP "
                              "10.0.0.2"),
            std::string::npos)
      << client_error;
  EXPECT_TRUE(accepts_name("IP:::1", "::1"));
}

TEST_F(TlsVerify, ShortRsaKeysThatKubectlTakesAreTaken) {
  CertSpec spec = server_spec();
  spec.rsa_bits = 1024;
  EXPECT_TRUE(accepts(spec)) << client_error;
}

// Bug: a session resumed went on for as long as its tickets did.
TEST_F(TlsVerify, AnExpiredCertificateEndsResumption) {
  CertSpec spec = server_spec();
  spec.not_after = 1767225600 + 3600;  // an hour after the virtual clock's beginning
  const CertAndKey leaf = make_cert(spec, &ca);
  ASSERT_TRUE(accepts(leaf, ca.cert_pem)) << client_error;
  const auto take_ticket = [this] {
    char byte;
    for (int i = 0; i < 10; ++i) {
      loop.run_once();
      client->read(&byte, 1);
    }
    client->abort();
  };
  take_ticket();
  clock.step_wall(base::minutes(59));
  ASSERT_TRUE(connect()) << client_error;
  EXPECT_TRUE(client->resumed());
  take_ticket();
  clock.step_wall(base::minutes(2));
  EXPECT_FALSE(connect());
  EXPECT_NE(client_error.find("has expired"), std::string::npos) << client_error;
}

TEST_F(TlsVerify, AnExpiredAuthorityEndsResumption) {
  const CertAndKey old =
      make_cert({.common_name = "old", .not_after = 1767225600 + 3600, .ca = true});
  ASSERT_TRUE(accepts(make_cert(server_spec(), &old), old.cert_pem)) << client_error;
  char byte;
  for (int i = 0; i < 10; ++i) {
    loop.run_once();
    client->read(&byte, 1);
  }
  client->abort();
  clock.step_wall(base::minutes(61));
  EXPECT_FALSE(connect());
}

// Bug: TLS 1.2 with RSA key exchange was spoken with the API server.
TEST_F(TlsVerify, WithoutForwardSecrecyThereIsNoTls12) {
  const test::TestCerts certs = [] {
    test::TestCerts made;
    const CertAndKey own = make_cert({.common_name = "server",
                                      .alternative_names = "DNS:localhost",
                                      .usage = "serverAuth",
                                      .key_usage = "digitalSignature,keyEncipherment",
                                      .rsa_bits = 2048});
    made.ca_pem = made.server_cert_pem = own.cert_pem;
    made.server_key_pem = own.key_pem;
    return made;
  }();
  make_client({.ca_pem = certs.ca_pem, .cert_pem = {}, .key_pem = {}, .verify_name = "localhost"});
  for (const auto& [ciphers, good] : {std::pair{"ECDHE-RSA-AES128-GCM-SHA256", true},
                                      {"AES128-GCM-SHA256", false},
                                      {"ECDHE-RSA-AES256-SHA", true},
                                      {"DHE-RSA-AES128-GCM-SHA256", false}}) {
    auto [a, b] = test::tcp_pair();
    test::RawTls peer(std::move(b), certs, {.max_version = TLS1_2_VERSION, .ciphers = ciphers});
    client = std::make_unique<net::TlsStream>(loop, *client_context, std::move(a));
    done = 0;
    client_error.clear();
    client->start_handshake(
        net::TlsStream::HandshakeFn::bind<&TlsWorld::on_handshake>(static_cast<TlsWorld*>(this)));
    ASSERT_TRUE(test::run_until(loop, [&] {
      peer.handshake();
      return done > 0;
    }));
    EXPECT_EQ(client_error.empty(), good) << ciphers << ": " << client_error;
  }
}

}  // namespace
