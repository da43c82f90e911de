#include "net/tls_openssl.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <arpa/inet.h>
#include <malloc.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "base/time.h"
#include "base/wipe.h"

namespace net::openssl {

static constexpr int kAlert = SSL_AD_REASON_OFFSET;

namespace {

// OpenSSL's heap holds what records say, keys and the copies that it makes of both. It is wiped when it is
// freed, as ours is (base/wipe.h); OpenSSL does so for some of it only.
void* take(std::size_t size, const char* /*file*/, int /*line*/) {
  return std::malloc(size);
}
void give_back(void* block, const char* /*file*/, int /*line*/) {
  if (block == nullptr) return;
  base::wipe(block, ::malloc_usable_size(block));
  std::free(block);
}
void* resize(void* block, std::size_t size, const char* file, int line) {
  void* const out = size == 0 ? nullptr : take(size, file, line);
  if (out == nullptr && size != 0) return nullptr;
  if (out != nullptr && block != nullptr)
    std::memcpy(out, block, std::min(size, ::malloc_usable_size(block)));
  give_back(block, file, line);
  return out;
}

// Before main: OpenSSL takes other functions only while it has allocated nothing.
[[maybe_unused]] const int kWipes = CRYPTO_set_mem_functions(take, resize, give_back);

}  // namespace

void Free::operator()(bio_st* p) const {
  BIO_free(p);
}
void Free::operator()(evp_pkey_st* p) const {
  EVP_PKEY_free(p);
}
void Free::operator()(x509_st* p) const {
  X509_free(p);
}

void init() {
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr);
}

Ptr<BIO> memory(std::string_view bytes) {
  return Ptr<BIO>(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

std::string take_error() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  if (reason != nullptr) return reason;
  return code != 0 ? "OpenSSL error " + std::to_string(code) : "unknown OpenSSL error";
}

static bool refuses_certificate(int reason) {
  switch (reason - kAlert) {
    case SSL3_AD_NO_CERTIFICATE:
    case SSL3_AD_BAD_CERTIFICATE:
    case SSL3_AD_UNSUPPORTED_CERTIFICATE:
    case SSL3_AD_CERTIFICATE_REVOKED:
    case SSL3_AD_CERTIFICATE_EXPIRED:
    case SSL3_AD_CERTIFICATE_UNKNOWN:
    case TLS1_AD_UNKNOWN_CA:
    case TLS1_AD_ACCESS_DENIED:
    case TLS13_AD_CERTIFICATE_REQUIRED:
      return true;
    default:
      return false;
  }
}

base::Error take_tls_error(std::string_view op) {
  const int reason = ERR_GET_REASON(ERR_peek_error());
  const std::string words = take_error();
  const std::string in_brackets = " (" + words + ")";
  if (refuses_certificate(reason)) {
    return base::Error(base::Errc::unauthorized, "the peer refused our certificate" + in_brackets);
  }
  switch (reason) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
      return base::Error(base::Errc::protocol, "the peer does not speak TLS" + in_brackets);
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return base::Error(base::Errc::protocol, "no TLS 1.2 or later in common" + in_brackets);
    case kAlert + TLS1_AD_NO_APPLICATION_PROTOCOL:
      return base::Error(base::Errc::protocol, "the server does not offer http/1.1" + in_brackets);
    case SSL_R_BAD_EXTENSION:
      return base::Error(base::Errc::protocol,
                         "the server chose what was not offered, HTTP/2 perhaps" + in_brackets);
    default:
      return base::Error(base::Errc::protocol, std::string(op) + ": " + words);
  }
}

std::vector<Ptr<X509>> parse_certificates(std::string_view pem) {
  // Block by block: PEM_read_bio would stop at the first bad block.
  static constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  static constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
  std::vector<Ptr<X509>> found;
  for (;;) {
    const std::size_t begin = pem.find(kBegin);
    if (begin == std::string_view::npos) break;
    const std::size_t end = pem.find(kEnd, begin);
    if (end == std::string_view::npos) break;
    // A block without its end must not swallow the next one.
    const std::string_view span = pem.substr(begin, end + kEnd.size() - begin);
    const std::string_view block = span.substr(span.rfind(kBegin));
    Ptr<X509> certificate(PEM_read_bio_X509(memory(block).get(), nullptr, nullptr, nullptr));
    if (certificate) found.push_back(std::move(certificate));
    pem.remove_prefix(end + kEnd.size());
  }
  ERR_clear_error();
  return found;
}

static std::string text_of(const X509_NAME* name) {
  const Ptr<BIO> out(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  if (size <= 0) return "(empty)";
  return base::printable(std::string_view(data, static_cast<std::size_t>(size)), kNameBytes);
}

static std::string text_of(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "(unreadable time)";
  return base::format_rfc3339({static_cast<std::int64_t>(timegm(&parts)) * 1000000000}, 0);
}

std::string ip_text(std::string_view bytes) {
  char ip[INET6_ADDRSTRLEN] = "";
  if (bytes.size() == 4 || bytes.size() == 16)
    inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), ip, sizeof ip);
  return ip;
}

static std::string reason(int error, X509_STORE_CTX* store, const X509* certificate) {
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(store);
  const std::int64_t seconds = X509_VERIFY_PARAM_get_time(param);
  const std::string now =
      ", and the clock here says " + base::format_rfc3339({seconds * 1000000000}, 0);
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "has expired: it was valid until " + text_of(X509_get0_notAfter(certificate)) + now;
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "is not yet valid: it begins at " + text_of(X509_get0_notBefore(certificate)) + now;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return std::string("is signed by an unknown authority: ") +
             X509_verify_cert_error_string(error);
    default:
      return std::string("was not accepted: ") + X509_verify_cert_error_string(error);
  }
}

void explain_refusal(X509_STORE_CTX* store, const X509* certificate, const std::string& why) {
  auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* to = ssl != nullptr ? static_cast<std::string*>(SSL_get_app_data(ssl)) : nullptr;
  if (to == nullptr || !to->empty()) return;
  *to = "certificate " + why;
  if (certificate == nullptr) return;
  *to += " (subject " + text_of(X509_get_subject_name(certificate)) + ", issuer " +
         text_of(X509_get_issuer_name(certificate)) + ")";
}

int explain_verification(int ok, X509_STORE_CTX* store) {
  if (ok == 1) return ok;
  const int error = X509_STORE_CTX_get_error(store);
  X509* certificate = X509_STORE_CTX_get_current_cert(store);
  explain_refusal(store, certificate,
                  certificate != nullptr
                      ? reason(error, store, certificate)
                      : std::string("was not accepted: ") + X509_verify_cert_error_string(error));
  return ok;
}

}  // namespace net::openssl
