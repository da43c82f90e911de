// Paths into an object: ".spec.services[].template" (every element), ".status.components.*.error"
// (every member).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace tools {

struct PathHit {
  base::json::Value value;
  std::string path;  // the one that was taken: ".spec.services[2].template"
};

// What is there, in the object's order. Requires: `path` begins with '.'; members' names hold no
// '.' or '['.
std::vector<PathHit> walk_path(base::json::Value object, std::string_view path);

}  // namespace tools
