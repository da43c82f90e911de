#include "loop/signal.h"

#include <sys/signalfd.h>

#include "base/check.h"

namespace loop {

Signals::Signals(Loop& loop, std::initializer_list<int> signals, Fn fn)
    : fn_(fn), watch_(loop, "signals", FdWatch::Fn::bind<&Signals::on_ready>(this)) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signo : signals)
    CHECK(sigaddset(&set, signo) == 0);
  CHECK(sigprocmask(SIG_BLOCK, &set, &old_) == 0);
  CHECK(std::signal(SIGPIPE, SIG_IGN) != SIG_ERR);
  fd_ = base::Fd(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  CHECK(fd_);
  CHECK(watch_.start(fd_.get(), kRead) == 0);
}

Signals::~Signals() {
  watch_.stop();
  while (take() != 0) {
  }
  sigprocmask(SIG_SETMASK, &old_, nullptr);
}

// One a turn is enough, and the callback may destroy this: the descriptor is level-triggered, so
// the next signal is reported again.
void Signals::on_ready(std::uint32_t) {
  const int signo = take();
  if (signo != 0) fn_(signo);
}

int Signals::take() {
  signalfd_siginfo info{};
  const ssize_t n = ::read(fd_.get(), &info, sizeof info);
  return n == static_cast<ssize_t>(sizeof info) ? static_cast<int>(info.ssi_signo) : 0;
}

}  // namespace loop
