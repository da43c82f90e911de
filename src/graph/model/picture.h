// Picture: what a query shows of the graph, as one text for a reader, drawn piece by piece over
// several turns of the loop: for a large graph it is megabytes.
//
//   looking  node by node, then edge by edge, at each text as it is then; what a change of the store
//            touches is looked at again. With a name: from the objects of that name along the edges,
//            and from the start when the store changes
//   frozen   all was looked at and nothing has changed since: the picture is the state of the store
//            at this moment, whatever comes later
//   writing  the texts, by kind and id, or with a name the nearest first, become one; each is freed
//            as it is written
#pragma once

#include <string>
#include <vector>

#include "graph/model/walk.h"

namespace graph::model {

// A walk begins again when the store changes before it is done; where changes never cease, the one
// after this many is done in one go, which costs less than a microsecond for each edge around.
constexpr int kGraphWalkTries = 5;

class Picture {
 public:
  // bounded: by kGraphNodes and kGraphEdges; what exceeds them is counted.
  enum class Form : unsigned char { json, bounded_json };
  // `store` must outlive this. Holds next to nothing before draw().
  Picture(const Store& store, Query query, Form form);

  // Continues until `looked`, which grows by what the work costs, reaches `most`. True: done.
  // Requires: the store is settled, and follow() was called for each of its turns since the first
  // call. `notes`: a JSON array; the picture has it as it is when it is frozen.
  bool draw(const std::string& notes, std::size_t& looked, std::size_t most);
  void follow(const Turn& turn);
  // The memory that it holds.
  std::size_t bytes() const { return bytes_ + out_.capacity(); }
  // Requires (both): done. Empty: no object has the name asked for.
  bool empty() const { return named() && order_.empty(); }
  std::string take() { return std::move(out_); }

 private:
  enum class Phase : unsigned char { look, find, walk, texts, sort, nodes, edges, done };
  struct Shot {
    std::string text;
    KindId kind = kNoKind;
    bool shown = false, again = false;
  };
  struct Run {
    std::size_t at, end;  // in order_
  };
  bool named() const { return !query_.name.empty(); }
  void step(const std::string& notes, std::size_t& looked);
  bool look(std::size_t& looked);
  bool find(std::size_t& looked);
  bool walk(std::size_t& looked);
  bool texts(std::size_t& looked);
  void look_at_node(NodeIndex index, std::size_t& looked);
  void look_at_edge(EdgeIndex index, std::size_t& looked);
  void set_node(NodeIndex index, bool shown, std::size_t& looked);
  void set_edge(EdgeIndex index, bool shown, std::size_t& looked);
  void begin_again();
  void freeze(const std::string& notes);
  bool sort_run(std::size_t& looked);
  bool write_node(std::size_t& looked);
  bool write_edge(std::size_t& looked);
  void write_end();
  bool before(NodeIndex a, NodeIndex b) const;

  const Store& store_;
  const Query query_;
  const Form form_;
  Phase phase_;
  std::vector<Shot> nodes_;
  std::vector<std::string> edges_;  // "": not shown
  std::vector<bool> edges_again_;
  std::vector<NodeIndex> nodes_due_;  // to be looked at again
  std::vector<EdgeIndex> edges_due_;
  NodeIndex node_ = 0;  // the next to look at
  EdgeIndex edge_ = 0;
  GraphWalk walk_;
  int begun_ = 0;  // walks begun
  std::string notes_;
  std::vector<NodeIndex> order_;
  std::vector<Run> runs_;  // sorted ones; then a heap by their first
  std::size_t sorted_ = 0, written_ = 0, edges_shown_ = 0;
  std::size_t bytes_ = 0;  // of the texts
  std::string out_;
};

}  // namespace graph::model
