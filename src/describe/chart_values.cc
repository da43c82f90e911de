#include "describe/chart_values.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"

namespace describe {

using base::json::Type;
using base::json::Value;
using base::json::Writer;

namespace {

// An example where no value is required has no more than a reader takes in at a glance.
constexpr std::size_t kExampleValues = 10, kExampleBytes = 200;

std::string_view type_of(Value value) {
  switch (value.type()) {
    case Type::boolean:
      return "boolean";
    case Type::integer:
      return "integer";
    case Type::number:
      return "number";
    case Type::string:
      return "string";
    case Type::array:
      return "array";
    case Type::object:
      return "object";
    case Type::null:
    case Type::absent:
      break;
  }
  return "any";
}

// Looking up a member walks the object, and there may be thousands.
using Members = std::map<std::string_view, Value>;
Members members_of(Value object) {
  Members out;
  for (const auto& [name, value] : object.object())
    out.try_emplace(name, value);
  return out;
}
Value member(const Members& members, std::string_view name) {
  const auto found = members.find(name);
  return found == members.end() ? Value() : found->second;
}
std::set<std::string_view> texts_of(Value list) {
  std::set<std::string_view> out;
  for (const Value each : list.array())
    out.insert(each.str());
  return out;
}

// A name as part of a path: "kubernetes\.io/os".
std::string escaped(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '.' || c == '\\' || c == '[') out += '\\';
    out += c;
  }
  return out;
}
std::string unescaped(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '\\' && i + 1 < name.size()) ++i;
    out += name[i];
  }
  return out;
}
// The dot behind the part of the path that begins at `from`; npos: it is the last.
std::size_t dot_after(std::string_view path, std::size_t from) {
  for (std::size_t i = from; i < path.size(); ++i) {
    if (path[i] == '\\')
      ++i;
    else if (path[i] == '.')
      return i;
  }
  return path.npos;
}

class Collector {
 public:
  Collector(Value root, std::vector<ChartValue>& out) : root_(root), out_(out) {}

  void walk(Value given, Value defaults, const std::string& path, bool required, int depth) {
    // References may go round, and branch: then depth alone is no bound.
    ++steps_;
    if (is_full()) return;
    const Value schema = resolved(given), properties = schema["properties"];
    const bool has_members =
        properties.size() > 0 || (defaults.is(Type::object) && defaults.size() > 0);
    if (depth >= kValueDepth || !has_members) return leaf(schema, defaults, path, required);
    const std::string before = path.empty() ? std::string() : path + ".";
    const bool both = properties.size() > 0 && defaults.size() > 0;
    const Members given_defaults = members_of(both ? defaults : Value());
    const Members described = members_of(both ? properties : Value());
    const auto needed = required ? texts_of(schema["required"]) : std::set<std::string_view>();
    for (const auto& [name, each] : properties.object()) {
      if (is_full()) return;
      walk(each, member(given_defaults, name), before + escaped(name), needed.contains(name),
           depth + 1);
    }
    for (const auto& [name, each] : defaults.object()) {
      if (is_full()) return;
      if (!described.contains(name)) walk({}, each, before + escaped(name), false, depth + 1);
    }
  }

 private:
  void leaf(Value schema, Value defaults, const std::string& path, bool required) {
    if (path.empty() || is_full()) return;
    ChartValue value;
    value.path = path;
    const Value type = schema["type"];
    value.type = type.is(Type::string)  ? type.str()
                 : type.is(Type::array) ? type.at(0).str()
                                        : type_of(defaults);
    const Value fallback = defaults ? defaults : schema["default"];
    if (fallback && !fallback.is(Type::null)) value.default_json = fallback.to_json();
    value.description = schema["description"].str();
    if (value.description.empty()) value.description = schema["title"].str();
    value.choices = schema["enum"];
    value.required = required;
    out_.push_back(std::move(value));
  }

