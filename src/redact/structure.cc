#include "redact/structure.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "redact/chars.h"
#include "redact/values.h"

namespace redact {

namespace {

constexpr std::string_view kLabels[] = {"labels", "matchLabels", "nodeSelector", "podLabels"};
// What has the name of a setting that an object describes, and what has its value.
constexpr std::string_view kNameMembers[] = {"name",      "key",   "envName", "variable", "var",
                                             "parameter", "param", "field",   "property", "option"};
constexpr std::string_view kValueMembers[] = {"value",    "val",     "default", "defaultValue",
                                              "envValue", "example", "const",   "plaintext",
                                              "examples", "enum",    "literal", "plain"};
// What a reference to an object, or to a key of it, has.
constexpr std::string_view kReferenceMembers[] = {
    "name",     "namespace",  "key",       "kind",           "apiVersion",        "apiGroup",
    "group",    "optional",   "secretRef", "secretName",     "secretNamespace",   "secret",
    "property", "items",      "path",      "existingSecret", "existingSecretKey", "version",
    "field",    "defaultMode"};
constexpr std::string_view kObjectNames[] = {"name", "secretName", "secret", "existingSecret"};
constexpr std::string_view kSchemaTypes[] = {"string",  "object", "array",  "integer",
                                             "boolean", "number", "$string"};
// What a schema has besides values, and further schemas of the same thing.
constexpr std::string_view kSchemaWords[] = {"type",
                                             "description",
                                             "title",
                                             "format",
                                             "pattern",
                                             "properties",
                                             "required",
                                             "nullable",
                                             "minLength",
                                             "maxLength",
                                             "minItems",
                                             "maxItems",
                                             "minimum",
                                             "maximum",
                                             "uniqueItems",
                                             "readOnly",
                                             "writeOnly",
                                             "$ref",
                                             "minProperties",
                                             "maxProperties",
                                             "deprecated",
                                             "externalDocs",
                                             "id",
                                             "$id",
                                             "$schema",
                                             "multipleOf",
                                             "not",
                                             "definitions",
                                             "contentEncoding",
                                             "exclusiveMinimum",
                                             "exclusiveMaximum",
                                             "sensitive",
                                             "patternProperties",
                                             "dependencies",
                                             "order",
                                             "widget"};

// The type of a Secret, behind kubernetes.io/.
constexpr std::string_view kSecretTypes[] = {
    "basic-auth", "ssh-auth", "tls", "dockercfg", "dockerconfigjson", "service-account-token"};
constexpr std::string_view kSchemas[] = {"items", "additionalProperties", "anyOf", "allOf",
                                         "oneOf"};

template <std::size_t n>
bool in(const std::string_view (&table)[n], std::string_view word) {
  return std::find(std::begin(table), std::end(table), word) != std::end(table);
}

bool is_schema_word(std::string_view key) {
  return in(kSchemaWords, key) || key.starts_with("x-");
}

// tls.crt, DB_PASSWORD, accessKey: of one case, or without digits.
bool is_name_of_key(std::string_view value) {
  bool upper = false, lower = false, digit = false, other = false;
  for (const char c : value) {
    upper = upper || is_upper(c);
    lower = lower || is_lower(c);
    digit = digit || is_digit(c);
    other = other || !(is_alnum(c) || c == '.' || c == '-' || c == '_');
  }
  return !other && !(upper && lower && digit) && !is_secret(Holds::random, value, Place::quoted);
}

bool is_key(std::string_view key) {
  return key == "key" || key == "keys";
}

// Does what is in a map or a list of this name hold it, too?
bool is_passed_on(Holds holds) {
  return is_strong(holds) || holds == Holds::name || holds == Holds::credential;
}

// Does a member of what holds a secret have none: a description, a reference?
bool stays(const Around& around, const Facts& facts, std::string_view key, const Around& own) {
  if (facts.is_schema())
    return !in(kSchemas, key) && (is_schema_word(key) || describes(key, false));
  // The key of a Secret's reference is a name.
  if (is_key(key)) return !is_strong(around.holds);
  return own.labels || describes(key, around.many);
}

}  // namespace

void Facts::add(std::string_view key, Kind kind, std::string_view value) {
  if (is_key(key)) has_key_ = true;
  if (!has_value_) has_value_ = in(kValueMembers, key);
  if (kind != Kind::text) return;
  if (key == "name") {
    name_ = value;
  } else if (in(kNameMembers, key) && (other_name_.empty() || is_strong(holds(value)))) {
    other_name_ = value;
  }
}

bool Facts::needs_more(const Around& around) {
  if (has_key_) keys_ = keys_within(around.name);
  if (has_value_) {
    const Holds other = holds(other_name_);
    named_ = name_.empty() ? other : holds(name_);
    if (is_strong(other) && !is_strong(named_)) named_ = other;
  }
  return keys_ != Holds::nothing || is_passed_on(around.holds);
}

void Facts::add_more(std::string_view key, Kind kind, std::string_view value) {
  if (key == "type" && kind == Kind::text) schema_ = schema_ || in(kSchemaTypes, value);
  if (key == "$ref" || key.starts_with("x-kubernetes-")) schema_ = true;
  if (key == "properties" && kind == Kind::map) schema_ = true;
  if (!in(kReferenceMembers, key)) others_ = true;
  if (key == "key" && kind == Kind::text && !is_name_of_key(value)) others_ = true;
  if (in(kObjectNames, key) && kind == Kind::text)
    (is_secret(Holds::credential, value, Place::quoted) ? others_ : named_object_) = true;
}

Around member_of(const Around& around, const Facts& facts, std::string_view key, Kind kind,
                 std::string_view before) {
  const bool has_more = kind == Kind::list || kind == Kind::map;
  Around out;
  if (has_more) {
    out.labels = in(kLabels, key);
    out.name = key;
  }
  if (!around.labels) out.holds = has_more ? holds_within(key) : holds(key);
  if (is_key(key) && facts.keys() != Holds::nothing && !facts.is_reference())
    out.holds = facts.keys();
  if (facts.named() != Holds::nothing && in(kValueMembers, key)) {
    const bool strong = is_strong(facts.named());
    if (strong || (key == "value" && (before == "name" || before == "key")))
      out.holds = facts.named();
  }
  const bool passes = is_passed_on(around.holds) && !is_strong(out.holds) && !facts.is_reference();
  // Beside credentials there may be anything.
  const bool weak = around.holds == Holds::credential;
  if (passes && !(weak && out.holds != Holds::nothing) && !stays(around, facts, key, out)) {
    out.holds = weak ? Holds::random : around.holds;
    out.given = true;
  }
  // extraSecrets: [{name: x, data: {…}}]
  if (kind == Kind::map && around.holds == Holds::name && (key == "data" || key == "stringData"))
    out.holds = Holds::password;
  if (has_more && out.holds != Holds::nothing) out.many = holds_many(key);
  return out;
}

bool is_secret_type(std::string_view type) {
  if (type == "Opaque" || type == "bootstrap.kubernetes.io/token") return true;
  constexpr std::string_view kFront = "kubernetes.io/";
  return type.starts_with(kFront) && in(kSecretTypes, type.substr(kFront.size()));
}

Around element_of(const Around& around, Kind kind) {
  Around out = around;
  const bool has_more = kind == Kind::list || kind == Kind::map;
  if (kind == Kind::map) {
    out.many = false;
    out.name = {};
    if (out.holds == Holds::credential) out.holds = Holds::nothing;
  }
  // A list of names of Secrets is no list of secrets.
  if (!has_more && out.holds == Holds::name) out.holds = Holds::credential;
  return out;
}

bool is_secret_number(const Around& around, std::string_view text) {
  // A shorter number is a count, or the cost of a hash.
  const std::size_t least = around.given && !around.many ? 6 : 4;
  if (around.holds == Holds::password) return text.size() >= least;
  return is_strong(around.holds) && is_secret(around.holds, text, Place::bare);
}

}  // namespace redact
