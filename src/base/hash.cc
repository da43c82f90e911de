#include "base/hash.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/check.h"
#include "base/encoding.h"

namespace base {

// Each request with a token has one made. OpenSSL 3's SHA256() looks the algorithm up by its name
// and makes a context each time, which takes as long as the hash of a token.
std::array<unsigned char, 32> sha256(std::string_view bytes) {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  static EVP_MD_CTX* const context = EVP_MD_CTX_new();
  std::array<unsigned char, 32> digest;
  CHECK(EVP_DigestInit_ex(context, algorithm, nullptr) == 1 &&
        EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1 &&
        EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1);
  return digest;
}

std::string sha256_hex(std::string_view bytes) {
  const std::array<unsigned char, 32> digest = sha256(bytes);
  return hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

// HMAC() looks both algorithms up each time, which takes three times as long as the rest; an answer
// may have thousands of masks.
static EVP_MAC_CTX* new_hmac() {
  EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MAC_CTX* const context = EVP_MAC_CTX_new(algorithm);
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end()};
  CHECK(EVP_MAC_CTX_set_params(context, parameters) == 1);
  return context;
}

std::string hmac_sha256(std::string_view key, std::string_view message) {
  static EVP_MAC_CTX* const context = new_hmac();
  // Without a key OpenSSL takes the one before; an empty one is a block of zeros.
  constexpr unsigned char kEmpty[64] = {};
  const auto* bytes = reinterpret_cast<const unsigned char*>(key.data());
  std::string out(kMacBytes, '\0');
  std::size_t size = 0;
  CHECK(EVP_MAC_init(context, key.empty() ? kEmpty : bytes,
                     key.empty() ? sizeof kEmpty : key.size(), nullptr) == 1 &&
        EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(message.data()),
                       message.size()) == 1 &&
        EVP_MAC_final(context, reinterpret_cast<unsigned char*>(out.data()), &size, out.size()) ==
            1 &&
        size == kMacBytes);
  return out;
}

bool equal_secrets(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace base
