#include "mcp/version.h"

#include <algorithm>
#include <array>

namespace mcp {

namespace {

constexpr std::array<std::string_view, kVersions> kNames = {
    "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"};

}  // namespace

std::string_view to_string(Version version) {
  return kNames[static_cast<std::size_t>(version)];
}

bool parse_version(std::string_view text, Version& version) {
  const auto end = kNames.begin() + kLegacyVersions;
  const auto at = std::find(kNames.begin(), end, text);
  if (at == end) return false;
  version = static_cast<Version>(at - kNames.begin());
  return true;
}

}  // namespace mcp
