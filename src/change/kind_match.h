// Patterns of groups and kinds in the tables of this folder. Internal to it.
#pragma once

#include <string_view>

namespace change {

// "cluster.x-k8s.io": that group, and those that end in it after a dot; "*": each.
inline bool is_of_group(std::string_view pattern, std::string_view group) {
  if (pattern == "*" || pattern == group) return true;
  return !pattern.empty() && group.ends_with(pattern) &&
         group[group.size() - pattern.size() - 1] == '.';
}

// "*Identity": those that end so; "": each.
inline bool is_of_kind(std::string_view pattern, std::string_view kind) {
  if (pattern.empty() || pattern == kind) return true;
  return pattern.front() == '*' && kind.ends_with(pattern.substr(1));
}

}  // namespace change
