// The configuration file (--config FILE) and its drop-ins (FILE.d/*.yaml, by name; a later one
// overrides what is before it):
//
//   listen: 127.0.0.1:6767     # a flag's name without its dashes
//   allowed-hosts:             # a LIST may be a YAML list, or one text with commas
//     - mcp.example
//   allow-writes: true         # on|off: also true and false
//
// Each value is checked, overridden or not, and a key that is no flag is refused: nothing in a file is
// there by accident, as a variable of another program may be.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "app/setting_flags.h"
#include "base/error.h"

namespace app {

// Far more than all flags with their comments take.
constexpr std::size_t kConfigBytes = std::size_t{256} * 1024;
constexpr std::size_t kConfigDropIns = 100;

// FILE, then its drop-ins in order. Errors name the file; a directory FILE.d that is missing is none.
base::Result<std::vector<ConfigText>> read_config(const std::string& file);

struct ConfigValue {
  const Flag* flag;
  std::string value;  // as the flag takes it
  std::string place;  // "/etc/k0rdent-mcp.yaml:3"
};

// The values in the order of the text. An error begins with "PATH:LINE: ".
base::Result<std::vector<ConfigValue>> parse_config(const ConfigText& config);

}  // namespace app
