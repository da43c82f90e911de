// TlsTrust: the certificate authorities that clients accept, which any number of TlsContexts may
// share. OpenSSL 3 takes some 30 ms to parse a distribution's bundle: code that makes one while serving
// reads it in steps. Only the tls*.cc files use OpenSSL's store in it.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"

struct x509_store_st;

namespace net {

// Some 5 ms (loop::kSlowCallback).
constexpr std::size_t kCertificatesAStep = 24;

class TlsTrust {
 public:
  // `ca_pem`: a bundle. "": the system's: SSL_CERT_FILE and SSL_CERT_DIR, else the usual places.
  explicit TlsTrust(std::string ca_pem);
  ~TlsTrust();
  TlsTrust(const TlsTrust&) = delete;
  TlsTrust& operator=(const TlsTrust&) = delete;

  // Parses at most `certificates` more. True: it is complete, or it failed.
  bool step(std::size_t certificates);
  // Errc::invalid_argument: "CA bundle: no certificate in it", "no CA bundle given, and this system
  // has none". Requires: step() has returned true.
  base::Result<void> verdict() const { return verdict_; }

 private:
  friend class TlsContext;
  bool next_source();
  bool end(std::string problem);
  x509_store_st* store_ = nullptr;
  const bool system_;
  std::string pem_;
  std::size_t at_ = 0;  // in pem_
  std::vector<std::string>
      bundles_;  // to look at, in the reverse order, until one has a certificate
  bool found_ = false, done_ = false;
  base::Result<void> verdict_;
};

}  // namespace net
