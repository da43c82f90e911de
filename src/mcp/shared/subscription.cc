#include "mcp/shared/subscription.h"

#include <utility>

#include "base/check.h"

namespace mcp::shared {

void Subscription::start(ResourceFamily& family) {
  starting_ = true;
  feed_ = family.subscribe(*this);
  starting_ = false;
  CHECK(feed_ || over());
  if (over()) leave();
}

bool Subscription::end(std::string_view reason) {
  if (state_ == State::pending) {
    state_ = State::over;
    on_refused({RpcCode::internal_error, std::string(reason), {}});
    return true;
  }
  if (state_ != State::active) return false;
  state_ = State::ending;
  feed_->on_ending(reason);
  if (state_ != State::ending || wants_room_) return false;
  // The feed may still call ended() before it is freed.
  state_ = State::over;
  return true;
}

void Subscription::on_room() {
  wants_room_ = false;
  feed_->on_room();
  if (state_ == State::ending && !wants_room_) leave();
}

void Subscription::on_credentials(const Caller& caller) {
  // While subscribe() is on the stack there is no feed yet, and it reads the current caller.
  if (feed_ && !over()) feed_->on_credentials(caller);
}

void Subscription::accepted() {
  if (state_ != State::pending) return;
  state_ = State::active;
  on_accepted();
}

void Subscription::refused(RpcError error) {
  if (state_ != State::pending) return;
  state_ = State::over;
  on_refused(std::move(error));
  if (!starting_) leave();
}

bool Subscription::publish(const base::Payload& frame) {
  if (state_ == State::over) return true;  // ignored: it has no subscriber any more
  CHECK(state_ != State::pending);
  if (deliver(frame)) return true;
  wants_room_ = true;
  return false;
}

void Subscription::ended() {
  if (state_ == State::over) return;
  const bool asked = state_ == State::ending;
  state_ = State::over;
  if (!asked) on_ended();
  if (!starting_) leave();
}

// Leaves freeing the feed to the loop: its method may be on the stack.
void Subscription::leave() {
  state_ = State::over;
  release();
}

}  // namespace mcp::shared
