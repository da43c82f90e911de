#include "cli/commands.h"

#include <algorithm>

#include <unistd.h>

#include "app/doctor.h"
#include "base/log.h"
#include "cli/output.h"
#include "loop/clock.h"
#include "loop/loop.h"

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

int run_doctor(const std::vector<std::string>& args, app::Getenv getenv) {
  if (asks_for_help(args)) {
    std::string help = app::help_text(app::Command::check);
    help.erase(0, help.find("  --"));
    print(
        "usage: k0rdent-mcp doctor [flags]\n\nChecks everything that the server depends on, a line each "
        "(ok, warn or fail) with what to do.\nExits with 1 when a check failed. Takes the flags of serve: what a unit or a pod passes is checked.\n\n" +
        help);
    return kOk;
  }
  std::vector<std::string> all{"check"};
  all.insert(all.end(), args.begin(), args.end());
  const auto settings = app::parse_settings(all, getenv, ::isatty(STDERR_FILENO) == 1);
  if (!settings) return complain(settings.error().what()), kUsage;
  base::log::Config log;
  log.level = base::log::Level::error;
  log.format = (*settings).log_format;
  base::log::configure(log);
  loop::RealClock clock;
  loop::Loop loop(clock);
  return app::run_doctor(loop, *settings);
}

std::optional<int> run(const std::vector<std::string>& args, app::Getenv getenv) {
  if (args.empty()) return std::nullopt;
  const std::vector<std::string> rest(args.begin() + 1, args.end());
  for (const Asking& command : kAsking) {
    if (args[0] != command.name) continue;
    if (asks_for_help(rest)) return print(options_help(command.name)), kOk;
    auto options = parse_options(command.name, rest, getenv);
    if (!options) return complain(options.error().what()), kUsage;
    return command.run(*options, getenv);
  }
  if (args[0] == "doctor") return run_doctor(rest, getenv);
  if (args[0] == "stop") return run_stop(rest, getenv);
  if (args[0] == "completion") return run_completion(rest);
  if (args[0] == "__complete") return run_complete(rest, getenv);
  return std::nullopt;
}

}  // namespace cli
