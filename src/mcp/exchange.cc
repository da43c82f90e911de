#include "mcp/exchange.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "http/sse.h"
#include "mcp/channel.h"

namespace mcp {

namespace {

constexpr std::string_view kJson = "application/json";

void append_event(std::string& out, std::string_view message) {
  const std::size_t start = out.append("event: message\ndata: ").size();
  out.append(message);
  // A tool's own JSON may come indented; between tokens a space does as well, and within strings
  // JSON has no line breaks.
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(start), out.end(),
      [](char c) { return c == '\n' || c == '\r'; }, ' ');
  out.append("\n\n");
}

}  // namespace

Exchange::Exchange(loop::Loop& loop, http::Reply reply, AnswerForm form, bool batch)
    : loop_(loop), reply_(std::move(reply)), form_(form), batch_(batch) {}

Exchange& Exchange::begin(loop::Loop& loop, http::Reply reply, AnswerForm form, bool batch) {
  return *new Exchange(loop, std::move(reply), form, batch);  // close_one() frees it
}

void Exchange::answer(std::string message) {
  if (form_ == AnswerForm::event) {
    append_event(body_, message);
  } else if (batch_) {
    body_.append(body_.empty() ? "[" : ",").append(message);
  } else {
    body_ = std::move(message);
  }
  close_one();
}

void Exchange::skip() {
  close_one();
}

void Exchange::hold(Channel& channel) {
  CHECK(open_ > 0 && (!held_ || held_ == &channel));
  if (!held_) channel.hold();
  held_ = &channel;
}

void Exchange::close_one() {
  CHECK(open_ > 0);
  if (--open_ > 0) return;
  send();
  if (held_) held_->release();
  loop_.retire(std::unique_ptr<Exchange>(this));
}

void Exchange::send() {
  if (body_.empty()) {
    reply_.send(202, {}, {});
  } else if (form_ == AnswerForm::event) {
    reply_.send(200, http::sse::kContentType, body_, http::sse::kExtraHeaders);
  } else {
    if (batch_) body_.append("]");
    reply_.send(200, kJson, body_);
  }
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

}  // namespace mcp
