// Which container of a pod is meant when none is named: the annotation
// kubectl.kubernetes.io/default-container if it names one, else the only regular container; else an
// error that lists the names by group. Init and ephemeral containers never count toward "several".
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace tools {

// `wanted` "" : choose. Errors: not_found (no such container), invalid_argument (several).
base::Result<std::string> choose_container(base::json::Value pod, std::string_view wanted);

}  // namespace tools
