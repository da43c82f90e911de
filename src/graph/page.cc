#include "graph/page.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "answer/fitted.h"

namespace graph {

using base::json::Value;
using base::json::Writer;

namespace {

// What the cut, the notes and the counts may take of the answer: a third of a small one.
constexpr std::size_t kWordsBytes = 3 * 1024, kWordsShare = 3;

// The part of half the room that a node's JSON takes at most: it is sent twice, with its quotes escaped.
constexpr std::size_t kNodesShare = 5;

std::size_t escapes(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return c == '"' || c == '\\' || c == '\n'; }));
}

std::string_view kind_of(std::string_view id) {
  return id.substr(0, id.find(':'));
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

}  // namespace

Page::Page(Value picture, Form form, std::size_t max_bytes, const End& after) : form_(form) {
  read(picture);
  begin_ = next_ = first_after(after);
  const std::size_t room = max_bytes - std::min(max_bytes / kWordsShare, kWordsBytes);
  std::size_t used = 0, edges = 0, text = 0;
  if (begin_ < nodes_.size() &&
      !has_room(size_of(nodes_[begin_]), nodes_[begin_].edges.size(), room))
    fit(nodes_[begin_], room);
  for (; next_ < nodes_.size(); ++next_) {
    const Sizes more = size_of(nodes_[next_]);
    used += more.structured + more.text;
    text += more.text;
    edges += nodes_[next_].edges.size();
    const bool too_many =
        form_ == Form::mermaid && (edges > kMermaidPageEdges || text > kMermaidPageBytes);
    if (next_ > begin_ && (used > room || too_many || more_edges_ > 0)) break;
  }
}

Page::End Page::end() const {
  const Node& last = nodes_[next_ - 1];
  End out{std::string(last.id), next_};
  if (more_edges_ == 0) return out;
  out.edges = given_edges_ + last.edges.size();
  if (!last.edges.empty()) out.edge = last.edges.back()["id"].str();
  return out;
}

bool Page::has_room(const Sizes& size, std::size_t edges, std::size_t room) const {
  return size.structured + size.text <= room &&
         (form_ != Form::mermaid || (edges <= kMermaidPageEdges && size.text <= kMermaidPageBytes));
}

void Page::fit(Node& node, std::size_t room) {
  // Half of the room is for its edges.
  if (given_edges_ == 0 && !has_room(head_size(node), 0, room / 2)) {
    const answer::Fitted fitted = answer::fitted_answer(node.value, room / kNodesShare);
    if (const auto root = fitted_.parse(fitted.json)) node.value = *root;
    cut_ = fitted.cut;
  }
  Sizes size = head_size(node);
  std::size_t fitting = 0;
  for (; fitting < node.edges.size(); ++fitting) {
    size += edge_size(node, node.edges[fitting]);
    if (!has_room(size, fitting + 1, room)) break;
  }
  // One is given in any case, so that each page comes nearer to the end.
  fitting = std::min(std::max<std::size_t>(fitting, 1), node.edges.size());
  more_edges_ = node.edges.size() - fitting;
  node.edges.resize(fitting);
}

void Page::read(Value picture) {
  std::unordered_map<std::string_view, std::size_t> place;
  for (const Value node : picture["nodes"].array()) {
    place[node["id"].str()] = nodes_.size();
    nodes_.push_back({node["id"].str(), node, {}});
  }
  for (const Value edge : picture["edges"].array()) {
    const auto from = place.find(edge["from"].str()), to = place.find(edge["to"].str());
    if (from == place.end() && to == place.end()) continue;
    const std::size_t at = from == place.end() ? to->second
                           : to == place.end() ? from->second
                                               : std::max(from->second, to->second);
    nodes_[at].edges.push_back(edge);
  }
  notes_ = picture["notes"];
  omitted_ = picture["omitted"];
}

