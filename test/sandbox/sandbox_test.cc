// The filter of system calls and the rules for files, each tried in a child process.
#include <cerrno>
#include <csignal>
#include <functional>
#include <string>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/landlock.h"
#include "sandbox/seccomp.h"
#include "support/temp_dir.h"

namespace {

// How the child ended: "exit N" or "signal N". `act` gives its exit code: an errno, or 0.
std::string child(const std::function<int()>& prepare, const std::function<int()>& act) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (const int problem = prepare(); problem != 0) ::_exit(200 + problem);
    ::_exit(act());
  }
  int status = 0;
  if (::waitpid(pid, &status, 0) != pid) return "lost";
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit " + std::to_string(WEXITSTATUS(status));
}

int error_of(long result) {
  return result < 0 ? errno : 0;
}

// ---- system calls

std::string filtered(const std::function<int()>& act) {
  return child([] { return sandbox::allow_no_privileges() && sandbox::install_filter() ? 0 : 1; },
               act);
}

std::string exit_with(int code) {
  return "exit " + std::to_string(code);
}
const std::string kEnded = "signal " + std::to_string(SIGSYS);

TEST(Seccomp, WhatServingTakesWorks) {
  EXPECT_EQ(filtered([] {
              int fds[2];
              if (::pipe2(fds, O_CLOEXEC) != 0) return errno;
              if (::write(fds[1], "x", 1) != 1) return errno;
              char byte = 0;
              if (::read(fds[0], &byte, 1) != 1 || byte != 'x') return errno;
              const int tcp = ::socket(AF_INET, SOCK_STREAM, 0);
              if (tcp < 0) return errno;
              ::close(tcp);
              const int file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
              return file < 0 ? errno : 0;
            }),
            exit_with(0));
}

TEST(Seccomp, ADeathIsReportedAsWithoutIt) {
  EXPECT_EQ(filtered([] {
              ::abort();
              return 0;
            }),
            "signal " + std::to_string(SIGABRT));
}

// The ways to another program, into another process and out of the namespaces.
TEST(Seccomp, WhatOnlyAnAttackerCallsEndsTheProcess) {
  const char* const none[] = {nullptr};
  const struct {
    const char* what;
    std::function<long()> call;
  } rows[] = {
      {"execve", [&] { return ::syscall(SYS_execve, "/bin/true", none, none); }},
      {"execveat", [&] { return ::syscall(SYS_execveat, -1, "/bin/true", none, none, 0); }},
      {"clone", [] { return ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }},
      {"ptrace", [] { return ::syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0); }},
      {"process_vm_readv", [] { return ::syscall(SYS_process_vm_readv, 1, 0, 0, 0, 0, 0); }},
      {"unshare", [] { return ::syscall(SYS_unshare, CLONE_NEWNET); }},
      {"mount", [] { return ::syscall(SYS_mount, "a", "/", "tmpfs", 0, nullptr); }},
      {"chroot", [] { return ::syscall(SYS_chroot, "/"); }},
      {"bpf", [] { return ::syscall(SYS_bpf, 0, nullptr, 0); }},
      {"perf_event_open", [] { return ::syscall(SYS_perf_event_open, nullptr, 0, 0, 0, 0); }},
      {"keyctl", [] { return ::syscall(SYS_keyctl, 0, 0, 0, 0, 0); }},
      {"io_uring_setup", [] { return ::syscall(425, 1, nullptr); }},
  };
  for (const auto& row : rows)
    EXPECT_EQ(filtered([&] { return error_of(row.call()); }), kEnded) << row.what;
}

// A library that tries a newer call goes on with an older one.
TEST(Seccomp, AnUnknownCallIsNotThere) {
  constexpr long kNewerThanAnyKernel = 4000;
  EXPECT_EQ(filtered([] { return error_of(::syscall(kNewerThanAnyKernel)); }), exit_with(ENOSYS));
  EXPECT_EQ(filtered([] { return error_of(::syscall(SYS_acct, "/x")); }), exit_with(ENOSYS));
  EXPECT_EQ(filtered([] { return error_of(::syscall(SYS_setuid, 0)); }), exit_with(ENOSYS));
}

