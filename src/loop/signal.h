// Signals as loop events, by signalfd. Blocks the given signals in the process for its lifetime and
// restores the mask in the destructor; what is still pending then is discarded, so that a second
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
  // One signal a call; the object may be destroyed inside. (The kernel folds pending ones of a
  // kind.)
  using Fn = base::Delegate<void(int signo)>;
  // Construct before any child process or thread starts. SIGPIPE is ignored process-wide as well,
  // for good.
  Signals(Loop& loop, std::initializer_list<int> signals, Fn fn);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  void on_ready(std::uint32_t);
  // The next pending signal's number, 0 when there is none.
  int take();

  sigset_t old_;
  Fn fn_;
  base::Fd fd_;
  FdWatch watch_;
};

}  // namespace loop
