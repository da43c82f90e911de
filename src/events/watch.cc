#include "events/watch.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "cluster/rpc_error.h"
#include "events/delta.h"
#include "events/view.h"
#include "fanout/manager.h"

namespace events {

using base::Payload;
using base::json::Value;

// The key of the watch's own deltas; an event's key has a namespace and a slash.
constexpr std::string_view kProblemKey = "problem";

Watch::Watch(fanout::Manager& manager, Spec spec, Selector selector)
    : fanout::SharedWatch(manager, std::move(spec)),
      selector_(std::move(selector)),
      choice_(context().kube, ApiChoice::Fn::bind<&Watch::on_api>(this)),
      collection_(static_cast<kube::watch::Store&>(*this)),
      snapshot_timer_(context().kube.loop, "events snapshot",
                      loop::Timer::Fn::bind<&Watch::forget_snapshot>(this)) {}

void Watch::begin(kube::watch::Attempt attempt) {
  if (selector_.core_only()) return watch(Api::core_v1, std::move(attempt));
  attempt_ = std::move(attempt);
  choice_.start(credentials());
}

void Watch::close() {
  choice_.cancel();
  attempt_.drop();
  if (reflector_) reflector_->stop();
  forget_snapshot();
}

void Watch::use(const kube::config::Credentials& credentials) {
  if (reflector_) reflector_->set_credentials(credentials);
}

std::vector<auth::Access> Watch::needs() const {
  return {{"list", event_resource(api_), ns()}, {"watch", event_resource(api_), ns()}};
}

kube::watch::WatchStatus Watch::status() const {
  if (reflector_) return reflector_->status();
  kube::watch::WatchStatus status;
  status.state = "discovering";
  return status;
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
  spec.credentials = credentials();
  spec.events = true;
  if (reflector_) {
    reflector_->stop();
    // Its code may be on the stack: a refused v1 watch leads here.
    context().kube.loop.retire(std::move(reflector_));
    collection_.clear();
  }
  auto made =
      cluster::watch(context().kube, {scope(), retry(), collection_, *this}, std::move(spec));
  CHECK(made);  // a subscription to a hidden namespace was refused
  reflector_ = *std::move(made);
  reflector_->start(std::move(attempt));
}

std::vector<Payload> Watch::in_order() const {
  struct Row {
    std::string_view version;
    const Payload* doc;
  };
  std::vector<Row> rows;
  rows.reserve(collection_.entries().size());
  for (const auto& [key, entry] : collection_.entries())
    rows.push_back({entry.resource_version, &Kept::in(*entry.item)});
  // Decimal without leading zeros: longer is larger. The order only serves readers; correctness
  // does not depend on it.
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return a.version.size() != b.version.size() ? a.version.size() < b.version.size()
                                                : a.version < b.version;
  });
  std::vector<Payload> out;
  out.reserve(rows.size());
  for (const Row& row : rows)
    out.push_back(*row.doc);
  return out;
}

fanout::Snapshot Watch::snapshot(const std::string& uri, bool& framed) {
  snapshot_timer_.arm(kSnapshotKept);
  framed = snapshot_ && snapshot_uri_ == uri;
  if (framed) return snapshot_;
  if (!events_) events_ = fanout::Snapshot(in_order(), nullptr);
  if (snapshot_) return events_;
  base::Budget* budget = context().snapshots();
  std::unique_ptr<base::Charge> charge;
  if (budget) charge = std::make_unique<base::Charge>(*budget);
  std::vector<Payload> frames;
  frames.reserve(events_.size());
  for (std::size_t i = 0; i < events_.size(); ++i) {
    frames.push_back(
        mcp::update_frame(uri, event_delta(kube::watch::Change::added, events_[i].view())));
    if (charge && !charge->take(frames.back().size(), identity())) return events_;
  }
  snapshot_uri_ = uri;
  snapshot_ = fanout::Snapshot(std::move(frames), std::move(charge));
  framed = true;
  return snapshot_;
}

void Watch::forget_snapshot() {
  snapshot_ = {};
  events_ = {};
  snapshot_timer_.cancel();
}

fanout::Delta Watch::problem() const {
  fanout::Delta delta;
  delta.change = kube::watch::Change::modified;
  delta.key = Payload(kProblemKey);
  return delta;
}

void Watch::on_joined(fanout::Feed& feed) {
  if (problem_.empty() || stale()) return;  // STALE carries the problem, too
  fanout::Delta delta = problem();
  delta.frame = mcp::update_frame(feed.uri(), event_error_delta(ns(), problem_));
  feed.offer(delta);
}

std::unique_ptr<kube::watch::Item> Watch::read(Value object) {
  if (!selector_.passes(object, api_)) return nullptr;
  return std::make_unique<Kept>(Payload(event_json(object, api_)));
}

void Watch::on_change(kube::watch::Change change, const std::string& key, const Payload& doc) {
  forget_snapshot();
  if (!collection_.complete()) return;  // the first list is sent as each feed's snapshot
  if (subscribers() == 0) return;
  tell({change, Payload(key), doc, {}}, event_delta(change, doc.view()));
}

void Watch::on_unreadable(std::size_t objects, const std::string& first) {
  if (objects == 0 || !ready()) return;
  tell(problem(), event_error_delta(ns(), std::to_string(objects) + " events cannot be read (" +
                                              base::printable(first, 200) +
                                              "); they are left out or shown as last seen"));
}

void Watch::on_denied(const kube::Failure& failure) {
  // Not a retry: the other API, once.
  if (!ready() && falls_back(api_, failure))
    return watch(Api::core_v1, std::move(retry().ask(kube::watch::Retry::Floor::none).attempt));
  if (!ready()) return fanout::SharedWatch::on_denied(failure);
  if (failure.says(401) && try_other_token()) return;
  const bool told = !problem_.empty();
  problem_ = "the API server refuses the watch: " + failure.message;
  if (reflector_->state() == cluster::Watch::State::stopped) {
    return end_all(event_error_delta(ns(), problem_ + "; the subscription ends"));
  }
  problem_ += "; it will be retried";
  if (!told) tell(problem(), event_error_delta(ns(), problem_));
  const base::TimePoint now = context().kube.loop.now();
  went_down(problem_, reflector_->status().next_attempt.value_or(now) - now);
}

void Watch::on_up() {
  problem_.clear();
  fanout::SharedWatch::on_up();
}

}  // namespace events
