#include "events/list.h"

#include <algorithm>
#include <utility>

namespace events {

using base::json::Value;

mcp::Fields Events::fields() {
  return {mcp::field<&Events::events>({.name = "events", .required = true}),
          mcp::field<&Events::omitted>(
              {.name = "omitted",
               .description = "number of older matching events that were left out"})};
}

List::List(cluster::Context& context, Fn fn)
    : context_(context),
      fn_(fn),
      choice_(context, ApiChoice::Fn::bind<&List::on_api>(this)),
      list_(context.client, *this) {}

void List::start(Filter filter, kube::config::Credentials credentials) {
  filter_ = std::move(filter);
  credentials_ = std::move(credentials);
  if (filter_.limit > 0) {
    limit_ = std::min(kEventsPerAnswer, static_cast<std::size_t>(filter_.limit));
  }
  if (filter_.since_seconds > 0) {
    constexpr std::int64_t kSecond = 1000000000;
    const std::int64_t now = context_.loop.wall_now().ns;
    oldest_ = {filter_.since_seconds > now / kSecond ? 0 : now - filter_.since_seconds * kSecond};
  }
  if (!filter_.selector.core_only()) return choice_.start(credentials_);
  api_ = Api::core_v1;
  list();
}

void List::on_api(const kube::Failure* failure, Api api) {
  if (failure) return fn_(failure, {});
  api_ = api;
  list();
}

void List::list() {
  kube::ListSpec spec;
  spec.resource = event_resource(api_);
  spec.ns = filter_.selector.ns();
  spec.field_selector = filter_.selector.field_selector(api_);
  spec.label_selector = filter_.selector.label_selector();
  spec.credentials = credentials_;
  list_.start(spec);
}

void List::on_item(Value event) {
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

void List::on_done(const kube::Failure* failure, std::string_view) {
  if (failure) {
    if (!falls_back(api_, *failure)) return fn_(failure, {});
    on_restart();
    api_ = Api::core_v1;
    return list();
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
