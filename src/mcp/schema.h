// Schema: the members of a struct, declared once. The inputSchema or outputSchema in tools/list,
// the checking and reading of a client's arguments, and the writing of a result are all made from
// that declaration, so they cannot differ.
//
//   struct Arguments {
//     std::string ns;
//     std::optional<std::int64_t> tail_lines;
//     static mcp::Fields fields() {
//       return {
//           mcp::field<&Arguments::ns>({.name = "namespace",
//                                       .description = "namespace of the pod",
//                                       .required = true,
//                                       .form = mcp::Field::Form::dns_label}),
//           mcp::field<&Arguments::tail_lines>(
//               {.name = "tailLines", .description = "only the last N lines", .minimum = 0}),
//       };
//     }
//   };
//
// Members may be std::string, bool, integers, double, std::optional, std::vector and
// std::map<std::string, …> of them, structs with fields() of their own, Json; in results also
// JsonOf<T> and std::string_view (schema_types.h).
//
//   arguments   an absent field leaves its member unchanged; a required one must be present. null
//               for a field that is not required counts as absent: many clients send it for what
//               was left out.
//   results     a field that is not required is left out when its member is empty: "", 0, false, no
//               elements, nullopt. An optional that holds 0 is written.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace mcp {

namespace schema {
struct Access;  // reads and writes a member: schema_access.h
}

// One member. Names and texts are literals: they are not copied.
struct Field {
  // The form of a string, or of the strings in a list.
  enum class Form : unsigned char { any, dns_label, dns_subdomain, dns_label_or_empty };

  std::string_view name;
  std::string_view title = {};
  std::string_view description = {};
  bool required = false;
  Form form = Form::any;
  std::int64_t minimum = std::numeric_limits<std::int64_t>::min();
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
  // Bytes of a string, elements of a list. 0: kMaxLength in arguments, which the schema does not
  // show; no limit in results. In arguments kMaxLength is also the limit of each string in a list,
  // of a map's members and of each of its keys.
  std::size_t max_length = 0;
  std::vector<std::string_view> one_of = {};  // allowed strings; empty: any
  bool ignore_case = false;   // in comparisons with one_of, which then is not shown as "enum"
  bool show_limits = true;    // shows minimum and maximum
  bool show_default = false;  // shows the member's value in a default-made struct as "default"
  // For a Json: the types that are taken ("object", "array", "string"), of which the first is shown;
  // empty: any, shown as object.
  std::vector<std::string_view> json_types = {};
  // The modern era's x-mcp-header: the argument is also sent as header Mcp-Param-<this>. A token;
  // for a string, an integer or a boolean.
  std::string_view header = {};

  // field<>() sets these.
  const schema::Access* access = nullptr;
  void* (*member)(void* object) = nullptr;
};
using Fields = std::vector<Field>;

constexpr std::size_t kMaxLength = 1024;  // in arguments; names and selectors are far shorter

// `declared`, bound to the member that `Member` points to.
template <auto Member>
Field field(Field declared);

class Schema {
 public:
  // T's schema; made once, at the first call.
  template <class T>
  static const Schema& of();
  // The schema of a T of which only `fields` can be given: some of T::fields(), or the same members
  // with other texts. For tools that are rows of a table and share their arguments' struct.
  template <class T>
  static Schema with(Fields fields);
  // A JSON Schema made elsewhere, shown unchanged; arguments are not checked against it.
  // Requires: `json` is an object on one line.
  static Schema verbatim(std::string json);

  // {"type":"object","properties":{…},"required":[…],"additionalProperties":false}, for arguments
  // and for results: the same text.
  const std::string& input_json() const { return json_; }
  const std::string& output_json() const { return json_; }
  const Fields& fields() const { return fields_; }

  // Checks `arguments` (absent and null count as {}) and fills `object`, a T of of<T>().
  // Errc::invalid_argument names the argument, what it must be and what was received:
  //   'limit' must be an integer of at least 1, got the string "ten"
  //   unknown argument 'namespaces'; did you mean 'namespace'? (arguments: namespace, types, limit)
  base::Result<void> read(base::json::Value arguments, void* object) const;
  template <class T>
  static base::Result<T> read(base::json::Value arguments);
  // Requires: the schema is with<T>()'s.
  template <class T>
  base::Result<T> read_as(base::json::Value arguments) const;

  // `object`, a T of of<T>(), as one JSON object on one line.
  void write(base::json::Writer& w, const void* object) const;

 private:
  Schema(Fields fields, void* defaults);
  explicit Schema(std::string json) : json_(std::move(json)) {}
  friend struct SchemaJson;  // schema_json.cc
  Fields fields_;
  std::string json_;
};

// `value`, a struct with fields(), as JSON.
template <class T>
std::string to_json(const T& value);

// A T already written as JSON text: a long list need not be held as structs. For results only.
template <class T>
struct JsonOf {
  JsonOf() = default;
  explicit JsonOf(const T& value) : text(to_json(value)) {}
  std::string text;
};
// Any JSON text, on one line. Empty counts as absent.
struct Json {
  std::string text;
};

// Takes nothing.
struct NoArguments {
  static Fields fields() { return {}; }
};

// Checks one string against a form; also for parts of URIs. Errc::invalid_argument:
//   'namespace' must be a DNS label (…), got "A_b"
base::Result<void> check_form(std::string_view name, std::string_view value, Field::Form form);

}  // namespace mcp

#include "mcp/schema_access.h"  // IWYU pragma: export
