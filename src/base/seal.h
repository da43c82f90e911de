// Seal: makes tokens that an untrusted client carries for us: tamper-evident, bound to one purpose
// and a time limit, but not encrypted. Any process with the same key opens them, so that nothing
// has to be stored and any replica can serve the client.
//
//   token    base64url(text) "." expiry "." base64url(mac), without padding
//   expiry   seconds since 1970, decimal
//   mac      HMAC-SHA-256 over the purpose, the expiry and the text, each with its length
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace base {

constexpr std::size_t kSealKeyBytes = 32;  // a longer key adds nothing to HMAC-SHA-256

class Seal {
 public:
  // Requires: `key` has at least kSealKeyBytes bytes.
  explicit Seal(std::string key);
  // With a random key that only this process has: its tokens become void when the process ends.
  static Seal random();
  // Reads a key: the file's bytes without white space at either end. Errc::invalid_argument when it
  // is shorter than kSealKeyBytes, or when other users can change or read the file
  // (read_secret_file()).
  static Result<std::string> read_key(const std::string& path);

  // `context`: the token's purpose; it is not in the token, and open() needs the same one.
  std::string seal(std::string_view text, std::string_view context, WallTime expires) const;
  // Errc::forbidden: not made with this key for this context. Errc::gone: expired.
  Result<std::string> open(std::string_view token, std::string_view context, WallTime now) const;

 private:
  std::string mac(std::string_view text, std::string_view context, std::string_view expiry) const;
  std::string key_;
};

}  // namespace base
