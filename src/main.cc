// The program's entry point. Exit codes: 0 a clean shutdown, 1 could not start or check failed, 2
// wrong usage, 3 out of memory, 128+n at once by a second signal n.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

#include "app/app.h"
#include "app/check.h"
#include "app/offline.h"
#include "app/out_of_memory.h"
#include "app/parts.h"
#include "app/print_config.h"
#include "app/reloading.h"
#include "app/settings.h"
#include "app/trim.h"
#include "app/version.h"
#include "base/log.h"
#include "base/output.h"
#include "base/text.h"
#include "base/wipe.h"
#include "cli/commands.h"
#include "loop/clock.h"
#include "loop/loop.h"
#include "loop/signal.h"

namespace {

const char* environment(const char* name) {
  return std::getenv(name);
}

// Owns what `serve` and `stdio` need and turns signals into the app's shutdown.
class Serve {
 public:
  // `args` must outlive this: they are read again with the configuration file.
  Serve(const app::Settings& settings, const std::vector<std::string>& args)
      : args_(args),
        json_(settings.log_format == base::log::Format::json),
        loop_(clock_),
        signals_(loop_, {SIGTERM, SIGINT, SIGHUP},
                 base::Delegate<void(int)>::bind<&Serve::on_signal>(this)),
        app_(std::make_unique<app::App>(loop_, settings,
                                        base::Delegate<void()>::bind<&Serve::on_stopped>(this))),
        reloading_(loop_, settings, app::Reloading::ReadFn::bind<&Serve::read_settings>(this),
                   app::Reloading::AdoptFn::bind<&Serve::on_new_settings>(this)) {}

  ~Serve() { app::tell_when_out_of_memory(nullptr, json_); }

  int run() {
    app::tell_when_out_of_memory(&app_->budgets(), json_);
    if (auto started = app_->start(); !started) {
      LOG_ERROR("cannot start", {"error", started.error()});
      return 1;
    }
    loop_.run();
    return 0;
  }

 private:
  void on_signal(int signo) {
    const char* name = signo == SIGTERM ? "SIGTERM" : signo == SIGINT ? "SIGINT" : "SIGHUP";
    if (signo == SIGHUP) {
      LOG_INFO("SIGHUP: reloading");
      reloading_.reload();
      app_->reload();
      return;
    }
    if (stopping_) {
      LOG_WARN("second signal: exiting at once", {"signal", name});
      app_->abandon();
      std::_Exit(128 + signo);
    }
    stopping_ = true;
    app_->shutdown(name);
  }
  void on_stopped() { loop_.stop(); }
  base::Result<app::Settings> read_settings() {
    return app::parse_settings(args_, environment, !json_);
  }
  void on_new_settings(const app::Settings& fresh) {
    base::log::Config log;
    log.level = fresh.log_level;
    log.format = json_ ? base::log::Format::json : base::log::Format::text;
    base::log::configure(log);
    app_->adopt(fresh);
  }

