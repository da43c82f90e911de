// The names that --context takes, for completion.
#pragma once

#include <string>
#include <vector>

#include "app/settings.h"

namespace app {

// The contexts of a kubeconfig, or where `file` is empty of those that the environment names. None
// where they cannot be read.
std::vector<std::string> context_names(const std::string& file, Getenv getenv);

}  // namespace app
