#include "policy/parse.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/text.h"
#include "base/yaml.h"
#include "base/yaml_error.h"
#include "policy/glob.h"

namespace policy {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::yaml::error_at;
using base::yaml::Node;
using base::yaml::quoted;
using base::yaml::unknown_word;
using Words = std::vector<std::string_view>;

// A list of texts, or one text.
Result<std::vector<std::string>> read_list(std::string_view key, const Node& node) {
  std::vector<std::string> out;
  const Node* const one = node.kind == Node::Kind::scalar ? &node : nullptr;
  if (!one && node.kind != Node::Kind::sequence) {
    return error_at(node.line, std::string(key) + " must be a list of texts");
  }
  if (!one && node.items.empty()) {
    return error_at(
        node.line, std::string(key) + " is empty, which would match nothing: leave it out for all");
  }
  if (node.items.size() > kPatterns) {
    return error_at(node.line, std::string(key) + " may have at most " + std::to_string(kPatterns) +
                                   " entries");
  }
  const auto add = [&](const Node& each) -> Result<void> {
    if (each.kind != Node::Kind::scalar || each.scalar.empty()) {
      return error_at(each.line, std::string(key) + " must hold texts that are not empty");
    }
    if (each.scalar.size() > kPatternBytes) {
      return error_at(each.line, "a text in " + std::string(key) + " may have at most " +
                                     std::to_string(kPatternBytes) + " bytes");
    }
    out.push_back(each.scalar);
    return {};
  };
  if (one) {
    if (auto ok = add(*one); !ok) return std::move(ok).error();
  }
  for (const Node& item : node.items)
    if (auto ok = add(item); !ok) return std::move(ok).error();
  return out;
}

Result<void> read_verbs(const Node& node, Rule& rule) {
  auto words = read_list("verbs", node);
  if (!words) return std::move(words).error();
  rule.verbs = 0;
  for (const std::string& word : *words) {
    if (word == "*") {
      rule.verbs |= kReads | kWrites;
    } else if (word == "read") {
      rule.verbs |= kReads;
    } else if (word == "write") {
      rule.verbs |= kWrites;
    } else if (const std::uint16_t bit = verb_bit(word)) {
      rule.verbs |= bit;
      if (bit == kDeleteCollection) rule.names_verbs = true;
    } else {
      Words known = verb_words();
      known.insert(known.end(), {"read", "write"});
      if (word == "apply") return error_at(node.line, "\"apply\" is the API's verb patch");
      return unknown_word(node.line, "verb", word, known);
    }
  }
  return {};
}

bool is_vowel(char c) {
  return std::string_view("aeiou").find(c) != std::string_view::npos;
}

Result<KindPattern> read_kind(std::string_view text, int line) {
  KindPattern out;
  const std::size_t slash = text.find('/');
  if (slash != text.npos) out.subresource = text.substr(slash + 1);
  std::string_view resource = text.substr(0, slash);
  const std::size_t dot = resource.find('.');
  out.group = dot == resource.npos ? "*" : base::to_lower(resource.substr(dot + 1));
  if (out.group == "core") out.group.clear();
  resource = resource.substr(0, dot);
  const auto wrong = [](char c) {
    return !(c == '-' || c == '.' || c == '*' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
             (c >= 'A' && c <= 'Z'));
  };
  const bool bad = resource.empty() || (slash != text.npos && out.subresource.empty()) ||
                   (dot != text.npos && dot < slash && out.group.empty() &&
                    !text.substr(0, slash).ends_with(".core")) ||
                   std::any_of(resource.begin(), resource.end(), wrong) ||
                   std::any_of(out.group.begin(), out.group.end(), wrong) ||
                   std::any_of(out.subresource.begin(), out.subresource.end(), wrong);
  if (bad) {
    return error_at(line, "kinds holds " + quoted(text) +
                              "; a kind is PLURAL or KIND, with .GROUP and /SUBRESOURCE if wanted: "
                              "deployments.apps/scale, Secret, pods.core, *.k0rdent.mirantis.com");
  }
  out.literal = is_literal(resource);
  // A glob is of plurals.
  out.resources =
      out.literal ? plurals(resource) : std::vector<std::string>{base::to_lower(resource)};
  return out;
}

Result<void> read_kinds(const Node& node, Rule& rule) {
  auto words = read_list("kinds", node);
  if (!words) return std::move(words).error();
  const bool all = std::find(words->begin(), words->end(), "*") != words->end();
  for (const std::string& word : *words) {
    auto kind = read_kind(word, node.line);
    if (!kind) return std::move(kind).error();
    rule.kinds.push_back(*std::move(kind));
  }
  if (all && words->size() == 1) rule.kinds.clear();
  return {};
}

using Lists = std::vector<std::string> Rule::*;
struct ListKey {
  std::string_view key;
  Lists list;
};
constexpr ListKey kLists[] = {{"namespaces", &Rule::namespaces},
                              {"names", &Rule::names},
                              {"tools", &Rule::tools},
                              {"identities", &Rule::identities},
                              {"clusters", &Rule::clusters}};

Result<void> read_word(std::string_view key, const Node& value, const Words& known,
                       std::string& out) {
  if (value.kind != Node::Kind::scalar)
    return error_at(value.line, std::string(key) + " must be a text");
  out = value.scalar;
  if (known.empty() || std::find(known.begin(), known.end(), out) != known.end()) return {};
  return unknown_word(value.line, key, out, known);
}

// A deny rule with a shell's other patterns would silently match nothing.
Result<void> check_patterns(std::string_view key, const std::vector<std::string>& texts, int line) {
  if (key != "namespaces" && key != "names" && key != "tools") return {};
  for (const std::string& text : texts)
    if (text.find_first_of("?[]{} \t\r\n") != text.npos)
      return error_at(line, std::string(key) + " holds " + quoted(text) +
                                ": only * is special in a pattern, and stands for any text");
  return {};
}

Result<void> read_member(std::string_view key, const Node& value, Rule& rule, bool& effect) {
  std::string word;
  if (key == "effect") {
    if (auto ok = read_word(key, value, {"allow", "deny"}, word); !ok) return ok;
    rule.allow = word == "allow";
    effect = true;
    return {};
  }
  if (key == "name") {
    if (auto ok = read_word(key, value, {}, word); !ok) return ok;
    if (word.size() > kNameBytes) {
      return error_at(value.line, "name may have at most " + std::to_string(kNameBytes) + " bytes");
    }
    rule.name = base::printable(word, kNameBytes);
    return {};
  }
  if (key == "podSecurity") {
    if (auto ok = read_word(key, value, {"privileged", "default"}, word); !ok) return ok;
    rule.privileged = word == "privileged";
    return {};
  }
  if (key == "verbs") return read_verbs(value, rule);
  if (key == "kinds") return read_kinds(value, rule);
  const auto* const list = std::find_if(std::begin(kLists), std::end(kLists),
                                        [key](const ListKey& each) { return each.key == key; });
  if (list == std::end(kLists)) {
    return unknown_word(value.line, "key", key,
                        {"name", "effect", "verbs", "kinds", "namespaces", "names", "tools",
                         "identities", "clusters", "podSecurity"});
  }
  auto texts = read_list(key, value);
  if (!texts) return std::move(texts).error();
  if (auto ok = check_patterns(key, *texts, value.line); !ok) return ok;
  rule.*(list->list) = *std::move(texts);
  return {};
}

Result<Rule> read_rule(const Node& node, std::size_t number) {
  if (node.kind != Node::Kind::mapping)
    return error_at(node.line, "a rule must be a mapping with an effect");
  Rule rule;
  rule.line = node.line;
  bool effect = false;
  for (const base::yaml::Member& member : node.members)
    if (auto ok = read_member(member.first, member.second, rule, effect); !ok)
      return std::move(ok).error();
  if (!effect) return error_at(node.line, "the rule has no effect: allow or deny");
  rule.text = "rule " + std::to_string(number);
  if (!rule.name.empty()) rule.text.append(" (").append(rule.name).append(")");
  rule.text.append(", line ").append(std::to_string(rule.line));
  return rule;
}

}  // namespace