  const std::vector<std::string>& args_;
  const bool json_;
  loop::RealClock clock_;
  loop::Loop loop_;
  bool stopping_ = false;
  loop::Signals signals_;
  std::unique_ptr<app::App> app_;
  app::Reloading reloading_;
};

// Each connection costs a descriptor, and the usual soft limit is 1024.
void raise_descriptor_limit(app::Settings& settings) {
  // For descriptors that are not counted: listener, epoll, timers, files, reviews, exec plugins,
  // and connections beyond the limit that are served a health check.
  constexpr rlim_t kReserve = 128;
  // At least a quarter of the counted descriptors is for outgoing connections (app.cc).
  const rlim_t wanted = settings.max_connections / 3 * 4 + kReserve;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  if (limit.rlim_cur < wanted) {
    limit.rlim_cur = std::min(wanted, limit.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  settings.descriptors = limit.rlim_cur - std::min(kReserve, limit.rlim_cur / 2);
  if (limit.rlim_cur < wanted) {
    LOG_WARN("fewer descriptors than --max-connections needs", {"descriptors", limit.rlim_cur},
             {"max_connections", settings.max_connections});
  }
}

// Applies the cgroup's limit when no --memory-limit is set.
void take_memory_limit(app::Settings& settings) {
  if (!settings.memory_limit_said) settings.memory_limit = base::cgroup_memory_limit();
  if (settings.memory_limit == base::Budget::kNone) return;
  LOG_INFO("memory is limited", {"bytes", settings.memory_limit},
           {"by", settings.memory_limit_said ? "--memory-limit" : "cgroup"});
}

// Names of files may hold what moves a terminal's cursor.
std::string visible_lines(const std::string& text) {
  std::string out;
  for (const std::string_view line : base::split(text, '\n'))
    if (line.data() != text.data() + text.size()) out.append(base::visible(line)).append("\n");
  return out;
}

std::string version_text() {
  std::string out = "k0rdent-mcp ";
  out.append(app::version()).append(" (commit ").append(app::git_commit());
  out.append(", built ").append(app::build_date()).append(")\n");
  for (const app::Part& part : app::linked_parts())
    out.append("  ").append(part.name).append(" ").append(part.version).append("\n");
  return out;
}

void print_banner(const app::Settings& settings) {
  if (settings.log_format != base::log::Format::text) return;
  std::fprintf(stderr,
               "k0rdent-mcp %s: MCP server for a k0rdent management cluster (Ctrl-C ends it)\n",
               std::string(app::version()).c_str());
}

int run(const std::vector<std::string>& args) {
  if (const auto printed = app::run_offline(args)) {
    base::write_output(visible_lines(printed->out));
    std::fputs(visible_lines(printed->err).c_str(), stderr);
    return printed->code;
  }
  if (const auto code = cli::run(args, environment)) return *code;
  auto settings = app::parse_settings(args, environment, ::isatty(STDERR_FILENO) == 1);
  if (!settings) {
    std::fprintf(stderr, "k0rdent-mcp: %s\n", base::visible(settings.error().what()).c_str());
    return 2;
  }
  base::log::Config log;
  log.level = settings->log_level;
  log.format = settings->log_format;
  base::log::configure(log);
  app::tell_when_out_of_memory(nullptr, log.format == base::log::Format::json);
  switch (settings->command) {
    case app::Command::help:
      base::write_output(app::help_text(settings->help_for));
      return 0;
    case app::Command::version:
      base::write_output(version_text());
      return 0;
    case app::Command::print_config:
      base::write_output(visible_lines(app::effective_config(*settings)));
      return 0;
    case app::Command::check: {
      loop::RealClock clock;
      loop::Loop loop(clock);
      return app::run_check(loop, *settings);
    }
    case app::Command::stdio:
      if (!settings->core_dumps) base::keep_memory_private();
      take_memory_limit(*settings);
      return Serve(*settings, args).run();
    case app::Command::serve:
    case app::Command::in_process:  // is no command line's
      break;
  }
  if (!settings->core_dumps) base::keep_memory_private();
  print_banner(*settings);
  take_memory_limit(*settings);
  raise_descriptor_limit(*settings);
  auto passed = door::passed_sockets(environment, ::getpid());
  if (!passed) {
    std::fprintf(stderr, "k0rdent-mcp: %s\n", base::visible(passed.error().what()).c_str());
    return 2;
  }
  settings->passed = *std::move(passed);
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
    ::unsetenv(name);
  return Serve(*settings, args).run();
}

}  // namespace

int main(int argc, char** argv) {
  base::open_standard_descriptors();
  app::set_up_heap();
  std::vector<std::string> args(argv + 1, argv + argc);
  // `help COMMAND` is `COMMAND --help`.
  if (args.size() == 2 && args[0] == "help" && !args[1].starts_with('-'))
    args = {args[1], "--help"};
  return base::exit_code_with_output(run(args));
}
