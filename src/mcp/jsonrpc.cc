#include "mcp/jsonrpc.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"

namespace mcp {

using base::json::Type;
using base::json::Value;

namespace {

Message invalid(Message message, std::string_view problem) {
  message.kind = Message::Kind::invalid;
  message.problem = problem;
  return message;
}

void drop_nulls(std::initializer_list<Value*> members) {
  for (Value* each : members) {
    if (each->is(Type::null)) *each = {};
  }
}

// Bytes of a name that are repeated in an error.
constexpr std::size_t kTwinBytes = 100;

// The name of a member that stands twice in its object, at any depth.
std::optional<std::string_view> twin_in(Value value) {
  // Most objects are small: each name is compared with those before it.
  constexpr std::size_t kFew = 8;
  std::array<std::string_view, kFew> few;
  std::vector<std::string_view> more;
  std::size_t size = 0;
  for (const base::json::Member member : value.object()) {
    if (const auto twin = twin_in(member.value)) return twin;
    if (size < kFew) {
      const auto end = few.begin() + static_cast<std::ptrdiff_t>(size);
      if (std::find(few.begin(), end, member.key) != end) return member.key;
      few[size] = member.key;
    } else {
      if (size == kFew) more.assign(few.begin(), few.end());
      more.push_back(member.key);
    }
    ++size;
  }
  std::sort(more.begin(), more.end());
  const auto twin = std::adjacent_find(more.begin(), more.end());
  if (twin != more.end()) return *twin;
  for (const Value element : value.array()) {
    if (const auto found = twin_in(element)) return found;
  }
  return std::nullopt;
}

Message twice(Message message, std::string_view name) {
  static std::string text;  // one thread
  text = "\"" + base::printable(name, kTwinBytes) + "\" stands twice in one object";
  return invalid(std::move(message), text);
}

}  // namespace

std::string token_json(Value value) {
  if (value.str().size() > kRequestIdBytes) return {};
  if (value.is(Type::string) || value.is(Type::integer)) return value.to_json();
  const auto whole = value.is(Type::number) ? value.as_int() : std::nullopt;
  return whole ? std::to_string(*whole) : std::string();
}

Message read_message(Value value) {
  Message m;
  if (!value.is(Type::object)) return invalid(std::move(m), "a message must be an object");
  // One pass: each lookup by name would start at the front.
  Value version, id, method, result, error;
  std::optional<std::string_view> twin;
  for (const base::json::Member& member : value.object()) {
    const auto take = [&](Value& into) {
      if (into) twin = member.key;
      into = member.value;
    };
    if (member.key == "jsonrpc") take(version);
    if (member.key == "id") take(id);
    if (member.key == "method") take(method);
    if (member.key == "params") take(m.params);
    if (member.key == "result") take(result);
    if (member.key == "error") take(error);
  }
  drop_nulls({&m.params, &method});  // mcp.el and others send them
  if (id.is(Type::null) && (method.str().starts_with("notifications/") || error)) id = {};
  if (twin) return twice(std::move(m), *twin);
  m.id_json = token_json(id);
  const bool good_id = !m.id_json.empty();
  if ((twin = twin_in(m.params))) return twice(std::move(m), *twin);
  if (version.str() != "2.0") return invalid(std::move(m), "\"jsonrpc\" must be \"2.0\"");
  static_assert(kRequestIdBytes == 256);
  if (id && !good_id) {
    return invalid(std::move(m), "\"id\" must be a string of at most 256 bytes, or an integer");
  }
  if (method) {
    if (!method.is(Type::string)) return invalid(std::move(m), "\"method\" must be a string");
    m.method = method.str();
    m.kind = id ? Message::Kind::request : Message::Kind::notification;
    return m;
  }
  drop_nulls({&error});
  if (error) drop_nulls({&result});
  for (const Value answer : {result, error})
    if ((twin = twin_in(answer))) return twice(std::move(m), *twin);
  m.result = result;
  m.error = error;
  if (result.present() == error.present()) {
    return invalid(std::move(m),
                   "a message needs a \"method\", or one of \"result\" and \"error\"");
  }
  if (result && !id) return invalid(std::move(m), "a \"result\" needs the \"id\" of its request");
  m.kind = Message::Kind::response;
  return m;
}

}  // namespace mcp
