#include "base/budgets.h"

#include <vector>

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"

namespace base {

namespace {

using limits::kMiB;

// Defaults without a memory limit: what a busy server was measured to need with 10,000 subscribers;
// none of it is held at rest.
constexpr std::size_t kBodies = 64 * kMiB, kAnswers = 64 * kMiB, kSnapshots = 64 * kMiB;
constexpr std::size_t kLists = 512 * kMiB;   // about 100,000 objects as received
constexpr std::size_t kReads = 64 * kMiB;    // 16 objects of the largest size at once
constexpr std::size_t kChanges = 64 * kMiB;  // 8 at once of objects of 0.8 MB
constexpr std::size_t kLogs = 64 * kMiB;     // 256 busy logs of 256 KiB each
constexpr std::size_t kKernel = 256 * kMiB;  // 2,000 readers with a full send buffer each
// The least that works: one response of a megabyte and one list.
constexpr std::size_t kLeast = 4 * kMiB;
// The least share of the queues: the largest message, a line of a log, waits in a stream's queue.
constexpr std::size_t kLeastQueueShare = 2 * limits::kStreamQueueBytes;
constexpr std::size_t kCgroupBytes = 4096;  // these files hold one number or a few lines

std::size_t all_parts(std::size_t memory) {
  if (memory == Budget::kNone) return Budget::kNone;
  const std::size_t rest = memory > limits::kProgramBytes ? memory - limits::kProgramBytes : 0;
  return std::max(rest / 2, kLeast);
}

// cgroup 1 reports "no limit" as a number near 2^63.
constexpr std::int64_t kNoLimitInVersion1 = std::int64_t{1} << 60;

std::size_t read_limit(const std::string& file) {
  const auto text = read_file(file, kCgroupBytes);
  const auto n = text ? parse_int(trim(*text)) : std::nullopt;
  if (!n || *n <= 0 || *n >= kNoLimitInVersion1) return Budget::kNone;
  return static_cast<std::size_t>(*n);
}

// The least limit of `dir` and its ancestors up to `root`: the kernel enforces each.
std::size_t least_limit(const std::string& root, std::string dir, const std::string& name) {
  std::size_t least = Budget::kNone;
  for (;;) {
    least = std::min(least, read_limit(std::string(root).append(dir).append("/").append(name)));
    if (dir.empty()) return least;
    dir.resize(dir.rfind('/'));
  }
}

}  // namespace

Budgets::Budgets(std::size_t limit, std::size_t queue_bytes, std::size_t descriptor_limit)
    : memory(all_parts(limit)),
      bodies(std::min(kBodies, memory.limit() / 2), &memory),
      answers(std::min(kAnswers, memory.limit() / 2), &memory),
      snapshots(std::min(kSnapshots, memory.limit() / 4), &memory),
      lists(std::min(kLists, memory.limit() / 2), &memory),
      reads(std::min(kReads, memory.limit() / 4), &memory),
      changes(std::min(kChanges, memory.limit() / 2), &memory),
      kernel(std::min(kKernel, memory.limit() / 4), &memory),
      queues(std::min(queue_bytes, memory.limit() / 2), &memory),
      logs(std::min(kLogs, memory.limit() / 8), &memory),
      watches(Budget::kNone),
      starting(Budget::kNone),
      sessions(limits::kSessions),
      streams(limits::kConnections),
      calls(limits::kCalls),
      descriptors(descriptor_limit) {
  watches.set_share(kWatchesPerCaller);
  streams.set_share(limits::kStreamsPerCaller);
  calls.set_share(limits::kCallsPerCaller);
  bodies.set_share(bodies.limit() / 4);
  answers.set_share(answers.limit() / 4);
  queues.set_share(std::max(queues.limit() / 4, kLeastQueueShare));
  logs.set_share(logs.limit() / 4);
  for (Budget* part :
       {&sessions, &streams, &calls, static_cast<Budget*>(&queues), static_cast<Budget*>(&logs)})
    part->share_what_is_left();
}

std::size_t cgroup_memory_limit(const std::string& root, const std::string& self) {
  const auto text = read_file(self, kCgroupBytes * 4);
  if (!text) return Budget::kNone;
  std::size_t least = Budget::kNone;
  // "0::/path" is version 2, "4:memory,…:/path" is version 1. In a container its own cgroup is
  // mounted as the root, and the path may not exist there.
  for (std::string_view line : split(*text, '\n')) {
    const auto fields = split(line, ':');
    if (fields.size() < 3) continue;
    std::string path(line.substr(fields[0].size() + fields[1].size() + 2));
    while (!path.empty() && path.back() == '/')
      path.pop_back();
    if (!path.empty() && path.front() != '/') continue;
    if (fields[0] == "0") least = std::min(least, least_limit(root, path, "memory.max"));
    for (std::string_view controller : split(fields[1], ',')) {
      if (controller == "memory")
        least = std::min(least, least_limit(root + "/memory", path, "memory.limit_in_bytes"));
    }
  }
  return least;
}

}  // namespace base
