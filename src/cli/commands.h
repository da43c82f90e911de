// The commands that a person runs at a terminal, beside those of app/:
//
//   call TOOL [NAME=VALUE…]   tools [TOOL]   read URI   watch URI…   doctor   stop   completion SHELL
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/settings.h"
#include "base/error.h"
#include "cli/options.h"

namespace cli {

// The exit code; nullopt: `args` begin with none of these commands.
std::optional<int> run(const std::vector<std::string>& args, app::Getenv getenv);

// One command each.
int run_call(const Options& options, app::Getenv getenv);
int run_tools(const Options& options, app::Getenv getenv);
int run_read(const Options& options, app::Getenv getenv);
int run_watch(const Options& options, app::Getenv getenv);
int run_doctor(const std::vector<std::string>& args, app::Getenv getenv);
int run_stop(const std::vector<std::string>& args, app::Getenv getenv);
int run_completion(const std::vector<std::string>& args);
int run_complete(const std::vector<std::string>& args, app::Getenv getenv);

struct StopFlag {
  std::string_view name, metavar, help;
};
std::span<const StopFlag> stop_flags();

// Says why there is no session, and returns the exit code.
int complain_of_session(const base::Error& error);

}  // namespace cli
