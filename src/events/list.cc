#include "events/list.h"

#include <algorithm>
#include <utility>

namespace events {

mcp::Fields Events::fields() {
  return {mcp::field<&Events::events>({.name = "events", .required = true}),
          mcp::field<&Events::omitted>(
              {.name = "omitted",
               .description = "number of older matching events that were left out"})};
}

void List::on_event(base::json::Value event, Api api) {
  const base::WallTime time = event_time(event, api);
  const auto newer = [](const Found& a, const Found& b) { return a.time > b.time; };
  if (found_.size() == kEventsPerAnswer) {
    ++omitted_;
    if (time <= found_.front().time) return;
    std::pop_heap(found_.begin(), found_.end(), newer);
    found_.pop_back();
  }
  found_.push_back({time, mcp::JsonOf<View>(event_view(event, api))});
  std::push_heap(found_.begin(), found_.end(), newer);
}

void List::on_events_restart() {
  found_.clear();
  omitted_ = 0;
}

void List::on_events_end(const kube::Failure* failure) {
  if (failure) return fn_(failure, {});
  std::stable_sort(found_.begin(), found_.end(),
                   [](const Found& a, const Found& b) { return a.time > b.time; });
  Events events;
  events.omitted = omitted_;
  events.events.reserve(found_.size());
  for (Found& f : found_)
    events.events.push_back(std::move(f.json));
  fn_(nullptr, mcp::JsonOf<Events>(events));
}

}  // namespace events