  // "#/$defs/x" and "#/properties/a": other references stay what they are.
  Value resolved(Value schema) {
    for (int step = 0; step < kValueDepth; ++step) {
      const std::string_view ref = schema["$ref"].str();
      if (!ref.starts_with("#/") || ref.size() > kReferenceBytes) return schema;
      schema = value_at(ref.substr(1));
    }
    return schema;
  }
  // "/$defs/x"
  Value value_at(std::string_view path) {
    if (path.empty()) return root_;
    const std::size_t slash = path.rfind('/');
    const std::string_view of = path.substr(0, slash);
    auto known = places_.find(of);
    if (known == places_.end()) known = places_.emplace(of, members_of(value_at(of))).first;
    return member(known->second, path.substr(slash + 1));
  }

  bool is_full() const { return out_.size() >= kChartValues || steps_ > kSteps; }

  static constexpr std::size_t kSteps = 4 * kChartValues;
  // No reference is longer, and each of its parts is one more call on the stack.
  static constexpr std::size_t kReferenceBytes = 1024;
  Value root_;
  std::vector<ChartValue>& out_;
  std::size_t steps_ = 0;
  std::map<std::string_view, Members> places_;  // what references lead into
};

bool is_empty(const std::string& value) {
  return value.empty() || value == "\"\"" || value == "{}" || value == "[]";
}

// The values at and below one place, as nested maps.
void write_nested(Writer& w, std::vector<const ChartValue*>::const_iterator begin,
                  std::vector<const ChartValue*>::const_iterator end, std::size_t from) {
  w.begin_object();
  while (begin != end) {
    const std::string& path = (*begin)->path;
    const std::size_t dot = dot_after(path, from);
    w.key(unescaped(std::string_view(path).substr(from, dot == path.npos ? dot : dot - from)));
    if (dot == path.npos) {
      const std::string& value = (*begin)->default_json;
      is_empty(value) ? w.string("<" + std::string((*begin)->type) + ">") : w.raw(value);
      ++begin;
      continue;
    }
    const std::string prefix = path.substr(0, dot + 1);
    const auto next = std::find_if(
        begin, end, [&](const ChartValue* each) { return !each->path.starts_with(prefix); });
    write_nested(w, begin, next, dot + 1);
    begin = next;
  }
  w.end_object();
}

}  // namespace

std::vector<ChartValue> chart_values(Value schema, Value defaults) {
  std::vector<ChartValue> out;
  Collector(schema, out).walk(schema, defaults, {}, true, 0);
  std::stable_partition(out.begin(), out.end(),
                        [](const ChartValue& each) { return each.required; });
  return out;
}

namespace {

class SchemaWriter {
 public:
  explicit SchemaWriter(std::size_t max_bytes) : most_(max_bytes) {}

  void write(Value defaults, int depth) {
    w_.begin_object();
    if (!defaults.is(Type::null) && defaults) w_.field("type", type_of(defaults));
    if (defaults.is(Type::object) && defaults.size() > 0 && depth < kValueDepth) {
      w_.key("properties").begin_object();
      for (const auto& [name, each] : defaults.object()) {
        if (!fits()) return;
        w_.key(name);
        write(each, depth + 1);
      }
      w_.end_object();
    } else if (!defaults.is(Type::null) && defaults) {
      w_.key("default").raw(defaults.to_json());
    }
    w_.end_object();
  }
  bool fits() const { return out_.size() <= most_; }
  std::string take() { return std::move(out_); }

 private:
  const std::size_t most_;
  std::string out_;
  Writer w_{out_};
};

}  // namespace

std::optional<std::string> schema_of(Value defaults, std::size_t max_bytes) {
  SchemaWriter writer(max_bytes);
  writer.write(defaults, 0);
  return writer.fits() ? std::optional(writer.take()) : std::nullopt;
}

std::string example_of(const std::vector<ChartValue>& values) {
  std::vector<const ChartValue*> required;
  for (const ChartValue& each : values) {
    if (each.required) required.push_back(&each);
  }
  const bool none = required.empty();
  for (const ChartValue& each : values) {
    if (!none || required.size() == kExampleValues) break;
    if (!is_empty(each.default_json) && each.default_json.size() <= kExampleBytes)
      required.push_back(&each);
  }
  std::sort(required.begin(), required.end(),
            [](const ChartValue* a, const ChartValue* b) { return a->path < b->path; });
  std::string out;
  Writer w(out);
  write_nested(w, required.begin(), required.end(), 0);
  return out;
}

}  // namespace describe
