#include "mcp/modern/sealed_state.h"

#include <algorithm>

namespace mcp::modern {

using base::json::Member;
using base::json::Type;
using base::json::Value;
using base::json::Writer;

namespace {

// Writes equal values as equal text, whatever the order of members.
void write_canonical(Writer& w, Value value) {
  if (value.is(Type::array)) {
    w.begin_array();
    for (const Value element : value.array())
      write_canonical(w, element);
    w.end_array();
  } else if (value.is(Type::object)) {
    std::vector<Member> members;
    for (const Member& member : value.object())
      members.push_back(member);
    std::stable_sort(members.begin(), members.end(),
                     [](const Member& a, const Member& b) { return a.key < b.key; });
    w.begin_object();
    for (const Member& member : members) {
      w.key(member.key);
      write_canonical(w, member.value);
    }
    w.end_object();
  } else {
    w.raw(value.to_json());
  }
}

bool is_of_the_round(std::string_view member) {
  return member == "_meta" || member == "inputResponses" || member == "requestState";
}

}  // namespace

std::string state_context(std::string_view identity, std::string_view method, Value params) {
  std::vector<Member> members;
  for (const Member& member : params.object()) {
    if (!is_of_the_round(member.key)) members.push_back(member);
  }
  std::stable_sort(members.begin(), members.end(),
                   [](const Member& a, const Member& b) { return a.key < b.key; });
  std::string out;
  Writer w(out);
  w.begin_array().string(identity).string(method);
  for (const Member& member : members) {
    w.string(member.key);
    write_canonical(w, member.value);
  }
  w.end_array();
  return out;
}

std::string seal_state(const base::Seal& seal, const RoundState& round, std::string_view context,
                       base::WallTime now) {
  std::string text;
  Writer w(text);
  w.begin_object().field_if("state", round.state).key("asked").begin_object();
  for (const auto& [key, kind] : round.asked)
    w.field(key, static_cast<int>(kind));
  w.end_object().end_object();
  return seal.seal(text, context, {now.ns + kStateTime.count()});
}

base::Result<RoundState> open_state(const base::Seal& seal, std::string_view token,
                                    std::string_view context, base::WallTime now) {
  auto text = seal.open(token, context, now);
  if (!text) return std::move(text).error();
  base::json::Document doc;
  const auto value = doc.parse(*text);
  const auto no_state = [] { return base::Error(base::Errc::forbidden, "it holds no state"); };
  if (!value || !(*value)["asked"].is(Type::object)) return no_state();
  RoundState out;
  out.state = (*value)["state"].str();
  for (const Member& member : (*value)["asked"].object()) {
    const std::int64_t kind = member.value.int_or(-1);
    // A replica of a newer version may have more kinds.
    if (kind < 0 || kind > static_cast<int>(Question::Kind::roots)) return no_state();
    out.asked.emplace_back(member.key, static_cast<Question::Kind>(kind));
  }
  return out;
}

}  // namespace mcp::modern
