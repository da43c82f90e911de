#include "mcp/schema.h"

#include <cmath>
#include <utility>

#include "base/check.h"
#include "base/names.h"
#include "base/text.h"
#include "mcp/schema_rules.h"

namespace mcp {

using base::Errc;
using base::Error;
using base::Result;
using base::json::Type;
using base::json::Value;
using base::json::Writer;
using schema::Access;
using schema::Kind;

namespace {

constexpr std::size_t kShown = 80;  // bytes of a received value that an error repeats

std::string quoted(std::string_view s) {
  return "\"" + base::printable(s, kShown) + "\"";
}

bool fits_form(std::string_view value, Field::Form form) {
  switch (form) {
    case Field::Form::any:
      return true;
    case Field::Form::dns_label:
      return base::is_dns_label(value);
    case Field::Form::dns_label_or_empty:
      return value.empty() || base::is_dns_label(value);
    case Field::Form::dns_subdomain:
      return base::is_dns_subdomain(value);
  }
  return false;
}

std::string expected_number(std::string_view what, const Field& field) {
  std::string out(what);
  if (field.minimum != kNoMinimum && field.maximum != kNoMaximum) {
    out += " from " + std::to_string(field.minimum) + " to " + std::to_string(field.maximum);
  } else if (field.minimum != kNoMinimum) {
    out += " of at least " + std::to_string(field.minimum);
  } else if (field.maximum != kNoMaximum) {
    out += " of at most " + std::to_string(field.maximum);
  }
  return out;
}

// What the value must be: "a string", "an integer from 1 to 9".
std::string expected(const Field& field, const Access& access) {
  std::string out;
  switch (access.kind) {
    case Kind::string:
      out = "a string";
      if (field.form != Field::Form::any) out.append(": ").append(form_text(field.form));
      break;
    case Kind::integer:
      return expected_number("an integer", field);
    case Kind::number:
      return expected_number("a number", field);
    case Kind::boolean:
      return "a boolean (true or false)";
    case Kind::list:
      out = access.element->kind == Kind::string ? "a list of strings" : "a list";
      break;
    case Kind::map:
    case Kind::object:
      return "an object";
    case Kind::json:
      if (field.json_types.empty()) return "a value";
      for (const std::string_view each : field.json_types)
        out += std::string(out.empty() ? "" : " or ") + (each == "string"  ? "a text"
                                                         : each == "array" ? "a list"
                                                                           : "an object");
      return out;
  }
  const char* before = access.kind == Kind::list ? " out of " : ": one of ";
  for (std::string_view choice : field.one_of) {
    out.append(before).append("\"").append(choice).append("\"");
    before = ", ";
  }
  return out;
}

// What was received, short enough for a message.
std::string got(Value value) {
  switch (value.type()) {
    case Type::absent:
      return "nothing";
    case Type::object:
      return "an object";
    case Type::array:
      return "a list";
    case Type::string:
      return "the string " + quoted(value.str());
    case Type::integer:
    case Type::number:
      return "the number " + value.to_json();
    case Type::null:
    case Type::boolean:
      return value.to_json();
  }
  return {};
}

bool is_choice(const Field& field, std::string_view value) {
  if (field.one_of.empty()) return true;
  for (std::string_view choice : field.one_of) {
    if (field.ignore_case ? base::iequals(choice, value) : choice == value) return true;
  }
  return false;
}

Error unknown_argument(const std::string& path, std::string_view name, const Fields& fields) {
  std::vector<std::string_view> names;
  names.reserve(fields.size());
  for (const Field& field : fields)
    names.push_back(field.name);
  std::string text = "unknown argument '" + path + base::printable(name, kShown) + "'";
  if (const std::string_view near = base::nearest(name, names); !near.empty()) {
    text.append("; did you mean '").append(near).append("'?");
  }
  const char* before = " (arguments: ";
  for (std::string_view each : names) {
    text.append(before).append(each);
    before = ", ";
  }
  text += names.empty() ? " (it takes none)" : ")";
  return {Errc::invalid_argument, std::move(text)};
}

// Checks one value and everything in it; `path` names it in errors.
struct Check {
  const Field& field;
  const std::string path;

  Error wrong(const Access& access, std::string_view came) const {
    std::string text = "'" + path + "' must be " + expected(field, access) + ", got ";
    return {Errc::invalid_argument, text.append(came)};
  }
  Error too_long(std::string_view what, std::size_t limit, std::size_t came) const {
    return {Errc::invalid_argument, "'" + path + "' may have at most " + std::to_string(limit) +
                                        " " + std::string(what) + ", got " + std::to_string(came)};
  }
  std::size_t limit() const { return field.max_length ? field.max_length : kMaxLength; }

