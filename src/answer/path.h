// Values of an object by path: ".status.phase", ".status.conditions[Ready].message" (the condition
// of that type), ".spec.rules[0].host". A backslash before '.' or '[' in a member's name makes it
// part of the name: ".metadata.labels.app\.kubernetes\.io/name".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace answer {

// Limit on the paths of one call: each is looked for in each object.
constexpr std::size_t kMostPaths = 64;

// Is `path` (without the leading dot) one that value_at() can follow? No empty name ("a..b"), no
// wildcard, no index below zero, no JSONPath around it: what leads nowhere in any object.
bool is_path(std::string_view path);
// At most kMostPaths, each a path; `given` may begin with the dot.
base::Result<void> check_paths(const std::vector<std::string>& given);

// Absent when there is nothing there. Requires: `path` begins with '.'.
base::json::Value value_at(base::json::Value object, std::string_view path);
// status.conditions[] of this type.
base::json::Value condition_of(base::json::Value object, std::string_view type);

}  // namespace answer
