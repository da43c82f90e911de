#include "catalog/cache_file.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "catalog/index.h"

namespace catalog {

using base::Errc;
using base::Error;

namespace {

timespec to_timespec(base::WallTime t) {
  constexpr std::int64_t kSecond = 1000000000;
  return {t.ns / kSecond, t.ns % kSecond};
}

// As mkdir -p does.
base::Result<void> make_directory(const std::string& path) {
  for (std::size_t at = 1; at != path.npos;) {
    at = path.find('/', at + 1);
    const std::string part = path.substr(0, at);
    if (::mkdir(part.c_str(), 0755) != 0 && errno != EEXIST)
      return base::errno_error("create " + part, errno);
  }
  return {};
}

base::Result<void> write_all(const base::Fd& fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return base::errno_error("write " + path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

base::Result<void> write_synced(const std::string& path, std::string_view head,
                                std::string_view body, base::WallTime checked) {
  ::unlink(path.c_str());  // of a process that died here
  const base::Fd fd(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!fd) return base::errno_error("create " + path, errno);
  if (auto ok = write_all(fd, head, path); !ok) return ok;
  if (auto ok = write_all(fd, body, path); !ok) return ok;
  const timespec times[2] = {to_timespec(checked), to_timespec(checked)};
  if (::futimens(fd.get(), times) != 0 || ::fsync(fd.get()) != 0)
    return base::errno_error("write " + path, errno);
  return {};
}

}  // namespace

std::string CacheFile::path() const {
  return directory_ + "/" + std::string(kCacheFile);
}

base::Result<std::optional<Kept>> CacheFile::load() const {
  if (directory_.empty()) return std::optional<Kept>();
  struct stat info {};
  if (::stat(path().c_str(), &info) != 0) return std::optional<Kept>();
  auto text = base::read_regular_file(path(), kCacheHeadBytes + kIndexBytes);
  if (!text) return std::move(text).error();
  const std::size_t line = text->find('\n');
  const Error damaged(Errc::protocol, path() + ": damaged");
  if (line == text->npos || line > kCacheHeadBytes) return damaged;
  base::json::Document document;
  const auto head = document.parse(std::string_view(*text).substr(0, line));
  if (!head) return damaged;
  Kept kept;
  kept.url = (*head)["url"].str();
  kept.etag = (*head)["etag"].str();
  kept.body = text->substr(line + 1);
  if ((*head)["sha256"].str() != base::sha256_hex(kept.body)) return damaged;
  kept.checked.ns = std::int64_t{info.st_mtim.tv_sec} * 1000000000 + info.st_mtim.tv_nsec;
  return std::optional<Kept>(std::move(kept));
}

base::Result<void> CacheFile::save(const Kept& kept) const {
  if (directory_.empty()) return {};
  if (auto ok = make_directory(directory_); !ok) return ok;
  std::string head;
  base::json::Writer w(head);
  w.begin_object().field("url", kept.url).field_if("etag", kept.etag);
  w.field("sha256", base::sha256_hex(kept.body)).end_object();
  head += '\n';
  const std::string beside = path() + "." + std::to_string(::getpid()) + ".tmp";
  auto ok = write_synced(beside, head, kept.body, kept.checked);
  if (ok && ::rename(beside.c_str(), path().c_str()) != 0)
    ok = base::errno_error("rename " + beside, errno);
  if (!ok) ::unlink(beside.c_str());
  return ok;
}

base::Result<void> CacheFile::confirm(base::WallTime checked) const {
  if (directory_.empty()) return {};
  const timespec times[2] = {to_timespec(checked), to_timespec(checked)};
  if (::utimensat(AT_FDCWD, path().c_str(), times, 0) != 0)
    return base::errno_error("touch " + path(), errno);
  return {};
}

}  // namespace catalog
