#include "answer/members.h"

#include <algorithm>

#include "answer/path.h"

namespace answer {

using base::WallTime;
using base::json::Type;
using base::json::Value;

namespace {

// An empty map or list is as good as none; a value of another type than the schema's is none.
bool fits(Value value, MemberType type) {
  switch (type) {
    case MemberType::text:
      return value.is(Type::string) && !value.str().empty();
    case MemberType::flag:
      return value.is(Type::boolean);
    case MemberType::number:
      return value.is(Type::integer);
    case MemberType::object:
      return value.is(Type::object) && value.size() > 0;
    case MemberType::list:
      return value.is(Type::array) && value.size() > 0;
  }
  return false;
}

}  // namespace

std::string cut_text(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  constexpr std::string_view kMore = "…";
  std::size_t end = most - std::min(most, kMore.size());
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;
  return std::string(text.substr(0, end)).append(kMore);
}

std::string_view schema_type(MemberType type) {
  switch (type) {
    case MemberType::text:
      return "string";
    case MemberType::flag:
      return "boolean";
    case MemberType::number:
      return "integer";
    case MemberType::object:
      return "object";
    case MemberType::list:
      return "array";
  }
  return "string";
}

std::string member_json(const RowMember& member, Value object, WallTime now) {
  std::string out;
  member_json(member, object, now, out);
  return out;
}

void member_json(const RowMember& member, Value object, WallTime now, std::string& out) {
  out.clear();
  if (member.write) {
    member.write(object, now, out);
  } else if (const Value found = value_at(object, member.path); fits(found, member.type)) {
    found.append_to(out);
  }
  if (out.empty() && member.required) out = member.type == MemberType::text ? "\"\"" : "false";
}

void append_text(std::string& out, std::string_view value) {
  if (!value.empty()) base::json::append_string(out, value);
}

void append_reference(std::string& out, std::string_view name, std::string_view ns,
                      std::string_view version) {
  if (name.empty()) return;
  base::json::Writer(out)
      .begin_object()
      .field("name", name)
      .field_if("namespace", ns)
      .field_if("version", version)
      .end_object();
}

void age_seconds(Value object, WallTime now, std::string& out) {
  const auto created = base::parse_rfc3339(object["metadata"]["creationTimestamp"].str());
  if (!created) return;
  out = std::to_string(std::max<std::int64_t>(0, (now.ns - created->ns) / 1'000'000'000));
}

void is_ready(Value object, WallTime, std::string& out) {
  out = condition_of(object, "Ready")["status"].str() == "True" ? "true" : "false";
}

void ready_message(Value object, WallTime, std::string& out) {
  append_text(out, cut_text(condition_of(object, "Ready")["message"].str(), kMessageBytes));
}

}  // namespace answer
