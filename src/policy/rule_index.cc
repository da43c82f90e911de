#include "policy/rule_index.h"

#include <bit>

#include "policy/glob.h"

namespace policy {
namespace {

void set(std::vector<std::uint64_t>& bits, std::size_t rule, std::size_t words) {
  if (bits.empty()) bits.resize(words);
  bits[rule / 64] |= std::uint64_t{1} << (rule % 64);
}

}  // namespace

void RuleIndex::Axis::add(std::size_t rule, const std::vector<std::string>& patterns,
                          std::size_t words) {
  if (patterns.empty()) set(any, rule, words);
  for (const std::string& pattern : patterns) {
    if (is_literal(pattern)) {
      set(literal[pattern], rule, words);
    } else {
      const auto first = static_cast<unsigned char>(pattern.front());
      const auto last = static_cast<unsigned char>(pattern.back());
      set(first == '*' ? head_open : head[first], rule, words);
      set(last == '*' ? tail_open : tail[last], rule, words);
    }
  }
}

// Keeps the rules that have no such list, or one that may fit the text; and those in `also`.
void RuleIndex::Axis::keep(Bits& out, std::size_t words, std::string_view text,
                           const Set* also) const {
  static const Set kNone;
  const auto found = literal.find(text);
  const Set& same = found == literal.end() ? kNone : found->second;
  const Set& begins = text.empty() ? kNone : head[static_cast<unsigned char>(text.front())];
  const Set& ends = text.empty() ? kNone : tail[static_cast<unsigned char>(text.back())];
  const auto word = [](const Set& of, std::size_t w) { return of.empty() ? 0 : of[w]; };
  for (std::size_t w = 0; w < words; ++w) {
    std::uint64_t bits = word(any, w) | word(same, w);
    bits |= (word(head_open, w) | word(begins, w)) & (word(tail_open, w) | word(ends, w));
    if (also) bits |= word(*also, w);
    out[w] &= bits;
  }
}

RuleIndex::RuleIndex(const std::vector<Rule>& rules) : words_((rules.size() + 63) / 64) {
  denies_.resize(words_);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = rules[i];
    if (!rule.allow) set(denies_, i, words_);
    for (std::size_t bit = 0; bit < verbs_.size(); ++bit)
      if ((rule.verbs >> bit & 1) != 0) set(verbs_[bit], i, words_);
    std::vector<std::string> resources;
    for (const KindPattern& kind : rule.kinds)
      resources.insert(resources.end(), kind.resources.begin(), kind.resources.end());
    kinds_.add(i, resources, words_);
    namespaces_.add(i, rule.namespaces, words_);
    names_.add(i, rule.names, words_);
    tools_.add(i, rule.tools, words_);
    identities_.add(i, rule.identities, words_);
    clusters_.add(i, rule.clusters, words_);
  }
}

std::size_t RuleIndex::candidates(const Attributes& a, std::uint16_t verb, Bits& out) const {
  const Set& of_verb = verbs_[static_cast<std::size_t>(std::countr_zero(verb))];
  for (std::size_t w = 0; w < words_; ++w)
    out[w] = of_verb.empty() ? 0 : of_verb[w];
  kinds_.keep(out, words_, a.resource, nullptr);
  namespaces_.keep(out, words_, a.ns, covers_namespaces(a, verb) ? &denies_ : nullptr);
  names_.keep(out, words_, a.name, covers_names(a, verb) ? &denies_ : nullptr);
  tools_.keep(out, words_, a.tool, nullptr);
  identities_.keep(out, words_, user_of(a.identity), nullptr);
  clusters_.keep(out, words_, a.cluster, nullptr);
  return words_;
}

}  // namespace policy