std::size_t Page::first_after(const End& end) {
  if (end.id.empty()) return 0;
  const auto at = std::find_if(nodes_.begin(), nodes_.end(),
                               [&end](const Node& each) { return each.id == end.id; });
  if (at == nodes_.end()) return std::min(end.position, nodes_.size());
  const std::size_t place = static_cast<std::size_t>(at - nodes_.begin());
  if (end.edges == 0) return place + 1;
  std::vector<Value>& edges = at->edges;
  const auto last = std::find_if(edges.begin(), edges.end(), [&end](const Value& each) {
    return each["id"].str() == end.edge;
  });
  given_edges_ = last == edges.end() ? std::min(end.edges, edges.size())
                                     : static_cast<std::size_t>(last - edges.begin()) + 1;
  if (given_edges_ == edges.size()) return given_edges_ = 0, place + 1;
  edges.erase(edges.begin(), edges.begin() + static_cast<std::ptrdiff_t>(given_edges_));
  return place;
}

std::string Page::node_json(Value node) const {
  if (form_ == Form::json) return node.to_json();
  std::string out;
  Writer w(out);
  w.begin_object();
  for (const char* member : {"id", "type", "name", "namespace", "state"})
    w.field_if(member, node[member].str());
  w.end_object();
  return out;
}

std::string Page::edge_json(Value edge) const {
  if (form_ == Form::json) return edge.to_json();
  std::string out;
  Writer w(out);
  w.begin_object().field("from", edge["from"].str()).field("to", edge["to"].str());
  w.field("type", edge["type"].str()).field("resolved", edge["resolved"].bool_or(false));
  w.end_object();
  return out;
}

std::string Page::head_line(const Node& node) const {
  std::string out(node.id);
  const std::string_view state = node.value["state"].str();
  if (!state.empty()) out.append("  ").append(state);
  return out += '\n';
}

std::string Page::edge_line(const Node& node, Value edge) const {
  const bool outward = edge["from"].str() == node.id;
  std::string out(outward ? "  " : "  <- ");
  out.append(edge["type"].str()).append(outward ? " -> " : " ");
  out.append(outward ? edge["to"].str() : edge["from"].str());
  return out += edge["resolved"].bool_or(false) ? "\n" : "  (does not exist)\n";
}

// The node, and its edges to and from those before it.
std::string Page::lines(const Node& node) const {
  std::string out = head_line(node);
  for (const Value edge : node.edges)
    out += edge_line(node, edge);
  return out;
}

// As JSON, and as a line or again as JSON with its quotes escaped.
Page::Sizes Page::sizes(std::size_t json, const std::string& line) const {
  if (form_ == Form::json) return {json + 1, json + 1 + json / 4};
  return {json + 1, line.size() + escapes(line)};
}

// The chart stands in the structured answer and in the text; ends that are missing have a line.
Page::Sizes Page::head_size(const Node& node) const {
  if (form_ == Form::mermaid) return {40 + 2 * node.id.size(), 40 + 2 * node.id.size()};
  return sizes(node_json(node.value).size(), head_line(node));
}

Page::Sizes Page::edge_size(const Node& node, Value edge) const {
  const std::size_t chart = 60 + edge["type"].str().size() + edge["to"].str().size();
  if (form_ == Form::mermaid) return {chart, chart};
  return sizes(edge_json(edge).size(), edge_line(node, edge));
}

Page::Sizes Page::size_of(const Node& node) const {
  Sizes out = head_size(node);
  for (const Value edge : node.edges)
    out += edge_size(node, edge);
  return out;
}

