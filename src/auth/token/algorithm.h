// The signature algorithms that are accepted (RFC 7518 section 3.1, RFC 8037). There is no "none"
// and no HS256: what is not in this table cannot be named, by a token or by the settings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace auth::token {

enum class Algorithm : unsigned char {
  rs256,
  rs384,
  rs512,  // RSASSA-PKCS1-v1_5
  ps256,
  ps384,
  ps512,  // RSASSA-PSS
  es256,
  es384,
  es512,  // ECDSA on P-256, P-384, P-521
  eddsa,  // Ed25519
};
constexpr std::size_t kAlgorithms = static_cast<std::size_t>(Algorithm::eddsa) + 1;

// Bit i: algorithm i.
using AlgorithmSet = std::uint16_t;
constexpr AlgorithmSet kAllAlgorithms = (1U << kAlgorithms) - 1;
constexpr AlgorithmSet bit(Algorithm a) {
  return static_cast<AlgorithmSet>(1U << static_cast<unsigned>(a));
}

// By its exact name, "ES256"; nullopt: not one of these.
std::optional<Algorithm> algorithm(std::string_view name);
std::string_view name_of(Algorithm a);
std::vector<std::string_view> algorithm_names();

}  // namespace auth::token
