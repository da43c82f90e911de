#include "change/holdings.h"

#include <algorithm>
#include <utility>

namespace change {

using base::json::Member;
using base::json::Value;

namespace {

// The values of `keys` in an element, or in the keys of a "k:{…}", as one text.
std::string text_of(Value element, const std::vector<std::string>& keys) {
  std::string out;
  for (const std::string& key : keys) {
    base::json::append_string(out, key);
    element[key].append_to(out.append(":"));
    out += ',';
  }
  return out;
}

}  // namespace

Holders holders_of(Value managed, std::string_view ours) {
  Holders out;
  for (const Value entry : managed.array()) {
    const std::string_view manager = entry["manager"].str();
    if (manager == ours || !entry["subresource"].str().empty()) continue;
    out.push_back({manager, entry["operation"].str() == "Apply", entry["fieldsV1"], false});
  }
  return out;
}

MemberHoldings::MemberHoldings(const Holders& holders) : holders_(holders) {
  for (const Held& each : holders_)
    fields_.emplace_back(each.fields);
}

Holders MemberHoldings::below(std::string_view member) const {
  Holders out;
  if (holders_.empty()) return out;
  const std::string key = "f:" + std::string(member);
  for (std::size_t i = 0; i < holders_.size(); ++i) {
    const Held& each = holders_[i];
    const Value fields = fields_[i][key];
    if (!each.whole && !fields) continue;
    out.push_back({each.manager, each.applied, fields, each.whole || fields.size() == 0});
  }
  return out;
}

ElementHoldings::ElementHoldings(const Holders& holders)
    : holders_(holders), keyed_(holders.size()) {
  base::json::Document doc;
  for (std::size_t i = 0; i < holders_.size(); ++i) {
    if (holders_[i].whole) continue;
    for (const Member member : holders_[i].fields.object()) {
      if (!member.key.starts_with("k:")) continue;
      const auto keys = doc.parse(member.key.substr(2));
      if (!keys || keys->size() == 0) continue;
      std::vector<std::string> shape;
      for (const Member key : keys->object())
        shape.emplace_back(key.key);
      std::sort(shape.begin(), shape.end());
      auto& shapes = keyed_[i].shapes;
      const bool known = std::find(shapes.begin(), shapes.end(), shape) != shapes.end();
      if (!known && shapes.size() == kShapes) continue;
      keyed_[i].fields.emplace(text_of(*keys, shape), member.value);
      if (!known) shapes.push_back(std::move(shape));
    }
  }
}

Holders ElementHoldings::below(Value element) const {
  Holders out;
  for (std::size_t i = 0; i < holders_.size(); ++i) {
    const Held& each = holders_[i];
    if (each.whole) out.push_back(each);
    for (const auto& shape : keyed_[i].shapes) {
      const auto at = keyed_[i].fields.find(text_of(element, shape));
      if (at != keyed_[i].fields.end())
        out.push_back({each.manager, each.applied, at->second, at->second.size() == 0});
    }
  }
  return out;
}

}  // namespace change
