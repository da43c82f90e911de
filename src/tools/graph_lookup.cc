#include "tools/graph_lookup.h"

#include <algorithm>
#include <utility>

namespace tools {

constexpr const char* kMetadataOnly =
    "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";

struct GraphLookups::Get {
  Get(GraphLookups& owner_in, std::string id_in)
      : owner(owner_in),
        id(std::move(id_in)),
        get(owner.context_.client, kube::ApiGet::Fn::bind<&Get::on_answer>(this), kLookupBytes) {}
  void on_answer(kube::ApiGet::Outcome outcome) { owner.on_answer(*this, std::move(outcome)); }
  GraphLookups& owner;
  std::string id;
  kube::ApiGet get;
};

GraphLookups::GraphLookups(KubeContext& context, GraphKinds& kinds, GraphReader& reader,
                           GraphStore& store, Fn changed)
    : context_(context),
      kinds_(kinds),
      reader_(reader),
      store_(store),
      changed_(changed),
      timer_(context.loop, "graph lookups", loop::Timer::Fn::bind<&GraphLookups::on_time>(this)) {}

GraphLookups::~GraphLookups() = default;

void GraphLookups::stop() {
  queue_.clear();
  active_.clear();
  timer_.cancel();
}

void GraphLookups::ask(const std::vector<NodeIndex>& nodes) {
  for (const NodeIndex node : nodes)
    ask(node);
  next();
}

void GraphLookups::ask_kind(KindId kind) {
  ask(store_.of_kind(kind));
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
  queue_.push_back(*node.id);
  if (!timer_.armed()) timer_.arm(kLookupRetry);
}

void GraphLookups::next() {
  while (!queue_.empty() && active_.size() < kLookupsAtOnce) {
    const std::string id = std::move(queue_.front());
    queue_.pop_front();
    const NodeIndex index = store_.find(id);
    if (index == kNone) {
      asked_.erase(id);
      continue;
    }
    const GraphNode& node = store_.node(index);
    auto path = kinds_[node.kind].resource.path(node.ns(), node.name());
    if (!path) {  // no name that an object could have
      store_.set_absent(index);
      continue;
    }
    active_.push_back(std::make_unique<Get>(*this, id));
    kube::ApiRequest request;
    request.path = *std::move(path);
    request.accept = kMetadataOnly;
    request.credentials = credentials_;
    active_.back()->get.start(std::move(request));
  }
}

void GraphLookups::on_answer(Get& get, kube::ApiGet::Outcome outcome) {
  const auto at = std::find_if(active_.begin(), active_.end(),
                               [&](const auto& one) { return one.get() == &get; });
  const std::string id = get.id;
  context_.loop.retire(std::move(*at));
  active_.erase(at);
  const NodeIndex index = store_.find(id);
  if (index == kNone) {
    asked_.erase(id);
  } else if (!outcome.failure) {
    const KindId kind = store_.node(index).kind;
    if (auto object = doc_.parse(outcome.body);
        object && (*object)["metadata"]["name"].str() == store_.node(index).name()) {
      forbidden_.erase({kind, id});
      store_.put(reader_.read(kind, *object));
    }
    doc_.release();  // it may have been a Secret of a server that sends more than was asked
  } else if (outcome.failure->says(404)) {
    forbidden_.erase({store_.node(index).kind, id});
    store_.set_absent(index);
  } else if (outcome.failure->says(403)) {
    forbidden_.insert({store_.node(index).kind, id});
    // What was seen is not gone because it may not be seen any more.
    if (!store_.node(index).exists) store_.set_unseen(index);
  } else {
    asked_[id] = context_.loop.now() + (kLookupRetry - kLookupEvery);
  }
  next();
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
  if (!asked_.empty()) timer_.arm(kLookupRetry);
  ask(due);
}

}  // namespace tools
