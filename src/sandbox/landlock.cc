#include "sandbox/landlock.h"

#include <cerrno>
#include <cstdint>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"

namespace sandbox {

namespace {

// The kernel's own values: the header of the build may be older than the kernel that it runs on.
constexpr std::uint64_t kExecute = 1U << 0, kWriteFile = 1U << 1, kReadFile = 1U << 2,
                        kReadDir = 1U << 3, kRemoveFile = 1U << 5, kMakeRegular = 1U << 8,
                        kMakeSocket = 1U << 9;
constexpr std::uint64_t kFirst = (1U << 13) - 1;  // all of version 1
constexpr std::uint64_t kRefer = 1U << 13, kTruncate = 1U << 14, kDeviceIoctl = 1U << 15;
constexpr std::uint64_t kBindTcp = 1U << 0;
constexpr std::uint64_t kScopeSignals = 1U << 1;
constexpr unsigned kVersion = 1U << 0;  // LANDLOCK_CREATE_RULESET_VERSION
constexpr unsigned kPathBeneath = 1;    // LANDLOCK_RULE_PATH_BENEATH

// struct landlock_ruleset_attr and landlock_path_beneath_attr.
struct Ruleset {
  std::uint64_t files = 0, net = 0, scoped = 0;
};
struct __attribute__((packed)) Beneath {
  std::uint64_t allowed;
  std::int32_t fd;
};

// What a rule may say of a file that is no directory.
constexpr std::uint64_t kOfFiles = kExecute | kWriteFile | kReadFile | kTruncate | kDeviceIoctl;
constexpr std::uint64_t kReading = kReadFile | kReadDir;
constexpr std::uint64_t kWriting =
    kReading | kWriteFile | kTruncate | kMakeRegular | kMakeSocket | kRemoveFile;

Ruleset everything(long version) {
  Ruleset out;
  out.files = kFirst;
  if (version >= 2) out.files |= kRefer;
  if (version >= 3) out.files |= kTruncate;
  if (version >= 5) out.files |= kDeviceIoctl;
  if (version >= 4) out.net = kBindTcp;
  if (version >= 6) out.scoped = kScopeSignals;
  return out;
}

// An older kernel takes a shorter structure.
std::size_t size_of(long version) {
  return sizeof(std::uint64_t) * (version >= 6 ? 3 : version >= 4 ? 2 : 1);
}

base::Error failed(const std::string& what) {
  return base::errno_error(what, errno);
}

base::Result<void> allow(const base::Fd& rules, const std::string& path, std::uint64_t rights) {
  const base::Fd fd(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!fd) return {};
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return failed(path);
  if (!S_ISDIR(info.st_mode)) rights &= kOfFiles;
  const Beneath beneath{rights, fd.get()};
  if (::syscall(SYS_landlock_add_rule, rules.get(), kPathBeneath, &beneath, 0) != 0)
    return failed("landlock_add_rule for " + path);
  return {};
}

}  // namespace

base::Result<int> allow_paths(const Paths& paths) {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kVersion);
  if (version < 1) return 0;  // not built in (ENOSYS), or switched off at boot (EOPNOTSUPP)
  const Ruleset handled = everything(version);
  const base::Fd rules(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &handled, size_of(version), 0)));
  if (!rules) return failed("landlock_create_ruleset");
  for (const std::string& each : paths.read)
    if (auto ok = allow(rules, each, kReading & handled.files); !ok) return std::move(ok).error();
  for (const std::string& each : paths.write)
    if (auto ok = allow(rules, each, kWriting & handled.files); !ok) return std::move(ok).error();
  if (::syscall(SYS_landlock_restrict_self, rules.get(), 0) != 0)
    return failed("landlock_restrict_self");
  return static_cast<int>(version);
}

}  // namespace sandbox
