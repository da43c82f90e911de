// YAML, behind one door (yaml.cc alone includes libyaml): a text becomes a tree of Nodes. JSON is valid YAML.
// For configuration (kubeconfig) and for the simulator's fixtures; aliases are copied, and refused beyond kMaxNodes nodes in all
// (expansion bombs). A mapping's keys are scalars. Merge keys (<<) are keys like any other, except for parse_first(); tags other than !!str
// are ignored. UTF-8, or UTF-16 with a byte order mark.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace base::yaml {

constexpr std::size_t kMaxNodes = 200000;  // a kubeconfig of hundreds of contexts has some thousands
constexpr int kMaxDepth = 64;

struct Member;

struct Node {
  enum class Kind : unsigned char { null, scalar, sequence, mapping };
  Kind kind = Kind::null;
  bool quoted = false;  // a scalar in quotes or a block: always a string
  std::string scalar;
  std::vector<Node> items;      // of a sequence
  std::vector<Member> members;  // of a mapping, in order; keys are unique (else an error)

  const Node* find(std::string_view key) const;  // nullptr when missing or not a mapping
  // The scalar of member `key`, or "" when missing, null or not a scalar.
  std::string_view str(std::string_view key) const;
  bool is_true(std::string_view key) const;  // member is the plain scalar true (or True, TRUE)
};

// Named as in std::pair, which clang 14 cannot complete inside Node.
struct Member {
  std::string first;  // the key
  Node second;
};

// Every document of the text. Errors name line and column.
Result<std::vector<Node>> parse(std::string_view text);

// The first document alone, as kubectl reads it (gopkg.in/yaml.v2): what follows it is not looked at; a key that stands twice counts as it
// stands last; a merge key is resolved in its place, so that only what stands after it wins over it. A text without any document: null.
Result<Node> parse_first(std::string_view text);

// The node as compact JSON, plain scalars typed by YAML 1.2's core schema (null, true/false, integers, floats; all else
// strings, among them yes, .inf and whole numbers beyond 64 bits that no double holds).
std::string to_json(const Node& node);

}  // namespace base::yaml
