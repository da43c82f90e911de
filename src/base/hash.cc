#include "base/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

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

std::string hmac_sha256(std::string_view key, std::string_view message) {
  std::string out(kMacBytes, '\0');
  unsigned size = kMacBytes;
  const auto* done = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                          reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                          reinterpret_cast<unsigned char*>(out.data()), &size);
  CHECK(done != nullptr && size == kMacBytes);
  return out;
}

bool equal_secrets(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace base
