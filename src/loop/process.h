// Process: runs a child process to its end without blocking, for kubeconfig's exec plugins. It uses
// posix_spawn with a pidfd in epoll. The child's stdin is /dev/null, its stdout is collected up to
// a limit, its stderr is ours; it inherits no other descriptor. At the time limit its process group
// gets SIGKILL.
//
//   state    event                          next     effect
//   idle     start()                        running
//   running  exit                           idle     on_done(outcome)
//   running  time limit or too much output  killed   SIGKILL to the group
//   killed   exit, or kKillGrace            idle     on_done(error)
//
// The end is the child's exit, not the end of its output: output that a grandchild writes later to
// an stdout it keeps open is not waited for. After an exit in time such a grandchild is left
// running.
//
// Use a RealClock: under a virtual clock a real child takes no time, and when nothing else is ready
// the clock jumps to the time limit.
#pragma once

#include <string>
#include <vector>

#include "base/delegate.h"
#include "base/error.h"
#include "base/fd.h"
#include "loop/loop.h"

namespace loop {

// How long a killed child may take to exit (one in an uninterruptible system call takes longer)
// before the error is reported without waiting further.
constexpr Duration kKillGrace = base::seconds(1);
// The same in the destructor, which blocks for it; usually well under a millisecond.
constexpr Duration kReapGrace = base::milliseconds(100);

struct ProcessSpec {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH when it contains no '/'
  // "NAME=value", added to our own environment and overriding it; the last of equal names wins.
  std::vector<std::string> env;
  Duration time_limit = base::seconds(30);
  std::size_t max_output = 1 << 20;  // bytes of stdout; more is an error
};

struct ProcessOutcome {
  int exit_code = -1;  // 128+signal when killed by a signal
  std::string output;
};

class Process {
 public:
  // Called once, never inside start(), as the last statement: it may call start() again or destroy
  // this object. Errors: timeout, too_large.
  using Fn = base::Delegate<void(base::Result<ProcessOutcome>)>;
  // `loop` must outlive this.
  Process(Loop& loop, Fn on_done);
  ~Process();  // kills (the group) and reaps a child that still runs; no callback
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Requires: not running. Errors, after which there is no callback: invalid_argument (no argv[0]),
  // unavailable (the child cannot be started; with the reason). Resets SIGCHLD to its default if it
  // is ignored, as some supervisors leave it: the kernel would reap the child before us.
  base::Result<void> start(const ProcessSpec& spec);
  bool running() const { return pid_ > 0; }

 private:
  enum class Failure : unsigned char { none, timeout, overflow };

  void on_output(std::uint32_t);
  void on_exit(std::uint32_t);
  void on_time_limit();
  base::Result<void> watch_child(Duration time_limit);
  // Reads up to `max` bytes; false when there is nothing more to read now.
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
