// OpenSSL helpers that the tls*.cc files share; no other file includes this. OpenSSL's own headers
// stay in the .cc files.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

// OpenSSL's BIO, EVP_PKEY, X509 and X509_STORE_CTX.
struct bio_st;
struct evp_pkey_st;
struct x509_st;
struct x509_store_ctx_st;

namespace net::openssl {

struct Free {
  void operator()(bio_st* p) const;
  void operator()(evp_pkey_st* p) const;
  void operator()(x509_st* p) const;
};
template <class T>
using Ptr = std::unique_ptr<T, Free>;

// Must come before every other call into OpenSSL, which would else read its configuration file.
void init();

// A read-only BIO over `bytes`, which must remain live while it is in use.
Ptr<bio_st> memory(std::string_view bytes);

// OpenSSL's text for the newest error in its queue ("key values mismatch"); empties the queue.
std::string take_error();

// The same for a failed call on a connection, with the kind of failure as its code (tls_stream.h,
// error_code()): a refused certificate, not TLS, no common version, no http/1.1; for anything else
// "op: " and OpenSSL's text.
base::Error take_tls_error(std::string_view op);

// Every certificate of the PEM text that can be parsed, in order; anything else in it is skipped.
std::vector<Ptr<x509_st>> parse_certificates(std::string_view pem);

// RSA from 1024 bits, no SHA-1 in signatures, as Go requires (SSL_CTX_set_security_level(3)); the
// distribution's default may differ.
constexpr int kSecurityLevel = 1;

// Limit on a certificate's names in error texts: an untrusted peer may send endless ones.
constexpr std::size_t kNameBytes = 200;
// The text of an IP address of 4 or 16 bytes; "" for any other size.
std::string ip_text(std::string_view bytes);

// Writes "certificate ", the reason, and the certificate's subject and issuer to the std::string
// that is the SSL's app data, if that is still empty.
void explain_refusal(x509_store_ctx_st* store, const x509_st* certificate, const std::string& why);

// For SSL_CTX_set_verify: keeps OpenSSL's decision, and explains the first refusal as above.
int explain_verification(int ok, x509_store_ctx_st* store);

}  // namespace net::openssl
