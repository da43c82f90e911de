#include "graph/model/picture.h"

#include <algorithm>
#include <utility>

#include "graph/model/render.h"
#include "graph/model/view.h"

namespace graph::model {

namespace {

// Sorted in one go: some 0.5 ms.
constexpr std::size_t kSortedAtOnce = 1000;
// What one text costs there: it is compared a dozen times.
constexpr std::size_t kLooksToSort = 4;

}  // namespace

Picture::Picture(const Store& store, Query query, Form form)
    : store_(store),
      query_(std::move(query)),
      form_(form),
      phase_(named() ? Phase::find : Phase::look),
      walk_(store, query_) {}

bool Picture::draw(const std::string& notes, std::size_t& looked, std::size_t most) {
  // A walk that never reaches its end is done in one go.
  while (phase_ != Phase::done &&
         (looked < most || (phase_ < Phase::sort && begun_ > kGraphWalkTries)))
    step(notes, looked);
  return phase_ == Phase::done;
}

// Does a piece of the phase; goes on to the next phase when nothing of it is left.
void Picture::step(const std::string& notes, std::size_t& looked) {
  switch (phase_) {
    case Phase::look:
      if (!look(looked)) freeze(notes);
      break;
    case Phase::find:
      if (!find(looked)) phase_ = Phase::walk;
      break;
    case Phase::walk:
      if (!walk_.step(looked)) node_ = edge_ = 0, phase_ = Phase::texts;
      break;
    case Phase::texts:
      if (!texts(looked)) freeze(notes);
      break;
    case Phase::sort:
      if (!sort_run(looked)) phase_ = Phase::nodes;
      break;
    case Phase::nodes:
      if (!write_node(looked))
        out_.append("],\"edges\":["), written_ = 0, edge_ = 0, phase_ = Phase::edges;
      break;
    case Phase::edges:
      if (!write_edge(looked)) write_end();
      break;
    case Phase::done:
      break;
  }
}

// ---- looking

bool Picture::look(std::size_t& looked) {
  if (node_ < store_.node_slots()) {
    look_at_node(node_++, looked);
  } else if (!nodes_due_.empty()) {
    const NodeIndex index = nodes_due_.back();
    nodes_due_.pop_back();
    nodes_[index].again = false;
    look_at_node(index, looked);
  } else if (edge_ < store_.edge_slots()) {
    look_at_edge(edge_++, looked);
  } else if (!edges_due_.empty()) {
    const EdgeIndex index = edges_due_.back();
    edges_due_.pop_back();
    edges_again_[index] = false;
    look_at_edge(index, looked);
  } else {
    return false;
  }
  return true;
}

// When a node comes into view or leaves it, its edges may, too.
void Picture::look_at_node(NodeIndex index, std::size_t& looked) {
  const Node& node = store_.node(index);
  const bool was = index < nodes_.size() && nodes_[index].shown;
  looked += query_.filter.cost(node);
  const bool is = node.id && query_.filter.shows(store_, index);
  set_node(index, is, looked);
  if (was == is || edge_ == 0) return;
  const auto due = [&](EdgeIndex e) {
    ++looked;
    if (e >= edge_ || edges_again_[e]) return;
    edges_again_[e] = true;
    edges_due_.push_back(e);
  };
  for (EdgeIndex e = node.first_out; e != kNone; e = store_.edge(e).next_out)
    due(e);
  for (EdgeIndex e = node.first_in; e != kNone; e = store_.edge(e).next_in)
    due(e);
}

void Picture::look_at_edge(EdgeIndex index, std::size_t& looked) {
  const auto shown = [&](NodeIndex node) { return node < nodes_.size() && nodes_[node].shown; };
  set_edge(index,
           store_.edge(index).from != kNone && query_.filter.shows_edge(store_, index, shown),
           looked);
}

void Picture::set_node(NodeIndex index, bool shown, std::size_t& looked) {
  if (nodes_.size() <= index) nodes_.resize(std::max<std::size_t>(index + 1, store_.node_slots()));
  Shot& shot = nodes_[index];
  bytes_ -= shot.text.size();
  shot.text = {};
  shot.shown = shown;
  shot.kind = store_.node(index).kind;
  if (shown) store_.append_node(shot.text, index);
  bytes_ += shot.text.size();
  looked += 1 + shot.text.size() / kBytesPerLook;
}

void Picture::set_edge(EdgeIndex index, bool shown, std::size_t& looked) {
  if (edges_.size() <= index) {
    edges_.resize(std::max<std::size_t>(index + 1, store_.edge_slots()));
    edges_again_.resize(edges_.size());
  }
  std::string& text = edges_[index];
  edges_shown_ -= text.empty() ? 0 : 1;
  bytes_ -= text.size();
  text = {};
  if (shown) store_.append_edge(text, index);
  edges_shown_ += text.empty() ? 0 : 1;
  bytes_ += text.size();
  looked += 1 + text.size() / kBytesPerLook;
}

void Picture::follow(const Turn& turn) {
  if (phase_ >= Phase::sort) return;
  if (named()) return begin_again();
  for (const Turn::Node& node : turn.nodes) {
    if (node.index >= node_ || nodes_[node.index].again) continue;
    nodes_[node.index].again = true;
    nodes_due_.push_back(node.index);
  }
  for (const Turn::Edge& edge : turn.edges) {
    if (edge.index >= edge_ || edges_again_[edge.index]) continue;
    edges_again_[edge.index] = true;
    edges_due_.push_back(edge.index);
  }
}

// ---- from the objects of a name

void Picture::begin_again() {
  if (phase_ == Phase::find && node_ == 0) return;
  ++begun_;
  phase_ = Phase::find;
  nodes_.clear();
  edges_.clear();
  node_ = edge_ = 0;
  bytes_ = edges_shown_ = 0;
  walk_ = GraphWalk(store_, query_);
}

bool Picture::find(std::size_t& looked) {
  if (node_ == store_.node_slots()) return false;
  looked += query_.filter.cost(store_.node(node_));
  walk_.look_at(node_++);
  return true;
}

bool Picture::texts(std::size_t& looked) {
  const Part& part = walk_.part();
  if (node_ < part.nodes.size()) {
    set_node(part.nodes[node_++], true, looked);
  } else if (edge_ < part.edges.size()) {
    set_edge(part.edges[edge_++], true, looked);
  } else {
    return false;
  }
  return true;
}

// ---- writing

void Picture::freeze(const std::string& notes) {
  notes_ = notes;
  if (named()) {
    for (const NodeIndex i : walk_.part().nodes) {
      if (nodes_[i].shown) order_.push_back(i);
    }
  } else {
    for (NodeIndex i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].shown) order_.push_back(i);
    }
  }
  phase_ = Phase::sort;
  out_ = "{\"nodes\":[";
}