  Result<void> string(const Access& access, Value value) const {
    if (!value.is(Type::string)) return wrong(access, got(value));
    const std::string_view text = value.str();
    if (!fits_form(text, field.form) || !is_choice(field, text)) return wrong(access, got(value));
    if (text.size() > limit()) return too_long("bytes", limit(), text.size());
    return {};
  }
  Result<void> list(const Access& access, Value value) const {
    if (!value.is(Type::array)) return wrong(access, got(value));
    if (value.size() > limit()) return too_long("elements", limit(), value.size());
    const bool strings = access.element->kind == Kind::string;
    std::size_t index = 0;
    for (Value element : value.array()) {
      const bool bad = strings && (!element.is(Type::string) || !is_choice(field, element.str()) ||
                                   !fits_form(element.str(), field.form));
      if (bad) return wrong(access, "a list with " + got(element) + " in it");
      if (strings && element.str().size() > kMaxLength)
        return too_long("bytes in each element", kMaxLength, element.str().size());
      if (strings) continue;
      const Check inner{field, path + "[" + std::to_string(index++) + "]"};
      if (auto ok = inner.any(*access.element, element); !ok) return ok;
    }
    return {};
  }
  Result<void> map(const Access& access, Value value) const {
    if (!value.is(Type::object)) return wrong(access, got(value));
    if (value.size() > kMaxLength) return too_long("members", kMaxLength, value.size());
    for (const base::json::Member& each : value.object()) {
      if (each.key.size() > kMaxLength)
        return too_long("bytes in each key", kMaxLength, each.key.size());
      const Check inner{field, path + "." + base::printable(each.key, kShown)};
      if (auto ok = inner.any(*access.element, each.value); !ok) return ok;
    }
    return {};
  }
  Result<void> number(const Access& access, Value value) const {
    const auto n = value.as_double();
    const bool in_range = n && std::isfinite(*n) &&
                          (field.minimum == kNoMinimum || *n >= double(field.minimum)) &&
                          (field.maximum == kNoMaximum || *n <= double(field.maximum));
    if (!in_range) return wrong(access, got(value));
    return {};
  }
  Result<void> integer(const Access& access, Value value) const {
    const auto n = value.as_int();
    if (!n || *n < field.minimum || *n > field.maximum) return wrong(access, got(value));
    return {};
  }
  Result<void> any(const Access& access, Value value) const;
};

Result<void> check_object(const Fields& fields, Value object, const std::string& path) {
  std::size_t members = 0;
  for (const base::json::Member& member : object.object()) {
    bool known = false;
    for (const Field& field : fields)
      known = known || field.name == member.key;
    if (!known) return unknown_argument(path, member.key, fields);
    if (++members > fields.size()) {
      return Error(Errc::invalid_argument,
                   "argument '" + path + base::printable(member.key, kShown) + "' is given twice");
    }
  }
  for (const Field& field : fields) {
    const Value value = object[field.name];
    const Check check{field, path + std::string(field.name)};
    if (value && (field.required || !value.is(Type::null))) {
      if (auto ok = check.any(*field.access, value); !ok) return ok;
    } else if (field.required) {
      return Error(Errc::invalid_argument, "missing required argument '" + check.path +
                                               "': " + expected(field, *field.access));
    }
  }
  return {};
}

Result<void> Check::any(const Access& access, Value value) const {
  switch (access.kind) {
    case Kind::string:
      return string(access, value);
    case Kind::integer:
      return integer(access, value);
    case Kind::number:
      return number(access, value);
    case Kind::boolean:
      if (!value.is(Type::boolean)) return wrong(access, got(value));
      return {};
    case Kind::list:
      return list(access, value);
    case Kind::map:
      return map(access, value);
    case Kind::object:
      if (!value.is(Type::object)) return wrong(access, got(value));
      return check_object(access.object().fields(), value, path + ".");
    case Kind::json:
      for (const std::string_view each : field.json_types)
        if (value.is(each == "string"  ? Type::string
                     : each == "array" ? Type::array
                                       : Type::object))
          return {};
      if (!field.json_types.empty()) return wrong(access, got(value));
      return {};
  }
  return {};
}

}  // namespace

Result<void> Schema::read(Value arguments, void* object) const {
  if (arguments.is(Type::null)) arguments = {};
  if (arguments && !arguments.is(Type::object)) {
    return Error(Errc::invalid_argument, "arguments must be an object, got " + got(arguments));
  }
  if (auto ok = check_object(fields_, arguments, ""); !ok) return ok;
  for (const Field& field : fields_) {
    const Value value = arguments[field.name];
    if (!value || (!field.required && value.is(Type::null))) continue;
    CHECK(field.access->read);  // not a type for results only
    field.access->read(field.member(object), value);
  }
  return {};
}

void Schema::write(Writer& w, const void* object) const {
  w.begin_object();
  for (const Field& field : fields_) {
    const void* member = field.member(const_cast<void*>(object));
    if (!field.required && field.access->empty(member)) continue;
    w.key(field.name);
    field.access->write(member, w);
  }
  w.end_object();
}

Result<void> check_form(std::string_view name, std::string_view value, Field::Form form) {
  if (fits_form(value, form)) return {};
  std::string text = "'";
  text.append(name).append("' must be ").append(form_text(form)).append(", got ");
  return Error(Errc::invalid_argument, text + quoted(value));
}

}  // namespace mcp
