// The files of the server's certificate: which are used, and what the log says of them. How they are
// rotated: handshakes_test.cc.
#include "door/certificate_files.h"

#include <string>

#include <gtest/gtest.h>

#include "base/log.h"
#include "support/certs.h"
#include "support/http_server_world.h"
#include "support/temp_dir.h"

namespace {

constexpr std::int64_t kDay = 24 * 3600;

// Writes a pair that is valid between these days from `now` (seconds).
void write_pair(const test::TempDir& dir, std::int64_t now, std::int64_t from, std::int64_t until) {
  const auto made = test::make_cert(
      {.common_name = "a", .not_before = now + from * kDay, .not_after = now + until * kDay});
  (void)dir.write("cert", made.cert_pem);
  (void)dir.write("key", made.key_pem);
}

// Bug: a certificate that ended while the server went on was named nowhere.
TEST(CertificateFiles, WhoseEndIsNearOrOverAreNamedOnceADay) {
  loop::VirtualClock clock;
  loop::Loop loop(clock);
  const test::TempDir dir;
  const std::int64_t now = loop.wall_now().ns / 1'000'000'000;
  const auto pair = [&](std::int64_t from, std::int64_t until) {
    write_pair(dir, now, from, until);
  };
  pair(-1, 89);
  door::CertificateFiles files(loop, {dir.path("cert"), dir.path("key"), {}, {}});
  std::string lines;
  base::log::capture(&lines);
  ASSERT_TRUE(files.load());
  const auto said = [&](int days, std::string_view what) {
    lines.clear();
    for (int hour = 0; hour < 24 * days; ++hour) {
      clock.advance(base::hours(1));
      loop.run_once();
    }
    std::size_t n = 0;
    for (std::size_t at = lines.find(what); at != lines.npos; at = lines.find(what, at + 1))
      ++n;
    return n;
  };
  EXPECT_EQ(said(81, "WARN"), 0u);
  EXPECT_EQ(said(1, "expires soon"), 0u);
  EXPECT_EQ(said(3, "expires soon"), 3u);
  pair(84, 174);
  EXPECT_EQ(said(1, "WARN"), 0u) << "renewed";
  pair(86, 87);  // a short-lived one
  EXPECT_EQ(said(1, "expires soon"), 1u) << "in its last tenth";
  EXPECT_EQ(said(2, "has expired"), 2u);
  base::log::capture(nullptr);
  files.stop();
}

// Bug: a good certificate was replaced by one that had expired, or was not valid yet.
TEST(CertificateFiles, ThatAreNotValidNowReplaceNoneThatIs) {
  loop::VirtualClock clock;
  loop::Loop loop(clock);
  const test::TempDir dir;
  const std::int64_t now = loop.wall_now().ns / 1'000'000'000;
  const auto pair = [&](std::int64_t from, std::int64_t until) {
    write_pair(dir, now, from, until);
  };
  std::string lines;
  base::log::capture(&lines);
  door::CertificateFiles files(loop, {dir.path("cert"), dir.path("key"), {}, {}});
  const auto until = [&] { return (files.context().valid_until() - now) / kDay; };
  const auto said = [&](std::string_view what) {
    std::size_t n = 0;
    for (std::size_t at = lines.find(what); at != lines.npos; at = lines.find(what, at + 1))
      ++n;
    lines.clear();
    return n;
  };
  const auto days = [&](int n) {
    for (int hour = 0; hour < 24 * n; ++hour) {
      clock.advance(base::hours(1));
      loop.run_once();
    }
  };
  pair(5, 10);
  ASSERT_TRUE(files.load()) << "with none that is, it is taken";
  EXPECT_TRUE(test::contains(lines, "\"from\":\"")) << lines;
  EXPECT_EQ(said("not valid now: clients will refuse it"), 1u);
  pair(-1, 40);
  days(1);
  ASSERT_EQ(until(), 40);
  lines.clear();
  pair(-9, -2);
  days(2);
  EXPECT_EQ(until(), 40) << "expired";
  EXPECT_TRUE(test::contains(lines, "not valid now, only from ")) << lines;
  EXPECT_EQ(said("the former ones are kept"), 1u) << "once";
  pair(20, 30);
  days(15);
  EXPECT_EQ(until(), 40) << "not valid yet";
  EXPECT_EQ(said("the former ones are kept"), 1u);
  days(3);
  EXPECT_EQ(until(), 30) << "it is now, and nothing else has changed";
  pair(50, 60);
  days(1);
  EXPECT_EQ(until(), 30);
  lines.clear();
  days(10);
  EXPECT_EQ(until(), 60) << "of two that are not valid the newer";
  EXPECT_EQ(said("not valid now: clients will refuse it"), 1u);
  base::log::capture(nullptr);
  files.stop();
}

// Bug: such a pair was "in use", also instead of a good one, and no client could shake hands.
TEST(CertificateFiles, OfAKindThatClientsDoNotAcceptAreRefused) {
  // openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:secp256k1 -nodes -days 20000 -subj /CN=k
  constexpr const char* kCert = R"(-----BEGIN CERTIFICATE-----
MIIBbTCCARKgAwIBAgIUCfdY++BZ/kzjoULcS5ix+m8lKDcwCgYIKoZIzj0EAwIw
DDEKMAgGA1UEAwwBazAgFw0yNjExMzAwNzE1MTZaGA8yMDgxMDkwMjA3MTUxNlow
DDEKMAgGA1UEAwwBazBWMBAGByqGSM49AgEGBSuBBAAKA0IABMLg4xR+z626ul96
ecpVfqqESJzOlWuOyFZ1U1ZRDRjZU1IABS3k3hG41c5H5KM2CxrrHb5UGXMQ8f9T
DswhX+6jUzBRMB0GA1UdDgQWBBQdlX+/iuJobcZXRfU3NKF4JB6X7TAfBgNVHSME
GDAWgBQdlX+/iuJobcZXRfU3NKF4JB6X7TAPBgNVHRMBAf8EBTADAQH/MAoGCCqG
SM49BAMCA0kAMEYCIQCT5RUxR3wUyeIuZriR4qY0jpuijTt/5FrffmEpXPnwVwIh
AKcpFJ2bnNj0wNhjWCv38UaY0WPyEfsse/X/un7mMc9q
-----END CERTIFICATE-----
)";
  constexpr const char* kKey = R"(-----BEGIN PRIVATE KEY-----
MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgei/qazSnI1uNfdhM9hgo
pIGWuV5WUb/qbNudZwmdHFihRANCAATC4OMUfs+turpfennKVX6qhEiczpVrjshW
dVNWUQ0Y2VNSAAUt5N4RuNXOR+SjNgsa6x2+VBlzEPH/Uw7MIV/u
-----END PRIVATE KEY-----
)";
  const auto made = net::TlsContext::server({kCert, kKey, "", false});
  ASSERT_FALSE(made);
  EXPECT_TRUE(test::contains(made.error().what(), "on the curve secp256k1")) << made.error().what();
  const auto weak = test::make_cert({.common_name = "a", .rsa_bits = 1024});
  std::string lines;
  base::log::capture(&lines);
  EXPECT_TRUE(net::TlsContext::server({weak.cert_pem, weak.key_pem, "", false}));
  base::log::capture(nullptr);
  EXPECT_TRUE(test::contains(lines, "weak RSA key")) << lines;
}

TEST(CertificateFiles, ThatCannotBeUsedAreAnErrorAtTheStart) {
  loop::VirtualClock clock;
  loop::Loop loop(clock);
  const test::TempDir dir;
  const test::TestCerts& certs = test::shared_certs();
  const auto loads = [&](const std::string& cert, const std::string& key) {
    door::CertificateFiles files(loop, {cert, key, {}, {}});
    const auto ok = files.load();
    files.stop();
    return ok ? std::string() : ok.error().what();
  };
  const std::string cert = dir.write("cert", certs.server_cert_pem);
  const std::string key = dir.write("key", certs.server_key_pem);
  EXPECT_EQ(loads(cert, key), "");
  EXPECT_TRUE(test::contains(loads(dir.path("none"), key), dir.path("none")));
  EXPECT_TRUE(test::contains(loads(cert, dir.write("other", certs.client_key_pem)), "match"));
  EXPECT_TRUE(test::contains(loads(dir.write("empty", " "), key), "is empty"));
}

}  // namespace
