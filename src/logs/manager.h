// Manager: follows containers' logs for subscribers of
// k0rdent://podlogs/{namespace}/{pod}/{container}.
//
//   subscribe → the pod is read and a container chosen (only when none is named)
//             → the log opens: accepted; otherwise refused with the API server's reason
//   breaker open: refused, with the time to try again
//
// Deltas:
//   {"type":"line","sequence":1…,"timestamp":T,"line":TEXT}
//       T: when the container wrote the line, RFC 3339 UTC (unknown: when the line arrived)
//       "truncated":true: the line was longer than a megabyte
//       "partial":true: the last line of an instance, without a line end
//   {"type":"gap","message":…}             lines may be missing here
//   {"type":"restart","message":…}         a new instance of the container begins here
//   {"type":"stale"|"fresh"|"dropped",…}   see fanout/notice.h
//   {"type":"error","error":…}             the API server refuses to go on; "end" follows
//   {"type":"end","reason":…}              nothing more follows; the subscription is over
//
// Subscribers of one identity, pod and container share a stream when the stream's memory
// (memory.h) holds all of the history that the newcomer wants (tailLines, sinceSeconds, or
// all): it gets its history from there and then the same lines. One that wants more gets a stream
// of its own under the same key: with the same backoff and breaker. `previous` is read once and
// never shared.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/queue_budget.h"
#include "fanout/typed.h"
#include "logs/memory.h"
#include "logs/request.h"
#include "logs/watch.h"

namespace logs {

class Manager final : public fanout::ManagerOf<Watch> {
 public:
  explicit Manager(const fanout::Context& context) : fanout::ManagerOf<Watch>(context, "podlogs") {}
  ~Manager() override { drop_watches(); }

  // Requires: the names in `request` are valid and its namespace is allowed. Returns nullptr after
  // refusing the subscriber (breaker open, its share of watches used up, manager not running).
  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber, Request request);

  // For the watches.
  base::QueueBudget& memory_budget() {
    return context().budgets ? context().budgets->logs : memory_budget_;
  }
  static std::string key_of(std::string_view identity, const Request& request);
  // The stream of `slot` that `request` can share; nullptr: none.
  Watch* stream_for(const std::string& slot, const Request& request) const;

 private:
  base::QueueBudget memory_budget_{kLogMemoryBudget};  // without budgets
};

}  // namespace logs
