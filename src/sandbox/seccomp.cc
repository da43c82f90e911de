#include "sandbox/seccomp.h"

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/calls.h"

namespace sandbox {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArch = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArch = AUDIT_ARCH_AARCH64;
#else
#error "sandbox/: no list of system calls for this architecture"
#endif

constexpr std::uint32_t kAllow = SECCOMP_RET_ALLOW, kKill = SECCOMP_RET_KILL_PROCESS;
constexpr std::uint32_t refuse(int error) {
  return SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error);
}

// The low half of an argument; both architectures are little-endian.
constexpr std::uint32_t argument(unsigned n) {
  return static_cast<std::uint32_t>(offsetof(seccomp_data, args) + n * sizeof(std::uint64_t));
}

class Program {
 public:
  void load(std::size_t offset) {
    add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
  }
  void answer(std::uint32_t action) { add(BPF_RET | BPF_K, action); }
  // The value that is loaded is `value`: `action`; else the next instruction.
  void if_equal(std::uint32_t value, std::uint32_t action) { test(BPF_JEQ, value, action); }
  void if_at_least(std::uint32_t value, std::uint32_t action) { test(BPF_JGE, value, action); }
  void if_any_bit(std::uint32_t bits, std::uint32_t action) { test(BPF_JSET, bits, action); }

  // For the call `number`: what `checks` adds, which must end with an answer().
  template <class Checks>
  void call(long number, Checks checks) {
    const std::size_t at = code_.size();
    add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number));
    checks();
    code_[at].jf = static_cast<std::uint8_t>(code_.size() - at - 1);
  }
  std::vector<sock_filter> take() { return std::move(code_); }

 private:
  void add(int operation, std::uint32_t value) {
    code_.push_back({static_cast<std::uint16_t>(operation), 0, 0, value});
  }
  void test(int comparison, std::uint32_t value, std::uint32_t action) {
    code_.push_back({static_cast<std::uint16_t>(BPF_JMP | comparison | BPF_K), 0, 1, value});
    answer(action);
  }
  std::vector<sock_filter> code_;
};

void add_arguments(Program& p) {
  // Code comes from the program's file alone.
  for (const long each : {SYS_mmap, SYS_mprotect})
    p.call(each, [&] {
      p.load(argument(2));
      p.if_any_bit(PROT_EXEC, refuse(EACCES));
      p.answer(kAllow);
    });
  p.call(SYS_socket, [&] {
    p.load(argument(0));
    for (const int each : {AF_INET, AF_INET6, AF_UNIX})
      p.if_equal(static_cast<std::uint32_t>(each), kAllow);
    p.answer(refuse(EAFNOSUPPORT));
  });
  // Whether it is a terminal, what a socket holds, an interface's number (of a scope in an address).
  p.call(SYS_ioctl, [&] {
    p.load(argument(1));
    for (const int each : {TCGETS, FIONREAD, FIONBIO, TIOCOUTQ, SIOCGIFINDEX, SIOCGIFNAME})
      p.if_equal(static_cast<std::uint32_t>(each), kAllow);
    p.answer(refuse(ENOTTY));
  });
  // abort() and raise() send to this process.
  for (const long each : {SYS_tgkill, SYS_kill})
    p.call(each, [&] {
      p.load(argument(0));
      p.if_equal(static_cast<std::uint32_t>(::getpid()), kAllow);
      p.answer(refuse(EPERM));
    });
  p.call(SYS_prctl, [&] {
    p.load(argument(0));
    for (const int each : {PR_GET_DUMPABLE, PR_GET_NAME, PR_SET_NAME, PR_GET_NO_NEW_PRIVS})
      p.if_equal(static_cast<std::uint32_t>(each), kAllow);
    p.answer(refuse(EPERM));
  });
  // Limits of this process are read, and lowered or raised within what is allowed; not of others.
  p.call(SYS_prlimit64, [&] {
    p.load(argument(0));
    p.if_equal(0, kAllow);
    p.answer(refuse(EPERM));
  });
}

base::Error failed(const char* what) {
  return base::errno_error(what, errno);
}

}  // namespace

std::vector<sock_filter> filter() {
  Program p;
  p.load(offsetof(seccomp_data, arch));
  p.call(static_cast<long>(kArch), [&] {
    p.load(offsetof(seccomp_data, nr));
#if defined(__x86_64__)
    constexpr std::uint32_t kX32 = 0x40000000;  // the same calls under other numbers
    p.if_at_least(kX32, kKill);
#endif
    for (const long each : kAllowed)
      p.if_equal(static_cast<std::uint32_t>(each), kAllow);
    for (const long each : kFatal)
      p.if_equal(static_cast<std::uint32_t>(each), kKill);
    add_arguments(p);
    p.answer(refuse(ENOSYS));
  });
  p.answer(kKill);
  return p.take();
}

base::Result<void> allow_no_privileges() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("prctl(PR_SET_NO_NEW_PRIVS)");
  return {};
}

base::Result<void> install_filter() {
  std::vector<sock_filter> code = filter();
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) return failed("seccomp");
  return {};
}

}  // namespace sandbox
