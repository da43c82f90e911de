// Child processes, real ones, under the real clock: exit codes, output, limits, and what the child
// gets to see of us.
#include "loop/process.h"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <set>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/signal.h"

namespace loop {
namespace {

using base::Errc;
using base::milliseconds;
using base::Result;

class ProcessTest : public testing::Test {
 protected:
  struct Runner {
    Loop& loop;
    std::optional<Result<ProcessOutcome>> outcome;
    int calls = 0;
    std::unique_ptr<Process> process;
    bool destroy_inside = false;
    explicit Runner(Loop& l)
        : loop(l),
          process(std::make_unique<Process>(l, Process::Fn::bind<&Runner::on_done>(this))) {}
    void on_done(Result<ProcessOutcome> result) {
      ++calls;
      outcome = std::move(result);
      if (destroy_inside) process.reset();
    }
    Result<ProcessOutcome> run(const ProcessSpec& spec) {
      outcome.reset();
      Result<void> started = process->start(spec);
      if (!started) return std::move(started).error();
      EXPECT_FALSE(outcome.has_value());  // never inside start()
      while (!outcome)
        loop.run_once();
      return std::move(*outcome);
    }
  };
  static ProcessSpec shell(const std::string& script) {
    ProcessSpec spec;
    spec.argv = {"/bin/sh", "-c", script};
    return spec;
  }
  // Counts the children of this test alone: what started us may have left us children of its own (a shell's pipeline does).
  bool no_children() const {
    for (const pid_t pid : children()) {
      if (before_.count(pid) == 0) return false;
    }
    return true;
  }
  static std::set<pid_t> children() {
    std::set<pid_t> pids;
    std::ifstream list("/proc/thread-self/children");
    for (pid_t pid = 0; list >> pid;)
      pids.insert(pid);
    return pids;
  }

  const std::set<pid_t> before_ = children();

  RealClock clock_;
  Loop loop_{clock_};
  Runner runner_{loop_};
};

TEST_F(ProcessTest, CollectsStdoutAndExitCodeOfAProgramFoundInPath) {
  ProcessSpec spec;
  spec.argv = {"echo", "hello", "two words"};
  auto result = runner_.run(spec);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, 0);
  EXPECT_EQ(result->output, "hello two words\n");
  EXPECT_FALSE(runner_.process->running());
  EXPECT_EQ(loop_.watches() + loop_.timers(), 0u);
  EXPECT_TRUE(no_children());
}

TEST_F(ProcessTest, FailureIsAnOutcomeWithItsCodeAndOutput) {
  auto result = runner_.run(shell("echo partly; exit 7"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, 7);
  EXPECT_EQ(result->output, "partly\n");
  result = runner_.run(shell("kill -TERM $$"));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, 128 + SIGTERM);
  EXPECT_EQ(runner_.calls, 2);
}

TEST_F(ProcessTest, WhatCannotBeStartedIsAnErrorOfStart) {
  ProcessSpec spec;
  spec.argv = {"no-such-program-anywhere"};
  Result<void> started = runner_.process->start(spec);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code(), Errc::unavailable);
  EXPECT_NE(started.error().what().find("no-such-program-anywhere"), std::string::npos);
  spec.argv = {};
  started = runner_.process->start(spec);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code(), Errc::invalid_argument);
  EXPECT_FALSE(runner_.process->running());
  EXPECT_EQ(loop_.watches() + loop_.timers(), 0u);
  EXPECT_EQ(runner_.calls, 0);
}

TEST_F(ProcessTest, EnvironmentIsAddedToOursAndWins) {
  ASSERT_EQ(::setenv("KMCP_TEST_KEPT", "kept", 1), 0);
  ASSERT_EQ(::setenv("KMCP_TEST_OVER", "ours", 1), 0);
  ProcessSpec spec = shell("env | grep ^KMCP_TEST_ | sort");
  spec.env = {"KMCP_TEST_OVER=first", "KMCP_TEST_NEW=a=b", "KMCP_TEST_OVER=last"};
  auto result = runner_.run(spec);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output, "KMCP_TEST_KEPT=kept\nKMCP_TEST_NEW=a=b\nKMCP_TEST_OVER=last\n");
  ::unsetenv("KMCP_TEST_KEPT");
  ::unsetenv("KMCP_TEST_OVER");
}

