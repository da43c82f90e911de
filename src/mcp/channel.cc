#include "mcp/channel.h"

#include <utility>

#include "base/check.h"

namespace mcp {

Channel::Channel(Core& core, bool primes, Events events)
    : core_(core),
      events_(events),
      stream_(core, 0, primes,
              {base::Delegate<void()>::bind<&Channel::on_drained>(this),
               base::Delegate<void()>::bind<&Channel::on_gone>(this), events.gap}),
      outbox_(core.budget()),
      room_(core.loop, "mcp room", loop::Deferred::Fn::bind<&Channel::tell_room>(this)) {}

Channel::~Channel() {
  CHECK(holds_ == 0 && !has_stream());
}

bool Channel::send(const base::Payload& frame) {
  if (!stream_.write(frame)) return false;
  ++core_.delivered;
  lossy_ = true;
  return true;
}

bool Channel::publish(const base::Payload& frame, std::uint32_t tag) {
  if (holds_ == 0 && outbox_.empty() && send(frame)) return true;
  if (!outbox_.has_room(frame)) {
    refused_ = true;
    return false;
  }
  outbox_.push(frame, tag);
  return true;
}

std::size_t Channel::forget(std::uint32_t tag) {
  const std::size_t n = outbox_.remove(tag);
  if (n > 0) pump();
  return n;
}

void Channel::attach(http::Reply reply, std::optional<std::uint64_t> after,
                     const base::Payload& first) {
  lossy_ = after && *after < last_event();
  stream_.attach(std::move(reply), after.value_or(last_event()), first);
  pump();
}

void Channel::release() {
  CHECK(holds_ > 0);
  if (--holds_ == 0) pump();
}

void Channel::finish() {
  finishing_ = true;
  if (!has_stream()) drop_waiting();
  pump();
}

void Channel::close() {
  pump();
  drop_waiting();
  refused_ = false;
  room_.cancel();
  stream_.discard();
}

void Channel::pump() {
  while (holds_ == 0 && !outbox_.empty() && send(outbox_.front().frame))
    outbox_.pop();
  if (refused_ && outbox_.is_low()) room_.schedule();
  if (finishing_ && !refused_ && holds_ == 0 && outbox_.empty()) stream_.finish();
  if (outbox_.empty()) core_.changed();
}

void Channel::drop_waiting() {
  core_.dropped += outbox_.size();
  outbox_.clear();
}

void Channel::on_gone() {
  if (finishing_) drop_waiting();
  core_.changed();
  events_.on_stream_gone();
}

void Channel::tell_room() {
  if (!std::exchange(refused_, false)) return;
  events_.on_room();
  if (finishing_) pump();
}

}  // namespace mcp
