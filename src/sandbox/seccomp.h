// A seccomp filter (seccomp(2), SECCOMP_SET_MODE_FILTER): the system calls that the server uses once it
// serves, on x86-64 and arm64. Everything else gets one of two answers:
//
//   ends the process (SIGSYS)   what a program needs to become another one, to look into others, or to leave
//                               its namespaces: exec, fork, ptrace, mount, bpf, modules, io_uring, keys.
//                               Nothing of ours calls them, so that a call is code of an attacker: it gets no
//                               second try, and the exit status and the kernel's audit log (type 1326) say why
//   ENOSYS                      all others. A library that tries a newer call falls back to an older one, as
//                               on an older kernel, so that an update of libc or OpenSSL ends no server
//
// Some calls are allowed with some arguments only: memory is never executable, sockets are TCP, UDP or Unix,
// signals go to this process alone.
#pragma once

#include <vector>

#include <linux/filter.h>

#include "base/error.h"

namespace sandbox {

// The program for this architecture and this process (its id is in it).
std::vector<sock_filter> filter();

// Holds for this thread and what it starts, for good. Requires: allow_no_privileges() was called.
// Errors: the kernel has no seccomp filters.
base::Result<void> install_filter();

// prctl(PR_SET_NO_NEW_PRIVS): programs that this process starts gain no rights from their files.
base::Result<void> allow_no_privileges();

}  // namespace sandbox
