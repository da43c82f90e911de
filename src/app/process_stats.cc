#include "app/process_stats.h"

#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

namespace app {

namespace {

constexpr std::size_t kProcBytes = 4096;

// Fields of /proc/self/stat (proc(5)), counted from 1.
constexpr std::size_t kStartTime = 22, kVirtualBytes = 23, kResidentPages = 24;

double cpu_seconds() {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// The wall time at which the process started. `ticks`: its start in clock ticks since boot.
double start_time(std::int64_t ticks) {
  timespec wall{}, since_boot{};
  ::clock_gettime(CLOCK_REALTIME, &wall);
  ::clock_gettime(CLOCK_BOOTTIME, &since_boot);
  const auto seconds = [](const timespec& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
  };
  return seconds(wall) - seconds(since_boot) +
         static_cast<double>(ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::uint64_t count_fds() {
  // Since Linux 6.2 the directory's size is the number of descriptors; counting 12,000 entries
  // takes milliseconds.
  struct stat info {};
  if (::stat("/proc/self/fd", &info) == 0 && info.st_size > 0)
    return static_cast<std::uint64_t>(info.st_size);
  DIR* dir = ::opendir("/proc/self/fd");
  if (dir == nullptr) return 0;
  std::uint64_t n = 0;
  while (const dirent* entry = ::readdir(dir))
    n += entry->d_name[0] == '.' ? 0 : 1;
  ::closedir(dir);
  return n > 0 ? n - 1 : 0;  // without the descriptor of `dir`
}

}  // namespace

ProcessStats read_process_stats() {
  ProcessStats out;
  if (const auto text = base::read_file("/proc/self/stat", kProcBytes); text) {
    // The second field, the program's name in parentheses, may contain spaces and parentheses.
    const std::size_t name_end = text->rfind(')');
    const auto fields = base::split(
        std::string_view(*text).substr(name_end == std::string::npos ? 0 : name_end + 1),
        ' ');  // [1] is field 3
    const auto field = [&](std::size_t n) {
      return n - 2 < fields.size() ? base::parse_int(fields[n - 2]).value_or(0) : 0;
    };
    // Computed once: a corrected wall clock must not look like a restart.
    static const double began = start_time(field(kStartTime));
    out.start_time = began;
    out.virtual_bytes = static_cast<std::uint64_t>(field(kVirtualBytes));
    out.resident_bytes =
        static_cast<std::uint64_t>(field(kResidentPages) * ::sysconf(_SC_PAGESIZE));
  }
  out.cpu_seconds = cpu_seconds();
  out.open_fds = count_fds();
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) out.max_fds = limit.rlim_cur;
  return out;
}

std::size_t resident_bytes() {
  const auto text = base::read_file("/proc/self/statm", kProcBytes);
  const auto fields = base::split(text ? std::string_view(*text) : std::string_view(), ' ');
  const auto pages = fields.size() > 1 ? base::parse_int(fields[1]) : std::nullopt;
  return static_cast<std::size_t>(pages.value_or(0) * ::sysconf(_SC_PAGESIZE));
}

}  // namespace app
