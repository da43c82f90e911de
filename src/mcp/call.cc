#include "mcp/call.h"

#include <utility>

#include "base/log.h"
#include "mcp/session.h"

namespace mcp {

using base::json::Writer;

Call::Call(Core& core, base::Link& calls, Exchange& exchange, std::string id_json, std::string name)
    : core_(core),
      exchange_(exchange),
      id_json_(std::move(id_json)),
      name_(std::move(name)),
      since_(core.loop.now()) {
  calls.push_back(*this);
  exchange.expect();
  ++core.calls;
}

Call::~Call() = default;

void Call::leave(std::string_view outcome) {
  unlink();
  --core_.calls;
  core_.changed();
  LOG_DEBUG("call", {"name", name_}, {"outcome", outcome},
            {"ms", base::to_ms(core_.loop.now() - since_)});
}

void Call::finish(std::string message, std::string_view outcome) {
  if (done()) return;
  leave(outcome);
  exchange_.answer(std::move(message));
  core_.loop.retire(std::unique_ptr<Call>(this));
}

void Call::cancel() {
  leave("cancelled");
  exchange_.skip();
  std::unique_ptr<Call> dead(this);
}

void Call::abandon(std::string_view reason) {
  leave("abandoned");
  exchange_.answer(error_message(id_json_, {RpcCode::internal_error, std::string(reason), {}}));
  std::unique_ptr<Call> dead(this);
}

// ---- ToolCall

ToolCall::ToolCall(Core& core, Session& session, Exchange& exchange, const Message& message,
                   const Tool& tool)
    : Call(core, session.calls(), exchange, message.id_json, tool.info().name),
      structured_(session.version() >= Version::v2025_06_18 &&
                  !tool.info().output_schema_json.empty()) {}

void ToolCall::start(Core& core, Session& session, Exchange& exchange, const Message& message,
                     Tool& tool) {
  auto* call = new ToolCall(core, session, exchange, message, tool);
  // When it is over already it is retired, and takes the run with it at the end of the turn.
  call->keep(tool.start(session.caller(), message.params["arguments"], *call));
}

void ToolCall::succeed(std::string structured_json) {
  std::string result;
  result.reserve(2 * structured_json.size() + structured_json.size() / 4 + 128);
  Writer w(result);
  w.begin_object().key("content").begin_array().begin_object().field("type", "text");
  w.field("text", structured_json).end_object().end_array();
  if (structured_) w.key("structuredContent").raw(structured_json);
  w.end_object();
  finish(result_message(id_json(), result), "ok");
}

void ToolCall::fail(std::string message) {
  finish(result_message(id_json(), tool_error_result(message)), "tool error");
}

std::string tool_error_result(std::string_view text) {
  std::string result;
  Writer w(result);
  w.begin_object().key("content").begin_array().begin_object().field("type", "text");
  w.field("text", text).end_object().end_array().field("isError", true).end_object();
  return result;
}

// ---- ReadCall

ReadCall::ReadCall(Core& core, Session& session, Exchange& exchange, const Message& message)
    : Call(core, session.calls(), exchange, message.id_json,
           std::string(message.params["uri"].str())),
      uri_(message.params["uri"].str()) {}

void ReadCall::start(Core& core, Session& session, Exchange& exchange, const Message& message,
                     ResourceFamily& family) {
  auto* call = new ReadCall(core, session, exchange, message);
  call->keep(family.read(session.caller(), call->uri_, *call));
}

void ReadCall::succeed(ResourceContent content) {
  std::string result;
  result.reserve(content.text.size() + content.text.size() / 8 + uri_.size() + 128);
  Writer w(result);
  w.begin_object().key("contents").begin_array().begin_object().field("uri", uri_);
  w.field_if("mimeType", content.mime_type).field("text", content.text);
  w.end_object().end_array().end_object();
  finish(result_message(id_json(), result), "ok");
}

void ReadCall::fail(RpcError error) {
  finish(error_message(id_json(), about_uri(std::move(error), uri_)), "error");
}

RpcError about_uri(RpcError error, std::string_view uri) {
  if (!error.data_json.empty()) return error;
  Writer w(error.data_json);
  w.begin_object().field("uri", uri).end_object();
  return error;
}

}  // namespace mcp
