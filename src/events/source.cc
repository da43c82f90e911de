#include "events/source.h"

#include <utility>

#include "base/check.h"

namespace events {

Source::Source(cluster::Cluster& cluster, SourceHandler& handler)
    : cluster_(cluster),
      handler_(handler),
      kind_(cluster, cluster::KindQuery::Fn::bind<&Source::on_kind>(this)),
      choice_(cluster, ApiChoice::Fn::bind<&Source::on_api>(this)),
      list_(cluster, *this) {}

base::Result<void> Source::start(Selector selector, std::int64_t since_seconds,
                                 const mcp::Caller& caller) {
  // Before the API is chosen, which is a request already.
  if (auto ok = cluster_.check(kube::kCoreEvents, selector.ns()); !ok) return ok;
  selector_ = std::move(selector);
  credentials_ = cluster::credentials_of(caller);
  if (since_seconds > 0) {
    constexpr std::int64_t kSecond = 1000000000;
    const std::int64_t now = cluster_.loop.wall_now().ns;
    oldest_ = {since_seconds > now / kSecond ? 0 : now - since_seconds * kSecond};
  }
  if (selector_.for_kind().empty()) return choose_api();
  kind_.start(credentials_, selector_.for_kind(), cluster::KindsIn::any_group);
  return {};
}

void Source::on_kind(const cluster::KindAnswer& answer) {
  if (const auto ok = selector_.resolve(answer); !ok) {
    const kube::Failure failure = kube::Failure::from_error(ok.error());
    return handler_.on_events_end(&failure);
  }
  CHECK(choose_api());
}

base::Result<void> Source::choose_api() {
  if (selector_.core_only()) return list(Api::core_v1);
  choice_.start(credentials_);
  return {};
}

void Source::on_api(const kube::Failure* failure, Api api) {
  if (failure) return handler_.on_events_end(failure);
  CHECK(list(api));
}

base::Result<void> Source::list(Api api) {
  api_ = api;
  cluster::ListQuery query{event_resource(api), selector_.ns()};
  query.field_selector = selector_.field_selector(api);
  query.label_selector = selector_.label_selector();
  return list_.start(credentials_, std::move(query));
}

void Source::on_object(base::json::Value event) {
  if (event_time(event, api_) < oldest_ || !selector_.passes(event, api_)) return;
  handler_.on_event(event, api_);
}

void Source::on_done(const kube::Failure* failure) {
  if (!failure || !falls_back(api_, *failure)) return handler_.on_events_end(failure);
  handler_.on_events_restart();
  CHECK(list(Api::core_v1));
}

}  // namespace events
