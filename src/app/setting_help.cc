#include <string>

#include "app/commands.h"
#include "app/setting_flags.h"

namespace app {

static std::string usage_of(Command command) {
  switch (command) {
    case Command::serve:
      return "usage: k0rdent-mcp [serve] [flags]\n\n"
             "Serves MCP clients over HTTP at http://HOST:PORT/mcp.\n\n";
    case Command::stdio:
      return "usage: k0rdent-mcp stdio [flags]\n\n"
             "Serves the one MCP client that started it, on standard input and output, with the "
             "kubeconfig's identity. Exits at the end of input. Logs go to standard error.\n\n";
    case Command::print_config:
      return "usage: k0rdent-mcp print-config [flags]\n\n"
             "Prints every setting as `serve` would use it, and where it comes from: a flag, a "
             "variable, a line of the configuration file, or the default. The output can be used as "
             "configuration file.\n\n";
    default:
      return "usage: k0rdent-mcp check [flags]\n\n"
             "Reads the configuration and contacts the API server; exits with 0 when everything "
             "required works, else with 1.\n\n";
  }
}

static std::string overview() {
  // Wide enough for most; a longer one has its summary on the next line.
  constexpr std::size_t kColumn = 40;
  std::string out = "k0rdent-mcp: MCP server for a k0rdent management cluster\n\nUsage:\n";
  for (const CommandRow& row : all_commands()) {
    std::string line = "  k0rdent-mcp " + std::string(row.name);
    if (!row.arguments.empty()) line.append(" ").append(row.arguments);
    if (line.size() + 2 > kColumn) line += "\n";
    const std::size_t used = line.ends_with('\n') ? 0 : line.size();
    out.append(line).append(kColumn - used, ' ').append(row.summary).append("\n");
  }
  return out + "\nk0rdent-mcp COMMAND --help shows the flags of a command.\n";
}

std::string help_text(Command command) {
  if (command == Command::help) {
    return overview();
  }
  if (command == Command::version)
    return "usage: k0rdent-mcp version\n\nPrints version, commit, build date and the libraries linked into the program.\n";
  std::string out = usage_of(command);
  for (const Flag& flag : all_flags()) {
    if (!takes(command, flag)) continue;
    out.append("  --")
        .append(flag.name)
        .append(" ")
        .append(flag.metavar)
        .append("\n      ")
        .append(flag.help);
    out.append("\n      variable: ").append(variable_of(flag.name));
    if (!flag.older_variable.empty()) out.append(", ").append(flag.older_variable);
    out.append("\n");
  }
  return out;
}

}  // namespace app
