#include "mcp/schema.h"

#include <utility>

#include "base/text.h"

namespace mcp {

using base::Errc;
using base::Error;
using base::Result;
using base::json::Type;
using base::json::Value;
using base::json::Writer;

namespace {

constexpr std::size_t kShown = 80;  // bytes of what came that an error repeats
constexpr auto kNoMinimum = std::numeric_limits<std::int64_t>::min();
constexpr auto kNoMaximum = std::numeric_limits<std::int64_t>::max();

std::string quoted(std::string_view s) {
  return "\"" + base::printable(s, kShown) + "\"";
}

std::string type_text(Field::Type type) {
  switch (type) {
    case Field::Type::string:
      return "string";
    case Field::Type::integer:
      return "integer";
    case Field::Type::boolean:
      return "boolean";
    case Field::Type::strings:
      return "array";
  }
  return {};
}

std::string_view form_text(Field::Form form) {
  switch (form) {
    case Field::Form::any:
      return {};
    case Field::Form::dns_label:
      return "a DNS label (lower-case letters, digits and '-', beginning and ending with a letter "
             "or "
             "digit, at most 63 characters)";
    case Field::Form::dns_label_or_empty:
      return "empty or a DNS label (lower-case letters, digits and '-', beginning and ending with "
             "a "
             "letter or digit, at most 63 characters)";
    case Field::Form::dns_subdomain:
      return "a DNS subdomain (lower-case letters, digits, '-' and '.', beginning and ending with "
             "a "
             "letter or digit, at most 253 characters)";
  }
  return {};
}

std::string_view form_pattern(Field::Form form) {
  switch (form) {
    case Field::Form::any:
      return {};
    case Field::Form::dns_label:
      return "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
    case Field::Form::dns_label_or_empty:
      return "^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$";
    case Field::Form::dns_subdomain:
      return "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
  }
  return {};
}

std::size_t form_length(Field::Form form) {
  switch (form) {
    case Field::Form::any:
      return 0;
    case Field::Form::dns_label:
    case Field::Form::dns_label_or_empty:
      return 63;
    case Field::Form::dns_subdomain:
      return 253;
  }
  return 0;
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

// "a string", "an integer from 1 to 9": what would be right.
std::string expected(const Field& field) {
  std::string out;
  switch (field.type) {
    case Field::Type::string:
      out = "a string";
      if (field.form != Field::Form::any) out.append(": ").append(form_text(field.form));
      break;
    case Field::Type::integer:
      out = "an integer";
      if (field.minimum != kNoMinimum && field.maximum != kNoMaximum) {
        out += " from " + std::to_string(field.minimum) + " to " + std::to_string(field.maximum);
      } else if (field.minimum != kNoMinimum) {
        out += " of at least " + std::to_string(field.minimum);
      } else if (field.maximum != kNoMaximum) {
        out += " of at most " + std::to_string(field.maximum);
      }
      break;
    case Field::Type::boolean:
      out = "a boolean (true or false)";
      break;
    case Field::Type::strings:
      out = "a list of strings";
      break;
  }
  const char* before = field.type == Field::Type::strings ? " out of " : ": one of ";
  for (std::string_view choice : field.one_of) {
    out.append(before).append("\"").append(choice).append("\"");
    before = ", ";
  }
  return out;
}

// What came, short enough for a message.
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

Error wrong(const Field& field, std::string_view came) {
  std::string text = "'";
  text.append(field.name)
      .append("' must be ")
      .append(expected(field))
      .append(", got ")
      .append(came);
  return {Errc::invalid_argument, std::move(text)};
}

bool is_choice(const Field& field, std::string_view value) {
  if (field.one_of.empty()) return true;
  for (std::string_view choice : field.one_of) {
    if (field.ignore_case ? base::iequals(choice, value) : choice == value) return true;
  }
  return false;
}

Result<void> check_string(const Field& field, Value value) {
  if (!value.is(Type::string)) return wrong(field, got(value));
  const std::string_view text = value.str();
  if (!fits_form(text, field.form) || !is_choice(field, text)) return wrong(field, got(value));
  if (text.size() > field.max_length) {
    return Error(Errc::invalid_argument, "'" + std::string(field.name) + "' may have at most " +
                                             std::to_string(field.max_length) + " bytes, got " +
                                             std::to_string(text.size()));
  }
  return {};
}

Result<void> check_strings(const Field& field, Value value) {
  if (!value.is(Type::array)) return wrong(field, got(value));
  if (value.size() > field.max_length) {
    return Error(Errc::invalid_argument, "'" + std::string(field.name) + "' may have at most " +
                                             std::to_string(field.max_length) + " elements, got " +
                                             std::to_string(value.size()));
  }
  for (Value element : value.array()) {
    if (!element.is(Type::string) || !is_choice(field, element.str())) {
      return wrong(field, "a list with " + got(element) + " in it");
    }
  }
  return {};
}

Result<void> check_field(const Field& field, Value value) {
  if (!value || (field.nullable && value.is(Type::null))) {
    if (!field.required) return {};
    std::string text = "missing required argument '";
    text.append(field.name).append("': ").append(expected(field));
    return Error(Errc::invalid_argument, std::move(text));
  }
  switch (field.type) {
    case Field::Type::string:
      return check_string(field, value);
    case Field::Type::strings:
      return check_strings(field, value);
    case Field::Type::boolean:
      if (!value.is(Type::boolean)) return wrong(field, got(value));
      return {};
    case Field::Type::integer: {
      const auto number = value.as_int();
      if (!number || *number < field.minimum || *number > field.maximum) {
        return wrong(field, got(value));
      }
      return {};
    }
  }
  return {};
}

void write_choices(Writer& w, const Field& field) {
  if (field.one_of.empty() || field.ignore_case) return;
  w.key("enum").begin_array();
  for (std::string_view choice : field.one_of)
    w.string(choice);
  w.end_array();
}

void write_field(Writer& w, const Field& field) {
  w.key(field.name).begin_object();
  w.key("type");
  if (field.nullable) {
    w.begin_array().string(type_text(field.type)).string("null").end_array();
  } else {
    w.string(type_text(field.type));
  }
  w.field_if("description", field.description);
  if (field.type == Field::Type::string) {
    write_choices(w, field);
    w.field_if("pattern", form_pattern(field.form));
    const std::size_t length = form_length(field.form);
    w.field("maxLength", length > 0 && length < field.max_length ? length : field.max_length);
  } else if (field.type == Field::Type::strings) {
    w.key("items").begin_object().field("type", "string");
    write_choices(w, field);
    w.end_object().field("maxItems", field.max_length);
  } else if (field.type == Field::Type::integer) {
    if (field.minimum != kNoMinimum) w.field("minimum", field.minimum);
    if (field.maximum != kNoMaximum) w.field("maximum", field.maximum);
  }
  w.end_object();
}

}  // namespace

std::string Schema::to_json() const {
  std::string out;
  Writer w(out);
  w.begin_object().field("type", "object").key("properties").begin_object();
  for (const Field& field : fields_)
    write_field(w, field);
  w.end_object();
  bool any = false;
  for (const Field& field : fields_) {
    if (!field.required) continue;
    if (!std::exchange(any, true)) w.key("required").begin_array();
    w.string(field.name);
  }
  if (any) w.end_array();
  w.field("additionalProperties", false).end_object();
  return out;
}

Result<void> Schema::check(Value arguments) const {
  if (arguments && !arguments.is(Type::object)) {
    return Error(Errc::invalid_argument, "arguments must be an object, got " + got(arguments));
  }
  std::vector<std::string_view> names;
  names.reserve(fields_.size());
  for (const Field& field : fields_)
    names.push_back(field.name);
  for (const base::json::Member& member : arguments.object()) {
    bool known = false;
    for (std::string_view name : names)
      known = known || name == member.key;
    if (!known) return unknown(member.key, names);
  }
  for (const Field& field : fields_) {
    if (auto ok = check_field(field, arguments[field.name]); !ok) return ok;
  }
  return {};
}

Error Schema::unknown(std::string_view name, const std::vector<std::string_view>& names) {
  std::string text = "unknown argument '" + base::printable(name, kShown) + "'";
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

Result<void> check_form(std::string_view name, std::string_view value, Field::Form form) {
  if (fits_form(value, form)) return {};
  std::string text = "'";
  text.append(name).append("' must be ").append(form_text(form)).append(", got ");
  return Error(Errc::invalid_argument, text + quoted(value));
}

}  // namespace mcp
