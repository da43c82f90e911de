// `k0rdent-mcp print-config`: every setting as it would be used, and where it comes from:
//
//   log-level: debug                          # /etc/k0rdent-mcp.yaml:3
//   listen: 127.0.0.1:6767                    # default
//   # policy-file: none                       # default
//
// The output is itself a configuration file: with it as --config the same values are in use. A default
// that is no fixed value is a comment. Secrets are in files, of which only the names are shown.
#pragma once

#include <string>

#include "app/settings.h"

namespace app {

std::string effective_config(const Settings& settings);

}  // namespace app
