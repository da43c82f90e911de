#include "auth/token/key.h"

#include <iterator>
#include <string>
#include <utility>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

namespace auth::token {
namespace {

using base::Errc;
using base::Error;
using base::Result;

template <auto Function>
struct Call {
  template <class T>
  void operator()(T* p) const {
    Function(p);
  }
};
template <class T, auto Function>
using Owned = std::unique_ptr<T, Call<Function>>;
using Number = Owned<BIGNUM, BN_free>;
using KeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using Builder = Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using Params = Owned<OSSL_PARAM, OSSL_PARAM_free>;
using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using EcSignature = Owned<ECDSA_SIG, ECDSA_SIG_free>;

// What a call leaves in OpenSSL's queue of errors must not be taken for an error of a connection.
// OpenSSL's first call would read its configuration file (net/tls_openssl.h).
struct Quiet {
  Quiet() {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr);
    ERR_set_mark();
  }
  ~Quiet() { ERR_pop_to_mark(); }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;
};

struct CurveRow {
  const char* group;
  std::size_t bytes;  // of a coordinate, and of each half of a signature
  Algorithm algorithm;
  const char* name;
};
constexpr CurveRow kCurves[] = {{"prime256v1", 32, Algorithm::es256, "P-256"},
                                {"secp384r1", 48, Algorithm::es384, "P-384"},
                                {"secp521r1", 66, Algorithm::es512, "P-521"}};

enum class Family : unsigned char { rs, ps, es, ed };
struct AlgorithmRow {
  Family family;
  const EVP_MD* (*digest)();
};
constexpr AlgorithmRow kRows[] = {{Family::rs, EVP_sha256}, {Family::rs, EVP_sha384},
                                  {Family::rs, EVP_sha512}, {Family::ps, EVP_sha256},
                                  {Family::ps, EVP_sha384}, {Family::ps, EVP_sha512},
                                  {Family::es, EVP_sha256}, {Family::es, EVP_sha384},
                                  {Family::es, EVP_sha512}, {Family::ed, nullptr}};
static_assert(std::size(kRows) == kAlgorithms);

constexpr AlgorithmSet kRsaAlgorithms = bit(Algorithm::rs256) | bit(Algorithm::rs384) |
                                        bit(Algorithm::rs512) | bit(Algorithm::ps256) |
                                        bit(Algorithm::ps384) | bit(Algorithm::ps512);

const unsigned char* data(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

Error wrong(std::string what) {
  return Error(Errc::invalid_argument, std::move(what));
}

Number number(std::string_view bytes) {
  return Number(BN_bin2bn(data(bytes), static_cast<int>(bytes.size()), nullptr));
}

EVP_PKEY* from_data(const char* type, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) <= 0 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) <= 0)
    return nullptr;
  return key;
}

// A signature of an EC key in the form that OpenSSL reads; "" when it has another length.
std::string der_of(std::string_view signature, std::size_t half) {
  if (signature.size() != 2 * half) return {};
  const EcSignature both(ECDSA_SIG_new());
  Number r = number(signature.substr(0, half)), s = number(signature.substr(half));
  if (!both || !r || !s || ECDSA_SIG_set0(both.get(), r.get(), s.get()) != 1) return {};
  (void)r.release();
  (void)s.release();
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(both.get(), &der);
  if (size <= 0) return {};
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

bool set_pss(EVP_PKEY_CTX* context, const EVP_MD* digest) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest) == 1;
}

}  // namespace

void Key::Free::operator()(evp_pkey_st* key) const {
  EVP_PKEY_free(key);
}

Result<Key> Key::rsa(std::string_view modulus, std::string_view exponent) {
  constexpr int kLeastExponent = 65537, kExponentBits = 32;
  const Quiet quiet;
  if (modulus.size() > kMostRsaBits / 8 + 1 || exponent.size() > kExponentBits / 8 + 1)
    return wrong("an RSA key that is too large");
  const Number n = number(modulus), e = number(exponent);
  if (!n || !e) return wrong("an RSA key that cannot be read");
  const int bits = BN_num_bits(n.get());
  if (bits < kRsaBits || bits > kMostRsaBits || !BN_is_odd(n.get()))
    return wrong("an RSA key of " + std::to_string(bits) + " bits");
  if (!BN_is_odd(e.get()) || BN_num_bits(e.get()) > kExponentBits ||
      BN_get_word(e.get()) < kLeastExponent)
    return wrong("an RSA key with an unusual exponent");
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1)
    return wrong("an RSA key that cannot be read");
  Handle key(from_data("RSA", builder.get()));
  if (!key) return wrong("an RSA key that cannot be read");
  return Key(std::move(key), kRsaAlgorithms);
}

Result<Key> Key::ec(Curve curve, std::string_view x, std::string_view y) {
  const Quiet quiet;
  const CurveRow& row = kCurves[static_cast<std::size_t>(curve)];
  if (x.size() != row.bytes || y.size() != row.bytes)
    return wrong(std::string("coordinates that are not of ") + row.name);
  constexpr char kUncompressed = 4;
  const std::string point = kUncompressed + std::string(x) + std::string(y);
  const Builder builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, row.group, 0) !=
          1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1)
    return wrong("an EC key that cannot be read");
  Handle key(from_data("EC", builder.get()));
  // The curves have cofactor 1: each point on them, but infinity, is a key.
  const KeyContext context(key ? EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr) : nullptr);
  if (!context || EVP_PKEY_public_check_quick(context.get()) != 1)
    return wrong(std::string("a point that is not on ") + row.name);
  return Key(std::move(key), bit(row.algorithm));
}

Result<Key> Key::ed25519(std::string_view x) {
  constexpr std::size_t kBytes = 32;
  const Quiet quiet;
  Handle key(x.size() != kBytes
                 ? nullptr
                 : EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, data(x), x.size()));
  if (!key) return wrong("an Ed25519 key that cannot be read");
  return Key(std::move(key), bit(Algorithm::eddsa));
}

bool Key::verify(Algorithm algorithm, std::string_view message, std::string_view signature) const {
  if ((algorithms_ & bit(algorithm)) == 0) return false;
  const Quiet quiet;
  const AlgorithmRow& row = kRows[static_cast<std::size_t>(algorithm)];
  std::string der;
  if (row.family == Family::es) {
    const std::size_t curve =
        static_cast<std::size_t>(algorithm) - static_cast<std::size_t>(Algorithm::es256);
    der = der_of(signature, kCurves[curve].bytes);
    signature = der;
  } else if (row.family != Family::ed &&
             signature.size() != static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()))) {
    return false;  // RFC 8017 sections 8.1.2 and 8.2.2; OpenSSL reads a shorter one of PSS
  }
  if (signature.empty()) return false;
  const EVP_MD* const digest = row.digest ? row.digest() : nullptr;
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* of_key = nullptr;  // belongs to `context`
  if (!context || EVP_DigestVerifyInit(context.get(), &of_key, digest, nullptr, key_.get()) != 1 ||
      (row.family == Family::ps && !set_pss(of_key, digest)))
    return false;
  return EVP_DigestVerify(context.get(), data(signature), signature.size(), data(message),
                          message.size()) == 1;
}

}  // namespace auth::token