TEST(Seccomp, MemoryIsNeverExecutable) {
  constexpr std::size_t kSize = 4096;
  const auto map = [](int protection) {
    return ::mmap(nullptr, kSize, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  };
  EXPECT_EQ(
      filtered([&] { return map(PROT_READ | PROT_WRITE | PROT_EXEC) == MAP_FAILED ? errno : 0; }),
      exit_with(EACCES));
  EXPECT_EQ(filtered([&] {
              void* memory = map(PROT_READ | PROT_WRITE);
              if (memory == MAP_FAILED) return 1;
              return error_of(::mprotect(memory, kSize, PROT_READ | PROT_EXEC));
            }),
            exit_with(EACCES));
}

TEST(Seccomp, SocketsAreOfTheInternetOrUnix) {
  for (const int family : {AF_PACKET, AF_NETLINK, 38 /* AF_ALG */, 40 /* AF_VSOCK */})
    EXPECT_EQ(filtered([&] { return error_of(::socket(family, SOCK_RAW, 0)); }),
              exit_with(EAFNOSUPPORT))
        << family;
}

TEST(Seccomp, SignalsGoToThisProcessAlone) {
  EXPECT_EQ(filtered([] { return error_of(::kill(::getppid(), 0)); }), exit_with(EPERM));
  EXPECT_EQ(filtered([] { return error_of(::kill(::getpid(), 0)); }), exit_with(0));
}

TEST(Seccomp, CoreDumpsStayOff) {
  EXPECT_EQ(filtered([] { return error_of(::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)); }),
            exit_with(EPERM));
}

// ---- files

class Landlock : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::syscall(444 /* landlock_create_ruleset */, nullptr, 0, 1) < 1)
      GTEST_SKIP() << "optional: this kernel has no landlock";
    for (const char* each : {"read", "write", "other"})
      ASSERT_EQ(::mkdir(dir.path(each).c_str(), 0700), 0);
    dir.write("read/file", "r");
    dir.write("other/file", "o");
  }
  std::string confined(const std::function<int()>& act) {
    const sandbox::Paths paths{{dir.path("read"), dir.path("none")}, {dir.path("write")}};
    return child(
        [&] {
          const auto ok = sandbox::allow_no_privileges();
          const auto version = sandbox::allow_paths(paths);
          return ok && version && *version > 0 ? 0 : 1;
        },
        act);
  }
  int try_open(const std::string& path, int flags) {
    return error_of(::open(dir.path(path).c_str(), flags | O_CLOEXEC, 0600));
  }
  test::TempDir dir;
};

TEST_F(Landlock, FilesThatAreNamedAreReadAndNotWritten) {
  EXPECT_EQ(confined([&] { return try_open("read/file", O_RDONLY); }), exit_with(0));
  EXPECT_EQ(confined([&] { return try_open("read/file", O_WRONLY); }), exit_with(EACCES));
  EXPECT_EQ(confined([&] { return try_open("read/new", O_WRONLY | O_CREAT); }), exit_with(EACCES));
  EXPECT_EQ(confined([&] { return error_of(::unlink(dir.path("read/file").c_str())); }),
            exit_with(EACCES));
}

TEST_F(Landlock, OthersAreNotThere) {
  EXPECT_EQ(confined([&] { return try_open("other/file", O_RDONLY); }), exit_with(EACCES));
  EXPECT_EQ(confined([] { return error_of(::open("/etc/passwd", O_RDONLY)); }), exit_with(EACCES));
}

TEST_F(Landlock, InADirectoryToWriteFilesAreMadeReplacedAndRemoved) {
  EXPECT_EQ(confined([&] {
              if (const int e = try_open("write/a", O_WRONLY | O_CREAT); e != 0) return e;
              const std::string from = dir.path("write/a"), to = dir.path("write/b");
              if (::rename(from.c_str(), to.c_str()) != 0) return errno;
              return error_of(::unlink(to.c_str()));
            }),
            exit_with(0));
  EXPECT_EQ(confined([&] { return error_of(::mkdir(dir.path("write/d").c_str(), 0700)); }),
            exit_with(EACCES));
}

TEST_F(Landlock, NoProgramIsExecuted) {
  EXPECT_EQ(confined([] {
              const char* const none[] = {nullptr};
              return error_of(::syscall(SYS_execve, "/bin/true", none, none));
            }),
            exit_with(EACCES));
}

}  // namespace
