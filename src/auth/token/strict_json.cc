#include "auth/token/strict_json.h"

#include <algorithm>
#include <vector>

#include "base/json_shape.h"

namespace auth::token {
namespace {

using base::Errc;
using base::Error;
using base::Result;
using base::json::Type;
using base::json::Value;

Error wrong(const char* what) {
  return Error(Errc::invalid_argument, what);
}

// `depth`: levels that are left.
Result<void> check(Value value, int depth) {
  if (!value.is(Type::object) && !value.is(Type::array)) return {};
  if (depth == 0) return wrong("nested too deeply");
  if (value.is(Type::array)) {
    for (const Value each : value.array())
      if (auto ok = check(each, depth - 1); !ok) return ok;
    return {};
  }
  std::vector<std::string_view> keys;
  for (const auto& [key, member] : value.object()) {
    keys.push_back(key);
    if (auto ok = check(member, depth - 1); !ok) return ok;
  }
  std::sort(keys.begin(), keys.end());
  if (std::adjacent_find(keys.begin(), keys.end()) != keys.end())
    return wrong("a member occurs twice");
  return {};
}

}  // namespace

Result<Value> parse_strictly(base::json::Document& document, std::string_view text) {
  if (base::json::count_values(text, kJsonValues) > kJsonValues && text.size() > kJsonValues)
    return wrong("too many values");
  auto root = document.parse(text);
  if (!root) return wrong("not JSON");
  if (!root->is(Type::object)) return wrong("not a JSON object");
  if (auto ok = check(*root, kJsonDepth); !ok) return std::move(ok).error();
  return root;
}

}  // namespace auth::token
