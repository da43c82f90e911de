#include "graph/model/labels.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"
#include "cluster/label_selector.h"

namespace graph::model {

using base::json::Member;
using base::json::Value;

Labels::Labels(Value labels) {
  for (const Member member : labels.object())
    add(member.key, member.value.str());
}

void Labels::add(std::string_view key, std::string_view value) {
  packed_.append(key).push_back('\0');
  packed_.append(value).push_back('\0');
}

const char* Labels::find(std::string_view key) const {
  const char* at = packed_.data();
  const char* end = at + packed_.size();
  while (at < end) {
    const std::size_t length = std::strlen(at);
    const char* value = at + length + 1;
    if (std::string_view(at, length) == key) return value;
    at = value + std::strlen(value) + 1;
  }
  return nullptr;
}

bool Labels::has(std::string_view key) const {
  return find(key) != nullptr;
}

std::string_view Labels::get(std::string_view key) const {
  const char* value = find(key);
  return value ? std::string_view(value) : std::string_view();
}

LabelSelector::LabelSelector(Value selector) {
  for (const Member member : selector["matchLabels"].object()) {
    terms_.push_back({std::string(member.key), Op::in, {std::string(member.value.str())}});
  }
  for (Value expression : selector["matchExpressions"].array()) {
    Term term;
    term.key = expression["key"].str();
    const std::string_view op = expression["operator"].str();
    term.op = op == "In"             ? Op::in
              : op == "NotIn"        ? Op::not_in
              : op == "Exists"       ? Op::exists
              : op == "DoesNotExist" ? Op::absent
                                     : Op::never;
    for (Value value : expression["values"].array())
      term.values.emplace_back(value.str());
    terms_.push_back(std::move(term));
  }
}

// Requires: canonical form, which has the operators where this looks for them.
LabelSelector::Term LabelSelector::parse_term(std::string_view text) {
  Term term;
  if (const std::size_t open = text.find(" ("); open != text.npos) {
    const std::size_t space = text.find(' ');
    term.key = text.substr(0, space);
    term.op = text.substr(space + 1, open - space - 1) == "in" ? Op::in : Op::not_in;
    for (std::string_view value : base::split(text.substr(open + 2, text.size() - open - 3), ','))
      term.values.emplace_back(value);
    return term;
  }
  const std::size_t at = text.find_first_of("=!<>", 1);
  const bool negated = text.starts_with('!');
  term.key = negated ? text.substr(1) : text.substr(0, at);
  if (negated || at == text.npos) {
    term.op = negated ? Op::absent : Op::exists;
    return term;
  }
  const char sign = text[at];
  term.op = sign == '=' ? Op::in : sign == '!' ? Op::not_in : sign == '>' ? Op::more : Op::less;
  term.values.emplace_back(text.substr(at + (sign == '!' ? 2 : 1)));
  return term;
}

LabelSelector LabelSelector::parse(std::string_view text) {
  LabelSelector out;
  const auto canonical = cluster::canonical_label_selector(text);
  if (!canonical) {
    out.terms_.push_back({{}, Op::never, {}});
    return out;
  }
  const std::string_view terms = *canonical;
  for (std::size_t from = 0; from < terms.size();) {
    const std::size_t open = terms.find('(', from);
    std::size_t end = terms.find(',', from);
    if (open < end) end = terms.find(',', terms.find(')', open));
    end = std::min(end, terms.size());
    out.terms_.push_back(parse_term(terms.substr(from, end - from)));
    from = end + 1;
  }
  return out;
}

void LabelSelector::require(std::string_view key) {
  terms_.push_back({std::string(key), Op::exists, {}});
}

bool LabelSelector::matches(const Labels& labels) const {
  return std::all_of(terms_.begin(), terms_.end(), [&](const Term& term) {
    const bool has = labels.has(term.key);
    const bool among = has && std::find(term.values.begin(), term.values.end(),
                                        labels.get(term.key)) != term.values.end();
    switch (term.op) {
      case Op::in:
        return among;
      case Op::not_in:
        return !among;
      case Op::exists:
        return has;
      case Op::absent:
        return !has;
      case Op::more:
      case Op::less: {
        const auto have = base::parse_int(labels.get(term.key));
        const auto limit = base::parse_int(term.values[0]);
        return have && limit && (term.op == Op::more ? *have > *limit : *have < *limit);
      }
      case Op::never:
        return false;
    }
    return false;
  });
}

}  // namespace graph::model
