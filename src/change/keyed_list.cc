#include "change/keyed_list.h"

#include <unordered_set>
#include <utility>
#include <vector>

namespace change {

using base::json::Type;
using base::json::Value;

namespace {

// "": the element has no such key.
std::string key_of(Value element, const ElementKey& keys) {
  if (!element[keys[0]].is(Type::string)) return {};
  std::string out;
  for (const std::string_view key : keys) {
    if (key.empty()) continue;
    const Value value = element[key];
    if (!value.is(Type::string)) continue;
    out.append(out.empty() ? "" : ",").append(key).append("=").append(value.str());
  }
  return out;
}

// The keys that another list has, too, in this list's order.
std::vector<std::string> order_of(Value list, const ElementKey& keys, const Elements& other) {
  std::vector<std::string> out;
  for (const Value element : list.array())
    if (std::string key = key_of(element, keys); other.count(key)) out.push_back(std::move(key));
  return out;
}

}  // namespace

bool by_key(Value list, const ElementKey& key, Elements& out) {
  for (const Value element : list.array()) {
    std::string text = key_of(element, key);
    if (text.empty() || !out.emplace(std::move(text), element).second) return false;
  }
  return true;
}

bool reordered(Value before, const Elements& was, Value after, const Elements& is,
               const ElementKey& key) {
  return order_of(before, key, is) != order_of(after, key, was);
}

bool loses_elements(Value before, Value after) {
  if (before.size() == 0) return false;
  std::unordered_set<std::string> there;
  for (const Value element : after.array())
    there.insert(element.to_json());
  for (const Value element : before.array())
    if (!there.count(element.to_json())) return true;
  return false;
}

}  // namespace change
