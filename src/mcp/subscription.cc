#include "mcp/subscription.h"

#include <utility>

#include "base/check.h"
#include "mcp/call.h"
#include "mcp/session.h"

namespace mcp {

Subscription::Subscription(Session& session, std::string uri, std::uint32_t tag)
    : session_(session), uri_(std::move(uri)), tag_(tag) {}

Subscription::~Subscription() {
  CHECK(waiters_.empty());
}

void Subscription::wait(Exchange& exchange, std::string id_json) {
  exchange.expect();
  if (state_ == State::pending) {
    waiters_.push_back({&exchange, std::move(id_json)});
  } else {
    exchange.answer(result_message(id_json, "{}"));
  }
}

void Subscription::start(ResourceFamily& family) {
  starting_ = true;
  feed_ = family.subscribe(*this);
  starting_ = false;
  CHECK(feed_ || over());
  if (over()) leave();
}

bool Subscription::cancel(std::string_view id_json) {
  for (auto at = waiters_.begin(); at != waiters_.end(); ++at) {
    if (at->id_json != id_json) continue;
    Exchange& exchange = *at->exchange;
    waiters_.erase(at);
    exchange.skip();
    return true;
  }
  return false;
}

void Subscription::refuse_waiters(const RpcError& error) {
  for (Waiter& waiter : std::exchange(waiters_, {})) {
    waiter.exchange->answer(error_message(waiter.id_json, error));
  }
}

bool Subscription::end(std::string_view reason) {
  if (state_ == State::pending) {
    refuse_waiters(about_uri({RpcCode::internal_error, std::string(reason), {}}, uri_));
    state_ = State::over;
    return true;
  }
  if (state_ != State::active) return false;
  state_ = State::ending;
  feed_->on_ending(reason);
  return state_ == State::ending && !wants_room_;
}

void Subscription::on_room() {
  wants_room_ = false;
  feed_->on_room();
  if (state_ == State::ending && !wants_room_) leave();
}

void Subscription::on_credentials(const Caller& caller) {
  // Inside subscribe() there is no feed yet, and it has just read the caller.
  if (feed_ && !over()) feed_->on_credentials(caller);
}

const Caller& Subscription::caller() const {
  return session_.caller();
}

void Subscription::accepted() {
  if (state_ != State::pending) return;
  state_ = State::active;
  for (Waiter& waiter : std::exchange(waiters_, {})) {
    // Sent right here when it is alone in its POST; a batch sends its answers together, and what is
    // published meanwhile must follow.
    waiter.exchange->hold(session_.channel());
    waiter.exchange->answer(result_message(waiter.id_json, "{}"));
  }
  session_.subscribed(*this);
}

void Subscription::refused(RpcError error) {
  if (state_ != State::pending) return;
  state_ = State::over;
  refuse_waiters(about_uri(std::move(error), uri_));
  if (!starting_) leave();
}

bool Subscription::publish(const base::Payload& frame) {
  if (state_ == State::over) return true;  // nobody is there to miss it
  CHECK(state_ != State::pending);
  if (session_.channel().publish(frame, tag_)) return true;
  wants_room_ = true;
  return false;
}

void Subscription::ended() {
  if (state_ == State::over) return;
  const bool asked = state_ == State::ending;
  state_ = State::over;
  if (!asked) session_.subscription_ended(*this);
  if (!starting_) leave();
}

// The feed's method may be on the stack.
void Subscription::leave() {
  state_ = State::over;
  session_.retire(*this);
}

}  // namespace mcp
