// Key: a public key that signatures of tokens are checked with. Only key.cc includes OpenSSL.
//
//   type     algorithms         refused
//   RSA      RS256 … PS512      below kRsaBits (RFC 7518 section 3.3) or above kMostRsaBits; an
//                               exponent that is even, below 65537 or above 32 bits
//   P-256    ES256              a point that is not on the curve, a coordinate of another length
//   P-384    ES384              than the field's (RFC 7518 section 6.2.1.2)
//   P-521    ES512
//   Ed25519  EdDSA              a key of another length than 32 bytes
#pragma once

#include <memory>
#include <string_view>

#include "auth/token/algorithm.h"
#include "base/error.h"

struct evp_pkey_st;

namespace auth::token {

constexpr int kRsaBits = 2048;
constexpr int kMostRsaBits = 8192;  // a check takes 0.3 ms; twice the size, four times as long

class Key {
 public:
  enum class Curve : unsigned char { p256, p384, p521 };
  // Big-endian numbers. Errors (invalid_argument) say what is wrong with the key: "an RSA key of 512
  // bits".
  static base::Result<Key> rsa(std::string_view modulus, std::string_view exponent);
  static base::Result<Key> ec(Curve curve, std::string_view x, std::string_view y);
  static base::Result<Key> ed25519(std::string_view x);

  AlgorithmSet algorithms() const { return algorithms_; }
  // Whether `signature` is this key's for `message`. ES: R and S side by side, each of the curve's
  // length (RFC 7518 section 3.4), never DER. PS: salt and hash of one length. False for any other
  // reason, too, such as an algorithm that is not the key's.
  bool verify(Algorithm algorithm, std::string_view message, std::string_view signature) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  using Handle = std::unique_ptr<evp_pkey_st, Free>;
  Key(Handle key, AlgorithmSet algorithms) : key_(std::move(key)), algorithms_(algorithms) {}
  Handle key_;
  AlgorithmSet algorithms_;
};

}  // namespace auth::token
