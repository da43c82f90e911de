#include "change/json_patch.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_members.h"
#include "base/text.h"

namespace change {

using base::json::Member;
using base::json::Members;
using base::json::Type;
using base::json::Value;
using base::json::Writer;

namespace {

// A value that can be changed: what was not touched stays as it was read.
struct Node {
  enum class Kind : unsigned char { scalar, object, array };
  Kind kind = Kind::scalar;
  std::string name;  // as a member of an object
  std::string json;  // of a scalar
  std::vector<Node> children;

  static Node of(Value value) {
    Node out;
    if (value.is(Type::object)) {
      out.kind = Kind::object;
      for (const Member member : value.object())
        out.children.emplace_back(of(member.value)).name = member.key;
    } else if (value.is(Type::array)) {
      out.kind = Kind::array;
      for (const Value element : value.array())
        out.children.push_back(of(element));
    } else {
      out.json = value.to_json();
    }
    return out;
  }
  auto member(std::string_view key) {
    return std::find_if(children.begin(), children.end(),
                        [key](const Node& each) { return each.name == key; });
  }
  void write(Writer& w) const {
    if (kind == Kind::scalar) {
      w.raw(json);
    } else if (kind == Kind::object) {
      w.begin_object();
      for (const Node& each : children)
        each.write(w.key(each.name));
      w.end_object();
    } else {
      w.begin_array();
      for (const Node& each : children)
        each.write(w);
      w.end_array();
    }
  }
  std::string text() const {
    std::string out;
    Writer w(out);
    write(w);
    return out;
  }
};

base::Error invalid(std::string what) {
  return base::Error(base::Errc::invalid_argument, std::move(what));
}

// The parts of a JSON Pointer (RFC 6901), "~1" and "~0" resolved.
std::vector<std::string> parts_of(std::string_view pointer) {
  std::vector<std::string> out;
  for (const char c : pointer) {
    if (c == '/') {
      out.emplace_back();
    } else if (c == '1' && !out.empty() && out.back().ends_with('~')) {
      out.back().back() = '/';
    } else if (c == '0' && !out.empty() && out.back().ends_with('~')) {
      out.back() += '\0';  // a '~' that is no escape any more
      out.back().erase(out.back().size() - 2, 1);
    } else {
      out.back() += c;
    }
  }
  for (std::string& each : out)
    std::replace(each.begin(), each.end(), '\0', '~');
  return out;
}

// Numbers by their value, members in any order.
bool same(Value a, Value b) {
  if (a.is(Type::object) && b.is(Type::object)) {
    const Members others(b);
    for (const Member member : a.object())
      if (const Value other = others[member.key]; !other || !same(member.value, other))
        return false;
    return a.size() == b.size();
  }
  if (a.is(Type::array) && b.is(Type::array)) {
    if (a.size() != b.size()) return false;
    auto other = b.array().begin();
    for (const Value element : a.array()) {
      if (!same(element, *other)) return false;
      ++other;
    }
    return true;
  }
  const auto number = [](Value v) { return v.is(Type::integer) || v.is(Type::number); };
  if (number(a) && number(b)) return a.as_double() == b.as_double();
  return a.to_json() == b.to_json();
}

// An index without leading zeros; `size` for "-" and for what is none.
std::size_t index_of(std::string_view part, std::size_t size) {
  const auto n = base::parse_int(part);
  const bool plain = n && *n >= 0 && std::to_string(*n) == part;
  return plain ? std::min(static_cast<std::size_t>(*n), size) : size;
}

class Patcher {
 public:
  explicit Patcher(Node root) : root_(std::move(root)) {}

  // False: see problem().
  bool run(Value operation) {
    const std::string_view op = operation["op"].str();
    const auto path = parts_of(operation["path"].str());
    if (op == "test") return test(path, operation["value"]);
    if (op == "remove") return take(path, nullptr);
    if (op == "add") return put(path, Node::of(operation["value"]));
    if (op == "replace") return take(path, nullptr) && put(path, Node::of(operation["value"]));
    const auto from = parts_of(operation["from"].str());
    if (op == "move") {
      if (path.size() > from.size() && std::equal(from.begin(), from.end(), path.begin()))
        return wrong("a value cannot be moved into itself");
      Node moved;
      return take(from, &moved) && put(path, std::move(moved));
    }
    const Node* copied = find(from);
    return copied ? put(path, Node(*copied)) : wrong("'from' is not there");
  }
  const std::string& problem() const { return problem_; }
  bool unmet() const { return unmet_; }
  std::string text() const { return root_.text(); }

 private:
  bool wrong(std::string why) {
    problem_ = std::move(why);
    return false;
  }

  Node* find(const std::vector<std::string>& path, std::size_t last_parts = 0) {
    Node* at = &root_;
    for (std::size_t i = 0; i + last_parts < path.size(); ++i) {
      if (at->kind == Node::Kind::object) {
        const auto member = at->member(path[i]);
        if (member == at->children.end()) return nullptr;
        at = &*member;
      } else if (const std::size_t n = index_of(path[i], at->children.size());
                 at->kind == Node::Kind::array && n < at->children.size()) {
        at = &at->children[n];
      } else {
        return nullptr;
      }
    }
    return at;
  }

