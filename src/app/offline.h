// The commands that need no server and no cluster:
//
//   k0rdent-mcp policy check FILE                      0: usable, 2: not
//   k0rdent-mcp policy test --policy-file FILE …       0: allowed, 1: denied, 2: wrong usage or file
//   k0rdent-mcp audit verify FILE… [--audit-key-file FILE]   0: whole, 1: a line is missing, changed or torn, 2: usage
//   k0rdent-mcp rbac PRESET …                          0, 2: wrong usage
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace app {

struct Printed {
  int code = 0;
  std::string out, err;  // for standard output and standard error
};

// nullopt: `args` begin with none of them.
std::optional<Printed> run_offline(const std::vector<std::string>& args);

// Wrong usage, or a file that cannot be used: `what` after the program's name, as each command says it.
Printed wrong(std::string_view what);

// Each runs one of the commands, with the words after its name.
Printed run_policy(const std::vector<std::string>& args);
Printed run_audit(const std::vector<std::string>& args);
Printed run_rbac(const std::vector<std::string>& args);

// Their flags, for reading them, for --help and for completion.
struct OfflineFlag {
  std::string_view command;  // "policy"
  std::string_view name;     // "policy-file"; "o" is -o, the same as the row before
  std::string_view metavar;  // "FILE"; "": it has no value
  std::string_view help;     // "": it is an old name, which is read and not shown
};
// In the order of --help. They live as long as the program.
std::span<const OfflineFlag> offline_flags();
// What the command's first word may be: "check|test"; "": it is none of these commands.
std::string offline_words(std::string_view command);
// A line for each flag of the command, for its usage.
std::string flags_text(std::string_view command);

// The words that are no flags, and the flags by name ("policy-file", also of an old name or a letter). A
// flag's value follows it or stands after '='; a flag with a value is given once.
struct Words {
  std::vector<std::string> plain;
  std::vector<std::pair<std::string, std::string>> flags;
  std::string problem;  // "": none
  std::string flag(std::string_view name) const;
  bool has(std::string_view name) const;
};
Words read_words(std::string_view command, const std::vector<std::string>& args);

}  // namespace app
