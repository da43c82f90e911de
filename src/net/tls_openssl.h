// What tls.cc and tls_stream.cc share about OpenSSL; nobody else includes this. OpenSSL's own headers stay in the .cc files.
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

// A read-only BIO over `bytes`, which outlive it.
Ptr<bio_st> memory(std::string_view bytes);

// OpenSSL's words for the newest error in its queue ("key values mismatch"); empties the queue.
std::string take_error();

// The same for a failed call on a connection, with what kind of failure it was (tls_stream.h, error_code()): a refused certificate,
// no TLS at all, no version in common, no http/1.1; anything else is "op: " and OpenSSL's words.
base::Error take_tls_error(std::string_view op);

// Every certificate of the PEM text that can be parsed, in order; anything else in it is passed over.
std::vector<Ptr<x509_st>> parse_certificates(std::string_view pem);

// RSA from 1024 bits, no SHA-1 in signatures: what Go asks for (SSL_CTX_set_security_level(3)); distributions may set another one.
constexpr int kSecurityLevel = 1;

// A certificate's names are a stranger's text and may be endless.
constexpr std::size_t kNameBytes = 200;
// Of 4 or 16 bytes; "" for any other number.
std::string ip_text(std::string_view bytes);

// Writes "certificate ", the reason, and the certificate's subject and issuer to the std::string that is the SSL's app data, if nothing is there yet.
void explain_refusal(x509_store_ctx_st* store, const x509_st* certificate, const std::string& why);

// For SSL_CTX_set_verify: leaves the verdict as it is, and for the first bad one explains it as above.
int explain_verification(int ok, x509_store_ctx_st* store);

}  // namespace net::openssl
