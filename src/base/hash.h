// SHA-256, HMAC-SHA-256 (RFC 2104) and a comparison that takes the same time wherever the bytes differ.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace base {

constexpr std::size_t kMacBytes = 32;

std::array<unsigned char, 32> sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);                           // 64 digits
std::string hmac_sha256(std::string_view key, std::string_view message);  // kMacBytes bytes
// Takes the same time wherever the bytes differ.
bool equal_secrets(std::string_view a, std::string_view b);

}  // namespace base
