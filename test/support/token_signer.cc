#include "support/token_signer.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/check.h"
#include "base/encoding.h"
#include "base/seal.h"

namespace test {
namespace {

std::string number(EVP_PKEY* key, const char* name, int width = 0) {
  BIGNUM* n = nullptr;
  CHECK(EVP_PKEY_get_bn_param(key, name, &n) == 1);
  std::string out(static_cast<std::size_t>(width > 0 ? width : BN_num_bytes(n)), '\0');
  BN_bn2binpad(n, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
  BN_free(n);
  return out;
}

struct Curve {
  std::string name;
  int bytes;
};
Curve curve_of(EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (bits == 256) return {"P-256", 32};
  return bits == 384 ? Curve{"P-384", 48} : Curve{"P-521", 66};
}

std::string member(const char* name, const std::string& bytes) {
  return std::string(",\"") + name + "\":\"" + base::base64url(bytes) + "\"";
}

std::string with(std::string jwk, std::string_view more) {
  if (!more.empty()) jwk.append(",").append(more);
  return jwk + "}";
}

const EVP_MD* digest_of(std::string_view alg) {
  if (alg == "EdDSA") return nullptr;
  if (alg.ends_with("384")) return EVP_sha384();
  return alg.ends_with("512") ? EVP_sha512() : EVP_sha256();
}

}  // namespace

void Signer::Free::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

Signer Signer::rsa(int bits, unsigned exponent) {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr);
  BIGNUM* e = BN_new();
  BN_set_word(e, exponent);
  EVP_PKEY* key = nullptr;
  CHECK(EVP_PKEY_keygen_init(context) == 1);
  CHECK(EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits) == 1);
  CHECK(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, e) == 1);
  CHECK(EVP_PKEY_keygen(context, &key) == 1);
  BN_free(e);
  EVP_PKEY_CTX_free(context);
  return Signer(key);
}

Signer Signer::ec(const char* curve) {
  return Signer(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve));
}

Signer Signer::ed25519() {
  return Signer(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

std::string Signer::jwk(std::string_view more) const {
  EVP_PKEY* const key = key_.get();
  if (EVP_PKEY_is_a(key, "RSA")) {
    return with(R"({"kty":"RSA")" + member("n", number(key, OSSL_PKEY_PARAM_RSA_N)) +
                    member("e", number(key, OSSL_PKEY_PARAM_RSA_E)),
                more);
  }
  if (EVP_PKEY_is_a(key, "EC")) {
    const Curve curve = curve_of(key);
    return with(R"({"kty":"EC","crv":")" + curve.name + "\"" +
                    member("x", number(key, OSSL_PKEY_PARAM_EC_PUB_X, curve.bytes)) +
                    member("y", number(key, OSSL_PKEY_PARAM_EC_PUB_Y, curve.bytes)),
                more);
  }
  std::string raw(32, '\0');
  std::size_t size = raw.size();
  CHECK(EVP_PKEY_get_raw_public_key(key, reinterpret_cast<unsigned char*>(raw.data()), &size) == 1);
  return with(R"({"kty":"OKP","crv":"Ed25519")" + member("x", raw), more);
}

std::string Signer::private_jwk() const {
  const std::string d = number(key_.get(), OSSL_PKEY_PARAM_RSA_D);
  return jwk(R"("d":")" + base::base64url(d) + "\"");
}

std::string Signer::public_pem() const {
  BIO* bio = BIO_new(BIO_s_mem());
  CHECK(PEM_write_bio_PUBKEY(bio, key_.get()) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string out(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return out;
}

std::string Signer::public_der() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &der);
  CHECK(size > 0);
  std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

std::string Signer::sign_der(std::string_view alg, std::string_view message) const {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* of_key = nullptr;
  const EVP_MD* digest = digest_of(alg);
  CHECK(EVP_DigestSignInit(context, &of_key, digest, nullptr, key_.get()) == 1);
  if (alg.starts_with("PS")) {
    CHECK(EVP_PKEY_CTX_set_rsa_padding(of_key, RSA_PKCS1_PSS_PADDING) == 1);
    CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(of_key, RSA_PSS_SALTLEN_DIGEST) == 1);
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  std::size_t size = 0;
  CHECK(EVP_DigestSign(context, nullptr, &size, bytes, message.size()) == 1);
  std::string out(size, '\0');
  CHECK(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(out.data()), &size, bytes,
                       message.size()) == 1);
  out.resize(size);
  EVP_MD_CTX_free(context);
  return out;
}

std::string Signer::sign(std::string_view alg, std::string_view message) const {
  const std::string signature = sign_der(alg, message);
  if (!EVP_PKEY_is_a(key_.get(), "EC")) return signature;
  const auto* der = reinterpret_cast<const unsigned char*>(signature.data());
  ECDSA_SIG* both = d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(signature.size()));
  CHECK(both != nullptr);
  const int half = curve_of(key_.get()).bytes;
  std::string out(static_cast<std::size_t>(2 * half), '\0');
  auto* at = reinterpret_cast<unsigned char*>(out.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(both), at, half);
  BN_bn2binpad(ECDSA_SIG_get0_s(both), at + half, half);
  ECDSA_SIG_free(both);
  return out;
}

std::string Signer::token(std::string_view alg, std::string_view header,
                          std::string_view payload) const {
  const std::string text = base::base64url(header) + "." + base::base64url(payload);
  return text + "." + base::base64url(sign(alg, text));
}

const Signer& rsa_signer() {
  static const Signer signer = Signer::rsa();
  return signer;
}

const Signer& ec_signer() {
  static const Signer signer = Signer::ec("P-256");
  return signer;
}

std::string jws(std::string_view header, std::string_view payload, std::string_view signature) {
  return base::base64url(header) + "." + base::base64url(payload) + "." +
         base::base64url(signature);
}

std::string jwks(std::initializer_list<std::string> keys) {
  std::string out = "{\"keys\":[";
  for (const std::string& key : keys)
    out.append(out.back() == '[' ? "" : ",").append(key);
  return out + "]}";
}

}  // namespace test
