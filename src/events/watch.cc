#include "events/watch.h"

#include <utility>

#include "cluster/refusal.h"
#include "cluster/rpc_error.h"
#include "events/delta.h"
#include "events/view.h"

namespace events {

Watch::Watch(fanout::Manager& manager, Spec spec, Selector selector)
    : CollectionWatch(manager, std::move(spec),
                      {event_delta, event_error_delta, selector.ns(), "events"}),
      selector_(std::move(selector)),
      kind_known_(selector_.for_kind().empty()),
      kind_(context().kube, cluster::KindQuery::Fn::bind<&Watch::on_kind>(this)),
      choice_(context().kube, ApiChoice::Fn::bind<&Watch::on_api>(this)) {}

void Watch::begin(kube::watch::Attempt attempt) {
  attempt_ = std::move(attempt);
  if (kind_known_) return choose_api();
  kind_.start(credentials(), selector_.for_kind(), cluster::KindsIn::any_group);
}

void Watch::on_kind(const cluster::KindAnswer& answer) {
  if (const auto ok = selector_.resolve(answer); !ok) {
    const kube::Failure failure = kube::Failure::from_error(ok.error());
    return on_api(&failure, api_);
  }
  kind_known_ = true;
  choose_api();
}

void Watch::choose_api() {
  if (selector_.core_only()) return watch(Api::core_v1, std::move(attempt_));
  choice_.start(credentials());
}

void Watch::close() {
  kind_.cancel();
  choice_.cancel();
  attempt_.drop();
  CollectionWatch::close();
}

std::vector<auth::Access> Watch::needs() const {
  return {{"list", event_resource(api_), ns()}, {"watch", event_resource(api_), ns()}};
}

void Watch::on_api(const kube::Failure* failure, Api api) {
  if (!failure) return watch(api, std::move(attempt_));
  // Discovery is the first request of the attempt: its failure counts as a failure of the list.
  attempt_.refused(*failure);
  refuse_all(cluster::to_rpc(*failure, task()));
}

void Watch::watch(Api api, kube::watch::Attempt attempt) {
  api_ = api;
  cluster::WatchSpec spec;
  spec.resource = event_resource(api);
  spec.ns = ns();
  spec.kind = "Event";
  spec.field_selector = selector_.field_selector(api);
  spec.label_selector = selector_.label_selector();
  spec.events = true;
  follow(std::move(spec), std::move(attempt));
}

// In the order the cluster recorded: versions are decimal without leading zeros, a longer one is
// larger. The order only serves readers; correctness does not depend on it.
bool Watch::before(const Entry& a, const Entry& b) const {
  const std::string &one = a.second.resource_version, &other = b.second.resource_version;
  return one.size() != other.size() ? one.size() < other.size() : one < other;
}

std::string Watch::view(base::json::Value object) {
  return selector_.passes(object, api_) ? event_json(object, api_) : std::string();
}

void Watch::on_denied(const kube::Failure& failure) {
  // Not a retry: the other API, once.
  if (!ready() && falls_back(api_, failure))
    return watch(Api::core_v1, std::move(retry().ask(kube::watch::Retry::Floor::none).attempt));
  if (!ready() && cluster::is_refused(failure)) {
    const cluster::Collection what(event_resource(api_));
    return refuse_all(cluster::to_rpc(
        failure.code, std::string(task()) + ": " + failure.message +
                          cluster::rule_text({"list, watch", what, ns()}, failure)));
  }
  CollectionWatch::on_denied(failure);
}

}  // namespace events
