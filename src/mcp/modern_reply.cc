#include "mcp/modern_reply.h"

#include <utility>

#include "http/sse.h"
#include "mcp/answer.h"

namespace mcp {

ModernReply::ModernReply(Core& core, http::Reply reply, std::string owner, Form form)
    : core_(core),
      reply_(std::move(reply)),
      held_(core.budgets().answers),
      kept_alive_(base::Delegate<void(const base::Payload&)>::bind<&ModernReply::keep_alive>(this)),
      owner_(std::move(owner)),
      place_(core.budgets().streams),
      form_(form) {}

ModernReply::~ModernReply() {
  kept_alive_.unlink();
}

void ModernReply::close() {
  kept_alive_.unlink();
  place_.release();
  held_.release();
  reply_ = {};
}

void ModernReply::watch(Events events) {
  events_ = events;
  reply_.on_gone(base::Delegate<void()>::bind<&ModernReply::on_gone>(this));
  reply_.on_drained(base::Delegate<void()>::bind<&ModernReply::on_drained>(this));
  reply_.watch_peer();
}

bool ModernReply::begin_stream() {
  if (!form_.streams || !place_.take(1, owner_)) {
    form_.streams = false;
    return false;
  }
  reply_.begin(200, http::sse::kContentType, http::sse::kExtraHeaders);
  core_.keep_alive.add(kept_alive_);
  return true;
}

void ModernReply::notify(std::string_view message) {
  if (!reply_.connected() || (!reply_.streaming() && !begin_stream())) return;
  if (reply_.write(http::sse::message(message))) {
    ++core_.delivered;
  } else {
    ++core_.dropped;
  }
}

bool ModernReply::answer(const std::string& message, int status) {
  if (!reply_.streaming()) {
    if (status == 200) {
      send_answer(reply_, form_.form, message);
    } else {
      reply_.send(status, "application/json", message);
    }
    return true;
  }
  last_ = http::sse::message(message);
  if (send_last()) return true;
  // It exists already; it counts so that further answers are refused before they are made.
  held_.force(last_.size(), reply_.owner());
  return false;
}

bool ModernReply::send_last() {
  if (!reply_.write(last_) && reply_.connected()) return false;
  last_ = {};
  held_.release();
  reply_.end();
  kept_alive_.unlink();
  return true;
}

void ModernReply::on_gone() {
  kept_alive_.unlink();
  events_.on_gone();
}

void ModernReply::on_drained() {
  if (!last_.empty() && send_last()) events_.on_sent();
}

}  // namespace mcp
