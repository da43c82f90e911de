#include "tools/graph_snapshot.h"

#include <utility>

namespace tools {

GraphSnapshotMaker::GraphSnapshotMaker(const GraphStore& store, base::Budget* budget,
                                       std::string owner, std::string notes)
    : store_(store),
      charge_(budget ? std::make_unique<base::Charge>(*budget) : nullptr),
      owner_(std::move(owner)),
      notes_(std::move(notes)) {}

// Charges the budget for what was made already, before more is made.
bool GraphSnapshotMaker::pay() {
  if (!charge_ || unpaid_ == 0) return true;
  if (!charge_->take(unpaid_, owner_)) return false;
  unpaid_ = 0;
  return true;
}

bool GraphSnapshotMaker::keep(const std::vector<GraphDelta>& deltas) {
  for (const GraphDelta& delta : deltas) {
    made_.emplace_back(delta.body(made_.empty() ? notes_ : std::string()));
    unpaid_ += made_.back().size();
  }
  return pay();
}

GraphSnapshotMaker::Made GraphSnapshotMaker::make(const GraphView& view, std::size_t& looked,
                                                  std::size_t most) {
  if (!pay()) return Made::no_room;
  std::string json;
  while (looked < most && !finished_) {
    json.clear();
    if (node_ < view.node_slots()) {
      const auto node = static_cast<NodeIndex>(node_++);
      if (view.has_node(node)) store_.append_node(json, node);
      if (!json.empty()) cutter_.node(json);
    } else if (edge_ < view.edge_slots()) {
      const auto edge = static_cast<EdgeIndex>(edge_++);
      if (view.has_edge(edge)) store_.append_edge(json, edge);
      if (!json.empty()) cutter_.edge(json);
    } else {
      finished_ = true;
      if (!keep(cutter_.done())) return Made::no_room;
      break;
    }
    looked += 1 + json.size() / kBytesPerLook;
    if (!keep(cutter_.take_full())) return Made::no_room;
  }
  return finished_ ? Made::whole : Made::more;
}

Snapshot GraphSnapshotMaker::take() {
  return {std::move(made_), std::move(charge_)};
}

}  // namespace tools
