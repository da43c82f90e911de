#include "base/yaml.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <yaml.h>

#include "base/encoding.h"
#include "base/text.h"

namespace base::yaml {
namespace {

constexpr std::string_view kBinaryTag = "tag:yaml.org,2002:binary";

bool is_one_of(std::string_view s, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), s) != words.end();
}

std::string position(const yaml_mark_t& mark) {
  return "line " + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
}

Error error_at(const yaml_mark_t& mark, std::string_view what) {
  return Error(Errc::invalid_argument, position(mark) + ": " + std::string(what));
}

// One event, freed with its owner.
struct Event {
  yaml_event_t raw{};
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() { yaml_event_delete(&raw); }
};

std::string_view text_of(const yaml_char_t* s) {
  return s ? std::string_view(reinterpret_cast<const char*>(s)) : std::string_view();
}

// The number of nodes in a tree, and its depth.
struct Extent {
  std::size_t nodes = 1;
  int depth = 1;
};
Extent extent_of(const Node& node) {
  Extent sum;
  const auto add = [&sum](const Node& child) {
    const Extent e = extent_of(child);
    sum.nodes += e.nodes;
    sum.depth = std::max(sum.depth, e.depth + 1);
  };
  for (const Node& item : node.items)
    add(item);
  for (const auto& member : node.members)
    add(member.second);
  return sum;
}

