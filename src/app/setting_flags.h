// The table of flags: each with its value, its help, its variable and the commands that accept it.
// settings.cc reads them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "app/settings.h"
#include "base/error.h"

namespace app {

// The metavar of a flag that means "on" when no value follows it.
constexpr std::string_view kSwitch = "[on|off]";
// The flag that names the configuration file (config_file.h).
constexpr std::string_view kConfigFlag = "config";

struct Flag {
  std::string_view name;
  std::string_view metavar;
  std::string_view help;
  std::string_view older_variable;  // "" : none
  base::Result<void> (*apply)(Settings&, std::string_view value);
};

// All of them, in the order of --help. They live as long as the program.
std::span<const Flag> all_flags();
const Flag* find_flag(std::string_view name);  // nullptr: there is none
bool takes(Command command, const Flag& flag);
bool is_list(const Flag& flag);  // its value is a list, separated by commas
bool repeats(
    const Flag& flag);  // it may be repeated; as one value, its values are separated by spaces
// What the help says of the default, e.g. "10s" or "a quarter of --max-sessions".
std::string_view default_of(const Flag& flag);
// Is the default a value that the flag takes, and not a description of one?
bool default_is_value(const Flag& flag);
// K0RDENT_MCP_SOME_NAME of "some-name".
std::string variable_of(std::string_view flag);

}  // namespace app
