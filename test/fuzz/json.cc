// JSON and JSON-RPC: what was read, written and read again is the same; what is answered is valid.
#include "base/json.h"

#include "base/text.h"
#include "fuzz/fuzz.h"
#include "mcp/jsonrpc.h"
#include "mcp/outgoing.h"
#include "mcp/shared/era.h"

namespace fuzz {

namespace {

using base::json::Document;
using base::json::Type;
using base::json::Value;

void walk(Value value, int depth) {
  HOLDS(depth <= base::json::kMaxDepth);
  HOLDS(value.present());
  HOLDS(base::valid_utf8(value.str()));
  if (const auto whole = value.as_int()) HOLDS(value.as_double().has_value());
  HOLDS(value.as_bool().has_value() == value.is(Type::boolean));
  std::size_t members = 0;
  for (const Value element : value.array()) {
    walk(element, depth + 1);
    ++members;
  }
  for (const auto& [key, member] : value.object()) {
    HOLDS(base::valid_utf8(key));
    HOLDS(value[key].present());
    walk(member, depth + 1);
    ++members;
  }
  HOLDS(members == value.size());
}

std::string again(std::string_view text) {
  Document document;
  const auto root = document.parse(text);
  HOLDS(root.has_value());
  return root->to_json();
}

// `id_json` "": no id at all, for null would break every schema.
void answers(const std::string& answer, const std::string& id_json) {
  Document document;
  const auto parsed = document.parse(answer);
  HOLDS(parsed.has_value());
  const mcp::Message message = mcp::read_message(*parsed);
  HOLDS(message.kind == mcp::Message::Kind::response);
  HOLDS(message.id_json == id_json);
  HOLDS((*parsed)["id"].present() == !id_json.empty());
  HOLDS(answer.find('\n') == std::string::npos);
}

}  // namespace

void json(std::string_view input) {
  Document document;
  const auto root = document.parse(input);
  if (!root) {
    HOLDS(!root.error().what().empty());
    HOLDS(!document.root().present());
    return;
  }
  walk(*root, 1);
  const std::string once = root->to_json();
  HOLDS(base::valid_utf8(once));
  HOLDS(once.find_first_of("\n\r") == std::string::npos);  // it becomes one line of an event
  HOLDS(again(once) == once);
}

void jsonrpc(std::string_view input) {
  Document document;
  const auto root = document.parse(input);
  if (!root) return;
  const mcp::Message message = mcp::read_message(*root);
  using Kind = mcp::Message::Kind;
  HOLDS((message.kind == Kind::invalid) == !message.problem.empty());
  if (message.kind == Kind::request) {
    HOLDS(!message.id_json.empty());
    HOLDS(message.method == (*root)["method"].str());
  }
  if (message.kind == Kind::notification) HOLDS(!(*root)["id"].present());
  if (!message.id_json.empty()) {
    Document id;
    const auto read = id.parse(message.id_json);
    HOLDS(read.has_value());
    HOLDS(read->is(Type::string) || read->is(Type::integer));
    // A string stays as it came; a number keeps its value, and 1.0 is written 1.
    const Value came = (*root)["id"];
    if (read->is(Type::string))
      HOLDS(read->to_json() == came.to_json());
    else
      HOLDS(read->as_double() == came.as_double());
  }
  // Every answer is one message that a client takes for the answer to this id.
  answers(mcp::Outgoing::result(message.id_json.empty() ? "0" : message.id_json, "{}").text(),
          message.id_json.empty() ? "0" : message.id_json);
  answers(
      mcp::Outgoing::error(message.id_json,
                           {mcp::RpcCode::invalid_request, std::string(input.substr(0, 100)), {}})
          .text(),
      message.id_json);
}

// First line: MCP-Protocol-Version ("-": not sent). Rest: the message.
void era(std::string_view input) {
  const std::string_view line = take_line(input);
  std::optional<std::string_view> header;
  if (line != "-") header = line;
  Document document;
  const auto root = document.parse(input);
  if (!root) return;
  const bool header_modern = header && *header >= "2026-07-28";
  const auto claims = [](Value message) {
    return message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"].present();
  };
  if (root->is(Type::array)) {
    bool modern = header_modern;
    for (const Value element : root->array())
      modern = modern || claims(element);
    HOLDS((mcp::shared::decide_batch_era(*root, header) == mcp::shared::Era::modern) == modern);
    return;
  }
  const mcp::Message message = mcp::read_message(*root);
  if (message.kind == mcp::Message::Kind::invalid) return;
  const mcp::shared::Era era = mcp::shared::decide_era(message, header);
  // A claim or a modern header is never served by a session, and without both only the methods
  // that no session has are not.
  if (header_modern || claims(*root)) {
    HOLDS(era == mcp::shared::Era::modern);
  } else {
    const std::string_view method = (*root)["method"].str();
    const bool of_modern = message.kind == mcp::Message::Kind::request &&
                           (method == "server/discover" || method == "subscriptions/listen");
    HOLDS((era == mcp::shared::Era::modern) == of_modern);
  }
  // The same message written in another way is of the same era.
  Document compact;
  const std::string text = root->to_json();
  const auto same = compact.parse(text);
  HOLDS(same.has_value());
  HOLDS(mcp::shared::decide_era(mcp::read_message(*same), header) == era);
}

}  // namespace fuzz
