// stop: ends the server of a pid file and waits for its end.
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <limits>

#include <unistd.h>

#include "app/setting_flags.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/output.h"

namespace cli {

namespace {

constexpr base::Duration kUsualTimeout = base::seconds(15);  // more than --drain-timeout's default
constexpr base::Duration kPollTime = base::milliseconds(100);
constexpr std::size_t kPidBytes = 64;

const StopFlag kFlags[] = {
    {"pid-file", "FILE", "pid file of the server (default: that of --config)"},
    {"config", "FILE",
     "configuration file of the server, which names the pid file (default: none)"},
    {"timeout", "DURATION", "how long to wait for the end (default 15s)"},
};

std::string help() {
  std::string out =
      "usage: k0rdent-mcp stop [flags]\n\nSends SIGTERM to the process of a pid file and waits until it has "
      "ended. Exits with 0 when it has, also when no\nsuch process runs, with 1 when it has not, or there is no such file.\n\n";
  for (const StopFlag& flag : kFlags)
    out.append("  --")
        .append(flag.name)
        .append(" ")
        .append(flag.metavar)
        .append("\n      ")
        .append(flag.help)
        .append("\n");
  return out;
}

void sleep_a_little() {
  timespec time{0, static_cast<long>(kPollTime.count())};
  ::nanosleep(&time, nullptr);
}

// A process of another user is alive, too (EPERM).
bool alive(pid_t pid) {
  return ::kill(pid, 0) == 0 || errno == EPERM;
}

std::string comm_of(const std::string& process) {
  auto name = base::read_file("/proc/" + process + "/comm", kPidBytes);
  return name ? std::string(base::trim(*name)) : std::string();
}

base::Result<pid_t> read_pid(const std::string& file) {
  auto text = base::read_regular_file(file, kPidBytes);
  if (!text) return std::move(text).error().within("pid file");
  const auto pid = base::parse_int(base::trim(*text));
  if (!pid || *pid <= 0 || *pid > std::numeric_limits<pid_t>::max())
    return base::Error(base::Errc::conflict,
                       "pid file " + file + ": holds something other than a process id");
  return static_cast<pid_t>(*pid);
}

base::Result<void> stop(const std::string& file, base::Duration timeout) {
  auto process = read_pid(file);
  if (!process) return std::move(process).error();
  const std::string id = std::to_string(*process);
  // After a crash the id may be that of a process that has nothing to do with us.
  if (const std::string name = comm_of(id); !name.empty() && name != comm_of("self"))
    return base::Error(base::Errc::conflict,
                       "pid file " + file + ": process " + id + " is " + name);
  if (::kill(*process, SIGTERM) != 0 && errno != ESRCH)
    return base::errno_error("process " + id, errno);
  for (base::Duration waited{}; alive(*process); waited += kPollTime) {
    if (waited >= timeout)
      return base::Error(base::Errc::timeout, "process " + id + " has not ended within " +
                                                  base::format_duration(timeout));
    sleep_a_little();
  }
  // One that died without a shutdown has left its file; the file of another one stays.
  if (auto left = read_pid(file); left && *left == *process) ::unlink(file.c_str());
  return {};
}

}  // namespace

std::span<const StopFlag> stop_flags() {
  return kFlags;
}

int run_stop(const std::vector<std::string>& args, app::Getenv getenv) {
  // The server's own flags, so that a variable or the configuration file names the pid file as for it.
  std::vector<std::string> rest{"print-config"};
  base::Duration timeout = kUsualTimeout;
  for (std::size_t i = 0; i < args.size(); ++i) {
    std::string_view word = args[i];
    if (word == "--help" || word == "-h") return print(help()), kOk;
    word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));
    const std::size_t equals = word.find('=');
    const std::string name(word.substr(0, equals));
    const bool known = args[i].starts_with('-') &&
                       std::any_of(std::begin(kFlags), std::end(kFlags),
                                   [&name](const StopFlag& flag) { return flag.name == name; });
    if (!known) {
      if (!args[i].starts_with('-'))
        return complain("stop takes no words, got \"" + base::printable(args[i], 64) +
                        "\"; see k0rdent-mcp stop --help"),
               kUsage;
      const std::string_view near = base::nearest(name, {"pid-file", "config", "timeout", "help"});
      return complain("unknown flag " + base::printable(args[i], 64) +
                      (near.empty() ? "; see k0rdent-mcp stop --help"
                                    : "; did you mean --" + std::string(near) + "?")),
             kUsage;
    }
    if (equals == word.npos && i + 1 == args.size())
      return complain("--" + name + " needs a value"), kUsage;
    const std::string value =
        equals != word.npos ? std::string(word.substr(equals + 1)) : args[++i];
    if (name != "timeout") {
      rest.push_back("--" + name);
      rest.push_back(value);
      continue;
    }
    auto time = base::parse_duration(value);
    if (!time)
      return complain("--timeout must be a duration, e.g. 15s, got \"" +
                      base::printable(value, 64) + "\""),
             kUsage;
    timeout = *time;
  }
  auto settings = app::parse_settings(rest, getenv, false);
  if (!settings) return complain(settings.error().what()), kUsage;
  if (settings->pid_file.empty())
    return complain("stop needs the server's --pid-file, or the --config that names it"), kUsage;
  if (auto ok = stop(settings->pid_file, timeout); !ok) return complain(ok.error().what()), kFailed;
  return kOk;
}

}  // namespace cli
