// View: what the subscribers of one filter were sent: one bit for each node and edge. What they
// are sent next is the difference to what the filter shows now, so that applying the deltas always
// gives what a fresh read gives, in another order.
//
// A delta is {"action":"snapshot"|"added"|"modified"|"deleted","nodes":[NODE…],"edges":[EDGE…],
// "sequence":N}. One change sends deleted (as last sent), then added, then modified. What is larger
// than kGraphDeltaBytes comes in several deltas: a snapshot as one "snapshot", and "added" for the
// rest. A change that is too large for one turn of the loop is sent in parts, each in this order:
// what is gone first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/model/filter.h"
#include "graph/model/store.h"

namespace graph::model {

// A quarter of a subscriber's queue: a large graph goes through it piece by piece.
constexpr std::size_t kGraphDeltaBytes = 256 * std::size_t{1024};

struct Delta {
  std::string_view action;   // a literal
  std::string nodes, edges;  // JSON objects, joined by commas

  // The delta without its sequence and closing brace, shared by all subscribers it is sent to; and
  // with both. `notes_json`: an array, included unless empty.
  std::string body(const std::string& notes_json = {}) const;
  static std::string numbered(std::string_view body, std::uint64_t sequence);
  std::string json(std::uint64_t sequence) const { return numbered(body(), sequence); }
};

class View {
 public:
  // `store` must outlive this.
  View(const Store& store, Filter filter) : store_(store), filter_(std::move(filter)) {}

  // Looks at the store until `looked`, which grows by what that costs, reaches `most`. True: at all
  // of it; the view is what the filter shows now. Requires: nothing in the store is touched, and
  // follow() was called for each turn settled since the first call.
  bool begin(std::size_t& looked, std::size_t most = SIZE_MAX);
  bool begun() const { return begun_; }
  void follow(const Turn& turn);  // Requires: !begun()

  // What is to be sent now, or the part of it that `most` allows; whole() returns whether it was all.
  // Requires: begun(). `turns`: all that was settled since it was last whole, in order; those that an earlier call had
  // must still be where they were. Requires: nothing in the store is touched. `looked` grows by what
  // the call cost: nodes and edges looked at, and what their texts count for.
  std::vector<Delta> update(std::span<const Turn* const> turns, Text& text, std::size_t& looked,
                            std::size_t most = SIZE_MAX);
  bool whole() const { return whole_; }
  const Filter& filter() const { return filter_; }

  // What was sent so far. Requires (all): begun(), update() was called after the last change, and
  // whole().
  bool has_node(NodeIndex index) const { return index < nodes_.size() && nodes_[index]; }
  bool has_edge(EdgeIndex index) const { return index < edges_.size() && edges_[index]; }
  std::size_t node_slots() const { return nodes_.size(); }
  std::size_t edge_slots() const { return edges_.size(); }

 private:
  struct Changes;
  // A place in all turns, one after the other.
  struct At {
    std::size_t turn = 0, entry = 0;
  };
  // What is still to be looked at in the turns. What is gone comes first: its place in the store may
  // be another's already.
  struct Backlog {
    std::size_t turns = 0;                                 // whose departures are known
    std::vector<std::string_view> nodes_gone, edges_gone;  // texts in the turns
    std::size_t node_gone = 0, edge_gone = 0;
    At node, edge;
    std::vector<EdgeIndex> suspects;  // edges of nodes that came into view or left it
    std::size_t suspect = 0;
  };
  void note_gone(std::span<const Turn* const> turns, Changes& changes);
  bool take_gone(Changes& changes);
  bool look_at_nodes(std::span<const Turn* const> turns, Changes& changes);
  bool look_at_edges(std::span<const Turn* const> turns, Changes& changes);
  bool look_at_suspects(Changes& changes);
  void look_at_edge(EdgeIndex index, bool changed, Changes& changes);
  void suspect_edges_of(NodeIndex index);
  std::vector<Delta> tell(const Changes& changes, Text& text) const;
  bool shows(EdgeIndex index) const;
  void begin_node(NodeIndex index);
  static bool swap(std::vector<bool>& bits, std::size_t at, bool value);

  const Store& store_;
  Filter filter_;
  std::vector<bool> nodes_, edges_;
  // State of begin(): the next ones to look at, and those that changed after they were looked at.
  NodeIndex node_ = 0;
  EdgeIndex edge_ = 0;
  std::vector<NodeIndex> nodes_due_;
  std::vector<EdgeIndex> edges_due_;
  bool begun_ = false;
  Backlog backlog_;
  bool whole_ = true;
};

// Bytes of text that cost as much as one look.
constexpr std::size_t kBytesPerLook = 32;

// Cuts what is sent into deltas of a bounded size: the first with action `first`, the others
// `rest`.
class Cutter {
 public:
  Cutter(std::string_view first, std::string_view rest) : rest_(rest) { begin(first); }
  void node(std::string_view json) { add(&Delta::nodes, json); }
  void edge(std::string_view json) { add(&Delta::edges, json); }
  // take_full(): all but the last one, which may grow; done(): all.
  std::vector<Delta> take_full();
  std::vector<Delta>& done() { return deltas_; }

 private:
  void begin(std::string_view action);
  void add(std::string Delta::*to, std::string_view json);
  std::string_view rest_;
  std::vector<Delta> deltas_;
};

}  // namespace graph::model
