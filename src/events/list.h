// List: the newest events of one namespace that a selector selects, newest first: what a read of
// k0rdent://events/{ns} returns. The newest are kept in a heap, so that the number kept bounds the
// memory.
#pragma once

#include <string>
#include <vector>

#include "base/delegate.h"
#include "events/source.h"
#include "events/view.h"

namespace events {

// Most events in one read: some 2.5 MB of JSON, more than any model can take in.
constexpr std::size_t kEventsPerAnswer = 5000;

// The answer.
struct Events {
  std::vector<mcp::JsonOf<View>> events;
  std::size_t omitted = 0;  // older events that were selected and left out
  static mcp::Fields fields();
};

class List : private SourceHandler {
 public:
  // Runs once, never inside start().
  using Fn = base::Delegate<void(const kube::Failure*, mcp::JsonOf<Events> events)>;
  List(cluster::Cluster& cluster, Fn fn) : fn_(fn), source_(cluster, *this) {}
  base::Result<void> start(Selector selector, const mcp::Caller& caller) {
    return source_.start(std::move(selector), 0, caller);
  }

 private:
  struct Found {
    base::WallTime time;
    mcp::JsonOf<View> json;
  };
  void on_event(base::json::Value event, Api api) override;
  void on_events_restart() override;
  void on_events_end(const kube::Failure* failure) override;

  Fn fn_;
  std::vector<Found> found_;  // a heap whose front is the oldest
  std::size_t omitted_ = 0;
  Source source_;
};

}  // namespace events
