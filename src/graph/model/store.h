// Store: nodes and edges in memory, kept right object by object. No sockets, no loop, no
// clock.
//
//   node   an object that exists, or a missing one that something names: a place where its edges
//          wait, so that its appearance or removal costs only its own edges
//   edge   drawn when both ends exist (resolved), or when one exists and the other is known not to
//          (unresolved). Not drawn while an end may not be seen, is of a kind not served, or was
//          not answered for yet; nor, for a convention, while an end is missing
//
// A change costs what changed: the edges of the object, and for its labels one look per selector.
// settle() returns what changed since it was last called; dead edges and empty places stay readable
// until then.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cluster/namespace_filter.h"
#include "graph/model/object.h"
#include "graph/model/turn.h"

namespace graph::model {

constexpr std::uint32_t kNone = UINT32_MAX;

struct Node {
  const std::string* id = nullptr;  // "Type:namespace/name"; nullptr: a free slot
  std::string members;              // Object's; kept until settle() when the object goes
  Labels labels;                    // for kinds whose labels are kept
  std::vector<EdgeIndex> made;      // edges that this object states, selections apart
  std::uint64_t uid = 0;
  EdgeIndex first_out = kNone, first_in = kNone;
  std::uint32_t kind_place = 0;  // its place in the kind's list
  std::uint32_t drawn = 0;       // drawn edges at it
  std::uint16_t hidden = 0;      // its references into namespaces that the filter hides
  KindId kind = kNoKind;
  bool exists = false;
  bool absent = false;  // a look-up of it found nothing
  bool touched = false, changed = false, reborn = false;

  std::string_view ns() const;  // "" for cluster-scoped ones
  std::string_view name() const;
};

struct Edge {
  NodeIndex from = kNone, to = kNone;  // from == kNone: a free slot
  NodeIndex source = kNone;            // the object that states it
  std::uint32_t path = 0;              // where: an index into paths_
  std::uint64_t owner_uid = 0;         // not 0: `from` must have this uid
  EdgeIndex next_out = kNone, prev_out = kNone, next_in = kNone, prev_in = kNone;
  EdgeType type = 0;
  bool convention = false, bare = false, selected = false;
  bool drawn = false, resolved = false;
  bool touched = false, changed = false, dead = false;
};

class Store {
 public:
  // `kinds` and `filter` must outlive this.
  Store(const Kinds& kinds, const cluster::NamespaceFilter& filter);

  // Stores an object as it is now. Requires: the filter does not hide its namespace.
  void put(Object object);
  void remove(KindId kind, std::string_view ns, std::string_view name);
  // Forgets all objects of the kind.
  void clear(KindId kind);
  // The kind's state changed: edges to missing objects are judged again.
  void judge_kind(KindId kind);
  // A look-up of the object found nothing (absent), or may not see it (unseen).
  void set_absent(NodeIndex index);
  void set_unseen(NodeIndex index);

  bool touched() const { return !touched_nodes_.empty() || !touched_edges_.empty(); }
  // Before settle(): drops what was looked up and is not named any more.
  void prune();
  // Returns what changed; places of what is gone may be used again from now on.
  Turn settle();

  // Named since the last take: kinds with the policy `named`, and nodes of kinds that are looked up
  // one by one.
  std::vector<KindId> take_named();
  std::vector<NodeIndex> take_lookups();

  // What holds most of its memory, for the owner to free; nothing else may be called afterwards.
  struct Parts {
    std::vector<Node> nodes;
    std::unordered_map<std::string, NodeIndex> ids;
  };
  Parts take_apart() { return {std::move(nodes_), std::move(by_id_)}; }

  const Kinds& kinds() const { return kinds_; }
  const cluster::NamespaceFilter& filter() const { return filter_; }
  std::size_t node_slots() const { return nodes_.size(); }
  std::size_t edge_slots() const { return edges_.size(); }
  const Node& node(NodeIndex i) const { return nodes_[i]; }
  const Edge& edge(EdgeIndex i) const { return edges_[i]; }
  NodeIndex find(const std::string& id) const;  // kNone: none
  const std::vector<NodeIndex>& of_kind(KindId kind) const;
  // Whether something names an object of the kind or selects among them.
  bool is_named(KindId kind) const;
  // Kinds that selectors select among, and that are never listed: those selectors draw nothing.
  std::vector<KindId> blind_selections() const;
  // k0rdent's own objects always; others when an edge leads to or from them.
  bool shown(const Node& node) const {
    return node.exists && (node.drawn > 0 || kinds_[node.kind].k0rdent());
  }
  // Whether a cluster-scoped node has a drawn edge to or from an object in one of these namespaces,
  // which are sorted.
  bool is_near(NodeIndex node, const std::vector<std::string>& namespaces) const;
  // Whether references are left out because the filter hides where they lead.
  bool hides() const { return hidden_ > 0; }

