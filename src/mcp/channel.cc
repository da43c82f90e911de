#include "mcp/channel.h"

#include <utility>

#include "base/check.h"
#include "http/sse.h"

namespace mcp {

Channel::Channel(Core& core, Events events)
    : core_(core),
      events_(events),
      room_(core.loop, "mcp room", loop::Deferred::Fn::bind<&Channel::tell_room>(this)) {}

Channel::~Channel() {
  CHECK(holds_ == 0 && !open_);
}

bool Channel::publish(const base::Payload& frame, std::uint32_t tag) {
  if (holds_ == 0 && outbox_.empty() && open_ && stream_.write(frame)) {
    ++core_.delivered;
    used_ = true;
    return true;
  }
  if (!outbox_.has_room(frame.size())) {
    refused_ = true;
    return false;
  }
  outbox_.push(frame, tag);
  return true;
}

void Channel::forget(std::uint32_t tag) {
  if (outbox_.remove(tag) > 0) pump();
}

void Channel::attach(http::Reply reply, const base::Payload& after_break) {
  if (open_) end_stream();
  stream_ = std::move(reply);
  stream_.begin(200, http::sse::kContentType, http::sse::kExtraHeaders);
  stream_.on_gone(base::Delegate<void()>::bind<&Channel::on_gone>(this));
  stream_.on_drained(base::Delegate<void()>::bind<&Channel::on_drained>(this));
  open_ = true;
  ++core_.streams;
  stream_.write(http::sse::comment("open"));
  if (std::exchange(broken_, false) && !after_break.empty()) stream_.write(after_break);
  pump();
}

void Channel::keep_alive(const base::Payload& comment) {
  // A full queue refuses it: that stream is not quiet.
  if (open_) stream_.write(comment);
}

void Channel::release() {
  CHECK(holds_ > 0);
  if (--holds_ == 0) pump();
}

void Channel::finish() {
  finishing_ = true;
  if (!open_) drop_waiting();
  pump();
}

void Channel::close() {
  pump();
  drop_waiting();
  refused_ = false;
  room_.cancel();
  if (open_) end_stream();
}

void Channel::pump() {
  while (holds_ == 0 && open_ && !outbox_.empty() && stream_.write(outbox_.front().frame)) {
    outbox_.pop();
    ++core_.delivered;
    used_ = true;
  }
  if (refused_ && outbox_.is_low()) room_.schedule();
  if (finishing_ && !refused_ && open_ && holds_ == 0 && outbox_.empty()) end_stream();
  if (outbox_.empty()) core_.changed();
}

void Channel::end_stream() {
  stream_.on_gone({});
  stream_.on_drained({});
  stream_.end();
  stream_ = {};
  open_ = used_ = false;
  --core_.streams;
  core_.changed();
}

void Channel::drop_waiting() {
  core_.dropped += outbox_.size();
  outbox_.clear();
}

void Channel::on_gone() {
  stream_ = {};
  open_ = false;
  broken_ = broken_ || std::exchange(used_, false);
  --core_.streams;
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