// The text begins with the id.
bool Picture::before(NodeIndex a, NodeIndex b) const {
  const Shot &x = nodes_[a], &y = nodes_[b];
  return x.kind != y.kind ? x.kind < y.kind : x.text < y.text;
}

bool Picture::sort_run(std::size_t& looked) {
  if (named()) {  // nearest first: as the walk came to them
    if (!order_.empty()) runs_.push_back({0, order_.size()});
    return false;
  }
  const auto later = [&](const Run& a, const Run& b) { return before(order_[b.at], order_[a.at]); };
  if (sorted_ == order_.size()) {
    std::make_heap(runs_.begin(), runs_.end(), later);
    return false;
  }
  const std::size_t end = std::min(order_.size(), sorted_ + kSortedAtOnce);
  std::sort(order_.begin() + static_cast<std::ptrdiff_t>(sorted_),
            order_.begin() + static_cast<std::ptrdiff_t>(end),
            [&](NodeIndex a, NodeIndex b) { return before(a, b); });
  runs_.push_back({sorted_, end});
  looked += (end - sorted_) * kLooksToSort;
  sorted_ = end;
  return true;
}

bool Picture::write_node(std::size_t& looked) {
  if (runs_.empty() || (form_ == Form::bounded_json && written_ == kGraphNodes)) return false;
  const auto later = [&](const Run& a, const Run& b) { return before(order_[b.at], order_[a.at]); };
  std::pop_heap(runs_.begin(), runs_.end(), later);
  Run& run = runs_.back();
  std::string& text = nodes_[order_[run.at]].text;
  if (written_++ > 0) out_.push_back(',');
  out_.append(text);
  looked += 1 + text.size() / kBytesPerLook / 4;
  if (++run.at == run.end) {
    runs_.pop_back();
  } else {
    std::push_heap(runs_.begin(), runs_.end(), later);
  }
  bytes_ -= text.size();
  std::string().swap(text);
  return true;
}

bool Picture::write_edge(std::size_t& looked) {
  if (edge_ == edges_.size() || (form_ == Form::bounded_json && written_ == kGraphEdges))
    return false;
  std::string& text = edges_[edge_++];
  ++looked;
  if (text.empty()) return true;
  if (written_++ > 0) out_.push_back(',');
  out_.append(text);
  looked += text.size() / kBytesPerLook / 4;
  bytes_ -= text.size();
  std::string().swap(text);
  return true;
}

void Picture::write_end() {
  out_.append("],\"notes\":").append(notes_);
  if (form_ == Form::bounded_json) {
    append_omitted(out_, order_.size() - std::min(order_.size(), kGraphNodes),
                   edges_shown_ - std::min(edges_shown_, kGraphEdges));
  }
  out_.push_back('}');
  nodes_ = {};
  edges_ = {};
  bytes_ = 0;
  phase_ = Phase::done;
}

}  // namespace graph::model
