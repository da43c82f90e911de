#include "mcp/modern/reply.h"

#include <utility>

#include "http/sse.h"
#include "mcp/shared/answer.h"

namespace mcp::modern {

Reply::Reply(shared::State& core, http::Reply reply, std::string owner, Form form)
    : core_(core),
      reply_(std::move(reply)),
      held_(core.budgets().answers),
      kept_alive_(shared::KeepAlive::Stream::Fn::bind<&Reply::keep_alive>(this)),
      owner_(std::move(owner)),
      place_(core.budgets().streams),
      form_(form) {}

Reply::~Reply() {
  kept_alive_.unlink();
}

void Reply::close() {
  kept_alive_.unlink();
  place_.release();
  held_.release();
  reply_ = {};
}

void Reply::watch(Events events) {
  events_ = events;
  reply_.when_gone(base::Delegate<void()>::bind<&Reply::on_gone>(this));
  reply_.when_drained(base::Delegate<void()>::bind<&Reply::on_drained>(this));
  reply_.watch_peer();
}

bool Reply::begin_stream() {
  if (!form_.streams || !place_.take(1, owner_)) {
    form_.streams = false;
    return false;
  }
  reply_.begin(200, http::sse::kContentType, http::sse::kExtraHeaders);
  core_.keep_alive.add(kept_alive_);
  return true;
}

void Reply::notify(const Outgoing& message) {
  if (!reply_.connected() || (!reply_.streaming() && !begin_stream())) return;
  if (reply_.write(shared::event_of(message))) {
    ++core_.delivered;
  } else {
    ++core_.dropped;
  }
}

bool Reply::answer(const Outgoing& message, int status) {
  if (!reply_.streaming()) {
    if (status == 200) {
      shared::send_answer(reply_, form_.form, message);
    } else {
      shared::send_json(reply_, status, message);
    }
    return true;
  }
  last_ = shared::event_of(message);
  if (send_last()) return true;
  // It exists already; it counts so that further answers are refused before they are made.
  held_.force(last_.size(), reply_.owner());
  return false;
}

bool Reply::send_last() {
  if (!reply_.write(last_) && reply_.connected()) return false;
  last_ = {};
  held_.release();
  reply_.end();
  kept_alive_.unlink();
  return true;
}

void Reply::on_gone() {
  kept_alive_.unlink();
  events_.on_gone();
}

void Reply::on_drained() {
  if (!last_.empty() && send_last()) events_.on_sent();
}

}  // namespace mcp::modern
