#include "loop/process.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace loop {

namespace {

using base::Errc;
using base::Error;
using base::Result;

// Read per callback, so that a chatty child does not hold up the loop.
constexpr std::size_t kReadPerTurn = 64 * 1024;

Error cannot_start(const std::string& name, int err) {
  return {Errc::unavailable, base::errno_error("cannot start " + name, err).what()};
}

std::string_view name_of(std::string_view entry) {
  return entry.substr(0, entry.find('='));
}

// Adds `entry` to `env` unless its name is already there.
void add_env(std::vector<char*>& env, const char* entry) {
  for (const char* have : env)
    if (name_of(have) == name_of(entry)) return;
  env.push_back(const_cast<char*>(entry));
}

std::vector<char*> merged_env(const std::vector<std::string>& ours) {
  std::vector<char*> env;
  for (auto it = ours.rbegin(); it != ours.rend(); ++it)
    add_env(env, it->c_str());
  for (char** e = environ; *e != nullptr; ++e)
    add_env(env, *e);
  env.push_back(nullptr);
  return env;
}

std::vector<char*> argv_of(const std::vector<std::string>& args) {
  std::vector<char*> argv;
  argv.reserve(args.size() + 1);
  for (const std::string& arg : args)
    argv.push_back(const_cast<char*>(arg.c_str()));
  argv.push_back(nullptr);
  return argv;
}

// The attributes and file actions of a spawn, freed together.
class SpawnSetup {
 public:
  explicit SpawnSetup(int stdout_fd) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attr_);
    // stdout first: when our own stdin is closed, the pipe may be descriptor 0.
    posix_spawn_file_actions_adddup2(&actions_, stdout_fd, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);

    // The child must not inherit our blocked signals (signalfd) and the ignored SIGPIPE. It gets a
    // process group of its own, so that a kill reaches its children too.
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigmask(&attr_, &none);
    posix_spawnattr_setsigdefault(&attr_, &defaults);
    posix_spawnattr_setpgroup(&attr_, 0);
    posix_spawnattr_setflags(
        &attr_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attr_);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;

  // Returns 0 or errno.
  int spawn(int* pid, const ProcessSpec& spec) const {
    std::vector<char*> argv = argv_of(spec.argv);
    std::vector<char*> env = merged_env(spec.env);
    return posix_spawnp(pid, argv[0], &actions_, &attr_, argv.data(), env.data());
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attr_;
};

void unignore_sigchld() {
  struct sigaction action {};
  if (sigaction(SIGCHLD, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
    std::signal(SIGCHLD, SIG_DFL);
}

}  // namespace

Process::Process(Loop& loop, Fn on_done)
    : loop_(loop),
      on_done_(on_done),
      out_watch_(loop_, "process output", FdWatch::Fn::bind<&Process::on_output>(this)),
      exit_watch_(loop_, "process exit", FdWatch::Fn::bind<&Process::on_exit>(this)),
      limit_(loop_, "process time limit", Timer::Fn::bind<&Process::on_time_limit>(this)) {}

Process::~Process() {
  if (running()) kill_and_wait();
}

Result<void> Process::start(const ProcessSpec& spec) {
  CHECK(!running());
  if (spec.argv.empty() || spec.argv[0].empty())
    return Error(Errc::invalid_argument, "cannot start a process without a command");
  name_ = spec.argv[0];
  failure_ = Failure::none;
  outcome_ = {};
  max_output_ = spec.max_output;

  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return cannot_start(name_, errno);
  out_fd_ = base::Fd(ends[0]);
  const base::Fd write_end(ends[1]);
  // Only our end: the child's end must block, as programs expect of stdout.
  ::fcntl(out_fd_.get(), F_SETFL, O_NONBLOCK);

  unignore_sigchld();
  const int err = SpawnSetup(write_end.get()).spawn(&pid_, spec);
  if (err != 0) {
    pid_ = -1;
    out_fd_.reset();
    return cannot_start(name_, err);
  }
  return watch_child(spec.time_limit);
}

Result<void> Process::watch_child(Duration time_limit) {
  pid_fd_ = base::Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
  int err = pid_fd_ ? 0 : errno;
  if (err == 0) err = exit_watch_.start(pid_fd_.get(), kRead);
  if (err == 0) err = out_watch_.start(out_fd_.get(), kRead);
  if (err != 0) {
    kill_and_wait();
    return cannot_start(name_, err);
  }
  limit_.arm(time_limit);
  return {};
}

void Process::on_output(std::uint32_t) {
  read_output(kReadPerTurn);
}

bool Process::read_output(std::size_t max) {
  char chunk[16 * 1024];
  while (max > 0 && failure_ == Failure::none) {
    const ssize_t n = ::read(out_fd_.get(), chunk, std::min(max, sizeof chunk));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return false;
    if (n <= 0) {
      out_watch_.stop();
      return false;
    }
    const auto got = static_cast<std::size_t>(n);
    if (got > max_output_ - outcome_.output.size()) {
      fail(Failure::overflow);
      return false;
    }
    outcome_.output.append(chunk, got);
    max -= got;
  }
  return failure_ == Failure::none;
}

void Process::on_exit(std::uint32_t) {
  // Checks without reaping: while the child is a zombie, its group's number is not reused, so that
  // a kill for too much output below cannot hit other processes.
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0) {
    if (info.si_pid == 0) return;
    outcome_.exit_code = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
  }
  // Everything that the child itself wrote is in the pipe by now. The limit stops a grandchild that
  // keeps writing.
  while (out_watch_.started() && read_output(kReadPerTurn)) {
  }
  finish();
}

void Process::on_time_limit() {
  if (failure_ != Failure::none) return finish();
  fail(Failure::timeout);
}

void Process::fail(Failure why) {
  failure_ = why;
  out_watch_.stop();
  kill_group();
  limit_.arm(kKillGrace);
}

void Process::kill_group() {
  ::kill(-pid_, SIGKILL);
}

void Process::kill_and_wait() {
  kill_group();
  pollfd gone{pid_fd_.get(), POLLIN, 0};
  if (pid_fd_)
    ::poll(&gone, 1, static_cast<int>(base::to_ms(kReapGrace)));
  else
    ::waitpid(pid_, nullptr, 0);  // start() ran out of descriptors: the child has hardly begun
  close_all();
}

void Process::finish() {
  close_all();
  ProcessOutcome outcome = std::exchange(outcome_, {});
  switch (failure_) {
    case Failure::none:
      return on_done_(std::move(outcome));
    case Failure::timeout:
      return on_done_(Error(Errc::timeout, name_ + " did not end within its time limit"));
    case Failure::overflow:
      return on_done_(Error(Errc::too_large,
                            name_ + " wrote more than " + std::to_string(max_output_) + " bytes"));
  }
}

void Process::close_all() {
  limit_.cancel();
  out_watch_.stop();
  exit_watch_.stop();
  out_fd_.reset();
  pid_fd_.reset();
  // Does not wait: a child that SIGKILL has not ended yet stays a zombie until this process exits.
  ::waitpid(pid_, nullptr, WNOHANG);
  pid_ = -1;
}

}  // namespace loop
