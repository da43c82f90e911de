#include "app/pid_file.h"

#include <cerrno>
#include <limits>
#include <string_view>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/text.h"

namespace app {

using base::Errc;
using base::Error;

// A process id and a line feed take at most 11 bytes.
constexpr std::size_t kPidFileBytes = 64;

static Error foreign(const std::string& path) {
  return Error(Errc::conflict, "pid file " + path + ": holds something other than a process id");
}

static base::Result<void> refuse_if_taken(const std::string& path) {
  auto text = base::read_regular_file(path, kPidFileBytes);
  if (!text) {
    // Too large for a pid file. A file that cannot be opened is reported by write().
    if (text.error().code() == Errc::too_large) return foreign(path);
    return {};
  }
  const std::string_view content = base::trim(*text);
  if (content.empty()) return {};  // left by a crash between open and write
  const auto pid = base::parse_int(content);
  if (!pid || *pid <= 0 || *pid > std::numeric_limits<pid_t>::max()) return foreign(path);
  if (*pid == ::getpid()) return {};
  if (::kill(static_cast<pid_t>(*pid), 0) == -1 && errno == ESRCH) return {};
  return Error(Errc::conflict,
               "pid file " + path + ": process " + std::to_string(*pid) + " is running");
}

base::Result<void> PidFile::write(const std::string& path) {
  if (auto ok = refuse_if_taken(path); !ok) return ok;
  base::Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd) return base::errno_error("pid file " + path, errno);
  const std::string text = std::to_string(::getpid()) + "\n";
  if (::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return base::errno_error("pid file " + path, errno);
  }
  path_ = path;
  return {};
}

PidFile::~PidFile() {
  remove();
}

void PidFile::remove() {
  if (path_.empty()) return;
  auto text = base::read_regular_file(path_, 64);
  if (text && base::trim(*text) == std::to_string(::getpid())) ::unlink(path_.c_str());
}

}  // namespace app
