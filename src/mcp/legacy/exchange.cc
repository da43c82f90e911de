#include "mcp/legacy/exchange.h"

#include <utility>

#include "base/check.h"
#include "mcp/legacy/session.h"
#include "mcp/shared/answer.h"

namespace mcp::legacy {

Exchange::Exchange(Session& session, http::Reply reply, ExchangeForm form)
    : session_(session),
      reply_(std::move(reply)),
      owner_(reply_.owner()),
      held_answers_(session.core().budgets().answers),
      form_(form) {}

Exchange& Exchange::begin(Session& session, http::Reply reply, ExchangeForm form) {
  return session.exchanges().add(
      std::unique_ptr<Exchange>(new Exchange(session, std::move(reply), form)));
}

void Exchange::answer(Outgoing message) {
  answered_ = true;
  if (stream_) {
    stream_->tell(message);
  } else {
    keep(std::move(message));
  }
  close_one();
}

// Only a batch's answers are charged here: a single answer is sent at once and counts in the queue.
void Exchange::keep(Outgoing message) {
  if (batch_ && !held_answers_.take(message.size(), owner_)) {
    message = Outgoing::error(batch_->id_json(), shared::no_room_for_answer());
    held_answers_.force(message.size(), owner_);
  }
  answers_.push_back(std::move(message));
}

Batch& Exchange::begin_batch(Batch::Run run) {
  batch_ =
      std::make_unique<Batch>(session_.core(), shared::owner_of(session_.caller()), *this, run);
  return *batch_;
}

void Exchange::cancel_waiting(std::string_view id_json) {
  if (batch_) batch_->cancel(id_json);
}

void Exchange::abandon_waiting(std::string_view reason) {
  if (batch_) batch_->abandon(reason);
}

bool Exchange::open_stream() {
  if (stream_) return true;
  // A client that left before it received an event id cannot come back.
  if (!form_.events || !reply_.connected()) return false;
  // Without room for a stream the call goes on, and its answer is JSON.
  no_room_ = shared::State::room_in(session_.core().budgets().streams, session_.caller());
  if (no_room_ != shared::Full::no) return false;
  stream_ = &session_.open_call_stream(std::move(reply_));
  for (const Outgoing& answer : std::exchange(answers_, {}))
    stream_->tell(answer);
  held_answers_.release();
  return true;
}

bool Exchange::tell(const Outgoing& message) {
  if (!open_stream()) return false;
  stream_->tell(message);
  return true;
}

void Exchange::let_go(base::Duration retry) {
  if (open_stream()) stream_->let_go(retry);
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
  if (--open_ > 0) {
    if (open_ == 1 && batch_) batch_->done();
    return;
  }
  send();
  if (held_) held_->release();
  session_.retire(*this);
}

void Exchange::send() {
  if (stream_) return stream_->finish(answered_);
  if (answers_.empty()) return reply_.send(202, {}, {});
  held_answers_.release();
  const auto all = std::exchange(answers_, {});
  form_.batch ? shared::send_batch(reply_, form_.form, all)
              : shared::send_answer(reply_, form_.form, all.front());
}

}  // namespace mcp::legacy
