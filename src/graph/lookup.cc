#include "graph/lookup.h"

#include <algorithm>
#include <utility>

namespace graph {

Lookups::Lookups(cluster::Cluster& cluster, std::string key, model::Kinds& kinds,
                 model::Reader& reader, model::Store& store, Fn changed)
    : cluster_(cluster),
      key_(std::move(key)),
      kinds_(kinds),
      reader_(reader),
      store_(store),
      changed_(changed),
      retry_(cluster.retries.use(key_)),
      timer_(cluster.loop, "graph lookups", loop::Timer::Fn::bind<&Lookups::on_time>(this)) {}

Lookups::~Lookups() = default;

void Lookups::stop() {
  for (const auto& [kind, round] : rounds_)
    round->stop();
  timer_.cancel();
}

void Lookups::set_credentials(const kube::config::Credentials& credentials) {
  credentials_ = credentials;
  for (const auto& [kind, round] : rounds_)
    round->on_credentials();
}

bool Lookups::idle() const {
  return std::all_of(rounds_.begin(), rounds_.end(),
                     [](const auto& entry) { return entry.second->idle(); });
}

void Lookups::ask(const std::vector<model::NodeIndex>& nodes) {
  for (const model::NodeIndex node : nodes)
    ask(node);
  go();
}

void Lookups::ask_kind(model::KindId kind) {
  ask(store_.of_kind(kind));
}

base::Duration Lookups::spread(base::Duration delay) {
  const auto fifth = static_cast<std::uint64_t>(delay.count() / 5);
  return delay + base::Duration(static_cast<std::int64_t>(retry_->random().below(fifth)));
}

KindLookups& Lookups::round_of(model::KindId kind) {
  std::unique_ptr<KindLookups>& round = rounds_[kind];
  if (!round) {
    round = std::make_unique<KindLookups>(
        *this, kind, cluster_.retries.use(key_ + " look-ups of " + kinds_[kind].type));
  }
  return *round;
}

void Lookups::ask(model::NodeIndex index) {
  const model::Node& node = store_.node(index);
  if (!node.id || kinds_[node.kind].state != model::KindState::single) return;
  const base::TimePoint now = cluster_.loop.now();
  const auto known = asked_.find(*node.id);
  if (known == asked_.end() && asked_.size() >= kLookupObjects) {
    overfull_ = true;
    return;
  }
  if (known != asked_.end() && now - known->second < kLookupFresh) return;
  asked_[*node.id] = now;
  round_of(node.kind).add(node.ns(), *node.id);
  if (!timer_.armed()) timer_.arm(spread(kLookupRetry));
}

void Lookups::go() {
  for (const auto& [kind, round] : rounds_)
    round->go();
}

bool Lookups::has_room() const {
  std::size_t in_flight = 0;
  for (const auto& [kind, round] : rounds_)
    in_flight += round->in_flight();
  return in_flight < kLookupsAtOnce;
}

std::optional<cluster::GetQuery> Lookups::query_of(const std::string& id) {
  const model::NodeIndex index = store_.find(id);
  if (index == model::kNone) {
    asked_.erase(id);
    return std::nullopt;
  }
  const model::Node& node = store_.node(index);
  return cluster::GetQuery{kinds_[node.kind].resource, std::string(node.ns()),
                           std::string(node.name()), cluster::Form::metadata};
}

void Lookups::want_again(const std::string& id) {
  const model::NodeIndex index = store_.find(id);
  if (index == model::kNone) return void(asked_.erase(id));
  const model::Node& node = store_.node(index);
  round_of(node.kind).add(node.ns(), id);
}

void Lookups::on_found(const std::string& id, base::json::Value object) {
  const model::NodeIndex index = store_.find(id);
  if (index == model::kNone) return void(asked_.erase(id));
  const model::Node& node = store_.node(index);
  if (object["metadata"]["name"].str() != node.name()) return;
  forbidden_.erase({node.kind, id});
  store_.put(reader_.read(node.kind, object));
}

void Lookups::on_absent(const std::string& id) {
  const model::NodeIndex index = store_.find(id);
  if (index == model::kNone) return void(asked_.erase(id));
  forbidden_.erase({store_.node(index).kind, id});
  store_.set_absent(index);
}

void Lookups::on_unseen(const std::string& id) {
  const model::NodeIndex index = store_.find(id);
  if (index == model::kNone) return void(asked_.erase(id));
  forbidden_.insert({store_.node(index).kind, id});
  // An object that was seen is not gone because it may not be seen any more.
  if (!store_.node(index).exists) store_.set_unseen(index);
}

void Lookups::on_progress() {
  go();
  changed_();
}

bool Lookups::forbidden(model::KindId kind) const {
  const auto at = forbidden_.lower_bound({kind, {}});
  return at != forbidden_.end() && at->first == kind;
}

void Lookups::on_time() {
  const base::TimePoint now = cluster_.loop.now();
  std::vector<model::NodeIndex> due;
  for (auto it = asked_.begin(); it != asked_.end();) {
    const model::NodeIndex index = store_.find(it->first);
    if (index == model::kNone) {
      std::erase_if(forbidden_, [&](const auto& one) { return one.second == it->first; });
      it = asked_.erase(it);
      continue;
    }
    if (now - it->second >= kLookupEvery) due.push_back(index);
    ++it;
  }
  overfull_ = overfull_ && asked_.size() >= kLookupObjects;
  if (!asked_.empty()) timer_.arm(spread(kLookupRetry));
  ask(due);
}

}  // namespace graph
