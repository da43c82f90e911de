#include "door/passed_sockets.h"

#include <fcntl.h>

#include "base/text.h"

namespace door {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START

std::vector<PassedSocket> passed_sockets(const char* (*getenv)(const char*), pid_t self) {
  const auto text = [&](const char* name) {
    const char* value = getenv(name);
    return std::string_view(value ? value : "");
  };
  const auto pid = base::parse_int(text("LISTEN_PID")), count = base::parse_int(text("LISTEN_FDS"));
  std::vector<PassedSocket> out;
  if (!pid || *pid != self || !count || *count < 1 || *count > kPassedSockets) return out;
  const std::string_view all_names = text("LISTEN_FDNAMES");
  const auto names = base::split(all_names, ':');
  for (int i = 0; i < static_cast<int>(*count); ++i) {
    const int fd = kFirst + i;
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) continue;  // it is not open
    const auto at = static_cast<std::size_t>(i);
    out.push_back({fd, std::string(at < names.size() ? names[at] : std::string_view())});
  }
  return out;
}

}  // namespace door
