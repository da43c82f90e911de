// Turn: the net result of one change of the store, recorded once for all views: they look at
// it one after another, in later turns of the loop, when the store may have changed again. What is
// gone by then is kept here as it was last sent.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace graph::model {

using NodeIndex = std::uint32_t;
using EdgeIndex = std::uint32_t;

struct Turn {
  struct Node {
    NodeIndex index;
    bool changed;      // its text changed
    bool gone;         // it was removed, perhaps for another object of its name
    std::string last;  // if gone its text; if changed its former members
  };
  struct Edge {
    EdgeIndex index;
    bool changed, gone;
    std::string last;  // if gone its text
  };
  std::vector<Node> nodes;
  std::vector<Edge> edges;
};

class Store;

// The JSON of nodes and edges as they are now, made once for all views that send them in one turn.
class Text {
 public:
  explicit Text(const Store& store) : store_(store) {}  // `store` must outlive it
  const std::string& node(NodeIndex index);
  const std::string& edge(EdgeIndex index);
  // The store has changed.
  void clear();

 private:
  const Store& store_;
  std::unordered_map<NodeIndex, std::string> nodes_;
  std::unordered_map<EdgeIndex, std::string> edges_;
};

}  // namespace graph::model
