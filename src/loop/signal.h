// Signals as loop events, by signalfd. Blocks the given signals in the process while it exists; the
// destructor restores the mask and discards signals that are still pending, so that a second
// SIGTERM in the last millisecond does not turn exit code 0 into a kill.
#pragma once

#include <csignal>
#include <initializer_list>

#include "base/delegate.h"
#include "base/fd.h"
#include "loop/loop.h"

namespace loop {

class Signals {
 public:
  // Called for one signal at a time; may destroy this object. (The kernel merges pending signals of
  // one number.)
  using Fn = base::Delegate<void(int signo)>;
  // Construct it before any child process or thread starts. Also ignores SIGPIPE process-wide, for
  // good. `loop` must outlive this.
  Signals(Loop& loop, std::initializer_list<int> signals, Fn fn);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  void on_ready(std::uint32_t);
  // Returns the next pending signal's number, 0 when there is none.
  int take();

  sigset_t old_;
  Fn fn_;
  base::Fd fd_;
  FdWatch watch_;
};

}  // namespace loop
