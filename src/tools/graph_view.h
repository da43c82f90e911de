// GraphView: what those who asked with one filter were told: one bit for each node and edge. What
// they are told next is the difference to what the filter shows now, so that applying the deltas
// always gives what a fresh read gives.
//
//   delta  {"action":"snapshot"|"added"|"modified"|"deleted","nodes":[NODE…],"edges":[EDGE…],
//           "sequence":N}; of one turn: deleted (as last told), then added, then modified. What is
//           larger than kGraphDeltaBytes comes in several deltas: a snapshot as one "snapshot"
//           and "added" for the rest.
#pragma once

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

  // The delta without its sequence and its closing brace, shared by all who are told it; and with
  // both. `notes_json`: an array, told if not empty.
  std::string body(const std::string& notes_json = {}) const;
  static std::string numbered(std::string_view body, std::uint64_t sequence);
  std::string json(std::uint64_t sequence) const { return numbered(body(), sequence); }
};

class GraphView {
 public:
  // `store` outlives it; nothing in it is touched now.
  GraphView(const GraphStore& store, GraphFilter filter);

  // What changed since the last call, judged by what the store has touched. Before settle().
  std::vector<GraphDelta> update();
  // All that was told so far. Requires: update() was called after the last change.
  std::vector<GraphDelta> snapshot() const;
  const GraphFilter& filter() const { return filter_; }

 private:
  struct Changes;
  void look(NodeIndex index, Changes& changes);
  void look_at_edge(EdgeIndex index, Changes& changes);
  static bool swap(std::vector<bool>& bits, std::size_t at, bool value);

  const GraphStore& store_;
  GraphFilter filter_;
  std::vector<bool> nodes_, edges_;
};

}  // namespace tools
