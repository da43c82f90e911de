#include "mcp/legacy/channel.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace mcp::legacy {

Channel::Stream::Stream(Channel& channel, std::uint32_t of)
    : owner(channel),
      number(of),
      events(channel.core_, channel.owner_, {false, of}, channel.primes_,
             {base::Delegate<void()>::bind<&Stream::on_drained>(this),
              base::Delegate<void()>::bind<&Stream::on_gone>(this), channel.events_.gap}),
      kept(base::Delegate<void()>::bind<&Stream::on_window_over>(this)) {}

Channel::Channel(shared::State& core, loop::TimerList& window, StreamOwner owner, bool primes,
                 Events events)
    : core_(core),
      window_(window),
      owner_(std::move(owner)),
      primes_(primes),
      events_(events),
      outbox_(core.budget(), counted_owner(owner_.caller)),
      room_(core.loop, "mcp room", loop::Deferred::Fn::bind<&Channel::tell_room>(this)) {}

Channel::~Channel() {
  CHECK(holds_ == 0 && !has_stream());
}

// ---- the streams

Channel::Stream* Channel::find(StreamId id) const {
  const auto at = std::find_if(streams_.begin(), streams_.end(),
                               [&](const auto& each) { return each->number == id.number; });
  return id.of_post || at == streams_.end() ? nullptr : at->get();
}

Channel::Stream* Channel::newest() const {
  const auto at = std::find_if(streams_.rbegin(), streams_.rend(),
                               [](const auto& each) { return each->events.attached(); });
  return at == streams_.rend() ? nullptr : at->get();
}

bool Channel::has_stream() const {
  return newest() != nullptr;
}

std::size_t Channel::open_streams() const {
  return static_cast<std::size_t>(std::count_if(
      streams_.begin(), streams_.end(), [](const auto& each) { return each->events.attached(); }));
}

bool Channel::may_have_lost() const {
  return lost_ || std::any_of(streams_.begin(), streams_.end(), [](const auto& each) {
           return each->lossy && !each->events.attached();
         });
}

std::size_t Channel::queued() const {
  std::size_t n = outbox_.size();
  for (const auto& each : streams_)
    n += each->events.queued();
  return n;
}

void Channel::open(http::Reply reply, const base::Payload& first) {
  make_place();
  // `first` has the warning, if one was needed: the client will not resume the detached streams.
  lost_ = false;
  for (const auto& each : streams_)
    each->lossy = each->lossy && each->events.attached();
  streams_.push_back(std::make_unique<Stream>(*this, opened_++));
  streams_.back()->events.attach(std::move(reply), 0, first);
  pump();
}

void Channel::make_place() {
  const auto oldest = [&](bool attached) {
    return std::find_if(streams_.begin(), streams_.end(),
                        [&](const auto& each) { return each->events.attached() == attached; });
  };
  if (open_streams() >= kStreamsPerSession) {
    Stream& stream = **oldest(true);
    stream.events.end_answer();
    window_.add(stream.kept);
  }
  if (streams_.size() >= kKeptStreams) drop(**oldest(false));
}

bool Channel::can_resume(const EventId& after) const {
  const Stream* stream = find(after.stream);
  return stream && after.event <= stream->events.last();
}

bool Channel::is_read(const EventId& after) const {
  const Stream* stream = find(after.stream);
  return stream && stream->events.attached();
}

bool Channel::resume(http::Reply& reply, const EventId& after, const base::Payload& first) {
  Stream* stream = find(after.stream);
  if (!stream || after.event > stream->events.last()) return false;
  stream->kept.unlink();
  stream->lossy = after.event < stream->events.last();
  make_newest(*stream);
  stream->events.attach(std::move(reply), after.event, first);
  pump();
  return true;
}

void Channel::make_newest(Stream& stream) {
  const auto at = std::find_if(streams_.begin(), streams_.end(),
                               [&](const auto& each) { return each.get() == &stream; });
  std::rotate(at, at + 1, streams_.end());
}

void Channel::on_gone(Stream& stream) {
  if (finishing_ && !has_stream()) drop_waiting();
  window_.add(stream.kept);
  core_.changed();
  pump();
  events_.on_stream_gone();
}

void Channel::end_streams() {
  bool any = false;
  for (const auto& each : streams_) {
    if (!each->events.attached()) continue;
    each->events.end_answer();
    window_.add(each->kept);
    any = true;
  }
  if (any) events_.on_stream_gone();
}

// The client did not resume it in time.
void Channel::on_window_over(Stream& stream) {
  lost_ = lost_ || stream.lossy;
  drop(stream);
  if (!lost_ || !has_stream()) return;
  const base::Payload warning = events_.lost();
  lost_ = !warning.empty() && !publish(warning, 0);
}

void Channel::drop(Stream& stream) {
  stream.kept.unlink();
  stream.events.discard();
  const auto at = std::find_if(streams_.begin(), streams_.end(),
                               [&](const auto& each) { return each.get() == &stream; });
  core_.loop.retire(std::move(*at));
  streams_.erase(at);
}

// ---- the frames

bool Channel::send(const base::Payload& frame) {
  Stream* stream = newest();
  if (!stream || !stream->events.write(frame)) return false;
  ++core_.delivered;
  stream->lossy = true;
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
  for (const auto& each : streams_) {
    each->kept.unlink();
    each->events.discard();
  }
}

void Channel::pump() {
  while (holds_ == 0 && !outbox_.empty() && send(outbox_.front().frame))
    outbox_.pop();
  if (refused_ && outbox_.is_low()) room_.schedule();
  if (finishing_ && !refused_ && holds_ == 0 && outbox_.empty()) {
    for (const auto& each : streams_)
      each->events.finish();
  }
  if (outbox_.empty()) core_.changed();
}

void Channel::drop_waiting() {
  core_.dropped += outbox_.size();
  outbox_.clear();
}

void Channel::tell_room() {
  if (!std::exchange(refused_, false)) return;
  events_.on_room();
  if (finishing_) pump();
}

}  // namespace mcp::legacy
