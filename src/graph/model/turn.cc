#include "graph/model/turn.h"

#include "graph/model/store.h"

namespace graph::model {

const std::string& Text::node(NodeIndex index) {
  std::string& text = nodes_[index];
  if (text.empty()) store_.append_node(text, index);
  return text;
}

const std::string& Text::edge(EdgeIndex index) {
  std::string& text = edges_[index];
  if (text.empty()) store_.append_edge(text, index);
  return text;
}

void Text::clear() {
  nodes_.clear();
  edges_.clear();
}

}  // namespace graph::model
