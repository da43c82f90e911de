// Certificates made at run time, for tests and for the simulated API server: one CA, a server's
// certificate and a client's, EC P-256. They are valid from 2020 to 2060, at the virtual clock's
// time as well as today's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace test {

// 2020-01-01 and 2060-01-01 in seconds since 1970.
constexpr std::int64_t kCertBegin = 1577836800;
constexpr std::int64_t kCertEnd = 2840140800;

struct CertOptions {
  std::string ca_name = "test CA";
  // The server's common name and subject alternative names.
  std::string common_name = "localhost";
  std::vector<std::string> dns = {"localhost"};
  std::vector<std::string> ip = {"127.0.0.1", "::1"};
  std::int64_t not_before = kCertBegin, not_after = kCertEnd;  // of the server's
  // The server's certificate is signed by an intermediate CA, which is sent along in
  // server_cert_pem.
  bool intermediate = false;
  // The client's: user name and group, as Kubernetes reads them.
  std::string client_common_name = "client";
  std::string client_organization = "system:masters";
};

// One certificate, for tests of what is accepted. Texts as in OpenSSL's configuration
// ("critical,keyCertSign"); "" leaves the extension out.
struct CertSpec {
  std::string common_name = {}, organization = {};
  std::string alternative_names = {};  // "DNS:a,IP:1.2.3.4"
  std::int64_t not_before = kCertBegin, not_after = kCertEnd;
  bool ca = false;
  std::string usage = {};             // extended: "serverAuth", "clientAuth", "anyExtendedKeyUsage"
  std::string key_usage = "by kind";  // keyCertSign of a CA, digitalSignature of others
  std::string netscape_type = {};     // nsCertType: "client"
  std::string permitted = {};         // name constraints: "permitted;DNS:a.example"
  bool key_ids = true;                // subject's and authority's
  int rsa_bits = 0;                   // 0: EC P-256
};
struct CertAndKey {
  std::string cert_pem, key_pem;
};
// Signed by `issuer`, or by itself when that is nullptr.
CertAndKey make_cert(const CertSpec& spec, const CertAndKey* issuer = nullptr);

struct TestCerts {
  std::string ca_pem, ca_key_pem;
  std::string intermediate_pem;  // empty unless asked for
  std::string server_cert_pem, server_key_pem;
  std::string client_cert_pem, client_key_pem;
};

// Every call makes a CA of its own. Aborts when OpenSSL fails.
TestCerts make_certs(const CertOptions& options = {});

// One CA and its certificates for the whole process, made at the first call: for all who do not
// care which.
const TestCerts& shared_certs();

// What a trust directory's file for this certificate is called, without ".0".
std::string subject_hash(const std::string& pem);

}  // namespace test
