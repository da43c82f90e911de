// Manifest: the objects that a caller wants to apply, as it writes them: YAML of one or more
// documents as a text (of limits::kBodyValues values, as JSON), one object, or a list of objects
// (kind List, too).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace objects {

// One call is one change that a person can look at.
constexpr std::size_t kManifestObjects = 20;
// kube-apiserver refuses larger requests (3 MiB); etcd an object of more than 1.5 MiB.
constexpr std::size_t kManifestBytes = std::size_t{1536} * 1024;

struct ManifestObject {
  std::string kind;  // as objects.list names it: "apps/v1/Deployment", "v1/Pod"
  std::string ns, name;
  std::string json;                  // without what only the API server writes
  std::vector<std::string> dropped;  // of it, the names of what was left out
};

// `given`: JSON, as the argument came. Errc::invalid_argument: in words.
base::Result<std::vector<ManifestObject>> read_manifest(std::string_view given);

}  // namespace objects
