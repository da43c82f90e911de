#include "tools/graph_turn.h"

#include "tools/graph_store.h"

namespace tools {

const std::string& GraphText::node(NodeIndex index) {
  std::string& text = nodes_[index];
  if (text.empty()) store_.append_node(text, index);
  return text;
}

const std::string& GraphText::edge(EdgeIndex index) {
  std::string& text = edges_[index];
  if (text.empty()) store_.append_edge(text, index);
  return text;
}

void GraphText::clear() {
  nodes_.clear();
  edges_.clear();
}

}  // namespace tools
