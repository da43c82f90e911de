// The protocol revisions spoken here, oldest first: three that begin with initialize, then the
// modern one. What is shown of a tool, resource or prompt depends on it: each revision's schema has
// members that the one before does not know.
#pragma once

#include <string_view>

namespace mcp {

enum class Version : unsigned char { v2025_03_26, v2025_06_18, v2025_11_25, v2026_07_28 };
constexpr int kLegacyVersions = 3;
constexpr int kVersions = 4;

std::string_view to_string(Version version);
// Of a legacy revision; false when it is none of ours.
bool parse_version(std::string_view text, Version& version);

}  // namespace mcp
