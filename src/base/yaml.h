// YAML, for configuration (kubeconfig) and the simulator's fixtures: parses a text into a tree of
// Nodes. JSON is valid YAML. Only yaml.cc includes libyaml.
//
// - Aliases are copied; more nodes in all than a Bound allows are refused (expansion bombs).
// - The keys of a mapping are scalars.
// - A merge key (<<) is an ordinary key, except in parse_first().
// - !!binary is decoded (base64), as kubectl does; tags other than that and !!str are ignored.
// - The text is UTF-8, or UTF-16 with a byte order mark.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace base::yaml {

constexpr std::size_t kMaxNodes = 200000;  // hundreds of kubeconfig contexts make a few thousand
constexpr int kMaxDepth = 64;

struct Member;

struct Node {
  enum class Kind : unsigned char { null, scalar, sequence, mapping };
  Kind kind = Kind::null;
  // Where it begins, from 1 (of an alias: its anchor); of a mapping's member: where its key stands.
  int line = 0;
  bool quoted = false;  // a quoted or block scalar: always a string
  std::string scalar;
  std::vector<Node> items;      // of a sequence
  std::vector<Member> members;  // of a mapping, in order; keys are unique (else an error)

  const Node* find(std::string_view key) const;  // nullptr when missing or not a mapping
  // The scalar of member `key`; "" when it is missing, null or not a scalar.
  std::string_view str(std::string_view key) const;
  bool is_true(std::string_view key) const;  // the member is the plain scalar true (or True, TRUE)
};

// Has std::pair's member names; clang 14 cannot complete a std::pair inside Node.
struct Member {
  std::string first;  // the key
  Node second;
};

// The number of nodes (mappings' keys are nodes, too) that a text may have, or several together that
// are parsed with the same Bound. What a caller sends in a call may have as many as its JSON, with
// limits::kBodyValues: each takes a microsecond, all in one turn of the loop.
struct Bound {
  std::size_t most = kMaxNodes;
  std::string_view hint = {};  // in the error (Errc::too_large): what to do about it
  std::size_t taken = 0;       // so far
};

// Every document of the text. Errors give line and column.
Result<std::vector<Node>> parse(std::string_view text, Bound& bound);
Result<std::vector<Node>> parse(std::string_view text);

// The first document alone, as kubectl reads it (gopkg.in/yaml.v2): what follows it is ignored; of
// a repeated key the last value counts; a merge key is resolved where it stands, so that only keys
// after it override it. A text without a document gives null.
Result<Node> parse_first(std::string_view text, Bound& bound);
Result<Node> parse_first(std::string_view text);

// The node as compact JSON, with plain scalars typed by YAML 1.2's core schema (null, true/false,
// integers, floats). Everything else is a string, including yes, .inf and whole numbers that
// neither 64 bits nor a double hold exactly.
std::string to_json(const Node& node);

}  // namespace base::yaml
