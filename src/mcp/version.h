// The supported protocol revisions, oldest first: four that begin with initialize, then the modern
// one. The members shown of a tool, resource or prompt depend on the revision: each one's schema
// has members that the one before lacks. 2024-11-05 is served over streamable HTTP exactly like
// 2025-03-26: some clients whose newest revision it is use that transport (Python SDK 1.8), and the
// official SDKs' servers do the same.
#pragma once

#include <string_view>

namespace mcp {

enum class Version : unsigned char {
  v2024_11_05,
  v2025_03_26,
  v2025_06_18,
  v2025_11_25,
  v2026_07_28
};
constexpr int kLegacyVersions = 4;
constexpr int kVersions = 5;

std::string_view to_string(Version version);
// Parses a legacy revision; false when it is not a supported one.
bool parse_version(std::string_view text, Version& version);

}  // namespace mcp
