#include "mcp/modern/mirrored_params.h"

#include <cmath>

namespace mcp::modern {

using base::json::Member;
using base::json::Type;
using base::json::Value;

namespace {

constexpr double kMaxSafe = 9007199254740991;  // 2^53 - 1: larger doubles are not exact integers

void collect(Value schema, std::vector<std::string>& path, std::vector<MirroredParam>& out) {
  for (const Member& member : schema["properties"].object()) {
    path.emplace_back(member.key);
    const Value header = member.value["x-mcp-header"];
    if (header.is(Type::string)) out.push_back({path, std::string(header.str())});
    collect(member.value, path, out);
    path.pop_back();
  }
}

bool same_number(std::string_view text, double number) {
  base::json::Document doc;
  const auto value = doc.parse(text);
  const auto other = value ? value->as_double() : std::nullopt;
  return other && *other == number && std::fabs(number) <= kMaxSafe;
}

bool same(const std::string& header, Value value) {
  switch (value.type()) {
    case Type::string:
      return header == value.str();
    case Type::boolean:
      return header == (value.bool_or(false) ? "true" : "false");
    case Type::integer:
    case Type::number:
      return same_number(header, value.as_double().value_or(0));
    default:
      return false;  // an annotated argument has none of the other types
  }
}

}  // namespace

std::vector<MirroredParam> mirrored_params(Value schema) {
  std::vector<MirroredParam> out;
  std::vector<std::string> path;
  collect(schema, path, out);
  return out;
}

std::string check_params(const std::vector<MirroredParam>& params, Value arguments,
                         const shared::Mirror& mirror) {
  for (const MirroredParam& param : params) {
    Value value = arguments;
    for (const std::string& step : param.path)
      value = value[step];
    const bool there = value && !value.is(Type::null);
    const auto header = mirror.param(param.header);
    if (!there && !header) continue;
    const std::string name = "Mcp-Param-" + param.header;
    if (!there) return name + " is present, but its argument is not";
    if (!header) return "the header " + name + " is missing: it must repeat an argument";
    const auto decoded = shared::decode_mirrored(*header);
    if (!decoded) return name + " is neither plain text nor =?base64?...?= around strict base64";
    if (!same(*decoded, value)) return name + " differs from its argument";
  }
  return {};
}

}  // namespace mcp::modern
