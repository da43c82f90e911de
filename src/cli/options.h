// Options of the commands that talk to a server: call, tools, read and watch. Their own flags are in the
// table below; without --server they start the server in process and take its flags (those of stdio), too.
// A flag overrides a variable; each --some-name has K0RDENT_MCP_SOME_NAME, and the token may be in
// K0RDENT_MCP_TOKEN itself.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/settings.h"
#include "base/error.h"
#include "base/time.h"

namespace cli {

enum class Format : unsigned char { table, wide, json, yaml, name };

struct Options {
  std::string server;  // "": in process
  std::string token, ca_file;
  Format format = Format::table;
  bool format_said = false;
  std::string arguments_file;  // --json; "-": standard input
  bool all = false;
  base::Duration timeout = base::kForever;
  std::vector<std::string> words;       // what is no flag
  std::vector<std::string> for_server;  // flags of the server in process
};

struct OwnFlag {
  std::string_view name;
  char letter;               // '\0': none
  std::string_view metavar;  // "": a switch
  std::string_view help;
  std::string_view commands;  // "call tools"
  base::Result<void> (*apply)(Options&, std::string_view value);
};

std::span<const OwnFlag> own_flags();
bool takes(std::string_view command, const OwnFlag& flag);

// `args`: after the command's name. Errors are one line for exit code 2.
base::Result<Options> parse_options(std::string_view command, const std::vector<std::string>& args,
                                    app::Getenv getenv);
std::string options_help(std::string_view command);

}  // namespace cli
