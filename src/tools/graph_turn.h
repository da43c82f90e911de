// GraphTurn: what one change of the store came to, written down once for all views: they look at it
// one by one, in later turns of the loop, when the store may be on already. What is gone by then
// stands here as it was told last.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace tools {

using NodeIndex = std::uint32_t;
using EdgeIndex = std::uint32_t;

struct GraphTurn {
  struct Node {
    NodeIndex index;
    bool changed;      // its text
    bool gone;         // it went, maybe for another object of its name
    std::string last;  // of one that is gone its text; of one that changed its members before
  };
  struct Edge {
    EdgeIndex index;
    bool changed, gone;
    std::string last;  // of one that is gone
  };
  std::vector<Node> nodes;
  std::vector<Edge> edges;
};

class GraphStore;

// The JSON of nodes and edges as they are now, made once for all who tell them in one turn.
class GraphText {
 public:
  explicit GraphText(const GraphStore& store) : store_(store) {}
  const std::string& node(NodeIndex index);
  const std::string& edge(EdgeIndex index);
  // The store is another.
  void clear();

 private:
  const GraphStore& store_;
  std::unordered_map<NodeIndex, std::string> nodes_;
  std::unordered_map<EdgeIndex, std::string> edges_;
};

}  // namespace tools
