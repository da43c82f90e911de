// List: the newest events of one namespace that pass a filter, at most `limit`, newest first:
// what events.list answers and a read of k0rdent://events/{ns} returns.
//   1  choose the API
//   2  list page by page, keeping the newest that pass (a heap, so that the limit bounds memory)
//   3  sort and write
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/delegate.h"
#include "cluster/list.h"
#include "events/api_choice.h"
#include "events/selector.h"
#include "events/view.h"

namespace events {

// Most events in one answer, whatever limit was requested: some 2.5 MB of JSON, more than any model
// can take in.
constexpr std::size_t kEventsPerAnswer = 5000;

struct Filter {
  Selector selector;
  std::int64_t since_seconds = 0;  // > 0: only events of the last N seconds
  std::int64_t limit = 0;          // > 0: only the newest N
};

// The answer.
struct Events {
  std::vector<mcp::JsonOf<View>> events;
  std::size_t omitted = 0;  // older events that passed the filter and were left out
  static mcp::Fields fields();
};

class List : private cluster::ListHandler {
 public:
  // Runs once, never inside start().
  using Fn = base::Delegate<void(const kube::Failure*, mcp::JsonOf<Events> events)>;
  List(cluster::Cluster& cluster, Fn fn);
  // Errors: the namespace is not allowed; nothing was requested.
  base::Result<void> start(Filter filter, const mcp::Caller& caller);

 private:
  struct Found {
    base::WallTime time;
    mcp::JsonOf<View> json;
  };
  void on_api(const kube::Failure* failure, Api api);
  base::Result<void> list(Api api);
  void on_object(base::json::Value event) override;
  void on_restart() override;
  void on_done(const kube::Failure* failure) override;

  cluster::Cluster& cluster_;
  Fn fn_;
  Filter filter_;
  kube::config::Credentials credentials_ = kube::config::Credentials::none();
  Api api_ = Api::events_v1;
  std::size_t limit_ = kEventsPerAnswer;
  base::WallTime oldest_{};
  std::vector<Found> found_;  // a heap whose front is the oldest
  std::size_t omitted_ = 0;
  ApiChoice choice_;
  cluster::List list_;
};

}  // namespace events
