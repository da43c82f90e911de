// GraphStore: nodes and edges in memory, kept right object by object. No sockets, no loop, no
// clock.
//
//   node   an object that is there, or one that something names and that is not: a place for its
//          edges to wait at, so that its coming or going costs its own edges
//   edge   drawn when both ends exist (resolved), or when one does and the other is known not to
//          exist (unresolved); an end that may not be seen, is of a kind not served, or was not
//          asked for yet leaves the edge undrawn, and so does the missing end of a convention
//
// A change costs what changed: the edges of the object, and for its labels one look per selector.
// What changed since the last settle() is what that returns; dead edges and empty places stay
// readable until then.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tools/graph_object.h"
#include "tools/graph_turn.h"
#include "tools/namespace_filter.h"

namespace tools {

constexpr std::uint32_t kNone = UINT32_MAX;

struct GraphNode {
  const std::string* id = nullptr;  // "Type:namespace/name"; null: a free slot
  std::string members;              // of GraphObject; stays when the object goes, until settle()
  GraphLabels labels;               // of kinds whose labels are kept
  std::vector<EdgeIndex> made;      // edges that this object's text tells, selections apart
  std::uint64_t uid = 0;
  EdgeIndex first_out = kNone, first_in = kNone;
  std::uint32_t kind_place = 0;  // in the kind's list
  std::uint32_t drawn = 0;       // drawn edges at it
  std::uint16_t hidden = 0;      // references of its into namespaces that the filter hides
  KindId kind = kNoKind;
  bool exists = false;
  bool absent = false;  // looked up by itself, and not there
  bool touched = false, changed = false, reborn = false;

  std::string_view ns() const;  // "" for cluster-scoped ones
  std::string_view name() const;
};

struct GraphEdge {
  NodeIndex from = kNone, to = kNone;  // from == kNone: a free slot
  NodeIndex source = kNone;            // the object whose text tells it
  std::uint32_t path = 0;              // where in it
  std::uint64_t owner_uid = 0;         // not 0: `from` must have it
  EdgeIndex next_out = kNone, prev_out = kNone, next_in = kNone, prev_in = kNone;
  EdgeType type = 0;
  bool convention = false, bare = false, selected = false;
  bool drawn = false, resolved = false;
  bool touched = false, changed = false, dead = false;
};

class GraphStore {
 public:
  // Both outlive it.
  GraphStore(const GraphKinds& kinds, const NamespaceFilter& filter);

  // An object as it is now; one in a namespace that the filter hides is passed over.
  void put(GraphObject object);
  void remove(KindId kind, std::string_view ns, std::string_view name);
  // No object of the kind is known any more.
  void clear(KindId kind);
  // The kind's state is another: edges to what is missing are judged anew.
  void judge_kind(KindId kind);
  // A single look-up found nothing, or may not see it (unseen).
  void set_absent(NodeIndex index);
  void set_unseen(NodeIndex index);

  bool touched() const { return !touched_nodes_.empty() || !touched_edges_.empty(); }
  // Before the changes are told: what was looked up and is named no more goes.
  void prune();
  // What changed, for those who tell it; places of what is gone may be used again from now on.
  GraphTurn settle();

  // Named since the last take: kinds that come up only by name, and nodes of kinds that are looked
  // up one by one.
  std::vector<KindId> take_named();
  std::vector<NodeIndex> take_lookups();

  const GraphKinds& kinds() const { return kinds_; }
  const NamespaceFilter& filter() const { return filter_; }
  std::size_t node_slots() const { return nodes_.size(); }
  std::size_t edge_slots() const { return edges_.size(); }
  const GraphNode& node(NodeIndex i) const { return nodes_[i]; }
  const GraphEdge& edge(EdgeIndex i) const { return edges_[i]; }
  NodeIndex find(const std::string& id) const;  // kNone
  const std::vector<NodeIndex>& of_kind(KindId kind) const;
  // Whether something names an object of the kind, or selects of it.
  bool is_named(KindId kind) const;
  // Selected of, and never listed: the selectors draw nothing there.
  std::vector<KindId> blind_selections() const;
  // k0rdent's own always; others when an edge leads to or from them.
  bool shown(const GraphNode& node) const {
    return node.exists && (node.drawn > 0 || kinds_[node.kind].k0rdent());
  }
  // A cluster-scoped node has a drawn edge to or from something in one of these namespaces.
  bool is_near(NodeIndex node, const std::vector<std::string>& namespaces) const;
  // References are left out because the filter hides where they lead.
  bool hides() const { return hidden_ > 0; }

