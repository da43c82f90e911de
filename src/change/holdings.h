// Which field managers hold a place of an object, from metadata.managedFields (kubernetes.io,
// "Server-Side Apply", FieldsV1): "f:x" is a member, "k:{…}" an element of a list by its keys; {}
// owns the value whole. Each manager's fields are indexed once for each object or list: a look-up
// from the front for each member would take the square of their number.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json.h"
#include "base/json_members.h"

namespace change {

// A field manager's part of the fields below one place. `whole`: it owns all of it.
struct Held {
  std::string_view manager;
  bool applied = false;
  base::json::Value fields;
  bool whole = false;
};
using Holders = std::vector<Held>;

// The holders of an object, without `ours` and without those of its subresources. Views into
// `managed`.
Holders holders_of(base::json::Value managed, std::string_view ours);

// What each holder of an object holds of its members.
class MemberHoldings {
 public:
  explicit MemberHoldings(const Holders& holders);
  Holders below(std::string_view member) const;

 private:
  Holders holders_;
  std::vector<base::json::Members> fields_;
};

// What each holder of a list holds of its elements.
class ElementHoldings {
 public:
  explicit ElementHoldings(const Holders& holders);
  Holders below(base::json::Value element) const;

 private:
  // A schema gives a list one set of keys ("shape"); what a client writes into managedFields beyond
  // so many is not looked up.
  static constexpr std::size_t kShapes = 8;
  // The elements that one manager holds, by the values of their keys.
  struct Keyed {
    std::vector<std::vector<std::string>> shapes;
    std::unordered_map<std::string, base::json::Value> fields;
  };
  Holders holders_;
  std::vector<Keyed> keyed_;
};

}  // namespace change
