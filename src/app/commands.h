// The table of commands, for --help, completion and "did you mean".
#pragma once

#include <span>
#include <string_view>

namespace app {

struct CommandRow {
  std::string_view name;
  std::string_view arguments;  // "TOOL [NAME=VALUE...] [flags]"
  std::string_view summary;
};

// In the order of --help. They live as long as the program.
std::span<const CommandRow> all_commands();

}  // namespace app