  // As JSON objects. `members`: former ones to write instead of the present ones.
  void append_node(std::string& out, NodeIndex index, const std::string* members = nullptr) const;
  void append_edge(std::string& out, EdgeIndex index) const;
  std::string edge_id(const Edge& edge) const;

 private:
  struct Want {
    NodeIndex from, to;
    const Claim* claim;
  };
  NodeIndex place(KindId kind, std::string_view ns, std::string_view name);
  std::string id_of(KindId kind, std::string_view ns, std::string_view name) const;
  using EdgeTypes = std::bitset<UINT8_MAX + 1>;
  EdgeTypes set_claims(NodeIndex node, const std::vector<Claim>& claims);
  std::vector<Want> wanted(NodeIndex node, const std::vector<Claim>& claims);
  bool hidden(const Ref& ref) const;
  void refresh(EdgeIndex index, const Claim& claim);
  // `claimed`: the types of edges whose claims changed.
  void set_selections(NodeIndex node, std::vector<Selection> selections, const EdgeTypes& claimed);
  void select(NodeIndex source);
  void reselect(NodeIndex target, const Labels& labels);
  const Labels& labels_of(NodeIndex index, Labels& read) const;
  bool selects(const Selection& selection, NodeIndex target, const Labels& labels) const;
  // `edge`: the existing one, or kNone.
  void draw_selected(EdgeIndex edge, NodeIndex source, NodeIndex target,
                     const Selection& selection);
  void drop_selected(NodeIndex node);
  void vanish(NodeIndex index);

  EdgeIndex add_edge(NodeIndex from, NodeIndex to, NodeIndex source, EdgeType type);
  void drop_edge(EdgeIndex index);
  void judge(EdgeIndex index);
  void judge_around(NodeIndex node);
  void set_drawn(EdgeIndex index, bool drawn);
  void count_near(NodeIndex node, NodeIndex other, int by);
  bool missing(const Node& node) const;
  void touch(NodeIndex index);
  void touch_edge(EdgeIndex index);
  void keep_last(NodeIndex index);
  void note_named(NodeIndex index);
  void note_kind(KindId kind);
  std::uint32_t path_of(const std::string& path);
  void free_node(NodeIndex index);
  Turn take_turn();

  const Kinds& kinds_;
  const cluster::NamespaceFilter& filter_;
  const KindId namespaces_;
  std::vector<bool> keeps_labels_;  // by kind
  std::vector<Node> nodes_;
  std::vector<Edge> edges_;
  std::vector<NodeIndex> free_nodes_;
  std::vector<EdgeIndex> free_edges_;
  std::unordered_map<std::string, NodeIndex> by_id_;
  std::vector<std::vector<NodeIndex>> by_kind_;
  std::unordered_map<NodeIndex, std::vector<Selection>> selections_;
  std::vector<std::vector<NodeIndex>> selectors_;  // by kind: the nodes that select among it
  // For cluster-scoped nodes: the drawn edges by the namespace of the other end.
  std::unordered_map<NodeIndex, std::unordered_map<std::string, std::uint32_t>> near_;
  std::unordered_map<std::string, std::uint32_t> path_numbers_;
  std::vector<const std::string*> paths_;
  std::vector<NodeIndex> touched_nodes_, loose_, lookups_;
  std::vector<EdgeIndex> touched_edges_;
  struct Last {
    std::string members;
    std::uint64_t uid;
  };
  std::unordered_map<NodeIndex, Last> last_;  // as last sent
  std::vector<KindId> named_;
  std::vector<bool> was_named_;  // by kind
  std::size_t hidden_ = 0;
};

}  // namespace graph::model
