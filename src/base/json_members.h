// Members: an object's members by name, for walks that look up each member of another one: a look-up
// in a Value walks from the front.
#pragma once

#include <cstddef>
#include <string_view>
#include <unordered_map>

#include "base/json.h"

namespace base::json {

class Members {
 public:
  explicit Members(Value object)
      : object_(object), at_(object.object().begin()), few_(object.size() < kFew) {}

  // The first of that name. The API server writes members in one order, so that the next one asked
  // for is mostly the next one here; the first that is not makes an index of all.
  Value operator[](std::string_view name) const {
    if (few_) return object_[name];
    if (index_.empty()) {
      if (at_ != object_.object().end()) {
        const Member member = *at_;
        if (member.key == name) {
          ++at_;
          return member.value;
        }
      }
      index();
    }
    const auto at = index_.find(name);
    return at == index_.end() ? Value() : at->second;
  }

 private:
  void index() const {
    index_.reserve(object_.size());
    for (const Member member : object_.object())
      index_.emplace(member.key, member.value);
  }

  static constexpr std::size_t kFew = 32;
  Value object_;
  mutable Object::iterator at_;  // while there is no index
  mutable std::unordered_map<std::string_view, Value> index_;
  bool few_;
};

}  // namespace base::json
