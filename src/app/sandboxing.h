// --sandbox: from the moment when the server is about to serve, the process can use only the system calls and
// files that serving takes (sandbox/seccomp.h, sandbox/landlock.h), and no program can be started any more.
//
//   read     directories of the files that the flags and the kubeconfig name, drop-ins (FILE.d) included, which are
//            read again when they change; the service account; /etc, for resolver files and the system's authorities;
//            /proc/self for metrics
//   written  directories of --audit-file, --pid-file, --catalog-cache-dir and Unix sockets, and of a
//            kubeconfig whose OpenID Connect tokens are written back
//
// A directory and not the file itself: a file that is renamed over it, or a symbolic link that a mounted
// Secret swaps, is another one. So it is with /etc/hosts and /etc/resolv.conf, hence all of /etc: its secrets
// are root's. Each symbolic link on the way to a file that is read adds the directory of what it names, so that
// it can be swapped; on the way to a file that is written, only the file's own link does.
#pragma once

#include "app/settings.h"
#include "base/error.h"
#include "kube/config/kubeconfig.h"
#include "sandbox/landlock.h"

namespace app {

// Errors: the kubeconfig needs a program (exec).
base::Result<void> check_sandbox(const Settings& settings, const kube::config::Config& config);

sandbox::Paths sandbox_paths(const Settings& settings, const kube::config::Config& config);

// Does nothing without --sandbox. Errors: the kernel has no seccomp filters. Without landlock it says so
// in the log, and goes on.
base::Result<void> enter_sandbox(const Settings& settings, const kube::config::Config& config);

}  // namespace app
