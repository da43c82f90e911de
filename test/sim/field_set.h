// Which fields an object has, and by which names managedFields know them (fieldsV1 of server-side
// apply): "f:spec", `k:{"name":"x"}`, `v:"x"`. The rules are those of structured-merge-diff; what a
// schema would say of a path (lists with keys, sets, maps, atomic objects) is in a small table.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace sim {

// Elements in fieldsV1's form, each with kElementEnd behind it.
using FieldPath = std::string;
constexpr char kElementEnd = '\x1f';
using FieldSet = std::set<FieldPath>;

struct Shape {
  enum class Kind : unsigned char { atomic, fields, map, keyed, set };
  struct Key {
    std::string_view name, fallback;
  };
  Kind kind = Kind::fields;
  std::vector<Key> keys = {};  // of keyed
};

// `schema`: names joined by dots, "[]" for an element: "spec.serviceSpec.services[].values".
Shape shape_of(std::string_view schema, base::json::Value value);
FieldPath below(const FieldPath& path, std::string_view element);
FieldPath field(const FieldPath& path, std::string_view key);
std::string schema_below(const std::string& schema, std::string_view key);
// `k:{"name":"x"}` or `v:"x"` of an element of such a list.
std::string element_name(const Shape& shape, base::json::Value element);

// What is to be compared or owned: the object without what belongs to no manager (name, uid, …),
// and without status unless `with_status`.
FieldSet fields_of(base::json::Value object, bool with_status);

struct FieldChanges {
  FieldSet added, removed, modified;
  bool none() const { return added.empty() && removed.empty() && modified.empty(); }
};
// `before` absent: all of `after` is added.
FieldChanges compare_fields(base::json::Value before, base::json::Value after, bool with_status);

// With the objects around its members that are fields of a schema.
FieldSet with_parents(const FieldSet& set);

// fieldsV1 as JSON, and back.
std::string to_fields_v1(const FieldSet& set);
FieldSet from_fields_v1(base::json::Value fields);
// ".spec.serviceSpec.services[name=\"x\",namespace=\"y\"].values", as conflicts name it.
std::string path_text(const FieldPath& path);

// Equal whatever the order of members.
bool same_json(base::json::Value a, base::json::Value b);

}  // namespace sim
