#include "cli/arguments.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/text.h"
#include "client/request.h"

namespace cli {

using base::Errc;
using base::Error;
using base::Result;
using base::json::Document;
using base::json::Member;
using base::json::Type;
using base::json::Value;

namespace {

Error bad(std::string what) {
  return Error(Errc::invalid_argument, std::move(what));
}

// The schema's type; of several the first that is not null. "": any.
std::string_view type_of(Value property) {
  const Value type = property["type"];
  for (const Value each : type.array())
    if (each.str() != "null") return each.str();
  return type.str();
}

std::string quoted(std::string_view text) {
  std::string out;
  base::json::append_string(out, text);
  return out;
}

// One value as JSON.
Result<std::string> typed(const std::string& name, std::string_view type, std::string_view text) {
  if (type == "boolean") {
    if (text != "true" && text != "false")
      return bad(name + " must be true or false, got \"" + base::printable(text, 64) + "\"");
    return std::string(text);
  }
  if (type == "integer" || type == "number") {
    Document doc;
    const auto value = doc.parse(text);
    const bool fits =
        value && (value->is(Type::integer) || (type == "number" && value->is(Type::number)));
    if (!fits)
      return bad(name + " must be " + (type == "integer" ? "a whole number" : "a number") +
                 ", got \"" + base::printable(text, 64) + "\"");
    return std::string(base::trim(text));
  }
  if (type == "object") {
    Document doc;
    const auto value = doc.parse(text);
    if (!value || !value->is(Type::object))
      return bad(name + " must be an object: " + name + ":={\"KEY\":VALUE}");
    return value->to_json();
  }
  return quoted(text);
}

Error unknown(Value properties, std::string_view name) {
  std::vector<std::string_view> known;
  for (const Member& each : properties.object())
    known.push_back(each.key);
  const std::string_view near = base::nearest(name, known);
  std::string all;
  for (const std::string_view each : known)
    all.append(all.empty() ? "" : ", ").append(each);
  return bad("unknown argument " + base::printable(name, 64) +
             (!near.empty() ? "; did you mean " + std::string(near) + "?"
              : all.empty() ? "; the tool takes none"
                            : "; there are " + all));
}

class Reader {
 public:
  explicit Reader(Value schema) : schema_(schema), properties_(schema["properties"]) {}

  Result<void> take_base(Value base) {
    if (base.present() && !base.is(Type::object)) return bad("--json must hold an object");
    for (const Member& each : base.object()) {
      if (!known(each.key)) return unknown(properties_, each.key);
      values_[std::string(each.key)] = each.value.to_json();
    }
    return {};
  }

  Result<void> take_word(std::string_view word) {
    const std::size_t equals = word.find('=');
    if (equals == word.npos || equals == 0)
      return bad("\"" + base::printable(word, 64) + "\" is no argument; they look like NAME=VALUE");
    const bool json = word[equals - 1] == ':';
    const std::string name(word.substr(0, equals - (json ? 1 : 0)));
    const std::string_view text = word.substr(equals + 1);
    if (!known(name)) return unknown(properties_, name);
    if (json) {
      Document doc;
      const auto value = doc.parse(text);
      if (!value) return bad(name + ":= must be followed by JSON: " + value.error().what());
      lists_.erase(name);
      values_[name] = value->to_json();
      return {};
    }
    const Value property = properties_[name];
    const std::string_view type = type_of(property);
    if (type == "array" && type_of(property["items"]) == "object") return take_objects(name, text);
    auto value = typed(name, type == "array" ? type_of(property["items"]) : type, text);
    if (!value) return std::move(value).error();
    if (type != "array") return values_[name] = *std::move(value), Result<void>();
    append(name, *value);
    return {};
  }

  Result<Arguments> finish() {
    for (const Value each : schema_["required"].array()) {
      const std::string name(each.str());
      if (values_.contains(name)) continue;
      std::string what = name;
      what.append(" is missing: ").append(name).append("=").append(type_text(properties_[name]));
      return bad(std::move(what));
    }
    Arguments out;
    base::json::Writer w(out.json);
    w.begin_object();
    for (const auto& [name, json] : values_) {
      w.key(name).raw(json);
      add_header(out, name, json);
    }
    w.end_object();
    return out;
  }

 private:
  void append(const std::string& name, std::string_view json) {
    std::string& list = lists_[name];
    list.append(list.empty() ? "" : ",").append(json);
    values_[name] = "[" + list + "]";
  }

  // One object of a list, or several as JSON.
  Result<void> take_objects(const std::string& name, std::string_view text) {
    Document doc;
    const auto value = doc.parse(text);
    const auto is_object = [](Value each) { return each.is(Type::object); };
    if (value && is_object(*value)) return append(name, value->to_json()), Result<void>();
    bool fits = value && value->is(Type::array);
    if (fits)
      for (const Value each : value->array())
        fits = fits && is_object(each);
    if (!fits) return bad(name + " must be a list of objects: " + name + "=[{\"KEY\":VALUE},...]");
    for (const Value each : value->array())
      append(name, each.to_json());
    if (value->size() == 0 && !values_.contains(name)) values_[name] = "[]";
    return {};
  }

  // A schema that leaves more members open takes any.
  bool known(std::string_view name) const {
    return properties_[name].present() || schema_["additionalProperties"].bool_or(false);
  }

  void add_header(Arguments& out, const std::string& name, const std::string& json) const {
    const std::string_view header = properties_[name]["x-mcp-header"].str();
    if (header.empty() || json == "null") return;
    Document doc;
    const auto value = doc.parse(json);
    out.headers.emplace_back(
        "Mcp-Param-" + std::string(header),
        client::mirrored(value && value->is(Type::string) ? value->str() : json));
  }

  const Value schema_, properties_;
  std::map<std::string, std::string> values_;  // as JSON
  std::map<std::string, std::string> lists_;   // the elements of those that words have begun
};

}  // namespace

Result<Arguments> read_arguments(Value schema, const std::vector<std::string>& words, Value base) {
  Reader reader(schema);
  if (auto ok = reader.take_base(base); !ok) return std::move(ok).error();
  for (const std::string& word : words)
    if (auto ok = reader.take_word(word); !ok) return std::move(ok).error();
  return reader.finish();
}

std::string type_text(Value property) {
  std::string choices;
  for (const Value each : property["enum"].array())
    choices.append(choices.empty() ? "" : "|").append(each.str());
  if (!choices.empty()) return choices;
  const std::string_view type = type_of(property);
  if (type == "boolean") return "true|false";
  if (type == "integer") return "N";
  if (type == "number") return "NUMBER";
  if (type == "array") {
    const std::string item = type_text(property["items"]) + ",...";
    return type_of(property["items"]) == "object" ? "[" + item + "]" : item;
  }
  if (type == "object") return "JSON";
  return "TEXT";
}

}  // namespace cli
