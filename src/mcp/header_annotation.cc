#include "mcp/header_annotation.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"

namespace mcp {

using base::json::Member;
using base::json::Type;
using base::json::Value;

namespace {

constexpr std::string_view kAnnotation = "x-mcp-header";

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// RFC 9110 5.6.2
bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// `type` is one of the three, or an array of these and null.
bool fits_in_a_header(Value type) {
  if (!type.is(Type::array)) return is_one_of(type.str(), {"string", "integer", "boolean"});
  for (const Value each : type.array()) {
    if (!is_one_of(each.str(), {"string", "integer", "boolean", "null"})) return false;
  }
  return true;
}

// Walks a schema and its subschemas.
class Walk {
 public:
  enum class Place : unsigned char { root, parameter, elsewhere };

  void visit(Value schema, Place place) {
    for (const Value each : schema.array())  // allOf and the like
      visit(each, Place::elsewhere);
    for (const Member& member : schema.object()) {
      if (member.key == kAnnotation) {
        note(member.value, schema["type"], place);
      } else if (member.key == "properties") {
        visit_each(member.value, place == Place::elsewhere ? place : Place::parameter);
      } else if (is_one_of(member.key,
                           {"$defs", "definitions", "patternProperties", "dependentSchemas"})) {
        visit_each(member.value, Place::elsewhere);
      } else if (!is_one_of(member.key, {"enum", "const", "default", "examples"})) {
        visit(member.value, Place::elsewhere);
      }
    }
  }
  std::string problem;  // the first one

 private:
  // Visits the values of an object whose keys are arbitrary names.
  void visit_each(Value schemas, Place place) {
    for (const Member& member : schemas.object())
      visit(member.value, place);
  }

  void note(Value header, Value type, Place place) {
    std::string name = base::to_lower(header.str());
    const bool again = std::find(seen_.begin(), seen_.end(), name) != seen_.end();
    const std::string_view what = place != Place::parameter ? "is not on a parameter"
                                  : !is_token(name)         ? "is not a token"
                                  : !fits_in_a_header(type) ? "is on no string, integer or boolean"
                                  : again                   ? "is used twice"
                                                            : "";
    seen_.push_back(std::move(name));
    if (what.empty() || !problem.empty()) return;
    problem.append(kAnnotation).append(" ").append(header.to_json()).append(" ").append(what);
  }

  std::vector<std::string> seen_;
};

}  // namespace

std::string annotation_problem(Value schema) {
  Walk walk;
  walk.visit(schema, Walk::Place::root);
  return std::move(walk.problem);
}

}  // namespace mcp
