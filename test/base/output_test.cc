// Standard output, each time that of a child process of its own.
#include "base/output.h"

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"

namespace {

struct Ended {
  int code;
  std::string errors;
};

// Runs `work` in a child whose standard output is `output`, -1: it has none. What it exited with, and
// what it wrote to standard error.
template <class Work>
Ended in_child(int output, Work work) {
  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const base::Fd ours(ends[0]);
  base::Fd theirs(ends[1]);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(theirs.get(), STDERR_FILENO);
    if (output >= 0)
      ::dup2(output, STDOUT_FILENO);
    else
      ::close(STDOUT_FILENO);
    ::_exit(work());
  }
  theirs = base::Fd();
  Ended out{};
  char buffer[512];
  for (ssize_t n = 0; (n = ::read(ours.get(), buffer, sizeof buffer)) > 0;)
    out.errors.append(buffer, static_cast<std::size_t>(n));
  int status = 0;
  ::waitpid(pid, &status, 0);
  out.code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return out;
}

int print_and_end(int code) {
  base::open_standard_descriptors();
  base::write_output("first\n");
  base::write_output("second\n");
  return base::exit_code_with_output(code);
}

TEST(Output, AFullDiskIsTheCommandsFailure) {
  const base::Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full);
  const Ended ended = in_child(full.get(), [] { return print_and_end(0); });
  EXPECT_EQ(ended.code, 1);
  EXPECT_EQ(ended.errors, "k0rdent-mcp: write to standard output: No space left on device\n");
}

TEST(Output, AReaderThatHasEnoughIsNoFailure) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  ::close(ends[0]);
  const base::Fd closed(ends[1]);
  for (const int code : {0, 3}) {
    const Ended ended = in_child(closed.get(), [code] { return print_and_end(code); });
    EXPECT_EQ(ended.code, code);
    EXPECT_EQ(ended.errors, "");
  }
}

TEST(Output, ADescriptorThatIsMissingIsNoFilesAndNoConnections) {
  const Ended ended = in_child(-1, [] {
    ::close(STDIN_FILENO);
    base::open_standard_descriptors();
    return ::open("/dev/null", O_RDONLY | O_CLOEXEC) > STDERR_FILENO ? 0 : 1;
  });
  EXPECT_EQ(ended.code, 0);
  const Ended lost = in_child(-1, [] { return print_and_end(0); });
  EXPECT_EQ(lost.code, 1);
  EXPECT_EQ(lost.errors, "k0rdent-mcp: write to standard output: Bad file descriptor\n");
}

TEST(Output, APipeThatDoesNotBlockGetsTheWholeText) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const base::Fd ours(ends[0]);
  base::Fd theirs(ends[1]);
  ASSERT_EQ(::fcntl(theirs.get(), F_SETFL, O_NONBLOCK), 0);
  constexpr std::size_t kBytes = 1 << 20;  // more than a pipe holds
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(theirs.get(), STDOUT_FILENO);
    ::_exit(base::write_output(std::string(kBytes, 'x')) ? 0 : 1);
  }
  theirs = base::Fd();
  std::size_t got = 0;
  char buffer[4096];
  for (ssize_t n = 0; (n = ::read(ours.get(), buffer, sizeof buffer)) > 0;)
    got += static_cast<std::size_t>(n);
  EXPECT_EQ(got, kBytes);
  int status = 0;
  ::waitpid(pid, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
