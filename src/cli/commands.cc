#include "cli/commands.h"

#include <algorithm>

#include "cli/output.h"

namespace cli {

namespace {

struct Asking {
  std::string_view name;
  int (*run)(const Options& options, app::Getenv getenv);
};

constexpr Asking kAsking[] = {
    {"call", run_call}, {"tools", run_tools}, {"read", run_read}, {"watch", run_watch}};

bool asks_for_help(const std::vector<std::string>& args) {
  return std::any_of(args.begin(), args.end(), [](const std::string& word) {
    return word == "--help" || word == "-h" || word == "-help";
  });
}

}  // namespace

int complain_of_session(const base::Error& error) {
  complain(error.what());
  return error.code() == base::Errc::invalid_argument ? kUsage : kUnreachable;
}

std::optional<int> run(const std::vector<std::string>& args, app::Getenv getenv) {
  if (args.empty()) return std::nullopt;
  const std::vector<std::string> rest(args.begin() + 1, args.end());
  for (const Asking& command : kAsking) {
    if (args[0] != command.name) continue;
    if (asks_for_help(rest)) return print(options_help(command.name)) ? kOk : kFailed;
    auto options = parse_options(command.name, rest, getenv);
    if (!options) return complain(options.error().what()), kUsage;
    return command.run(*options, getenv);
  }
  if (args[0] == "stop") return run_stop(rest, getenv);
  if (args[0] == "completion") return run_completion(rest);
  if (args[0] == "__complete") return run_complete(rest, getenv);
  return std::nullopt;
}

}  // namespace cli
