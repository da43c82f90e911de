#include "tools/graph_labels.h"

#include <algorithm>
#include <cstring>

namespace tools {

using base::json::Member;
using base::json::Value;

GraphLabels::GraphLabels(Value labels) {
  for (const Member member : labels.object()) {
    packed_.append(member.key).push_back('\0');
    packed_.append(member.value.str()).push_back('\0');
  }
}

const char* GraphLabels::find(std::string_view key) const {
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

bool GraphLabels::has(std::string_view key) const {
  return find(key) != nullptr;
}

std::string_view GraphLabels::get(std::string_view key) const {
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

bool LabelSelector::matches(const GraphLabels& labels) const {
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
      case Op::never:
        return false;
    }
    return false;
  });
}

}  // namespace tools
