#include "tools/graph_lookup.h"

#include <algorithm>
#include <utility>

namespace tools {

GraphLookups::GraphLookups(KubeContext& context, std::string key, GraphKinds& kinds,
                           GraphReader& reader, GraphStore& store, Fn changed)
    : context_(context),
      key_(std::move(key)),
      kinds_(kinds),
      reader_(reader),
      store_(store),
      changed_(changed),
      retry_(context.retries.use(key_)),
      timer_(context.loop, "graph lookups", loop::Timer::Fn::bind<&GraphLookups::on_time>(this)) {}

GraphLookups::~GraphLookups() = default;

void GraphLookups::stop() {
  for (const auto& [kind, round] : rounds_)
    round->stop();
  timer_.cancel();
}

void GraphLookups::set_credentials(const kube::config::Credentials& credentials) {
  credentials_ = credentials;
  for (const auto& [kind, round] : rounds_)
    round->on_credentials();
}

bool GraphLookups::idle() const {
  return std::all_of(rounds_.begin(), rounds_.end(),
                     [](const auto& entry) { return entry.second->idle(); });
}

void GraphLookups::ask(const std::vector<NodeIndex>& nodes) {
  for (const NodeIndex node : nodes)
    ask(node);
  go();
}

void GraphLookups::ask_kind(KindId kind) {
  ask(store_.of_kind(kind));
}

base::Duration GraphLookups::spread(base::Duration delay) {
  const auto fifth = static_cast<std::uint64_t>(delay.count() / 5);
  return delay + base::Duration(static_cast<std::int64_t>(retry_->random().below(fifth)));
}

KindLookups& GraphLookups::round_of(KindId kind) {
  std::unique_ptr<KindLookups>& round = rounds_[kind];
  if (!round) {
    round = std::make_unique<KindLookups>(
        *this, kind, context_.retries.use(key_ + " look-ups of " + kinds_[kind].type));
  }
  return *round;
}

void GraphLookups::ask(NodeIndex index) {
  const GraphNode& node = store_.node(index);
  if (!node.id || kinds_[node.kind].state != KindState::single) return;
  const base::TimePoint now = context_.loop.now();
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

void GraphLookups::go() {
  for (const auto& [kind, round] : rounds_)
    round->go();
}

bool GraphLookups::has_room() const {
  std::size_t in_flight = 0;
  for (const auto& [kind, round] : rounds_)
    in_flight += round->in_flight();
  return in_flight < kLookupsAtOnce;
}

bool GraphLookups::path_of(const std::string& id, std::string& path) {
  const NodeIndex index = store_.find(id);
  if (index == kNone) {
    asked_.erase(id);
    return false;
  }
  const GraphNode& node = store_.node(index);
  auto found = kinds_[node.kind].resource.path(node.ns(), node.name());
  if (found) {
    path = *std::move(found);
    return true;
  }
  store_.set_absent(index);  // no object can have that name
  return false;
}

void GraphLookups::want_again(const std::string& id) {
  const NodeIndex index = store_.find(id);
  if (index == kNone) return void(asked_.erase(id));
  const GraphNode& node = store_.node(index);
  round_of(node.kind).add(node.ns(), id);
}

void GraphLookups::on_object(const std::string& id, std::string_view body) {
  if (auto object = doc_.parse(body)) on_found(id, *object);
  doc_.release();  // a server that sends more than was requested may have sent a Secret
}

void GraphLookups::on_found(const std::string& id, base::json::Value object) {
  const NodeIndex index = store_.find(id);
  if (index == kNone) return void(asked_.erase(id));
  const GraphNode& node = store_.node(index);
  if (object["metadata"]["name"].str() != node.name()) return;
  forbidden_.erase({node.kind, id});
  store_.put(reader_.read(node.kind, object));
}

void GraphLookups::on_absent(const std::string& id) {
  const NodeIndex index = store_.find(id);
  if (index == kNone) return void(asked_.erase(id));
  forbidden_.erase({store_.node(index).kind, id});
  store_.set_absent(index);
}

void GraphLookups::on_unseen(const std::string& id) {
  const NodeIndex index = store_.find(id);
  if (index == kNone) return void(asked_.erase(id));
  forbidden_.insert({store_.node(index).kind, id});
  // An object that was seen is not gone because it may not be seen any more.
  if (!store_.node(index).exists) store_.set_unseen(index);
}

void GraphLookups::on_progress() {
  go();
  changed_();
}

bool GraphLookups::forbidden(KindId kind) const {
  const auto at = forbidden_.lower_bound({kind, {}});
  return at != forbidden_.end() && at->first == kind;
}

void GraphLookups::on_time() {
  const base::TimePoint now = context_.loop.now();
  std::vector<NodeIndex> due;
  for (auto it = asked_.begin(); it != asked_.end();) {
    const NodeIndex index = store_.find(it->first);
    if (index == kNone) {
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

}  // namespace tools