  bool test(const std::vector<std::string>& path, Value wanted) {
    const Node* at = find(path);
    if (at) {
      base::json::Document doc;
      const auto is = doc.parse(at->text());
      if (is && same(*is, wanted)) return true;
    }
    unmet_ = true;
    return wrong(at ? "the test is not met: another value is there"
                    : "the test is not met: nothing is there");
  }

  bool take(const std::vector<std::string>& path, Node* out) {
    Node* parent = path.empty() ? nullptr : find(path, 1);
    if (parent && parent->kind == Node::Kind::object) {
      const auto member = parent->member(path.back());
      if (member == parent->children.end()) return wrong("the place is not there");
      if (out) *out = std::move(*member);
      parent->children.erase(member);
      return true;
    }
    if (!parent || parent->kind != Node::Kind::array) return wrong("the place is not there");
    const std::size_t n = index_of(path.back(), parent->children.size());
    if (n >= parent->children.size()) return wrong("the list has no such element");
    const auto at = parent->children.begin() + static_cast<std::ptrdiff_t>(n);
    if (out) *out = std::move(*at);
    parent->children.erase(at);
    return true;
  }

  bool put(const std::vector<std::string>& path, Node value) {
    Node* parent = path.empty() ? nullptr : find(path, 1);
    if (!parent) return wrong("what it would be put into is not there");
    if (parent->kind == Node::Kind::object) {
      const auto member = parent->member(path.back());
      value.name = path.back();
      if (member == parent->children.end())
        parent->children.push_back(std::move(value));
      else
        *member = std::move(value);
      return true;
    }
    if (parent->kind != Node::Kind::array) return wrong("what it would be put into is a value");
    const std::size_t size = parent->children.size(), n = index_of(path.back(), size);
    if (n == size && path.back() != "-" && path.back() != std::to_string(size))
      return wrong("the list has no such place");
    parent->children.insert(parent->children.begin() + static_cast<std::ptrdiff_t>(n),
                            std::move(value));
    return true;
  }

  Node root_;
  std::string problem_;
  bool unmet_ = false;
};

std::string shown(Value operation, std::size_t i) {
  return "operation " + std::to_string(i + 1) + " (" +
         base::printable(operation["op"].str("?"), 16) + " " +
         base::printable(operation["path"].str("?"), 256) + ")";
}

std::string operation_problem(Value operation) {
  if (!operation.is(Type::object)) return "must be an object";
  constexpr std::string_view kOps[] = {"add", "remove", "replace", "move", "copy", "test"};
  const std::string_view op = operation["op"].str();
  if (std::find(std::begin(kOps), std::end(kOps), op) == std::end(kOps))
    return "'op' must be add, remove, replace, move, copy or test";
  const bool from = op == "move" || op == "copy", value = op != "remove" && !from;
  for (const auto& [member, needed] : {std::pair("path", true), std::pair("from", from)}) {
    if (needed && !operation[member].str().starts_with('/'))
      return std::string("'") + member + "' must be a JSON Pointer like /spec/replicas";
  }
  if (value && !operation["value"]) return "'value' is missing";
  return {};
}

// The members of a merge patch; false: a null stands in the way.
bool merge_members(Writer& w, Value before, Value after) {
  const Members was(before), is(after);
  for (const Member member : before.object())
    if (!is[member.key]) w.key(member.key).null();
  for (const Member member : after.object()) {
    const Value old = was[member.key];
    if (old && old.to_json() == member.value.to_json()) continue;
    if (member.value.is(Type::null)) return false;
    w.key(member.key);
    if (!member.value.is(Type::object)) {
      w.raw(member.value.to_json());
      continue;
    }
    // A new object goes through it, too: a null in it would be dropped.
    w.begin_object();
    const bool fits = merge_members(w, old.is(Type::object) ? old : Value(), member.value);
    w.end_object();
    if (!fits) return false;
  }
  return true;
}

}  // namespace

std::string json_patch_problem(Value patch) {
  if (!patch.is(Type::array) || patch.size() == 0)
    return R"(must be a list like [{"op": "replace", "path": "/spec/replicas", "value": 2}])";
  if (patch.size() > kPatchOperations)
    return "has more than " + std::to_string(kPatchOperations) + " operations";
  std::size_t i = 0;
  for (const Value each : patch.array()) {
    if (std::string why = operation_problem(each); !why.empty()) return shown(each, i) + ": " + why;
    ++i;
  }
  return {};
}

base::Result<std::string> json_patched(Value target, Value patch, Tests tests) {
  Patcher patcher(Node::of(target));
  std::size_t i = 0;
  for (const Value each : patch.array()) {
    const bool skipped = tests == Tests::skip && each["op"].str() == "test";
    if (!skipped && !patcher.run(each))
      return base::Error(patcher.unmet() ? base::Errc::conflict : base::Errc::invalid_argument,
                         shown(each, i) + ": " + patcher.problem() + "; nothing was written");
    ++i;
    if (each["op"].str() == "copy" && patcher.text().size() > kPatchedBytes)
      return invalid(shown(each, i - 1) + ": the object would be larger than 3 MiB");
  }
  return patcher.text();
}

base::Result<std::string> merge_between(Value before, Value after) {
  std::string out;
  Writer w(out);
  w.begin_object();
  const bool fits = merge_members(w, before, after);
  w.end_object();
  if (fits) return out;
  return invalid("a null cannot be written: remove the field instead");
}

}  // namespace change
