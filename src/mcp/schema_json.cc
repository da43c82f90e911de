// Writes a declaration as JSON Schema (2020-12). Forms and lengths of strings are checked but not
// shown: every byte of a schema is read by a model, some dialects of function calling refuse
// `pattern`, and an error says what would be right.
#include <utility>

#include "base/check.h"
#include "mcp/schema_rules.h"

namespace mcp {

using base::json::Writer;
using schema::Access;
using schema::Kind;

std::string_view form_text(Field::Form form) {
  switch (form) {
    case Field::Form::any:
      return {};
    case Field::Form::dns_label:
      return "a DNS label (lower-case letters, digits and '-', beginning and ending with a letter "
             "or digit, at most 63 characters)";
    case Field::Form::dns_label_or_empty:
      return "empty or a DNS label (lower-case letters, digits and '-', beginning and ending with "
             "a letter or digit, at most 63 characters)";
    case Field::Form::dns_subdomain:
      return "a DNS subdomain (lower-case letters, digits, '-' and '.', beginning and ending with "
             "a letter or digit, at most 253 characters)";
  }
  return {};
}

// Makes Schema's text; a friend of it.
struct SchemaJson {
  static std::string_view type_text(Kind kind) {
    switch (kind) {
      case Kind::string:
        return "string";
      case Kind::integer:
        return "integer";
      case Kind::number:
        return "number";
      case Kind::boolean:
        return "boolean";
      case Kind::list:
        return "array";
      case Kind::map:
      case Kind::object:
      case Kind::json:  // any JSON is taken; the strict dialects of function calling need a type
        return "object";
    }
    return {};
  }

  static void choices(Writer& w, const Field& field) {
    if (field.one_of.empty() || field.ignore_case) return;
    w.key("enum").begin_array();
    for (std::string_view choice : field.one_of)
      w.string(choice);
    w.end_array();
  }

  // Writes the constraints of one value of `field`; its type is already written.
  void constraints(Writer& w, const Field& field, const Access& access) const {
    switch (access.kind) {
      case Kind::string:
        choices(w, field);
        break;
      case Kind::integer:
      case Kind::number:
        if (!field.show_limits) break;
        if (field.minimum != kNoMinimum) w.field("minimum", field.minimum);
        if (field.maximum != kNoMaximum) w.field("maximum", field.maximum);
        break;
      case Kind::list:
        w.key("items");
        element(w, field, *access.element);
        if (field.max_length > 0) w.field("maxItems", field.max_length);
        break;
      case Kind::map:
        w.key("additionalProperties");
        element(w, field, *access.element);
        break;
      case Kind::object:
        members(w, access.object().fields(), nullptr);
        break;
      case Kind::boolean:
      case Kind::json:
        break;
    }
  }

  void element(Writer& w, const Field& field, const Access& access) const {
    w.begin_object().field_if("type", type_text(access.kind));
    if (access.kind == Kind::string) {
      choices(w, field);
    } else if (access.kind != Kind::integer && access.kind != Kind::number) {
      constraints(w, Field{.name = field.name}, access);
    } else {
      constraints(w, field, access);
    }
    w.end_object();
  }

  void one(Writer& w, const Field& field, void* defaults) const {
    // A single type, although null is accepted, too, and maybe other types: clients that make forms
    // from schemas, and several models' interfaces, do not understand lists of types.
    w.key(field.name).begin_object();
    const bool chosen = field.access->kind == Kind::json && !field.json_types.empty();
    w.field_if("type", chosen ? field.json_types.front() : type_text(field.access->kind));
    w.field_if("title", field.title).field_if("description", field.description);
    constraints(w, field, *field.access);
    if (field.show_default && defaults) {
      w.key("default");
      field.access->write(field.member(defaults), w);
    }
    w.field_if("x-mcp-header", field.header).end_object();
  }

  // Writes properties, required, additionalProperties.
  void members(Writer& w, const Fields& fields, void* defaults) const {
    w.key("properties").begin_object();
    for (const Field& field : fields)
      one(w, field, defaults);
    w.end_object();
    bool any = false;
    for (const Field& field : fields) {
      if (!field.required) continue;
      if (!std::exchange(any, true)) w.key("required").begin_array();
      w.string(field.name);
    }
    if (any) w.end_array();
    w.field("additionalProperties", false);
  }

  static std::string make(const Fields& fields, void* defaults) {
    std::string out;
    Writer w(out);
    w.begin_object().field("type", "object");
    SchemaJson().members(w, fields, defaults);
    w.end_object();
    return out;
  }
};

Schema::Schema(Fields fields, void* defaults)
    : fields_(std::move(fields)), json_(SchemaJson::make(fields_, defaults)) {
  for (const Field& field : fields_)
    CHECK(field.access && field.member && !field.name.empty());
}

Schema Schema::verbatim(std::string json) {
  CHECK(json.starts_with('{') && json.find('\n') == std::string::npos);
  return Schema(std::move(json));
}

}  // namespace mcp
