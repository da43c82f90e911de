#include "sim/field_merge.h"

#include <set>
#include <utility>
#include <vector>

namespace sim {
namespace {

using base::json::Document;
using base::json::Member;
using JsonType = base::json::Type;
using base::json::Value;
using base::json::Writer;
using Kind = Shape::Kind;

void merge(Writer& w, Value live, Value intent, const std::string& schema);

void merge_members(Writer& w, Value live, Value intent, const std::string& schema) {
  w.begin_object();
  for (const Member member : live.object()) {
    w.key(member.key);
    const Value change = intent[member.key];
    if (change.present()) {
      merge(w, member.value, change, schema_below(schema, member.key));
    } else {
      w.raw(member.value.to_json());
    }
  }
  for (const Member member : intent.object()) {
    if (live[member.key].present() || member.value.is(JsonType::null)) continue;
    w.key(member.key).raw(member.value.to_json());
  }
  w.end_object();
}

// Elements of both keep the intent's order, those of the object alone their places between them.
class ElementMerge {
 public:
  ElementMerge(Value live, Value intent, const Shape& shape) {
    for (const Value one : live.array())
      live_.emplace_back(element_name(shape, one), one);
    for (const Value one : intent.array())
      intent_.emplace_back(element_name(shape, one), one);
    for (const auto& [name, one] : intent_)
      if (find(live_, name).present()) shared_.push_back(name);
  }

  // Pairs of the object's and the intent's element; one may be absent.
  std::vector<std::pair<Value, Value>> pairs() {
    while (l_ < live_.size() || i_ < intent_.size()) {
      const bool both = l_ < live_.size() && i_ < intent_.size();
      if (both && live_[l_].first == intent_[i_].first) {
        ++l_;
        take_intent();
      } else if (both && in_intent() && s_ < shared_.size() && shared_[s_] != live_[l_].first) {
        ++l_;  // its turn comes with the intent's element
      } else if (l_ < live_.size() && !in_intent()) {
        out_.emplace_back(live_[l_++].second, Value());
      } else {
        if (l_ < live_.size() && taken_.count(live_[l_].first)) ++l_;
        if (i_ < intent_.size()) take_intent();
      }
    }
    return std::move(out_);
  }

 private:
  using List = std::vector<std::pair<std::string, Value>>;
  static Value find(const List& list, const std::string& name) {
    for (const auto& [is, one] : list)
      if (is == name) return one;
    return {};
  }
  bool in_intent() const { return find(intent_, live_[l_].first).present(); }
  void take_intent() {
    const auto& [name, one] = intent_[i_++];
    taken_.insert(name);
    out_.emplace_back(find(live_, name), one);
    if (s_ < shared_.size() && shared_[s_] == name) ++s_;
  }

  List live_, intent_;
  std::vector<std::string> shared_;
  std::set<std::string> taken_;
  std::size_t l_ = 0, i_ = 0, s_ = 0;
  std::vector<std::pair<Value, Value>> out_;
};

void merge_elements(Writer& w, Value live, Value intent, const Shape& shape,
                    const std::string& schema) {
  w.begin_array();
  for (const auto& [old, change] : ElementMerge(live, intent, shape).pairs()) {
    if (old.present() && change.present()) {
      merge(w, old, change, schema + "[]");
    } else {
      w.raw((change.present() ? change : old).to_json());
    }
  }
  w.end_array();
}

void merge(Writer& w, Value live, Value intent, const std::string& schema) {
  const Shape shape = shape_of(schema, intent);
  if (shape.kind == Kind::atomic || live.type() != intent.type()) {
    w.raw(intent.to_json());
  } else if (shape.kind == Kind::keyed || shape.kind == Kind::set) {
    merge_elements(w, live, intent, shape, schema);
  } else {
    merge_members(w, live, intent, schema);
  }
}

void write_without(Writer& w, Value value, const FieldPath& path, const std::string& schema,
                   const FieldSet& gone) {
  const Shape shape = shape_of(schema, value);
  if (shape.kind == Kind::atomic) {
    w.raw(value.to_json());
  } else if (shape.kind == Kind::keyed || shape.kind == Kind::set) {
    w.begin_array();
    for (const Value one : value.array()) {
      const FieldPath at = below(path, element_name(shape, one));
      if (!gone.count(at)) write_without(w, one, at, schema + "[]", gone);
    }
    w.end_array();
  } else {
    w.begin_object();
    for (const Member member : value.object()) {
      const FieldPath at = field(path, member.key);
      if (gone.count(at)) continue;
      w.key(member.key);
      write_without(w, member.value, at, schema_below(schema, member.key), gone);
    }
    w.end_object();
  }
}

void write_defaulted(Writer& w, Value value, const std::string& schema, const Shape* element_of) {
  const Shape shape = shape_of(schema, value);
  if (value.is(JsonType::array) && shape.kind == Kind::keyed) {
    w.begin_array();
    for (const Value one : value.array())
      write_defaulted(w, one, schema + "[]", &shape);
    w.end_array();
  } else if (value.is(JsonType::object) && shape.kind == Kind::fields) {
    w.begin_object();
    for (const Member member : value.object()) {
      w.key(member.key);
      write_defaulted(w, member.value, schema_below(schema, member.key), nullptr);
    }
    if (element_of) {
      for (const Shape::Key& key : element_of->keys)
        if (!key.fallback.empty() && !value[key.name].present()) w.field(key.name, key.fallback);
    }
    w.end_object();
  } else {
    w.raw(value.to_json());
  }
}

}  // namespace

std::string with_key_defaults(Value object) {
  std::string out;
  Writer w(out);
  write_defaulted(w, object, "", nullptr);
  return out;
}

std::string typed_merge(Value live, Value intent) {
  std::string out;
  Writer w(out);
  merge(w, live, intent, "");
  return out;
}

std::string without_fields(Value object, const FieldSet& gone) {
  std::string out;
  Writer w(out);
  write_without(w, object, "", "", gone);
  return out;
}

}  // namespace sim
