#include "auth/token/algorithm.h"

#include <iterator>

namespace auth::token {
namespace {

constexpr std::string_view kNames[] = {"RS256", "RS384", "RS512", "PS256", "PS384",
                                       "PS512", "ES256", "ES384", "ES512", "EdDSA"};
static_assert(std::size(kNames) == kAlgorithms);

}  // namespace

std::optional<Algorithm> algorithm(std::string_view name) {
  for (std::size_t i = 0; i < kAlgorithms; ++i)
    if (kNames[i] == name) return static_cast<Algorithm>(i);
  return std::nullopt;
}

std::string_view name_of(Algorithm a) {
  return kNames[static_cast<std::size_t>(a)];
}

std::vector<std::string_view> algorithm_names() {
  return {std::begin(kNames), std::end(kNames)};
}

}  // namespace auth::token
