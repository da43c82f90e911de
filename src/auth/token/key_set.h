// KeySet: the keys of one JWK Set (RFC 7517) that may sign access tokens.
//
// A key is left out, silently, when it is not meant for us: of an unknown type or curve, for
// another use (use, key_ops) or algorithm (alg). It is left out with a note when it is broken: too
// weak, not on its curve, incomplete, with a kid that is no name, symmetric, or with its private
// part, which then every reader has. A set in which keys are broken and none is usable is no set:
// the one before stays. One without any key is a set: its issuer has withdrawn them all.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "auth/token/jwk.h"
#include "auth/token/jwt.h"
#include "base/error.h"
#include "base/json.h"

namespace auth::token {

constexpr std::size_t kKeys = 64;  // in a set, the unusable ones included; large issuers have ten
// Keys that one token is tried with, the first ones in the set: those of one kid, or those that fit a
// token without one. Each costs up to 800 us.
constexpr std::size_t kKeysTried = 4;
constexpr std::size_t kKeyNotes = 8;

class KeySet {
 public:
  enum class Match : unsigned char {
    good,
    bad,  // the key is there, or one that fits a token without a kid, but the signature is not its
          // own, or not of its algorithm
    unknown,  // no such key; or the token names none, and none fits
  };
  // Errors (invalid_argument, too_large) are for the log.
  static base::Result<KeySet> parse(std::string_view json);

  Match verify(const Jwt& jwt) const;
  std::size_t size() const { return keys_.size(); }
  // Why keys were left out, printable: "key "a": an RSA key of 512 bits"; kKeyNotes at most.
  const std::vector<std::string>& notes() const { return notes_; }
  // The kids of its keys that the other has no key for.
  std::vector<std::string> names_not_in(const KeySet& other) const;
  // The same keys, with the same names and algorithms, in any order.
  bool same_keys(const KeySet& other) const { return digest_ == other.digest_; }

 private:
  void note(base::json::Value jwk, std::string_view why);

  std::vector<Jwk> keys_;
  std::vector<std::string> notes_;
  std::string digest_;
};

}  // namespace auth::token
