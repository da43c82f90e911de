// Paths into an object: ".spec.services[].template" (every element), ".status.components.*.error"
// (every member).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace graph::model {

struct PathHit {
  base::json::Value value;
  std::string path;  // of this value: ".spec.services[2].template"
};

// Everything at `path`, in the object's order. Requires: `path` begins with '.'; names of members
// contain no '.' or '['.
std::vector<PathHit> walk_path(base::json::Value object, std::string_view path);

}  // namespace graph::model
