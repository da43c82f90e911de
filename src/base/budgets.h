// Budgets: the one accounting of what strangers, callers and API servers can make this process hold.
// Each part has a limit of its own, and all that are memory are bounded together; each has its gauge
// in /metrics (k0rdent_mcp_budget_*, by part). Lives in the app; everything that takes from it dies
// first.
//
//   part         what                                                     whose share
//   bodies       of requests, until they were handled                     peer or caller: a quarter
//   answers      made, or being made, and not taken by the socket yet     peer or caller: a quarter
//   queues       what waits for streams, and what is kept for a return    (each queue has its limit)
//   snapshots    first states that newcomers share
//   lists        objects read from the API server, and pages being read
//   logs         the newest lines of followed logs
//   kernel       bytes handed to sockets and not acknowledged by peers
//   watches      (not memory) upstream watches and log streams            caller: --max-watches-per-caller
//   descriptors  (not memory) sockets, accepted or dialled                connections: see http/server.h
//
// A memory limit scales the parts: what the program needs without a client is set aside, and half of
// the rest is the sum of all parts. The other half is for what cannot be counted: the tree of a text
// while it is parsed, the heap's gaps, the kernel's own records of sockets.
#pragma once

#include <cstddef>
#include <string>

#include "base/budget.h"
#include "base/queue_budget.h"

namespace base {

// Upstream watches of one caller: each costs a connection here and a watcher in the API server. A client
// that follows each pod of a cluster deployment has some tens.
constexpr std::size_t kWatchesPerCaller = 100;

class Budgets {
 public:
  // `limit`: what the process may use in all, in bytes; Budget::kNone: no limit. `queue_bytes` and
  // `descriptor_limit`: the limits of these parts.
  explicit Budgets(std::size_t limit = Budget::kNone, std::size_t queue_bytes = kQueueBudget,
                   std::size_t descriptor_limit = Budget::kNone);

  Budget memory;  // all below but descriptors
  Budget bodies, answers, snapshots, lists, kernel;
  QueueBudget queues, logs;
  Budget watches;
  Budget descriptors;

  // fn(std::string_view name, const Budget&) for each part and for all ("memory").
  template <class Fn>
  void for_each(Fn fn) const {
    fn("memory", memory);
    fn("bodies", bodies);
    fn("answers", answers);
    fn("snapshots", snapshots);
    fn("lists", lists);
    fn("kernel", kernel);
    fn("queues", queues);
    fn("logs", logs);
    fn("watches", watches);
    fn("descriptors", descriptors);
  }
};

// The memory limit of this process's cgroup (version 2, else 1), the least of its own and those
// above; Budget::kNone when there is none. `root`: where cgroups are mounted, `self`: what
// /proc/self/cgroup says; others than the defaults are for tests.
std::size_t cgroup_memory_limit(const std::string& root = "/sys/fs/cgroup",
                                const std::string& self = "/proc/self/cgroup");

}  // namespace base
