// Budgets: accounts for everything that untrusted peers, callers and API servers can make this
// process hold. Each part has its own limit, and all parts that are memory are bounded together;
// each has its gauge in /metrics (k0rdent_mcp_budget_*, by part). The app owns it; it must outlive
// everything that takes from it.
//
//   part         what it holds                                          share of one owner
//   bodies       request bodies, until they are handled, and            a quarter (peer or caller)
//                arguments of changes that wait
//   answers      responses being made, or not yet taken by the socket   a quarter (peer or caller)
//   queues       messages waiting for streams or kept for resumption    a quarter (peer or caller)
//   snapshots    initial states shared by new subscribers
//   lists        objects read from the API server, pages being read
//   reads        single answers of the API server, while they are read
//   changes      wishes and objects of the writes at work (change/room.h)
//   logs         the newest lines of followed logs                      a quarter (caller)
//   kernel       bytes given to sockets, not yet acknowledged by peers
//   watches      (not memory) upstream watches and log streams          --max-watches-per-caller
//   starting     (not memory) those of them whose first state is not
//                whole: what they will hold is in no other part yet
//   sessions     (not memory) sessions of the legacy era                --max-sessions-per-caller
//   streams      (not memory) event streams that clients hold open      --max-streams-per-caller
//   calls        (not memory) calls, reads and working tasks            --max-calls-per-caller
//   descriptors  (not memory) sockets, accepted or dialled              see http/server.h
//
// The owner of sessions, streams, calls and logs is a caller that has a token. Without tokens all
// clients are one caller, which may have all. These shares and that of the queues shrink as the part
// fills (Budget::share_what_is_left).
//
// A memory limit scales the parts: what the program needs without a client is set aside, and half
// of the rest is the limit of all parts together. The other half is for what is not counted: parse
// trees, fragmentation of the heap, the kernel's own records of sockets.
#pragma once

#include <cstddef>
#include <string>

#include "base/budget.h"
#include "base/queue_budget.h"

namespace base {

// Limit on the upstream watches of one caller: each costs a connection here and a watcher in the
// API server. A client that follows every pod of a cluster deployment has a few tens.
constexpr std::size_t kWatchesPerCaller = 100;

class Budgets {
 public:
  // `limit`: what the whole process may use, in bytes; Budget::kNone means no limit. `queue_bytes`
  // and `descriptor_limit`: the limits of these two parts.
  explicit Budgets(std::size_t limit = Budget::kNone, std::size_t queue_bytes = kQueueBudget,
                   std::size_t descriptor_limit = Budget::kNone);

  Budget memory;  // all parts below that are memory
  Budget bodies, answers, snapshots, lists, reads, changes, kernel;
  QueueBudget queues, logs;
  Budget watches, starting, sessions, streams, calls;
  Budget descriptors;

  // Calls fn(std::string_view name, const Budget&) for each part and for their sum ("memory").
  template <class Fn>
  void for_each(Fn fn) const {
    fn("memory", memory);
    fn("bodies", bodies);
    fn("answers", answers);
    fn("snapshots", snapshots);
    fn("lists", lists);
    fn("reads", reads);
    fn("changes", changes);
    fn("kernel", kernel);
    fn("queues", queues);
    fn("logs", logs);
    fn("watches", watches);
    fn("starting", starting);
    fn("sessions", sessions);
    fn("streams", streams);
    fn("calls", calls);
    fn("descriptors", descriptors);
  }
};

// The memory limit of this process's cgroup (version 2, else version 1): the least of its own limit
// and its ancestors'; Budget::kNone when there is none. `root` is the mount point of the cgroups,
// `self` the file that names this process's cgroup; only tests pass other values.
std::size_t cgroup_memory_limit(const std::string& root = "/sys/fs/cgroup",
                                const std::string& self = "/proc/self/cgroup");

}  // namespace base
