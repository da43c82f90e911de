#include "base/output.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace base {
namespace {

int g_failure = 0;  // errno of the write that failed

}  // namespace

void open_standard_descriptors() {
  std::signal(SIGPIPE, SIG_IGN);
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free number is this one, for those below it are open.
    [[maybe_unused]] const int opened =
        ::open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY);
  }
}

bool write_output(std::string_view text) {
  while (!text.empty() && g_failure == 0) {
    const ssize_t n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      pollfd ready{STDOUT_FILENO, POLLOUT, 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      g_failure = errno;
    }
  }
  return g_failure == 0;
}

bool output_is_lost() {
  return g_failure != 0;
}

int exit_code_with_output(int code) {
  if (g_failure == 0 || g_failure == EPIPE) return code;
  std::fprintf(stderr, "k0rdent-mcp: write to standard output: %s\n", std::strerror(g_failure));
  return 1;
}

}  // namespace base