class Reader {
 public:
  Reader(std::string_view text, bool as_kubectl, Bound& bound)
      : as_kubectl_(as_kubectl), bound_(bound) {
    // Fails only without memory; then every parse fails with an error of its own.
    yaml_parser_initialize(&parser_);
    if (text.data() == nullptr) text = "";  // libyaml asserts that there is a place
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { yaml_parser_delete(&parser_); }

  Result<std::vector<Node>> documents();
  Result<Node> first();

 private:
  // A mapping being read: the position of each key in it.
  struct Members {
    Node node;
    std::unordered_map<std::string, std::size_t> at;
    bool has(const std::string& key) const { return at.find(key) != at.end(); }
    void set(std::string key, Node value);
  };

  Result<void> next(Event& event);
  Result<Node> node(const Event& event, int depth);
  Result<Node> scalar(const Event& event);
  Result<Node> sequence(int depth);
  Result<Node> mapping(int depth);
  Result<void> merge(Members& into, Node&& value, const yaml_mark_t& mark);
  Result<Node> alias(const Event& event, int depth);
  Result<void> count(std::size_t nodes, const yaml_mark_t& mark);

  const bool as_kubectl_;
  Bound& bound_;
  yaml_parser_t parser_{};
  std::vector<std::pair<std::string, Node>>
      anchors_;  // of this document; a redefined name replaces the earlier one
};

Result<void> Reader::next(Event& event) {
  if (yaml_parser_parse(&parser_, &event.raw)) return {};
  const std::string_view problem = parser_.problem ? parser_.problem : "not valid YAML";
  // libyaml reports an unreadable byte before it has a line to report.
  if (parser_.error == YAML_READER_ERROR) {
    return Error(Errc::invalid_argument, position(parser_.mark) + ": " + std::string(problem) +
                                             " at byte " + std::to_string(parser_.problem_offset));
  }
  return error_at(parser_.problem_mark, problem);
}

Result<void> Reader::count(std::size_t nodes, const yaml_mark_t& mark) {
  bound_.taken += nodes;
  if (bound_.taken <= bound_.most) return {};
  std::string text = position(mark) + ": more than " + std::to_string(bound_.most) +
                     " nodes, aliases counted in full";
  if (!bound_.hint.empty()) text.append("; ").append(bound_.hint);
  return Error(Errc::too_large, std::move(text));
}

Result<std::vector<Node>> Reader::documents() {
  std::vector<Node> out;
  while (true) {
    Event event;
    if (auto ok = next(event); !ok) return std::move(ok).error();
    if (event.raw.type == YAML_STREAM_END_EVENT) return out;
    if (event.raw.type == YAML_DOCUMENT_START_EVENT) anchors_.clear();
    if (event.raw.type == YAML_STREAM_START_EVENT || event.raw.type == YAML_DOCUMENT_START_EVENT ||
        event.raw.type == YAML_DOCUMENT_END_EVENT) {
      continue;
    }
    auto root = node(event, 1);
    if (!root) return std::move(root).error();
    out.push_back(*std::move(root));
  }
}

Result<Node> Reader::first() {
  while (true) {
    Event event;
    if (auto ok = next(event); !ok) return std::move(ok).error();
    if (event.raw.type == YAML_STREAM_END_EVENT) return Node();
    if (event.raw.type == YAML_STREAM_START_EVENT || event.raw.type == YAML_DOCUMENT_START_EVENT) {
      continue;
    }
    return node(event, 1);
  }
}

Result<Node> Reader::node(const Event& event, int depth) {
  const yaml_mark_t mark = event.raw.start_mark;
  if (depth > kMaxDepth) {
    return Error(Errc::too_large,
                 position(mark) + ": nested deeper than " + std::to_string(kMaxDepth) + " levels");
  }
  if (event.raw.type == YAML_ALIAS_EVENT) return alias(event, depth);
  if (auto ok = count(1, mark); !ok) return std::move(ok).error();
  std::string_view anchor;
  Result<Node> made = Node();
  switch (event.raw.type) {
    case YAML_SCALAR_EVENT:
      anchor = text_of(event.raw.data.scalar.anchor);
      made = scalar(event);
      break;
    case YAML_SEQUENCE_START_EVENT:
      anchor = text_of(event.raw.data.sequence_start.anchor);
      made = sequence(depth);
      break;
    case YAML_MAPPING_START_EVENT:
      anchor = text_of(event.raw.data.mapping_start.anchor);
      made = mapping(depth);
      break;
    default:
      return error_at(mark, "not valid YAML");
  }
  if (made) made->line = static_cast<int>(mark.line) + 1;
  if (made && !anchor.empty()) {
    // The copy kept for aliases counts as memory too.
    if (auto ok = count(extent_of(*made).nodes, mark); !ok) return std::move(ok).error();
    anchors_.emplace_back(std::string(anchor), *made);
  }
  return made;
}

Result<Node> Reader::scalar(const Event& event) {
  const auto& raw = event.raw.data.scalar;
  Node node;
  node.kind = Node::Kind::scalar;
  node.scalar.assign(reinterpret_cast<const char*>(raw.value), raw.length);
  const std::string_view tag = text_of(raw.tag);
  if (tag == kBinaryTag) {
    auto bytes = parse_base64(node.scalar);
    if (!bytes) return error_at(event.raw.start_mark, "what is marked !!binary is not base64");
    node.scalar = *std::move(bytes);
  }
  node.quoted = raw.style != YAML_PLAIN_SCALAR_STYLE || tag == "!" || tag == YAML_STR_TAG ||
                tag == kBinaryTag;
  if (!node.quoted && is_one_of(node.scalar, {"", "~", "null", "Null", "NULL"})) {
    node.kind = Node::Kind::null;
  }
  return node;
}

Result<Node> Reader::sequence(int depth) {
  Node out;
  out.kind = Node::Kind::sequence;
  while (true) {
    Event event;
    if (auto ok = next(event); !ok) return std::move(ok).error();
    if (event.raw.type == YAML_SEQUENCE_END_EVENT) return out;
    auto item = node(event, depth + 1);
    if (!item) return item;
    out.items.push_back(*std::move(item));
  }
}

void Reader::Members::set(std::string key, Node value) {
  const auto [found, fresh] = at.try_emplace(key, node.members.size());
  if (fresh) {
    node.members.push_back({std::move(key), std::move(value)});
  } else {
    node.members[found->second].second = std::move(value);
  }
}

// Among several mappings, the first that has a key wins.
Result<void> Reader::merge(Members& into, Node&& value, const yaml_mark_t& mark) {
  if (value.kind == Node::Kind::mapping) {
    for (auto& [key, member] : value.members)
      into.set(std::move(key), std::move(member));
    return {};
  }
  bool good = value.kind == Node::Kind::sequence;
  for (const Node& item : value.items)
    good = good && item.kind == Node::Kind::mapping;
  if (!good) return error_at(mark, "a merge key (<<) needs a mapping, or a list of mappings");
  for (auto item = value.items.rbegin(); item != value.items.rend(); ++item) {
    if (auto ok = merge(into, std::move(*item), mark); !ok) return ok;
  }
  return {};
}

Result<Node> Reader::mapping(int depth) {
  Members out;
  out.node.kind = Node::Kind::mapping;
  while (true) {
    Event event;
    if (auto ok = next(event); !ok) return std::move(ok).error();
    if (event.raw.type == YAML_MAPPING_END_EVENT) return std::move(out.node);
    const yaml_mark_t mark = event.raw.start_mark;
    auto key = node(event, depth + 1);
    if (!key) return key;
    if (key->kind != Node::Kind::scalar && key->kind != Node::Kind::null) {
      return error_at(mark, "a mapping's key must be a scalar");
    }
    const bool merges = as_kubectl_ && key->scalar == "<<" && !key->quoted;
    if (!as_kubectl_ && out.has(key->scalar)) {
      return error_at(mark, "the key \"" + printable(key->scalar, 64) + "\" stands here twice");
    }
    Event value_event;
    if (auto ok = next(value_event); !ok) return std::move(ok).error();
    auto value = node(value_event, depth + 1);
    if (!value) return value;
    if (!merges) {
      value->line = static_cast<int>(mark.line) + 1;
      out.set(std::move(key->scalar), *std::move(value));
    } else if (auto ok = merge(out, *std::move(value), mark); !ok) {
      return std::move(ok).error();
    }
  }
}

Result<Node> Reader::alias(const Event& event, int depth) {
  const yaml_mark_t mark = event.raw.start_mark;
  const std::string_view name = text_of(event.raw.data.alias.anchor);
  const auto found = std::find_if(anchors_.rbegin(), anchors_.rend(),
                                  [name](const auto& entry) { return entry.first == name; });
  if (found == anchors_.rend()) {
    return error_at(mark, "the alias *" + printable(name, 64) + " has no anchor before it");
  }
  const Extent extent = extent_of(found->second);
  if (auto ok = count(extent.nodes, mark); !ok) return std::move(ok).error();
  if (depth + extent.depth - 1 > kMaxDepth) {
    return Error(Errc::too_large,
                 position(mark) + ": nested deeper than " + std::to_string(kMaxDepth) + " levels");
  }
  return found->second;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [key](const auto& member) { return member.first == key; });
  return found == members.end() ? nullptr : &found->second;
}

std::string_view Node::str(std::string_view key) const {
  const Node* member = find(key);
  return member && member->kind == Kind::scalar ? std::string_view(member->scalar)
                                                : std::string_view();
}

bool Node::is_true(std::string_view key) const {
  const Node* member = find(key);
  return member && member->kind == Kind::scalar && !member->quoted &&
         is_one_of(member->scalar, {"true", "True", "TRUE"});
}

Result<std::vector<Node>> parse(std::string_view text, Bound& bound) {
  return Reader(text, false, bound).documents();
}

Result<std::vector<Node>> parse(std::string_view text) {
  Bound bound;
  return parse(text, bound);
}

Result<Node> parse_first(std::string_view text, Bound& bound) {
  return Reader(text, true, bound).first();
}

Result<Node> parse_first(std::string_view text) {
  Bound bound;
  return parse_first(text, bound);
}

}  // namespace base::yaml