std::string Page::chart() const {
  std::string nodes, edges;
  std::unordered_map<std::string_view, std::string> numbers;
  bool any_missing = false;
  const auto number = [&](std::string_view id, bool exists) -> const std::string& {
    std::string& name = numbers[id];
    if (!name.empty()) return name;
    name = "n" + std::to_string(numbers.size() - 1);
    const std::string_view where = id.substr(std::min(id.find(':') + 1, id.size()));
    nodes.append("  ").append(name).append("[\"").append(label(kind_of(id))).append("<br/>");
    nodes.append(label(where.starts_with('/') ? where.substr(1) : where));
    nodes.append(exists ? "\"]\n" : " (missing)\"]:::missing\n");
    any_missing = any_missing || !exists;
    return name;
  };
  std::unordered_map<std::string_view, bool> exists;
  for (const Node& node : nodes_)
    exists[node.id] = true;
  for (std::size_t i = begin_; i < next_; ++i)
    number(nodes_[i].id, true);
  for (std::size_t i = begin_; i < next_; ++i) {
    for (const Value edge : nodes_[i].edges) {
      const std::string_view from = edge["from"].str(), to = edge["to"].str();
      const std::string& a = number(from, exists.count(from) > 0);
      const std::string& b = number(to, exists.count(to) > 0);
      edges.append("  ").append(a).append(edge["resolved"].bool_or(false) ? " -->|" : " -.->|");
      edges.append(label(edge["type"].str())).append("| ").append(b).append("\n");
    }
  }
  if (any_missing) edges += "  classDef missing stroke-dasharray: 5 5\n";
  return "flowchart LR\n" + nodes + edges;
}

std::map<std::string, std::int64_t> Page::left_by_kind() const {
  std::map<std::string, std::int64_t> out;
  for (std::size_t i = next_; i < nodes_.size(); ++i)
    ++out[std::string(kind_of(nodes_[i].id))];
  return out;
}

mcp::ToolResult Page::result(const std::string& go_on) const {
  mcp::ToolResult out;
  std::string text;
  Writer w(out.structured_json);
  w.begin_object();
  if (form_ == Form::mermaid) {
    const std::string drawn = chart();
    w.field("mermaid", drawn);
    text = "```mermaid\n" + drawn + "```\n";
  } else {
    w.key("nodes").begin_array();
    for (std::size_t i = begin_; i < next_; ++i) {
      if (i > begin_ || given_edges_ == 0) w.raw(node_json(nodes_[i].value));
      text += lines(nodes_[i]);
    }
    w.end_array().key("edges").begin_array();
    for (std::size_t i = begin_; i < next_; ++i) {
      for (const Value edge : nodes_[i].edges)
        w.raw(edge_json(edge));
    }
    w.end_array();
    if (nodes_.empty()) text = "The graph is empty.\n";
  }
  if (cut()) {
    w.field("truncated", true).key("leftOut").begin_object();
    text += "\nLeft out:";
    for (const auto& [kind, count] : left_by_kind()) {
      w.field(kind, count);
      text.append(" ").append(std::to_string(count)).append(" ").append(kind);
    }
    if (more_edges_ > 0) {
      text.append(" ").append(std::to_string(more_edges_)).append(" edges of ");
      text.append(nodes_[begin_].id);
    }
    w.end_object().field("continue", go_on);
    text += "; go on with continue=" + go_on + "\n";
  }
  if (!cut() && !cut_.empty()) w.field("truncated", true);
  w.key("notes").begin_array();
  const auto add_note = [&](std::string_view note) {
    w.string(note);
    text.append("\nNote: ").append(note).append("\n");
  };
  if (more_edges_ > 0) {
    const std::size_t until = given_edges_ + nodes_[begin_].edges.size();
    add_note(std::string(nodes_[begin_].id) + ": its edges " + std::to_string(given_edges_ + 1) +
             " to " + std::to_string(until) + " of " + std::to_string(until + more_edges_));
  }
  if (!cut_.empty())
    add_note(std::string(nodes_[begin_].id) + ": " + cut_ + "; give a larger maxBytes");
  for (const Value note : notes_.array())
    add_note(note.str());
  w.end_array();
  if (omitted_) w.key("omitted").raw(omitted_.to_json());
  w.end_object();
  if (form_ != Form::json) out.content.push_back(mcp::Content::of_text(std::move(text)));
  return out;
}

}  // namespace graph