  // As JSON objects. `members`: those that it had, instead of those that it has.
  void append_node(std::string& out, NodeIndex index, const std::string* members = nullptr) const;
  void append_edge(std::string& out, EdgeIndex index) const;
  std::string edge_id(const GraphEdge& edge) const;

 private:
  struct Want {
    NodeIndex from, to;
    const GraphClaim* claim;
  };
  NodeIndex place(KindId kind, std::string_view ns, std::string_view name);
  std::string id_of(KindId kind, std::string_view ns, std::string_view name) const;
  using EdgeTypes = std::bitset<UINT8_MAX + 1>;
  EdgeTypes set_claims(NodeIndex node, const std::vector<GraphClaim>& claims);
  std::vector<Want> wanted(NodeIndex node, const std::vector<GraphClaim>& claims);
  bool hidden(const GraphRef& ref) const;
  void refresh(EdgeIndex index, const GraphClaim& claim);
  // `claimed`: of these types its claims are others.
  void set_selections(NodeIndex node, std::vector<GraphSelection> selections,
                      const EdgeTypes& claimed);
  void select(NodeIndex source);
  void reselect(NodeIndex target, const GraphLabels& labels);
  const GraphLabels& labels_of(NodeIndex index, GraphLabels& read) const;
  bool selects(const GraphSelection& selection, NodeIndex target, const GraphLabels& labels) const;
  // `edge`: the one that is there, or kNone.
  void draw_selected(EdgeIndex edge, NodeIndex source, NodeIndex target,
                     const GraphSelection& selection);
  void drop_selected(NodeIndex node);
  void vanish(NodeIndex index);

  EdgeIndex add_edge(NodeIndex from, NodeIndex to, NodeIndex source, EdgeType type);
  void drop_edge(EdgeIndex index);
  void judge(EdgeIndex index);
  void judge_around(NodeIndex node);
  void set_drawn(EdgeIndex index, bool drawn);
  void count_near(NodeIndex node, NodeIndex other, int by);
  bool missing(const GraphNode& node) const;
  void touch(NodeIndex index);
  void touch_edge(EdgeIndex index);
  void keep_last(NodeIndex index);
  void note_named(NodeIndex index);
  void note_kind(KindId kind);
  std::uint32_t path_of(const std::string& path);
  void free_node(NodeIndex index);
  GraphTurn take_turn();

  const GraphKinds& kinds_;
  const NamespaceFilter& filter_;
  const KindId namespaces_;
  std::vector<bool> keeps_labels_;  // by kind
  std::vector<GraphNode> nodes_;
  std::vector<GraphEdge> edges_;
  std::vector<NodeIndex> free_nodes_;
  std::vector<EdgeIndex> free_edges_;
  std::unordered_map<std::string, NodeIndex> by_id_;
  std::vector<std::vector<NodeIndex>> by_kind_;
  std::unordered_map<NodeIndex, std::vector<GraphSelection>> selections_;
  std::vector<std::vector<NodeIndex>> selectors_;  // by kind: who selects of it
  // Of cluster-scoped nodes: drawn edges by the namespace of the other end.
  std::unordered_map<NodeIndex, std::unordered_map<std::string, std::uint32_t>> near_;
  std::unordered_map<std::string, std::uint32_t> path_numbers_;
  std::vector<const std::string*> paths_;
  std::vector<NodeIndex> touched_nodes_, loose_, lookups_;
  std::vector<EdgeIndex> touched_edges_;
  struct Last {
    std::string members;
    std::uint64_t uid;
  };
  std::unordered_map<NodeIndex, Last> last_;  // as it was told last
  std::vector<KindId> named_;
  std::vector<bool> was_named_;  // by kind
  std::size_t hidden_ = 0;
};

}  // namespace tools