TEST_F(ProcessTest, ChildGetsNoInputNoDescriptorsAndItsOwnGroup) {
  int leaked[2];
  ASSERT_EQ(::pipe(leaked), 0);  // without CLOEXEC, as a careless library may open it
  auto result = runner_.run(shell("cat; for f in /proc/self/fd/*; do readlink $f; done"));
  ::close(leaked[0]);
  ::close(leaked[1]);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output.rfind("/dev/null\n", 0), 0u) << result->output;
  std::size_t pipes = 0, at = 0;
  while ((at = result->output.find("pipe:", at)) != std::string::npos)
    ++pipes, ++at;
  EXPECT_LE(pipes, 2u)
      << result->output;  // stdout, and readlink's own view of ours when stderr is one
  result =
      runner_.run(shell("ps -o pgid= -p $$ 2>/dev/null || cut -d' ' -f5 /proc/$$/stat; echo $$"));
  ASSERT_TRUE(result);
  int group = 0, pid = -1;
  ASSERT_EQ(std::sscanf(result->output.c_str(), "%d %d", &group, &pid), 2) << result->output;
  EXPECT_EQ(group, pid);
}

struct Ignore {
  void on_signal(int) {}
};

TEST_F(ProcessTest, ChildHasNoSignalsBlockedOrIgnoredByUs) {
  Ignore ignore;
  Signals signals(loop_, {SIGTERM, SIGINT}, Signals::Fn::bind<&Ignore::on_signal>(&ignore));
  auto result = runner_.run(shell("grep -E '^Sig(Blk|Ign)' /proc/self/status | cut -f2"));
  ASSERT_TRUE(result);
  unsigned long long blocked = 1, ignored = ~0ULL;
  ASSERT_EQ(std::sscanf(result->output.c_str(), "%llx %llx", &blocked, &ignored), 2);
  EXPECT_EQ(blocked, 0u);
  EXPECT_EQ(ignored & (1ULL << (SIGPIPE - 1)), 0u);
}

TEST_F(ProcessTest, TimeLimitKillsTheWholeGroup) {
  const std::string fifo = testing::TempDir() + "kmcp_group_" + std::to_string(::getpid());
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const base::Fd alive(::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  // Child and grandchild hold its other end.
  ProcessSpec spec = shell("exec 3>" + fifo + "; sleep 60 & sleep 60");
  spec.time_limit = milliseconds(50);
  auto result = runner_.run(spec);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), Errc::timeout);
  pollfd hangup{alive.get(), 0, 0};
  EXPECT_EQ(::poll(&hangup, 1, 10000), 1);  // a bound for the failing case only
  EXPECT_TRUE(hangup.revents & POLLHUP);
  EXPECT_TRUE(no_children());
  EXPECT_EQ(loop_.watches() + loop_.timers(), 0u);
  ::unlink(fifo.c_str());
}

TEST_F(ProcessTest, OutputUpToTheCapIsTakenAndOneByteMoreIsAnError) {
  ProcessSpec spec = shell("head -c 200000 /dev/zero");
  spec.max_output = 200000;
  auto result = runner_.run(spec);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->output.size(), 200000u);
  spec.max_output = 199999;
  result = runner_.run(spec);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), Errc::too_large);
  EXPECT_TRUE(no_children());
}

TEST_F(ProcessTest, EndlessOutputEndsAtTheCap) {
  auto result = runner_.run(shell("yes"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), Errc::too_large);
  EXPECT_TRUE(no_children());
}

TEST_F(ProcessTest, GrandchildThatKeepsStdoutDoesNotHoldUpTheEnd) {
  ProcessSpec spec = shell("sleep 60 & echo $!");
  spec.time_limit = base::seconds(30);
  auto result = runner_.run(spec);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, 0);
  const int grandchild = std::atoi(result->output.c_str());
  ASSERT_GT(grandchild, 1);
  EXPECT_EQ(::kill(grandchild, 0), 0);  // left alone: it may be a cache or an agent
  ::kill(grandchild, SIGKILL);
}

TEST_F(ProcessTest, DestructorKillsAndReapsWithoutACallback) {
  ASSERT_TRUE(runner_.process->start(shell("sleep 60")));
  EXPECT_TRUE(runner_.process->running());
  runner_.process.reset();
  EXPECT_TRUE(no_children());
  EXPECT_EQ(loop_.watches() + loop_.timers(), 0u);
  EXPECT_EQ(runner_.calls, 0);
}

TEST_F(ProcessTest, MayBeDestroyedInsideItsCallback) {
  runner_.destroy_inside = true;
  auto result = runner_.run(shell("echo x"));
  ASSERT_TRUE(result);
  EXPECT_EQ(runner_.process, nullptr);
  EXPECT_EQ(runner_.calls, 1);
}

TEST_F(ProcessTest, ExitCodeIsKnownEvenWhereSigchldWasIgnored) {
  auto old = std::signal(SIGCHLD, SIG_IGN);
  auto result = runner_.run(shell("exit 3"));
  std::signal(SIGCHLD, old);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, 3);
}

}  // namespace
}  // namespace loop
