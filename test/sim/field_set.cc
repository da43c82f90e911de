#include "sim/field_set.h"

#include <algorithm>
#include <map>

namespace sim {
namespace {

using base::json::Document;
using base::json::Member;
using JsonType = base::json::Type;
using base::json::Value;
using base::json::Writer;
using Kind = Shape::Kind;

struct KeyedList {
  std::string_view path;  // the whole schema path, or with "*" in front its end
  std::vector<Shape::Key> keys;
};

const std::vector<KeyedList>& keyed_lists() {
  static const std::vector<KeyedList> kLists = {
      {"metadata.ownerReferences", {{"uid", ""}}},
      {"spec.serviceSpec.services", {{"name", ""}, {"namespace", "default"}}},
      {"spec.supportedTemplates", {{"name", ""}}},
      {"spec.ports", {{"port", ""}, {"protocol", "TCP"}}},
      {"*.containers[].ports", {{"containerPort", ""}, {"protocol", "TCP"}}},
      {"*.containers", {{"name", ""}}},
      {"*.initContainers", {{"name", ""}}},
      {"*.env", {{"name", ""}}},
      {"*.volumes", {{"name", ""}}},
      {"*.volumeMounts", {{"mountPath", ""}}},
      {"*.imagePullSecrets", {{"name", ""}}},
      {"*.conditions", {{"type", ""}}},
  };
  return kLists;
}

bool fits(std::string_view pattern, std::string_view schema) {
  return pattern.starts_with('*') ? schema.ends_with(pattern.substr(1)) : schema == pattern;
}

bool any_fits(std::initializer_list<std::string_view> patterns, std::string_view schema) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](std::string_view one) { return fits(one, schema); });
}

// Free-form values: their objects are maps, their lists atomic.
bool free_form(std::string_view schema) {
  return schema.ends_with(".config") || schema.find(".config.") != schema.npos;
}

bool empty_or_absent(Value v) {
  return !v.present() || v.is(JsonType::null) || v.size() == 0;
}

bool of_nobody(std::string_view schema, bool with_status) {
  return any_fits({"apiVersion", "kind", "metadata.name", "metadata.namespace", "metadata.uid",
                   "metadata.creationTimestamp", "metadata.selfLink", "metadata.generation",
                   "metadata.managedFields", "metadata.resourceVersion"},
                  schema) ||
         (schema == "status" && !with_status);
}

