// The values that some flags take, for completion.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/settings.h"

namespace app {

// Values of --context: the contexts of a kubeconfig, or where `file` is empty of those that the
// environment names. None where they cannot be read.
std::vector<std::string> context_names(const std::string& file, Getenv getenv);
// Values of --toolsets.
const std::vector<std::string_view>& toolset_names();

}  // namespace app
