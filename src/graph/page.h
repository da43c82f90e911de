// Page: a part of the graph's picture that fits into an answer for a model, in one of three forms.
//
//   compact   nodes {id, type, name, namespace, state}, edges {from, to, type, resolved}; the text
//             has each node on a line, with its edges below it
//   json      nodes and edges with all their members; no text: clients get the structured answer's
//   mermaid   a flowchart; the text is the chart in a fenced block
//
// Nodes come in the picture's order, nearest first if a name was asked for. A page begins after the
// last node of the page before it and is cut at a whole node. Of a node that alone has no room long texts
// and maps are cut, as a note says, and the edges go on in the next page. An edge is given once, with the later
// one of its ends; an end that does not exist counts as the other. What is left out is counted by
// kind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "mcp/tool.h"

namespace graph {

// Mermaid's renderers give up beyond 500 edges and 50,000 characters.
constexpr std::size_t kMermaidPageEdges = 400, kMermaidPageBytes = 40'000;

class Page {
 public:
  enum class Form : unsigned char { compact, json, mermaid };

  // Where a page ended, and the next one goes on. What is gone since goes on at its place then.
  struct End {
    std::string id;            // of the last node given; "": the beginning
    std::size_t position = 0;  // of the node after it
    std::string edge = {};     // the last edge given of that node, when others follow; "": all were
    std::size_t edges = 0;     // given of it so far, then
  };
  // `picture`: the object that model::Picture draws; it must outlive this.
  Page(base::json::Value picture, Form form, std::size_t max_bytes, const End& after);

  bool cut() const { return more_edges_ > 0 || next_ < nodes_.size(); }
  End end() const;  // requires: cut()

  // `go_on`: what the caller gives as `continue`; used if cut().
  mcp::ToolResult result(const std::string& go_on) const;

 private:
  struct Node {
    std::string_view id;
    base::json::Value value;
    std::vector<base::json::Value> edges;  // those that are given with it
  };
  struct Sizes {
    std::size_t structured = 0, text = 0;
    void operator+=(const Sizes& more) {
      structured += more.structured;
      text += more.text;
    }
  };
  void read(base::json::Value picture);
  std::size_t first_after(const End& end);
  Sizes sizes(std::size_t json, const std::string& line) const;
  Sizes head_size(const Node& node) const;
  Sizes edge_size(const Node& node, base::json::Value edge) const;
  Sizes size_of(const Node& node) const;
  bool has_room(const Sizes& size, std::size_t edges, std::size_t room) const;
  void fit(Node& node, std::size_t room);
  std::string node_json(base::json::Value node) const;
  std::string edge_json(base::json::Value edge) const;
  std::string head_line(const Node& node) const;
  std::string edge_line(const Node& node, base::json::Value edge) const;
  std::string lines(const Node& node) const;
  std::string chart() const;
  std::map<std::string, std::int64_t> left_by_kind() const;

  const Form form_;
  std::vector<Node> nodes_;
  base::json::Value notes_, omitted_;
  base::json::Document fitted_;       // the first node, when it is cut
  std::string cut_;                   // what of it is, in words; "": nothing
  std::size_t begin_ = 0, next_ = 0;  // the page's nodes are [begin_, next_)
  std::size_t given_edges_ = 0;       // of the first node, in pages before: it is not given again
  std::size_t more_edges_ = 0;        // of the first node, in pages to come
};

}  // namespace graph
