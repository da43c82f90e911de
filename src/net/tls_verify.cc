#include "net/tls_verify.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "net/tls_openssl.h"

namespace net::openssl {
namespace {

constexpr int kNamesShown = 8;  // an untrusted peer's certificate may have any number of names

struct FreeNames {
  void operator()(GENERAL_NAMES* p) const { GENERAL_NAMES_free(p); }
};
using Names = std::unique_ptr<GENERAL_NAMES, FreeNames>;

Names names_of(const X509* certificate) {
  return Names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
}

// The bytes of a name of type `kind` (GEN_DNS, GEN_IPADD); empty for another type.
std::string_view value_of(const GENERAL_NAME* name, int kind) {
  int is = 0;
  const auto* value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(name, &is));
  if (is != kind) return {};
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
          static_cast<std::size_t>(ASN1_STRING_length(value))};
}

// ---- names -------------------------------------------------------------------------------------

bool is_label(std::string_view label) {
  if (label.empty() || label.front() == '-') return false;
  return std::all_of(label.begin(), label.end(), [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
  });
}

bool is_host_name(std::string_view host, bool pattern) {
  if (pattern && host.starts_with("*.")) host.remove_prefix(2);
  if (host.empty()) return false;
  for (const std::string_view label : base::split(host, '.')) {
    if (!is_label(label)) return false;
  }
  return true;
}

bool matches(std::string_view pattern, std::string_view host) {
  if (!is_host_name(host, false) || !is_host_name(pattern, true)) {
    return !pattern.empty() && pattern != "." && base::iequals(pattern, host);
  }
  if (pattern.starts_with("*.")) {
    const std::size_t dot = host.find('.');
    if (dot == host.npos) return false;
    pattern.remove_prefix(2);
    host.remove_prefix(dot + 1);
  }
  return base::iequals(pattern, host);
}

// Returns the IPv4 address of one mapped into IPv6.
std::string_view plain_ip(std::string_view ip) {
  static constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
  return ip.size() == 16 && ip.starts_with(kMapped) ? ip.substr(12) : ip;
}

bool is_for(const X509* certificate, const PeerRule& rule) {
  if (rule.name.empty() && rule.ip.empty()) return true;
  const Names names = names_of(certificate);
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    const bool good = rule.ip.empty() ? matches(value_of(name, GEN_DNS), rule.name)
                                      : plain_ip(value_of(name, GEN_IPADD)) == plain_ip(rule.ip);
    if (good) return true;
  }
  return false;
}

// "it is for DNS a.example, IP 10.0.0.1": includes types, since a DNS name may look like an
// address.
std::string say_names(const X509* certificate) {
  const Names names = names_of(certificate);
  std::string list;
  int shown = 0;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()) && shown < kNamesShown; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    const std::string_view dns = value_of(name, GEN_DNS), ip = value_of(name, GEN_IPADD);
    std::string one;
    if (!dns.empty()) one = "DNS " + base::printable(dns, kNameBytes);
    if (!ip.empty()) one = "IP " + ip_text(ip);
    if (one.empty()) continue;
    list += (shown++ == 0 ? "" : ", ") + one;
  }
  return list.empty() ? "it has no subject alternative name" : "it is for " + list;
}

// ---- issuers and usage -------------------------------------------------------------------------

// Without keyUsage a certificate may do everything (X509_get_key_usage returns all bits then).
bool may_sign(X509* issuer) {
  const bool constrained = X509_get_ext_by_NID(issuer, NID_basic_constraints, -1) >= 0;
  if (constrained && (X509_get_extension_flags(issuer) & EXFLAG_CA) == 0) return false;
  if (!constrained && X509_get_version(issuer) == X509_VERSION_3) return false;
  return (X509_get_key_usage(issuer) & X509v3_KU_KEY_CERT_SIGN) != 0;
}

// OpenSSL's own function ignores the signature: it takes the first of several authorities of one
// name and fails with it.
int is_issuer(X509_STORE_CTX*, X509* certificate, X509* issuer) {
  if (X509_NAME_cmp(X509_get_issuer_name(certificate), X509_get_subject_name(issuer)) != 0)
    return 0;
  if (!may_sign(issuer)) return 0;
  EVP_PKEY* key = X509_get0_pubkey(issuer);
  const int good = key != nullptr && X509_verify(certificate, key) == 1 ? 1 : 0;
  ERR_clear_error();
  return good;
}

bool has_usage(const X509* certificate, int wanted) {
  auto* usages = static_cast<EXTENDED_KEY_USAGE*>(
      X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr));
  if (usages == nullptr) return X509_get_ext_by_NID(certificate, NID_ext_key_usage, -1) < 0;
  bool found = false;
  for (int i = 0; i < sk_ASN1_OBJECT_num(usages); ++i) {
    const int usage = OBJ_obj2nid(sk_ASN1_OBJECT_value(usages, i));
    found = found || usage == wanted || usage == NID_anyExtendedKeyUsage;
  }
  EXTENDED_KEY_USAGE_free(usages);
  return found;
}

// ---- the verdict -------------------------------------------------------------------------------

int refuse(X509_STORE_CTX* store, int error, X509* certificate, const std::string& why) {
  X509_STORE_CTX_set_error(store, error);
  explain_refusal(store, certificate, why);
  return 0;
}

int verify(X509_STORE_CTX* store, void* of) {
  const auto& rule = *static_cast<const PeerRule*>(of);
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(store);
  X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_ANY);
  X509_VERIFY_PARAM_set_auth_level(param, kSecurityLevel);
  if (X509_verify_cert(store) != 1) return 0;
  const STACK_OF(X509)* chain = X509_STORE_CTX_get0_chain(store);
  const int usage = rule.is_server ? NID_server_auth : NID_client_auth;
  for (int i = sk_X509_num(chain) - 1; i >= 0; --i) {
    X509* certificate = sk_X509_value(chain, i);
    if (has_usage(certificate, usage)) continue;
    return refuse(store, X509_V_ERR_INVALID_PURPOSE, certificate,
                  std::string("is for other uses than that of a ")
                      .append(rule.is_server ? "server" : "client")
                      .append(" (extended key usage)"));
  }
  X509* leaf = sk_X509_value(chain, 0);
  if (is_for(leaf, rule)) return 1;
  return refuse(
      store, X509_V_ERR_HOSTNAME_MISMATCH, leaf,
      std::string("is not for ").append(rule.expected).append(": ").append(say_names(leaf)));
}

}  // namespace

void verify_as_go(SSL_CTX* ctx, PeerRule& rule) {
  X509_STORE_set_check_issued(SSL_CTX_get_cert_store(ctx), is_issuer);
  // Kubeconfigs may have an intermediate or the server's own certificate as their CA.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx), X509_V_FLAG_PARTIAL_CHAIN);
  SSL_CTX_set_cert_verify_callback(ctx, verify, &rule);
}

bool accepts_session(SSL* ssl, PeerRule& rule) {
  X509* leaf = SSL_SESSION_get0_peer(SSL_get_session(ssl));
  const std::unique_ptr<X509_STORE_CTX, void (*)(X509_STORE_CTX*)> store(X509_STORE_CTX_new(),
                                                                         X509_STORE_CTX_free);
  X509_STORE* trusted = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl));
  if (leaf == nullptr || !store ||
      X509_STORE_CTX_init(store.get(), trusted, leaf, SSL_get_peer_cert_chain(ssl)) != 1) {
    return false;
  }
  X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(store.get()), SSL_get0_param(ssl));
  const bool good = verify(store.get(), &rule) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace net::openssl
