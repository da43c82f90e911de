#include "door/passed_sockets.h"

#include <cerrno>

#include <fcntl.h>

#include "base/text.h"

namespace door {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START
constexpr std::size_t kShown = 40;

base::Result<std::vector<PassedSocket>> passed_sockets(const char* (*getenv)(const char*),
                                                       pid_t self) {
  const auto text = [&](const char* name) {
    const char* value = getenv(name);
    return std::string_view(value ? value : "");
  };
  const auto pid = base::parse_int(text("LISTEN_PID"));
  std::vector<PassedSocket> out;
  if (!pid || *pid != self || getenv("LISTEN_FDS") == nullptr) return out;
  const auto count = base::parse_int(text("LISTEN_FDS"));
  if (!count || *count < 0 || *count > kPassedSockets) {
    return base::Error(base::Errc::invalid_argument,
                       "LISTEN_FDS=" + base::printable(text("LISTEN_FDS"), kShown) +
                           " must be a number of sockets, at most " +
                           std::to_string(kPassedSockets));
  }
  const std::string_view all_names = text("LISTEN_FDNAMES");
  const auto names = base::split(all_names, ':');
  for (int i = 0; i < static_cast<int>(*count); ++i) {
    const int fd = kFirst + i;
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
      return base::errno_error(
          "LISTEN_FDS=" + std::to_string(*count) + ": descriptor " + std::to_string(fd), errno);
    }
    const auto at = static_cast<std::size_t>(i);
    out.push_back({fd, std::string(at < names.size() ? names[at] : std::string_view())});
  }
  return out;
}

}  // namespace door
