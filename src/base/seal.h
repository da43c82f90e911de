// Seal: text that a stranger carries for us and cannot change, use for something else or keep too
// long. It is signed, not hidden: he can read it. Whoever has the same key opens it, so that
// nothing has to be remembered and any replica will do.
//
//   token    base64url(text) "." expiry "." base64url(mac), without padding
//   expiry   seconds since 1970, decimal
//   mac      HMAC-SHA-256 over what it is for, the expiry and the text, each with its length
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace base {

constexpr std::size_t kSealKeyBytes = 32;  // what HMAC-SHA-256 makes use of

class Seal {
 public:
  // Requires: `key` has at least kSealKeyBytes bytes.
  explicit Seal(std::string key);
  // A key of this process alone: what it seals is void when it ends.
  static Seal random();
  // The key is the file's bytes, white space at its ends left out. Errc::invalid_argument when it
  // is shorter than kSealKeyBytes, or others can change or read the file (read_secret_file()).
  static Result<std::string> read_key(const std::string& path);

  // `context`: what the token is for; the same is needed to open it, and is not in the token.
  std::string seal(std::string_view text, std::string_view context, WallTime expires) const;
  // Errc::forbidden: not made with this key for this context. Errc::gone: it was, and has expired.
  Result<std::string> open(std::string_view token, std::string_view context, WallTime now) const;

 private:
  std::string mac(std::string_view text, std::string_view context, std::string_view expiry) const;
  std::string key_;
};

// RFC 4648 section 5, without padding. nullopt for anything that encode would not have made.
std::string base64url(std::string_view bytes);
std::optional<std::string> parse_base64url(std::string_view text);

}  // namespace base
