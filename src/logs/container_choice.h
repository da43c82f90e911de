// Chooses the container of a pod when a request names none: the one that the annotation
// kubectl.kubernetes.io/default-container names, else the only regular container; else an error
// that lists the names by group. Init and ephemeral containers never count toward "several".
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace logs {

// `wanted`: the container requested, "": choose one. Errors: not_found (the pod has no such
// container, or none at all), invalid_argument (it has several).
base::Result<std::string> choose_container(base::json::Value pod, std::string_view wanted);

}  // namespace logs
