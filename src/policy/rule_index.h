// RuleIndex: finds the rules that may match a request without looking at each: a set of rules, as bits, for each
// text that a rule names, intersected. What it gives is a superset, in order; Rule::matches() decides.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "policy/parse.h"
#include "policy/rule.h"

namespace policy {

constexpr std::size_t kWords = kRules / 64;
using Bits = std::array<std::uint64_t, kWords>;

class RuleIndex {
 public:
  explicit RuleIndex(const std::vector<Rule>& rules);
  // Sets the bits of the rules that may match. Returns the number of words in use.
  std::size_t candidates(const Attributes& a, std::uint16_t verb, Bits& out) const;

 private:
  using Set = std::vector<std::uint64_t>;
  // One list of all rules, e.g. their namespaces.
  struct Axis {
    Set any;  // rules without the list
    std::map<std::string, Set, std::less<>> literal;
    // Globs, by the byte that they begin with and the one that they end with; head_open, tail_open: a star
    // stands there.
    Set head_open, tail_open;
    std::array<Set, 256> head, tail;
    void add(std::size_t rule, const std::vector<std::string>& patterns, std::size_t words);
    void keep(Bits& out, std::size_t words, std::string_view text, const Set* also) const;
  };
  std::size_t words_;
  Set denies_;
  std::array<Set, 8> verbs_;
  Axis kinds_, namespaces_, names_, tools_, identities_, clusters_;
};

}  // namespace policy
