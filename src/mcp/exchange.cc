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

Exchange::Exchange(loop::Loop& loop, http::Reply reply, ExchangeForm form)
    : loop_(loop), reply_(std::move(reply)), form_(form) {}

Exchange& Exchange::begin(loop::Loop& loop, http::Reply reply, ExchangeForm form) {
  return *new Exchange(loop, std::move(reply), form);  // close_one() frees it
}

void Exchange::answer(std::string message) {
  if (reply_.streaming()) {
    tell(message);
  } else {
    answers_.push_back(std::move(message));
  }
  close_one();
}

bool Exchange::tell(const std::string& message) {
  if (!form_.events || !reply_.connected()) return false;
  if (!reply_.streaming()) {
    reply_.begin(200, http::sse::kContentType, http::sse::kExtraHeaders);
    for (const std::string& answer : std::exchange(answers_, {}))
      tell(answer);
  }
  std::string event;
  append_event(event, message);
  return reply_.write(base::Payload(event));
}

void Exchange::let_go(base::Duration) {}

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
  if (reply_.streaming()) return reply_.end();
  if (answers_.empty()) return reply_.send(202, {}, {});
  std::string body;
  if (form_.form == AnswerForm::event) {
    for (const std::string& answer : answers_)
      append_event(body, answer);
    return reply_.send(200, http::sse::kContentType, body, http::sse::kExtraHeaders);
  }
  if (!form_.batch) return reply_.send(200, kJson, answers_.front());
  for (const std::string& answer : answers_)
    body.append(body.empty() ? "[" : ",").append(answer);
  reply_.send(200, kJson, body.append("]"));
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
