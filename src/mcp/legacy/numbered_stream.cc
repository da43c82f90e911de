#include "mcp/legacy/numbered_stream.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "base/hash.h"
#include "base/text.h"
#include "http/sse.h"

namespace mcp::legacy {

namespace {

// Accepts digits only: no sign, no spaces.
std::optional<std::uint64_t> parse_number(std::string_view text) {
  if (text.empty() || text.front() == '-') return std::nullopt;
  const auto n = base::parse_int(text);
  if (!n) return std::nullopt;
  return static_cast<std::uint64_t>(*n);
}

}  // namespace

std::string event_salt(std::string_view session_id) {
  return base::hex(base::hmac_sha256(session_id, "event ids").substr(0, kSaltBytes / 2));
}

std::optional<EventId> parse_event_id(std::string_view text) {
  if (text.size() <= kSaltBytes) return std::nullopt;
  const std::string_view salt = text.substr(0, kSaltBytes);
  const char kind = text[kSaltBytes];
  text.remove_prefix(kSaltBytes + 1);
  const std::size_t at = text.find('_');
  if (at == std::string_view::npos || (kind != 's' && kind != 'p')) return std::nullopt;
  const auto stream = parse_number(text.substr(0, at));
  const auto event = parse_number(text.substr(at + 1));
  if (!stream || !event || *stream > UINT32_MAX) return std::nullopt;
  return EventId{salt, {kind == 'p', static_cast<std::uint32_t>(*stream)}, *event};
}

NumberedStream::NumberedStream(shared::State& core, const StreamOwner& owner, StreamId id,
                               bool primes, Events events)
    : core_(core),
      caller_(owner.caller),
      prefix_(owner.salt + (id.of_post ? "p" : "s") + std::to_string(id.number) + "_"),
      primes_(primes),
      events_(events),
      place_(core.budgets().streams),
      kept_(core.replays(), owner.caller),
      kept_alive_(shared::KeepAlive::Stream::Fn::bind<&NumberedStream::keep_alive>(this)) {}

NumberedStream::~NumberedStream() {
  CHECK(!attached_);
}

std::string NumberedStream::id_line(std::uint64_t event) const {
  std::string line = "id: ";
  return line.append(prefix_).append(std::to_string(event)).append("\n");
}

void NumberedStream::attach(http::Reply reply, std::uint64_t after, const base::Payload& first) {
  CHECK(after <= last());
  end_answer();
  reply_ = std::move(reply);
  reply_.begin(200, http::sse::kContentType, http::sse::kExtraHeaders);
  reply_.when_gone(base::Delegate<void()>::bind<&NumberedStream::on_gone>(this));
  reply_.when_drained(base::Delegate<void()>::bind<&NumberedStream::on_drained>(this));
  attached_ = true;
  place_.force(1, shared::counted_owner(caller_));
  ++core_.streams;
  next_out_ = after + 1;
  reply_.write(http::sse::comment("open"));
  if (primes_) prime({});
  core_.keep_alive.add(kept_alive_);
  // As a numbered event if it is the next one: then it is not lost if this connection breaks.
  if (!first.empty() && !write(first)) reply_.write(first);
  pump();
}

// Sends an event id without a message, so that the client can resume from here.
void NumberedStream::prime(std::string_view extra) {
  reply_.write(base::Payload(id_line(next_out_ - 1).append(extra).append("data: \n\n")));
}

bool NumberedStream::write(const base::Payload& frame) {
  if (!attached_ || finishing_ || !all_out()) return false;
  if (!reply_.write(frame, id_line(next_out_))) return false;
  kept_.push(frame);
  ++next_out_;
  return true;
}

void NumberedStream::append(const base::Payload& frame) {
  if (write(frame)) return;
  kept_.push(frame);
  pump();
}

void NumberedStream::pump() {
  while (attached_ && !all_out()) {
    if (next_out_ < kept_.first()) {
      if (!reply_.write(events_.gap(kept_.first() - next_out_))) return;
      next_out_ = kept_.first();
      continue;
    }
    if (!reply_.write(kept_.at(next_out_), id_line(next_out_))) return;
    ++next_out_;
  }
  if (!finishing_ || !attached_) return;
  reply_.end();
  detach();
}

void NumberedStream::let_go(base::Duration retry) {
  if (!attached_ || !primes_ || finishing_) return;
  prime("retry: " + std::to_string(base::to_ms(retry)) + "\n");
  reply_.end();
  detach();
}

void NumberedStream::end_answer() {
  if (!attached_) return;
  reply_.end();
  detach();
}

void NumberedStream::finish() {
  finishing_ = true;
  pump();
}

void NumberedStream::close() {
  finishing_ = true;
  pump();
  if (!attached_) return;
  reply_.cut();  // not a clean end: the client sees that something is missing
  detach();
}

void NumberedStream::discard() {
  close();
  next_out_ = kept_.next();
  kept_.clear();
}

void NumberedStream::keep_alive() {
  core_.keep_alive.send(reply_, kept_alive_);
  // Events sent three keep-alives ago have arrived, or the server would have closed the connection
  // (http::ServerLimits::write_stall_time). Events not yet sent are never dropped here.
  kept_.drop_before(marks_[0]);
  marks_[0] = marks_[1];
  marks_[1] = marks_[2];
  marks_[2] = next_out_;
}

std::size_t NumberedStream::queued() const {
  return static_cast<std::size_t>(kept_.next() - std::max(next_out_, kept_.first())) +
         reply_.queued_messages();
}

void NumberedStream::on_drained() {
  pump();
  if (events_.on_drained) events_.on_drained();
}

void NumberedStream::on_gone() {
  detach();
  if (events_.on_gone) events_.on_gone();
}

void NumberedStream::detach() {
  reply_.when_gone({});
  reply_.when_drained({});
  reply_ = {};
  kept_alive_.unlink();
  attached_ = false;
  place_.release();
  --core_.streams;
  core_.changed();
}

}  // namespace mcp::legacy
