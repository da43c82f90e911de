// TokenHash: by what a bearer token is remembered when the token itself must not be kept: its
// SHA-256.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace kube {

using TokenHash = std::array<unsigned char, 32>;

TokenHash token_hash(std::string_view token);

struct TokenHashHash {
  std::size_t operator()(const TokenHash& h) const {
    std::size_t n;
    std::memcpy(&n, h.data(), sizeof n);
    return n;
  }
};

}  // namespace kube
