// Schema: the members of a struct, declared once. What tools/list shows as inputSchema or
// outputSchema, the check and the reading of what a client sends, and the writing of a result are
// all made from that declaration, so they can't differ.
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
// std::map<std::string, …> of them, structs with fields() of their own, Json, JsonOf<T>; in results
// std::string_view, too (schema_access.h).
//   Coming in   an absent field leaves its member as it is; a required one must be there. null for
//               one that is not required is the same as absent: many clients write it for
//               whatever was left out.
//   Going out   a field that is not required is left out when its member is empty: "", 0, false, no
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
struct Access;  // how a member is read and written: schema_access.h
}

// One member. Names and texts are literals: they are not copied.
struct Field {
  // Of a string, or of the strings in a list.
  enum class Form : unsigned char { any, dns_label, dns_subdomain, dns_label_or_empty };

  std::string_view name;
  std::string_view title = {};
  std::string_view description = {};
  bool required = false;
  Form form = Form::any;
  std::int64_t minimum = std::numeric_limits<std::int64_t>::min();
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
  // Bytes of a string, elements of a list. 0: kMaxLength coming in, no limit going out.
  std::size_t max_length = 0;
  std::vector<std::string_view> one_of = {};  // allowed strings; empty: any
  bool ignore_case = false;   // how one_of is compared; shown as "enum" only when it is not
  bool show_default = false;  // the member's value in a default-made struct is shown as "default"
  // The modern era's x-mcp-header: the argument also travels as header Mcp-Param-<this>. A token;
  // of a string, an integer or a boolean.
  std::string_view header = {};

  // field<>() sets these.
  const schema::Access* access = nullptr;
  void* (*member)(void* object) = nullptr;
};
using Fields = std::vector<Field>;

constexpr std::size_t kMaxLength = 1024;  // of what comes in: no name or selector comes near

// `declared`, of the member that is pointed to.
template <auto Member>
Field field(Field declared);

class Schema {
 public:
  // T's. Made once, at the first call.
  template <class T>
  static const Schema& of();
  // A JSON Schema made elsewhere, shown exactly as it is; arguments are not checked against it.
  // Requires: `json` is an object on one line.
  static Schema verbatim(std::string json);

  // {"type":"object","properties":{…},"required":[…],"additionalProperties":false}, of what comes
  // in and of what goes out (they differ in the limits of max_length).
  const std::string& input_json() const { return input_json_; }
  const std::string& output_json() const { return output_json_; }
  const Fields& fields() const { return fields_; }

  // Checks `arguments` (absent and null count as {}) and fills `object`, a T of of<T>().
  // Errc::invalid_argument names the argument, what came and what would be right:
  //   'limit' must be an integer of at least 1, got the string "ten"
  //   unknown argument 'namespaces'; did you mean 'namespace'? (arguments: namespace, types, limit)
  base::Result<void> read(base::json::Value arguments, void* object) const;
  template <class T>
  static base::Result<T> read(base::json::Value arguments);

  // `object`, a T of of<T>(), as one JSON object on one line.
  void write(base::json::Writer& w, const void* object) const;

 private:
  Schema(Fields fields, void* defaults);
  explicit Schema(std::string json) : input_json_(json), output_json_(std::move(json)) {}
  friend struct SchemaJson;  // schema_json.cc
  Fields fields_;
  std::string input_json_, output_json_;
};

// `value`, a struct with fields(), as JSON.
template <class T>
std::string to_json(const T& value);

// JSON text that is a T: made from one, so that a list of many need not be held as structs.
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

// The check of one string against a form, for URIs too. Errc::invalid_argument:
//   'namespace' must be a DNS label (…), got "A_b"
base::Result<void> check_form(std::string_view name, std::string_view value, Field::Form form);

}  // namespace mcp

#include "mcp/schema_access.h"  // IWYU pragma: export
