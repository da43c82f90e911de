// Schema: a tool's arguments, declared once: the JSON Schema that tools/list shows and the check of
// what comes are made from it, so they can't differ. The errors name the argument, what came and
// what would be right:
//   'limit' must be an integer of at least 1, got the string "ten"
//   unknown argument 'namespaces'; did you mean 'namespace'? (arguments: namespace, types, limit)
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

struct Field {
  enum class Type : unsigned char { string, integer, boolean, strings };
  // Of a string.
  enum class Form : unsigned char { any, dns_label, dns_subdomain, dns_label_or_empty };

  std::string_view name;
  Type type = Type::string;
  std::string_view description;
  bool required = false;
  bool nullable = false;  // null counts as absent
  Form form = Form::any;
  std::int64_t minimum = std::numeric_limits<std::int64_t>::min();
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
  std::size_t max_length = 1024;              // bytes of a string, elements of strings
  std::vector<std::string_view> one_of = {};  // allowed strings; empty: any
  bool ignore_case = false;  // how one_of is compared; shown as "enum" only when it is not
};

class Schema {
 public:
  explicit Schema(std::vector<Field> fields) : fields_(std::move(fields)) {}
  // {"type":"object","properties":{…},"required":[…],"additionalProperties":false}
  std::string to_json() const;
  // `arguments` absent counts as {}. Errc::invalid_argument.
  base::Result<void> check(base::json::Value arguments) const;

 private:
  static base::Error unknown(std::string_view name, const std::vector<std::string_view>& names);
  std::vector<Field> fields_;
};

// The check of one string against a form, for URIs too. Errc::invalid_argument:
//   'namespace' must be a DNS label (…), got "A_b"
base::Result<void> check_form(std::string_view name, std::string_view value, Field::Form form);

}  // namespace mcp
