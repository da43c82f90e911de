// GraphView: what those who asked with one filter were told: one bit for each node and edge. What
// they are told next is the difference to what the filter shows now, so that applying the deltas
// always gives what a fresh read gives.
//
//   delta  {"action":"snapshot"|"added"|"modified"|"deleted","nodes":[NODE…],"edges":[EDGE…],
//           "sequence":N}; of one turn: deleted (as last told), then added, then modified. What is
//           larger than kGraphDeltaBytes comes in several deltas: a snapshot as one "snapshot"
//           and "added" for the rest.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/graph_filter.h"
#include "tools/graph_store.h"

namespace tools {

// A quarter of a subscriber's queue: a large graph goes through it piece by piece.
constexpr std::size_t kGraphDeltaBytes = 256 * std::size_t{1024};

struct GraphDelta {
  std::string_view action;   // a literal
  std::string nodes, edges;  // JSON objects, joined by commas

  // The delta without its sequence and closing brace, shared by all subscribers it is sent to; and
  // with both. `notes_json`: an array, included unless empty.
  std::string body(const std::string& notes_json = {}) const;
  static std::string numbered(std::string_view body, std::uint64_t sequence);
  std::string json(std::uint64_t sequence) const { return numbered(body(), sequence); }
};

class GraphView {
 public:
  // `store` must outlive this. Requires: nothing in it is touched.
  GraphView(const GraphStore& store, GraphFilter filter);

  // What is to be told now. `turns`: all that was settled since the last call, in order; nothing in
  // the store is touched now. `looked` grows by what it cost: nodes and edges looked at, and what
  // their texts count for.
  std::vector<GraphDelta> update(std::span<const GraphTurn* const> turns, GraphText& text,
                                 std::size_t& looked);
  const GraphFilter& filter() const { return filter_; }

  // What was told so far. Requires (both): update() was called after the last change.
  bool has_node(NodeIndex index) const { return index < nodes_.size() && nodes_[index]; }
  bool has_edge(EdgeIndex index) const { return index < edges_.size() && edges_[index]; }
  // By kind and id.
  std::vector<NodeIndex> nodes_in_order() const;
  std::size_t edge_slots() const { return edges_.size(); }

 private:
  struct Changes;
  void look_at_nodes(std::span<const GraphTurn* const> turns, Changes& changes);
  void look_at_edges(std::span<const GraphTurn* const> turns, Changes& changes);
  static bool swap(std::vector<bool>& bits, std::size_t at, bool value);

  const GraphStore& store_;
  GraphFilter filter_;
  std::vector<bool> nodes_, edges_;
};

// Bytes of text that cost as much as one look.
constexpr std::size_t kBytesPerLook = 32;

// Cuts what is sent into deltas of a bounded size: the first with action `first`, the others
// `rest`.
class GraphCutter {
 public:
  GraphCutter(std::string_view first, std::string_view rest) : rest_(rest) { begin(first); }
  void node(std::string_view json) { add(&GraphDelta::nodes, json); }
  void edge(std::string_view json) { add(&GraphDelta::edges, json); }
  // take_full(): all but the last one, which may grow; done(): all.
  std::vector<GraphDelta> take_full();
  std::vector<GraphDelta>& done() { return deltas_; }

 private:
  void begin(std::string_view action);
  void add(std::string GraphDelta::*to, std::string_view json);
  std::string_view rest_;
  std::vector<GraphDelta> deltas_;
};

}  // namespace tools
