// Globs of policy files: '*' stands for any text, also an empty one and one with dots and slashes;
// every other character for itself.
#pragma once

#include <string_view>

namespace policy {

// Takes |pattern| * |text| steps at most.
bool matches(std::string_view pattern, std::string_view text);
inline bool is_literal(std::string_view pattern) {
  return pattern.find('*') == std::string_view::npos;
}

}  // namespace policy
