// A child process run to its end without blocking: for kubeconfig's exec plugins. posix_spawn with
// a pidfd in epoll; stdin is /dev/null, stdout is collected up to a cap, stderr passes through to
// ours, no other descriptor of ours gets there. At the time limit its process group gets SIGKILL.
//
//   idle --start--> running --exit--> idle, on_done(outcome)
//                   running --time limit, too much output--> killed
//                   killed --exit, or kKillGrace--> idle, on_done(error)
//
// The end is the child's exit, not the end of its output: what a grandchild that keeps stdout open
// writes later is not waited for. Such a grandchild is left alone after an exit in time.
// Under a virtual clock a real child takes no time, so the limit jumps ahead of it when nothing
// else is ready: use a RealClock with it.
#pragma once

#include <string>
#include <vector>

#include "base/delegate.h"
#include "base/error.h"
#include "base/fd.h"
#include "loop/loop.h"

namespace loop {

// How long a killed child may take to be gone (one in an uninterruptible system call takes longer)
// before its end is reported without it.
constexpr Duration kKillGrace = base::seconds(1);
// The same in the destructor, which has no loop to wait in; usually well under a millisecond.
constexpr Duration kReapGrace = base::milliseconds(100);

struct ProcessSpec {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH when it holds no '/'
  std::vector<std::string> env;   // "NAME=value", added to (and winning over) our own environment;
                                  // of two with one name the later wins
  Duration time_limit = base::seconds(30);
  std::size_t max_output = 1 << 20;  // bytes of stdout; more is an error
};

struct ProcessOutcome {
  int exit_code = -1;  // 128+signal when killed by a signal
  std::string output;
};

class Process {
 public:
  // Once, never inside start(); as the last statement, so that it may start again or destroy this.
  // Errors: timeout, too_large.
  using Fn = base::Delegate<void(base::Result<ProcessOutcome>)>;
  // `loop` outlives this.
  Process(Loop& loop, Fn on_done);
  ~Process();  // kills (its group) and reaps a child that still runs; no callback
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Requires: not running. Errors, after which there will be no callback: invalid_argument (no
  // argv[0]), unavailable (cannot be started, with the reason).
  // Sets SIGCHLD to its default when it is ignored (as some supervisors leave it): the kernel would
  // reap the child before us.
  base::Result<void> start(const ProcessSpec& spec);
  bool running() const { return pid_ > 0; }

 private:
  enum class Failure : unsigned char { none, timeout, overflow };

  void on_output(std::uint32_t);
  void on_exit(std::uint32_t);
  void on_time_limit();
  base::Result<void> watch_child(Duration time_limit);
  // Reads up to `max` bytes; false when there is no more now or ever.
  bool read_output(std::size_t max);
  void fail(Failure why);
  void kill_group();
  void kill_and_wait();
  void finish();
  void close_all();

  Loop& loop_;
  Fn on_done_;
  int pid_ = -1;
  std::size_t max_output_ = 0;
  Failure failure_ = Failure::none;
  ProcessOutcome outcome_;
  std::string name_;  // argv[0], for errors
  base::Fd out_fd_, pid_fd_;
  FdWatch out_watch_, exit_watch_;
  Timer limit_;
};

}  // namespace loop