// The plurals that a kind may have: apimachinery's guess (meta.UnsafeGuessKindToResource), and for a word that ends
// in a vowel and y the right one besides.
std::vector<std::string> plurals(std::string_view word) {
  const std::string lower = base::to_lower(word);
  const char last = lower.back();
  if (last == 's' || last == 'x' || lower.ends_with("ch") || lower.ends_with("sh")) {
    return {lower, lower + "es"};
  }
  if (last != 'y') return {lower, lower + "s"};
  if (lower.size() > 1 && is_vowel(lower[lower.size() - 2])) return {lower, lower + "s"};
  return {lower, lower.substr(0, lower.size() - 1) + "ies"};
}

Result<std::vector<Rule>> parse_rules(std::string_view text) {
  if (text.size() > kFileBytes) {
    return Error(Errc::too_large,
                 "a policy file may have at most " + std::to_string(kFileBytes) + " bytes");
  }
  auto documents = base::yaml::parse(text);
  if (!documents) return std::move(documents).error();
  if (documents->size() != 1)
    return error_at(1, "a policy file must be one YAML document with rules");
  const Node& root = documents->front();
  if (root.kind != Node::Kind::mapping)
    return error_at(1, "a policy file must be a mapping with rules");
  for (const base::yaml::Member& member : root.members)
    if (member.first != "rules")
      return unknown_word(member.second.line, "key", member.first, {"rules"});
  const Node* rules = root.find("rules");
  if (!rules || rules->kind != Node::Kind::sequence) {
    return error_at(rules ? rules->line : 1,
                    "rules must be a list (an empty one, [], allows no write)");
  }
  if (rules->items.size() > kRules) {
    return error_at(rules->line, "a policy may have at most " + std::to_string(kRules) + " rules");
  }
  std::vector<Rule> out;
  for (const Node& item : rules->items) {
    auto rule = read_rule(item, out.size() + 1);
    if (!rule) return std::move(rule).error();
    out.push_back(*std::move(rule));
  }
  return out;
}

}  // namespace policy