std::vector<std::string_view> elements_of(const FieldPath& path) {
  std::vector<std::string_view> out;
  const std::string_view all = path;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = all.find(kElementEnd, at);
    out.push_back(all.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

void collect(Value value, const FieldPath& path, const std::string& schema, bool with_status,
             FieldSet& to) {
  const Shape shape = shape_of(schema, value);
  if (shape.kind == Kind::atomic) {
    to.insert(path);
  } else if (shape.kind == Kind::keyed || shape.kind == Kind::set) {
    for (const Value one : value.array()) {
      const FieldPath at = below(path, element_name(shape, one));
      collect(one, at, schema + "[]", with_status, to);
      to.insert(at);
    }
  } else {
    for (const Member member : value.object()) {
      const std::string inner = schema_below(schema, member.key);
      if (of_nobody(inner, with_status)) continue;
      const FieldPath at = field(path, member.key);
      collect(member.value, at, inner, with_status, to);
      const bool nothing = member.value.is(JsonType::null) ||
                           (member.value.is(JsonType::object) && member.value.size() == 0);
      if (nothing || shape.kind == Kind::map) to.insert(at);
    }
  }
}

class Comparer {
 public:
  Comparer(bool with_status, FieldChanges& to) : with_status_(with_status), to_(to) {}

  void compare(Value a, Value b, const FieldPath& path, const std::string& schema) {
    const Shape shape = shape_of(schema, b.present() ? b : a);
    const bool other_kind = a.present() && b.present() && a.type() != b.type();
    if (shape.kind == Kind::atomic || other_kind || (empty_or_absent(a) && empty_or_absent(b))) {
      return leaf(a, b, path);
    }
    if (shape.kind == Kind::keyed || shape.kind == Kind::set) {
      elements(a, b, shape, path, schema);
    } else {
      members(a, b, path, schema);
    }
    if (!a.present()) to_.added.insert(path);
    if (!b.present()) to_.removed.insert(path);
  }

 private:
  void leaf(Value a, Value b, const FieldPath& path) {
    if (!a.present()) {
      to_.added.insert(path);
    } else if (!b.present()) {
      to_.removed.insert(path);
    } else if (!same_json(a, b)) {
      to_.modified.insert(path);
    }
  }
  void members(Value a, Value b, const FieldPath& path, const std::string& schema) {
    for (const Member member : a.object()) {
      const std::string inner = schema_below(schema, member.key);
      if (!of_nobody(inner, with_status_))
        compare(member.value, b[member.key], field(path, member.key), inner);
    }
    for (const Member member : b.object()) {
      const std::string inner = schema_below(schema, member.key);
      if (!a[member.key].present() && !of_nobody(inner, with_status_))
        compare({}, member.value, field(path, member.key), inner);
    }
  }
  void elements(Value a, Value b, const Shape& shape, const FieldPath& path,
                const std::string& schema) {
    std::map<std::string, std::pair<Value, Value>> all;
    for (const Value one : a.array())
      all[element_name(shape, one)].first = one;
    for (const Value one : b.array())
      all[element_name(shape, one)].second = one;
    for (const auto& [name, pair] : all)
      compare(pair.first, pair.second, below(path, name), schema + "[]");
  }

  bool with_status_;
  FieldChanges& to_;
};

struct Node {
  bool member = false;
  std::map<std::string, Node, std::less<>> below = {};
};

void write_node(Writer& w, const Node& node) {
  w.begin_object();
  if (node.member && !node.below.empty()) w.key(".").begin_object().end_object();
  for (const auto& [name, child] : node.below) {
    w.key(name);
    write_node(w, child);
  }
  w.end_object();
}

void read_node(Value node, const FieldPath& path, FieldSet& to) {
  if (node.size() == 0 && !path.empty()) to.insert(path);
  for (const Member member : node.object()) {
    if (member.key == ".") {
      to.insert(path);
    } else {
      read_node(member.value, below(path, member.key), to);
    }
  }
}

}  // namespace

FieldPath below(const FieldPath& path, std::string_view element) {
  FieldPath out = path;
  out.append(element);
  out += kElementEnd;
  return out;
}

FieldPath field(const FieldPath& path, std::string_view key) {
  return below(path, "f:" + std::string(key));
}

Shape shape_of(std::string_view schema, Value value) {
  if (value.is(JsonType::object)) {
    if (free_form(schema)) return {Kind::map};
    if (any_fits({"*.labels", "*.annotations", "data", "stringData", "binaryData"}, schema)) {
      return {Kind::map};
    }
    return {any_fits({"*.selector", "*.clusterSelector", "*.nodeSelector", "*.secretRef",
                      "*.configMapRef", "*.identityRef"},
                     schema)
                ? Kind::atomic
                : Kind::fields};
  }
  if (!value.is(JsonType::array) || free_form(schema)) return {Kind::atomic};
  if (schema == "metadata.finalizers") return {Kind::set};
  for (const KeyedList& list : keyed_lists())
    if (fits(list.path, schema)) return {Kind::keyed, list.keys};
  return {Kind::atomic};
}

std::string schema_below(const std::string& schema, std::string_view key) {
  return schema.empty() ? std::string(key) : schema + "." + std::string(key);
}

std::string element_name(const Shape& shape, Value element) {
  if (shape.kind == Kind::set) return "v:" + element.to_json();
  std::string out = "k:";
  Writer w(out);
  w.begin_object();
  for (const Shape::Key& key : shape.keys) {
    const Value is = element[key.name];
    if (is.present()) {
      w.key(key.name).raw(is.to_json());
    } else if (!key.fallback.empty()) {
      w.field(key.name, key.fallback);
    }
  }
  w.end_object();
  return out;
}

FieldSet fields_of(Value object, bool with_status) {
  FieldSet out;
  collect(object, "", "", with_status, out);
  out.erase(field("", "metadata"));
  out.erase("");
  return out;
}

FieldChanges compare_fields(Value before, Value after, bool with_status) {
  FieldChanges out;
  Document none;
  const Value from = before.present() ? before : *none.parse("{}");
  Comparer(with_status, out).compare(from, after, "", "");
  for (FieldSet* set : {&out.added, &out.removed, &out.modified}) {
    set->erase(field("", "metadata"));
    set->erase("");
  }
  return out;
}

FieldSet with_parents(const FieldSet& set) {
  FieldSet out = set;
  for (const FieldPath& path : set) {
    FieldPath at;
    std::string schema;
    bool in_map = false;  // the last element is the key of a map
    Document object;
    const Value some = *object.parse("{}");
    for (const std::string_view element : elements_of(path)) {
      const bool named = element.starts_with("f:");
      in_map = named && shape_of(schema, some).kind == Kind::map;
      schema = named ? schema_below(schema, element.substr(2)) : schema + "[]";
      at = below(at, element);
      if (named && !in_map) out.insert(at);
    }
  }
  return out;
}

std::string to_fields_v1(const FieldSet& set) {
  Node root;
  for (const FieldPath& path : set) {
    Node* at = &root;
    for (const std::string_view element : elements_of(path))
      at = &at->below[std::string(element)];
    at->member = true;
  }
  std::string out;
  Writer w(out);
  write_node(w, root);
  return out;
}

FieldSet from_fields_v1(Value fields) {
  FieldSet out;
  read_node(fields, "", out);
  return out;
}

std::string path_text(const FieldPath& path) {
  std::string out;
  for (const std::string_view element : elements_of(path)) {
    if (element.starts_with("f:")) {
      out.append(".").append(element.substr(2));
    } else if (element.starts_with("v:")) {
      out.append("[=").append(element.substr(2)).append("]");
    } else {
      Document doc;
      const Value keys = *doc.parse(element.substr(2));
      char before = '[';
      for (const Member member : keys.object()) {
        out += before;
        out.append(member.key).append("=").append(member.value.to_json());
        before = ',';
      }
      out += ']';
    }
  }
  return out;
}

bool same_json(Value a, Value b) {
  if (a.type() != b.type() || a.size() != b.size()) return false;
  if (a.is(JsonType::object)) {
    for (const Member member : a.object())
      if (!same_json(member.value, b[member.key])) return false;
    return true;
  }
  if (a.is(JsonType::array)) {
    auto other = b.array().begin();
    for (const Value one : a.array()) {
      if (!same_json(one, *other)) return false;
      ++other;
    }
    return true;
  }
  return a.to_json() == b.to_json();
}

}  // namespace sim
