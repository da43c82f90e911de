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
