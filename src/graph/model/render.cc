#include "graph/model/render.h"

#include <algorithm>
#include <unordered_map>

#include "base/json.h"

namespace graph::model {

namespace {

std::size_t over(std::size_t have, std::size_t limit) {
  return have > limit ? have - limit : 0;
}

// Inside quotes Mermaid decodes entities; nothing else is special.
std::string label(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-_./: ").find(c) != std::string_view::npos || byte >= 0x80;
    if (plain) {
      out.push_back(c);
    } else {
      out.append("#").append(std::to_string(byte)).append(";");
    }
  }
  return out;
}

class Chart {
 public:
  explicit Chart(const Store& store) : store_(store) {}
  std::size_t nodes() const { return numbers_.size(); }
  bool has(NodeIndex index) const { return numbers_.count(index) > 0; }

  void node(NodeIndex index) {
    if (has(index)) return;
    const std::string id = "n" + std::to_string(numbers_.size());
    numbers_[index] = id;
    const Node& node = store_.node(index);
    const std::string& type = store_.kinds()[node.kind].type;
    const std::string_view where = std::string_view(*node.id).substr(node.id->find(':') + 1);
    out_.append("  ").append(id).append("[\"").append(label(type)).append("<br/>");
    out_.append(label(node.ns().empty() ? node.name() : where));
    out_.append(node.exists ? "\"]\n" : " (missing)\"]:::missing\n");
    missing_ = missing_ || !node.exists;
  }
  void edge(EdgeIndex index) {
    const Edge& edge = store_.edge(index);
    out_.append("  ").append(numbers_[edge.from]);
    const std::string name(edge_name(edge.type));
    out_.append(edge.resolved ? " -->|" : " -.->|").append(name).append("| ");
    out_.append(numbers_[edge.to]).append("\n");
  }
  std::string take() {
    if (missing_) out_.append("  classDef missing stroke-dasharray: 5 5\n");
    return std::move(out_);
  }

 private:
  const Store& store_;
  std::string out_ = "flowchart LR\n";
  std::unordered_map<NodeIndex, std::string> numbers_;
  bool missing_ = false;
};

}  // namespace

void append_omitted(std::string& out, std::size_t nodes, std::size_t edges) {
  if (nodes == 0 && edges == 0) return;
  out.append(",\"omitted\":{\"nodes\":").append(std::to_string(nodes));
  out.append(",\"edges\":").append(std::to_string(edges)).append("}");
}

std::string graph_mermaid(const Store& store, const Part& part, const std::string& notes) {
  Chart chart(store);
  const std::size_t nodes_over = over(part.nodes.size(), kMermaidNodes);
  std::size_t edges_over = 0, edges = 0;
  for (std::size_t i = 0; i < part.nodes.size() - nodes_over; ++i)
    chart.node(part.nodes[i]);
  for (const EdgeIndex index : part.edges) {
    const Edge& edge = store.edge(index);
    const auto fits = [&](NodeIndex n) { return chart.has(n) || !store.node(n).exists; };
    if (!fits(edge.from) || !fits(edge.to) || edges == kMermaidEdges) {
      ++edges_over;
      continue;
    }
    chart.node(edge.from);
    chart.node(edge.to);
    chart.edge(index);
    ++edges;
  }
  std::string out = "{\"mermaid\":";
  base::json::append_string(out, chart.take());
  out.append(",\"notes\":").append(notes);
  append_omitted(out, nodes_over, edges_over);
  return out.append("}");
}

}  // namespace graph::model
