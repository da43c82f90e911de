// Members: an object's members by name, for walks that look up each member of another one: a look-up
// in a Value walks from the front.
#pragma once

#include <cstddef>
#include <string_view>
#include <unordered_map>

#include "base/json.h"

namespace change {

class Members {
 public:
  explicit Members(base::json::Value object) : object_(object) {
    if (object.size() < kFew) return;
    for (const base::json::Member member : object.object())
      index_.emplace(member.key, member.value);  // of duplicates the first counts
  }
  base::json::Value operator[](std::string_view name) const {
    if (index_.empty()) return object_[name];
    const auto at = index_.find(name);
    return at == index_.end() ? base::json::Value() : at->second;
  }

 private:
  static constexpr std::size_t kFew = 32;
  base::json::Value object_;
  std::unordered_map<std::string_view, base::json::Value> index_;
};

}  // namespace change
