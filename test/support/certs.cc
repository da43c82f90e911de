#include "support/certs.h"

#include <cstdio>
#include <memory>
#include <utility>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/check.h"

namespace test {
namespace {

struct Free {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(X509* p) const { X509_free(p); }
  void operator()(BIO* p) const { BIO_free(p); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Certificate = std::unique_ptr<X509, Free>;

struct Identity {
  Key key;
  Certificate certificate;
};

std::string text(const std::unique_ptr<BIO, Free>& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<std::size_t>(size));
}

std::string pem(X509* certificate) {
  std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
  CHECK(PEM_write_bio_X509(bio.get(), certificate) == 1);
  return text(bio);
}

std::string pem(EVP_PKEY* key) {
  std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
  CHECK(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return text(bio);
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  CHECK(extension != nullptr);
  CHECK(X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

void add_name(X509_NAME* name, const char* field, const std::string& value) {
  if (value.empty()) return;
  const auto* bytes = reinterpret_cast<const unsigned char*>(value.c_str());
  CHECK(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, bytes, -1, -1, 0) == 1);
}

Identity make(const CertSpec& spec, const Identity* issuer) {
  static long serial = 1;
  Identity made;
  made.key.reset(spec.rsa_bits == 0 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")
                                    : EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA",
                                                        static_cast<std::size_t>(spec.rsa_bits)));
  made.certificate.reset(X509_new());
  CHECK(made.key && made.certificate);
  X509* certificate = made.certificate.get();
  X509* signer = issuer != nullptr ? issuer->certificate.get() : certificate;
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  ASN1_TIME_set(X509_getm_notBefore(certificate), spec.not_before);
  ASN1_TIME_set(X509_getm_notAfter(certificate), spec.not_after);
  X509_set_pubkey(certificate, made.key.get());
  add_name(X509_get_subject_name(certificate), "O", spec.organization);
  add_name(X509_get_subject_name(certificate), "CN", spec.common_name);
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  if (spec.key_ids) {
    add_extension(certificate, signer, NID_subject_key_identifier, "hash");
    if (issuer != nullptr)
      add_extension(certificate, signer, NID_authority_key_identifier, "keyid");
  }
  add_extension(certificate, signer, NID_basic_constraints,
                spec.ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
  const std::string by_kind =
      spec.ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature";
  const std::pair<int, std::string> more[] = {
      {NID_key_usage, spec.key_usage == "by kind" ? by_kind : spec.key_usage},
      {NID_ext_key_usage, spec.usage},
      {NID_netscape_cert_type, spec.netscape_type},
      {NID_name_constraints, spec.permitted}};
  for (const auto& [nid, value] : more) {
    if (!value.empty()) add_extension(certificate, signer, nid, value);
  }
  if (!spec.alternative_names.empty()) {
    add_extension(certificate, signer, NID_subject_alt_name, spec.alternative_names);
  }
  EVP_PKEY* key = issuer != nullptr ? issuer->key.get() : made.key.get();
  CHECK(X509_sign(certificate, key, EVP_sha256()) > 0);
  return made;
}

std::string join_names(const CertOptions& options) {
  std::string names;
  for (const auto& dns : options.dns)
    names += (names.empty() ? "DNS:" : ",DNS:") + dns;
  for (const auto& ip : options.ip)
    names += (names.empty() ? "IP:" : ",IP:") + ip;
  return names;
}

Identity parse(const CertAndKey& from) {
  const auto in = [](const std::string& text) {
    return std::unique_ptr<BIO, Free>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  };
  Identity identity;
  identity.key.reset(PEM_read_bio_PrivateKey(in(from.key_pem).get(), nullptr, nullptr, nullptr));
  identity.certificate.reset(PEM_read_bio_X509(in(from.cert_pem).get(), nullptr, nullptr, nullptr));
  CHECK(identity.key && identity.certificate);
  return identity;
}

}  // namespace

CertAndKey make_cert(const CertSpec& spec, const CertAndKey* issuer) {
  Identity signer;
  if (issuer != nullptr) signer = parse(*issuer);
  const Identity made = make(spec, issuer != nullptr ? &signer : nullptr);
  return {pem(made.certificate.get()), pem(made.key.get())};
}

TestCerts make_certs(const CertOptions& options) {
  TestCerts certs;
  const Identity ca = make(
      {.common_name = options.ca_name, .organization = {}, .alternative_names = {}, .ca = true},
      nullptr);
  certs.ca_pem = pem(ca.certificate.get());
  certs.ca_key_pem = pem(ca.key.get());
  Identity intermediate;
  const Identity* signer = &ca;
  if (options.intermediate) {
    intermediate = make({.common_name = options.ca_name + " intermediate",
                         .organization = {},
                         .alternative_names = {},
                         .ca = true},
                        &ca);
    certs.intermediate_pem = pem(intermediate.certificate.get());
    signer = &intermediate;
  }
  const Identity server = make({.common_name = options.common_name,
                                .organization = {},
                                .alternative_names = join_names(options),
                                .not_before = options.not_before,
                                .not_after = options.not_after,
                                .usage = "serverAuth"},
                               signer);
  certs.server_cert_pem = pem(server.certificate.get()) + certs.intermediate_pem;
  certs.server_key_pem = pem(server.key.get());
  const Identity client = make({.common_name = options.client_common_name,
                                .organization = options.client_organization,
                                .alternative_names = {},
                                .usage = "clientAuth"},
                               &ca);
  certs.client_cert_pem = pem(client.certificate.get());
  certs.client_key_pem = pem(client.key.get());
  return certs;
}

const TestCerts& shared_certs() {
  static const TestCerts certs = make_certs();
  return certs;
}

std::string subject_hash(const std::string& pem) {
  std::unique_ptr<BIO, Free> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const Certificate certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
  CHECK(certificate);
  char hash[9];
  std::snprintf(hash, sizeof hash, "%08lx", X509_subject_name_hash(certificate.get()));
  return hash;
}

}  // namespace test
