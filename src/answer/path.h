// Values of an object by path: ".status.phase", ".status.conditions[Ready].message" (the condition
// of that type), ".spec.rules[0].host". A backslash before '.' or '[' in a member's name makes it
// part of the name: ".metadata.labels.app\.kubernetes\.io/name".
#pragma once

#include <string_view>

#include "base/json.h"

namespace answer {

// Absent when there is nothing there. Requires: `path` begins with '.'.
base::json::Value value_at(base::json::Value object, std::string_view path);
// status.conditions[] of this type.
base::json::Value condition_of(base::json::Value object, std::string_view type);

}  // namespace answer
