// Signals as loop events. Signals are sent to this very process, so each test keeps its object
// alive while they are pending.
#include "loop/signal.h"

#include <memory>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace loop {
namespace {

struct Receiver {
  std::vector<int> got;
  std::unique_ptr<Signals> signals;
  bool destroy_inside = false;
  explicit Receiver(Loop& loop)
      : signals(std::make_unique<Signals>(loop, std::initializer_list<int>{SIGUSR1, SIGUSR2},
                                          Signals::Fn::bind<&Receiver::on_signal>(this))) {}
  void on_signal(int signo) {
    got.push_back(signo);
    if (destroy_inside) signals.reset();
  }
};

bool blocked(int signo) {
  sigset_t now;
  sigprocmask(SIG_SETMASK, nullptr, &now);
  return sigismember(&now, signo) == 1;
}

class SignalTest : public testing::Test {
 protected:
  VirtualClock clock_;
  Loop loop_{clock_};
};

TEST_F(SignalTest, EverySignalComesOnceAsAnEvent) {
  Receiver r(loop_);
  loop_.run_once();
  EXPECT_TRUE(r.got.empty());
  ASSERT_EQ(::kill(::getpid(), SIGUSR1), 0);
  ASSERT_EQ(::kill(::getpid(), SIGUSR2), 0);
  for (int i = 0; i < 4; ++i)
    loop_.run_once();
  std::vector<int> expected{SIGUSR1, SIGUSR2};
  EXPECT_EQ(r.got, expected);
}

TEST_F(SignalTest, MayBeDestroyedInsideItsCallbackWithAnotherPending) {
  Receiver r(loop_);
  r.destroy_inside = true;
  ASSERT_EQ(::kill(::getpid(), SIGUSR1), 0);
  ASSERT_EQ(::kill(::getpid(), SIGUSR2), 0);
  loop_.run_once();  // the second one would kill us if it were not discarded
  EXPECT_EQ(r.got.size(), 1u);
  loop_.run_once();
  EXPECT_EQ(loop_.watches(), 0u);
  EXPECT_FALSE(blocked(SIGUSR2));
}

TEST_F(SignalTest, MaskIsRestoredAsItWas) {
  sigset_t mine;
  sigemptyset(&mine);
  sigaddset(&mine, SIGUSR2);
  sigprocmask(SIG_BLOCK, &mine, nullptr);
  {
    Receiver r(loop_);
    EXPECT_TRUE(blocked(SIGUSR1));
    EXPECT_TRUE(blocked(SIGUSR2));
  }
  EXPECT_FALSE(blocked(SIGUSR1));
  EXPECT_TRUE(blocked(SIGUSR2));
  sigprocmask(SIG_UNBLOCK, &mine, nullptr);
}

TEST_F(SignalTest, WritingToAClosedPipeIsAnErrorAndNoDeath) {
  Receiver r(loop_);
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::close(ends[0]);
  EXPECT_EQ(::write(ends[1], "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  ::close(ends[1]);
}

}  // namespace
}  // namespace loop
