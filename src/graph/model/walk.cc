#include "graph/model/walk.h"

#include <utility>

namespace graph::model {

namespace {

bool is_called(const Node& node, const std::string& name) {
  if (*node.id == name || node.name() == name) return true;
  const std::string_view id(*node.id);
  return id.substr(id.find(':') + 1) == name;  // "namespace/name"
}

}  // namespace

bool goes_before(const Store& store, NodeIndex a, NodeIndex b) {
  const Node &x = store.node(a), &y = store.node(b);
  return x.kind != y.kind ? x.kind < y.kind : *x.id < *y.id;
}

void GraphWalk::look_at(NodeIndex index) {
  const Node& node = store_->node(index);
  if (node.id && query_->filter.shows(*store_, index) && is_called(node, query_->name))
    part_.nodes.push_back(index);
}

void GraphWalk::begin() {
  begun_ = true;
  seen_.resize(store_->node_slots());
  taken_.resize(store_->edge_slots());
  for (const NodeIndex node : part_.nodes)
    seen_[node] = true;
  end_ = query_->depth > 0 ? part_.nodes.size() : 0;
  arrive();
}

// At the node whose edges are next.
void GraphWalk::arrive() {
  if (at_ == end_) return;
  const Node& node = store_->node(part_.nodes[at_]);
  out_ = query_->direction != Direction::upstream ? node.first_out : kNone;
  in_ = query_->direction != Direction::downstream ? node.first_in : kNone;
}

bool GraphWalk::step(std::size_t& looked) {
  if (!begun_) begin();
  const auto look = [&](EdgeIndex edge, NodeIndex other) {
    looked += query_->filter.cost(store_->node(other));
    pass(edge, other);
  };
  ++looked;
  if (at_ == end_) {
    if (end_ == part_.nodes.size() || ++away_ >= query_->depth) return false;
    end_ = part_.nodes.size();
    arrive();
  } else if (out_ != kNone) {
    const Edge& edge = store_->edge(out_);
    look(std::exchange(out_, edge.next_out), edge.to);
  } else if (in_ != kNone) {
    const Edge& edge = store_->edge(in_);
    look(std::exchange(in_, edge.next_in), edge.from);
  } else {
    ++at_;
    arrive();
  }
  return true;
}

void GraphWalk::pass(EdgeIndex edge, NodeIndex other) {
  if (taken_[edge] || !query_->filter.shows_edge(*store_, edge)) return;
  taken_[edge] = true;
  part_.edges.push_back(edge);
  if (seen_[other] || !store_->node(other).exists) return;
  seen_[other] = true;
  part_.nodes.push_back(other);
}

}  // namespace graph::model
