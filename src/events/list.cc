#include "events/list.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace events {

using base::json::Value;

mcp::Fields Events::fields() {
  return {mcp::field<&Events::events>({.name = "events", .required = true}),
          mcp::field<&Events::omitted>(
              {.name = "omitted",
               .description = "number of older matching events that were left out"})};
}

List::List(cluster::Cluster& cluster, Fn fn)
    : cluster_(cluster),
      fn_(fn),
      choice_(cluster, ApiChoice::Fn::bind<&List::on_api>(this)),
      list_(cluster, *this) {}

base::Result<void> List::start(Filter filter, const mcp::Caller& caller) {
  // Before the API is chosen, which is a request already.
  if (auto ok = cluster_.check(kube::kCoreEvents, filter.selector.ns()); !ok) return ok;
  filter_ = std::move(filter);
  credentials_ = cluster::credentials_of(caller);
  if (filter_.limit > 0) {
    limit_ = std::min(kEventsPerAnswer, static_cast<std::size_t>(filter_.limit));
  }
  if (filter_.since_seconds > 0) {
    constexpr std::int64_t kSecond = 1000000000;
    const std::int64_t now = cluster_.loop.wall_now().ns;
    oldest_ = {filter_.since_seconds > now / kSecond ? 0 : now - filter_.since_seconds * kSecond};
  }
  if (filter_.selector.core_only()) return list(Api::core_v1);
  choice_.start(credentials_);
  return {};
}

void List::on_api(const kube::Failure* failure, Api api) {
  if (failure) return fn_(failure, {});
  CHECK(list(api));
}

base::Result<void> List::list(Api api) {
  api_ = api;
  cluster::ListQuery query{event_resource(api), filter_.selector.ns()};
  query.field_selector = filter_.selector.field_selector(api);
  query.label_selector = filter_.selector.label_selector();
  return list_.start(credentials_, std::move(query));
}

void List::on_object(Value event) {
  const base::WallTime time = event_time(event, api_);
  if (time < oldest_ || !filter_.selector.passes(event, api_)) return;
  const auto newer = [](const Found& a, const Found& b) { return a.time > b.time; };
  if (found_.size() == limit_) {
    ++omitted_;
    if (time <= found_.front().time) return;
    std::pop_heap(found_.begin(), found_.end(), newer);
    found_.pop_back();
  }
  found_.push_back({time, mcp::JsonOf<View>(event_view(event, api_))});
  std::push_heap(found_.begin(), found_.end(), newer);
}

void List::on_restart() {
  found_.clear();
  omitted_ = 0;
}

void List::on_done(const kube::Failure* failure) {
  if (failure) {
    if (!falls_back(api_, *failure)) return fn_(failure, {});
    on_restart();
    CHECK(list(Api::core_v1));
    return;
  }
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
