#include "graph/snapshot.h"

#include <utility>

namespace graph {

SnapshotMaker::SnapshotMaker(const model::Store& store, base::Budget* budget, std::string owner,
                             std::string notes)
    : store_(store),
      charge_(budget ? std::make_unique<base::Charge>(*budget) : nullptr),
      owner_(std::move(owner)),
      notes_(std::move(notes)) {}

// Charges the budget for what was made already, before more is made.
bool SnapshotMaker::pay() {
  if (!charge_ || unpaid_ == 0) return true;
  if (!charge_->take(unpaid_, owner_)) return false;
  unpaid_ = 0;
  return true;
}

bool SnapshotMaker::keep(const std::vector<model::Delta>& deltas) {
  for (const model::Delta& delta : deltas) {
    made_.emplace_back(delta.body(made_.empty() ? notes_ : std::string()));
    unpaid_ += made_.back().size();
  }
  return pay();
}

SnapshotMaker::Made SnapshotMaker::make(const model::View& view, std::size_t& looked,
                                        std::size_t most) {
  if (!pay()) return Made::no_room;
  std::string json;
  while (looked < most && !finished_) {
    json.clear();
    if (node_ < view.node_slots()) {
      const auto node = static_cast<model::NodeIndex>(node_++);
      if (view.has_node(node)) store_.append_node(json, node);
      if (!json.empty()) cutter_.node(json);
    } else if (edge_ < view.edge_slots()) {
      const auto edge = static_cast<model::EdgeIndex>(edge_++);
      if (view.has_edge(edge)) store_.append_edge(json, edge);
      if (!json.empty()) cutter_.edge(json);
    } else {
      finished_ = true;
      if (!keep(cutter_.done())) return Made::no_room;
      break;
    }
    looked += 1 + json.size() / model::kBytesPerLook;
    if (!keep(cutter_.take_full())) return Made::no_room;
  }
  return finished_ ? Made::whole : Made::more;
}

fanout::Snapshot SnapshotMaker::take() {
  return {std::move(made_), std::move(charge_)};
}

}  // namespace graph
