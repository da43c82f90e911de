#include "kube/config/token_write.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "kube/config/kubeconfig.h"

namespace kube::config {
namespace {

using base::Errc;
using base::Error;
using base::Result;

// RFC 6750's characters of a token; none of them means anything in YAML, inside quotes or without.
bool is_token_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~+/=").find(c) != std::string_view::npos;
}

bool stands_alone(const std::string& text, std::size_t at, std::size_t size) {
  return (at == 0 || !is_token_char(text[at - 1])) &&
         (at + size == text.size() || !is_token_char(text[at + size]));
}

Result<void> replace_in(std::string& text, const std::string& from, const std::string& to) {
  if (from.size() < kReplacedBytes || to.size() < kReplacedBytes ||
      !std::all_of(to.begin(), to.end(), is_token_char)) {
    return Error(Errc::invalid_argument, "a token is too short, or would need quotes");
  }
  bool found = false;
  for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at)) {
    const bool alone = stands_alone(text, at, from.size());
    if (alone) text.replace(at, from.size(), to);
    at += alone ? to.size() : from.size();
    found = found || alone;
  }
  if (!found) return Error(Errc::conflict, "the token is not in the file any more");
  return {};
}

// Exists as long as this does.
class LockFile {
 public:
  explicit LockFile(const std::string& file)
      : path_(file + ".lock"),
        fd_(::open(path_.c_str(), O_CREAT | O_EXCL | O_CLOEXEC | O_RDONLY, 0)),
        error_(fd_.get() < 0 ? errno : 0) {}
  ~LockFile() {
    if (error_ == 0) ::unlink(path_.c_str());
  }
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;
  int error() const { return error_; }

 private:
  std::string path_;
  base::Fd fd_;
  int error_;
};

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return ::fsync(fd) == 0;
}

Result<void> replace_file(const std::string& path, std::string_view text) {
  struct stat st {};
  if (::stat(path.c_str(), &st) != 0) return base::errno_error("stat", errno);
  std::string other = path + ".XXXXXX";
  const base::Fd fd(::mkostemp(other.data(), O_CLOEXEC));
  if (fd.get() < 0) return base::errno_error("create a file beside it", errno);
  const bool same_owner = (st.st_uid == ::geteuid() && st.st_gid == ::getegid()) ||
                          ::fchown(fd.get(), st.st_uid, st.st_gid) == 0;
  const bool good = same_owner && ::fchmod(fd.get(), st.st_mode & 07777) == 0 &&
                    write_all(fd.get(), text) && ::rename(other.c_str(), path.c_str()) == 0;
  if (good) return {};
  const int err = errno;
  ::unlink(other.c_str());
  return base::errno_error("replace", err);
}

}  // namespace

Result<void> replace_tokens(const std::string& file,
                            const std::vector<std::pair<std::string, std::string>>& changes) {
  char* real = ::realpath(file.c_str(), nullptr);
  if (real == nullptr) return base::errno_error("find", errno);
  const std::string path(real);
  std::free(real);
  const LockFile lock(file);
  if (lock.error() == EEXIST)
    return Error(Errc::conflict, "another program holds " + file + ".lock");
  if (lock.error() != 0) return base::errno_error("lock", lock.error());
  auto text = base::read_regular_file(path, kKubeconfigBytes);
  if (!text) return std::move(text).error();
  for (const auto& [from, to] : changes) {
    if (auto ok = replace_in(*text, from, to); !ok) return ok;
  }
  return replace_file(path, *text);
}

}  // namespace kube::config
