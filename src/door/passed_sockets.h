// Socket activation (sd_listen_fds(3)): listening sockets that the process which started this one
// has opened, descriptors 3 and on.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/error.h"
#include "net/listener.h"

namespace door {

// More than a unit file has; LISTEN_FDS comes from outside.
constexpr int kPassedSockets = 64;

struct PassedSocket {
  int fd = -1;
  std::string name;  // from LISTEN_FDNAMES; "": it has none
};

// The sockets that the environment names, if it names them for process `self` (LISTEN_PID); each is
// made close-on-exec. The caller then owns the descriptors, and should remove LISTEN_PID,
// LISTEN_FDS and LISTEN_FDNAMES from the environment, which child processes inherit. Errors
// (invalid_argument): LISTEN_FDS is no number up to kPassedSockets, or a descriptor is not open. The server
// must not start then: it would listen elsewhere than was meant.
base::Result<std::vector<PassedSocket>> passed_sockets(const char* (*getenv)(const char*),
                                                       pid_t self);

}  // namespace door
