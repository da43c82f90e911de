#include "mcp/shared/answer.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/time.h"
#include "http/sse.h"

namespace mcp::shared {

std::string on_one_line(std::string message) {
  std::replace_if(
      message.begin(), message.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return message;
}

void append_event(std::string& out, std::string_view message) {
  out.append("event: message\ndata: ").append(on_one_line(std::string(message))).append("\n\n");
}

void send_answer(http::Reply& reply, AnswerForm form, std::string_view message,
                 std::string_view extra) {
  if (form == AnswerForm::json) return reply.send(200, kJson, message, extra);
  std::string body;
  append_event(body, message);
  std::string headers(http::sse::kExtraHeaders);
  reply.send(200, http::sse::kContentType, body, headers.append(extra));
}

void send_error(http::Reply& reply, int status, std::string_view id_json, const RpcError& error,
                std::string_view extra) {
  reply.send(status, kJson, error_message(id_json, error), extra);
}

void send_draining(http::Reply& reply, std::string_view id_json) {
  send_error(reply, 503, id_json, {RpcCode::internal_error, "the server is shutting down", {}},
             kRetryAfter);
}

void send_no_room(http::Reply& reply, std::string_view id_json) {
  send_error(reply, 503, id_json, no_room_for_answer(), kRetryAfter);
}

void send_full(http::Reply& reply, std::string_view id_json, Full full, std::string_view what) {
  send_error(reply, full == Full::caller ? 429 : 503, id_json, full_error(full, what), kRetryAfter);
}

RpcError full_error(Full full, std::string_view what) {
  std::string text = full == Full::caller ? "this caller has too many " : "too many ";
  text.append(what).append(full == Full::caller ? ": end one, or" : ":");
  text.append(" try again in ").append(base::format_duration(base::limits::kFullRetryAfter));
  return {RpcCode::internal_error, std::move(text), {}};
}

RpcError no_room_for_answer() {
  return {RpcCode::internal_error,
          "answers that this caller has not read leave no room for this one: try again in " +
              base::format_duration(base::limits::kFullRetryAfter) + ", or ask for less",
          {}};
}

}  // namespace mcp::shared
