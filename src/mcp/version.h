// The protocol revisions spoken here, oldest first: four that begin with initialize, then the
// modern one. What is shown of a tool, resource or prompt depends on it: each revision's schema has
// members that the one before does not know. 2024-11-05 is served by streamable HTTP exactly as
// 2025-03-26 is: clients that know nothing newer speak that transport all the same (Python SDK
// 1.8), and the official SDKs' servers do so, too.
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
// Of a legacy revision; false when it is none of ours.
bool parse_version(std::string_view text, Version& version);

}  // namespace mcp
