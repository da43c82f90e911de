#include "mcp/shared/answer.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/time.h"
#include "http/sse.h"
#include "mcp/caller.h"

namespace mcp::shared {

namespace {

constexpr std::string_view kJson = "application/json";

std::string on_one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

}  // namespace

std::string retry_after(base::Duration wait) {
  const std::int64_t seconds = (base::to_ms(wait) + 999) / 1000;
  return "Retry-After: " + std::to_string(std::max<std::int64_t>(seconds, 1)) + "\r\n";
}

base::Payload event_of(const Outgoing& message) {
  const std::string& text = message.text();
  return text.find_first_of("\n\r") == std::string::npos ? http::sse::message(text)
                                                         : http::sse::message(on_one_line(text));
}

void send_answer(http::Reply& reply, AnswerForm form, const Outgoing& message,
                 std::string_view extra) {
  if (form == AnswerForm::json) return send_json(reply, 200, message, extra);
  std::string headers(http::sse::kExtraHeaders);
  reply.send(200, http::sse::kContentType, event_of(message).view(), headers.append(extra));
}

void send_batch(http::Reply& reply, AnswerForm form, const std::vector<Outgoing>& messages) {
  std::size_t size = 2;
  for (const Outgoing& message : messages)
    size += message.size() + 1;
  std::string body;
  body.reserve(size);
  if (form == AnswerForm::event) {
    for (const Outgoing& message : messages)
      body.append(event_of(message).view());
    return reply.send(200, http::sse::kContentType, body, http::sse::kExtraHeaders);
  }
  for (const Outgoing& message : messages)
    body.append(body.empty() ? "[" : ",").append(message.text());
  reply.send(200, kJson, body.append("]"));
}

void send_json(http::Reply& reply, int status, const Outgoing& message, std::string_view extra) {
  reply.send(status, kJson, message.text(), extra);
}

void send_error(http::Reply& reply, int status, std::string_view id_json, const RpcError& error,
                std::string_view extra) {
  send_json(reply, status, Outgoing::error(id_json, error), extra);
}

void send_draining(http::Reply& reply, std::string_view id_json) {
  send_error(reply, 503, id_json, {RpcCode::internal_error, "the server is shutting down", {}},
             retry_after(kTryAgain));
}

void send_no_room(http::Reply& reply, std::string_view id_json) {
  send_error(reply, 503, id_json, no_room_for_answer(), retry_after(kTryAgain));
}

void send_full(http::Reply& reply, std::string_view id_json, Full full, std::string_view what) {
  send_error(reply, full == Full::caller ? 429 : 503, id_json, full_error(full, what),
             retry_after(kTryAgain));
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
