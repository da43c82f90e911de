#include "base/file.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/wipe.h"

namespace base {
namespace {

Result<void> judge_secret(const std::string& op, unsigned mode) {
  constexpr unsigned kChangedByOthers = S_IWGRP | S_IWOTH;
  if ((mode & (kChangedByOthers | S_IROTH)) == 0) return {};
  static constexpr char kDigits[] = "01234567";
  const std::string octal{'0', kDigits[mode >> 6 & 7], kDigits[mode >> 3 & 7], kDigits[mode & 7]};
  return Error(Errc::invalid_argument,
               op + ": " +
                   ((mode & kChangedByOthers) != 0 ? "others than its owner may change it"
                                                   : "anybody may read it") +
                   " (mode " + octal + "); a secret has mode 0600, or 0440 in a pod (fsGroup)");
}

enum class FileKind : unsigned char { any, regular, secret };

// What was read may be a secret, which must not stay on the stack.
struct Piece {
  ~Piece() { wipe(bytes.data(), used); }
  std::array<char, 16384> bytes;
  std::size_t used = 0;
};

Result<std::string> read_to_end(int fd, const std::string& op, std::size_t max, std::size_t hint) {
  std::string out;
  out.reserve(std::min(max, hint) + 1);
  Piece piece;
  while (true) {
    const ssize_t got = ::read(fd, piece.bytes.data(), piece.bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error(op, errno);
    if (got == 0) return out;
    piece.used = std::max(piece.used, static_cast<std::size_t>(got));
    if (static_cast<std::size_t>(got) > max - out.size()) {
      return Error(Errc::too_large, op + ": more than " + std::to_string(max) + " bytes");
    }
    out.append(piece.bytes.data(), static_cast<std::size_t>(got));
  }
}

Result<std::string> read_whole(const std::string& path, std::size_t max, FileKind kind) {
  const std::string op = "read " + path;
  // Opening a pipe that has no writer would already block.
  const int now = kind == FileKind::any ? 0 : O_NONBLOCK;
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | now));
  if (!fd) return errno_error(op, errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return errno_error(op, errno);
  if (kind != FileKind::any && !S_ISREG(info.st_mode))
    return Error(Errc::invalid_argument, op + ": is no regular file");
  if (kind == FileKind::secret) {
    if (auto good = judge_secret(op, info.st_mode & 0777U); !good) return std::move(good).error();
  }
  // A pipe (kubectl-style /dev/fd/63) and the files of /proc have no size.
  return read_to_end(fd.get(), op, max, static_cast<std::size_t>(std::max<off_t>(info.st_size, 0)));
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::size_t max) {
  return read_whole(path, max, FileKind::any);
}
Result<std::string> read_standard_input(std::size_t max) {
  return read_to_end(STDIN_FILENO, "read standard input", max, 0);
}
Result<std::string> read_regular_file(const std::string& path, std::size_t max) {
  return read_whole(path, max, FileKind::regular);
}
Result<std::string> read_secret_file(const std::string& path, std::size_t max) {
  return read_whole(path, max, FileKind::secret);
}

}  // namespace base
