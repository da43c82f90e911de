// Lists whose elements have a key of their own, so that the elements of two lists can be matched.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "base/json.h"

namespace change {

// By "name=x,namespace=y". The texts are views' keys of Differ: they stay where they are.
using Elements = std::map<std::string, base::json::Value>;
using ElementKey = std::array<std::string_view, 2>;  // members; the second may be "" or absent

// What identifies the elements of a list, in the order in which they are tried: the first that all
// elements have, each its own.
inline constexpr std::array<ElementKey, 5> kElementKeys = {
    {{"name", "namespace"}, {"type", ""}, {"uid", ""}, {"key", ""}, {"ip", ""}}};

// False: some element has no such key, or two have the same.
bool by_key(base::json::Value list, const ElementKey& key, Elements& out);

// Are the elements that both lists have in another order? `was` and `is`: by_key() of them.
bool reordered(base::json::Value before, const Elements& was, base::json::Value after,
               const Elements& is, const ElementKey& key);

// Is an element of `before` not in `after`? Elements are compared as texts.
bool loses_elements(base::json::Value before, base::json::Value after);

}  // namespace change
