// TokenHash: the SHA-256 of a bearer token, which identifies it where the token itself must not be
// kept.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace auth {

using TokenHash = std::array<unsigned char, 32>;

TokenHash token_hash(std::string_view token);

struct TokenHashHash {
  std::size_t operator()(const TokenHash& h) const {
    std::size_t n;
    std::memcpy(&n, h.data(), sizeof n);
    return n;
  }
};

}  // namespace auth
