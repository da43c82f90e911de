#include "fanout/collection_watch.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "fanout/manager.h"

namespace fanout {

using base::Payload;
using base::json::Value;
using kube::watch::Change;

// The key of the watch's own deltas; no object has it: a space is in no name.
constexpr std::string_view kProblemKey = "the watch";

CollectionWatch::CollectionWatch(Manager& manager, Spec spec, Words words)
    : SharedWatch(manager, std::move(spec)),
      words_(std::move(words)),
      collection_(static_cast<kube::watch::Store&>(*this)),
      snapshot_timer_(context().kube.loop, "snapshot",
                      loop::Timer::Fn::bind<&CollectionWatch::forget_snapshot>(this)) {}

void CollectionWatch::follow(cluster::WatchSpec spec, kube::watch::Attempt attempt) {
  if (reflector_) {
    reflector_->stop();
    // Its code may be on the stack: a refused watch may lead here.
    context().kube.loop.retire(std::move(reflector_));
    collection_.clear();
  }
  spec.credentials = credentials();
  auto made =
      cluster::watch(context().kube, {scope(), retry(), collection_, *this}, std::move(spec));
  CHECK(made);  // a subscription to a hidden namespace was refused
  reflector_ = *std::move(made);
  reflector_->start(std::move(attempt));
}

void CollectionWatch::close() {
  if (reflector_) reflector_->stop();
  forget_snapshot();
}

void CollectionWatch::use(const kube::config::Credentials& credentials) {
  if (reflector_) reflector_->set_credentials(credentials);
}

kube::watch::WatchStatus CollectionWatch::status() const {
  if (reflector_) return reflector_->status();
  kube::watch::WatchStatus status;
  status.state = "discovering";
  return status;
}

// ---- snapshots

std::vector<Payload> CollectionWatch::in_order() const {
  std::vector<const Entry*> rows;
  rows.reserve(collection_.entries().size());
  for (const Entry& entry : collection_.entries())
    rows.push_back(&entry);
  std::sort(rows.begin(), rows.end(),
            [this](const Entry* a, const Entry* b) { return before(*a, *b); });
  std::vector<Payload> out;
  out.reserve(rows.size());
  for (const Entry* row : rows)
    out.push_back(Kept::in(*row->second.item).doc);
  return out;
}

Snapshot CollectionWatch::snapshot(const std::string& uri, bool& framed) {
  snapshot_timer_.arm(kSnapshotKept);
  framed = snapshot_ && snapshot_uri_ == uri;
  if (framed) return snapshot_;
  if (!objects_) objects_ = Snapshot(in_order(), nullptr);
  if (snapshot_) return objects_;
  base::Budget* budget = context().snapshots();
  std::unique_ptr<base::Charge> charge;
  if (budget) charge = std::make_unique<base::Charge>(*budget);
  std::vector<Payload> frames;
  frames.reserve(objects_.size());
  for (std::size_t i = 0; i < objects_.size(); ++i) {
    frames.push_back(mcp::update_frame(uri, words_.delta(Change::added, objects_[i].view())));
    if (charge && !charge->take(frames.back().size(), identity())) return objects_;
  }
  snapshot_uri_ = uri;
  snapshot_ = Snapshot(std::move(frames), std::move(charge));
  framed = true;
  return snapshot_;
}

void CollectionWatch::forget_snapshot() {
  snapshot_ = {};
  objects_ = {};
  snapshot_timer_.cancel();
}

// ---- objects

std::unique_ptr<kube::watch::Item> CollectionWatch::read(Value object) {
  std::string doc = view(object);
  if (doc.empty()) return nullptr;
  const auto known = collection_.entries().find(kube::watch::key_of(object["metadata"]));
  if (known != collection_.entries().end()) {
    const Payload& before = Kept::in(*known->second.item).doc;
    if (before.view() == doc) return std::make_unique<Kept>(Seen{before, true});
  }
  return std::make_unique<Kept>(Seen{Payload(std::move(doc))});
}

void CollectionWatch::put(Change change, const std::string& key,
                          std::unique_ptr<kube::watch::Item>& item) {
  const Seen& seen = Kept::in(*item);
  if (change != Change::modified || !seen.same) on_change(change, key, seen.doc);
}

void CollectionWatch::remove(const std::string& key, std::unique_ptr<kube::watch::Item> last) {
  on_change(Change::deleted, key, Kept::in(*last).doc);
}

void CollectionWatch::on_change(Change change, const std::string& key, const Payload& doc) {
  forget_snapshot();
  if (!ready()) return;  // the first list is sent as each feed's snapshot
  if (subscribers() == 0) return;
  tell({change, Payload(key), doc, {}}, words_.delta(change, doc.view()));
}

// ---- problems

Delta CollectionWatch::problem() const {
  Delta delta;
  delta.change = Change::modified;
  delta.key = Payload(kProblemKey);
  return delta;
}

void CollectionWatch::on_joined(Feed& feed) {
  if (problem_.empty() || stale()) return;  // STALE carries the problem, too
  Delta delta = problem();
  delta.frame = mcp::update_frame(feed.uri(), words_.error(words_.about, problem_));
  feed.offer(delta);
}

void CollectionWatch::on_unreadable(std::size_t objects, const std::string& first) {
  if (objects == 0 || !ready()) return;
  std::string message = std::to_string(objects) + " ";
  message.append(words_.noun).append(" cannot be read (").append(base::printable(first, 200));
  tell(problem(),
       words_.error(words_.about, message + "); they are left out or shown as last seen"));
}

void CollectionWatch::on_denied(const kube::Failure& failure) {
  if (!ready()) return SharedWatch::on_denied(failure);
  if (failure.says(401) && try_other_token()) return;
  const bool told = !problem_.empty();
  problem_ = "the API server refuses the watch: " + failure.message;
  if (reflector_->state() == cluster::Watch::State::stopped)
    return end_all(words_.error(words_.about, problem_ + "; the subscription ends"));
  problem_ += "; it will be retried";
  if (!told) tell(problem(), words_.error(words_.about, problem_));
  const base::TimePoint now = context().kube.loop.now();
  went_down(problem_, reflector_->status().next_attempt.value_or(now) - now);
}

void CollectionWatch::on_up() {
  problem_.clear();
  SharedWatch::on_up();
}

}  // namespace fanout
