// EventList: the events of one namespace that pass a filter, newest first, at most `limit`: what
// events.list answers and k0rdent://events/{ns} reads.
//   1 choose the API  2 list page by page, keeping the newest that pass (a heap, so memory is
//   bounded by the limit)  3 sort, write
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/delegate.h"
#include "kube/list_call.h"
#include "tools/event_api.h"
#include "tools/event_selector.h"
#include "tools/event_view.h"

namespace tools {

// What one answer holds at the most, whatever limit was asked: some 2.5 MB of JSON, more than any
// model can take in.
constexpr std::size_t kEventsPerAnswer = 5000;

struct EventFilter {
  EventSelector selector;
  std::int64_t since_seconds = 0;  // > 0: not older than that
  std::int64_t limit = 0;          // > 0: the newest N
};

// What an answer holds.
struct Events {
  std::vector<mcp::JsonOf<EventView>> events;
  std::size_t omitted = 0;  // older ones that passed the filter and were left out
  static mcp::Fields fields();
};

class EventList : private kube::ListHandler {
 public:
  // Once, never inside start().
  using Fn = base::Delegate<void(const kube::Failure*, mcp::JsonOf<Events> events)>;
  EventList(KubeContext& context, Fn fn);
  void start(EventFilter filter, kube::Credentials credentials);

 private:
  struct Found {
    base::WallTime time;
    mcp::JsonOf<EventView> json;
  };
  void on_api(const kube::Failure* failure, EventApi api);
  void list();
  void on_item(base::json::Value event) override;
  void on_restart() override;
  void on_done(const kube::Failure* failure, std::string_view resource_version) override;

  KubeContext& context_;
  Fn fn_;
  EventFilter filter_;
  kube::Credentials credentials_ = kube::Credentials::none();
  EventApi api_ = EventApi::events_v1;
  std::size_t limit_ = kEventsPerAnswer;
  base::WallTime oldest_{};
  std::vector<Found> found_;  // a heap whose front is the oldest
  std::size_t omitted_ = 0;
  EventApiChoice choice_;
  kube::ListCall list_;
};

}  // namespace tools
