#include "logs/feed.h"

#include <utility>

#include "base/json.h"
#include "logs/watch.h"

namespace logs {

using base::Payload;
using base::json::Writer;

std::string log_end_delta(std::string_view reason) {
  std::string delta;
  Writer w(delta);
  w.begin_object().field("type", "end").field("reason", reason).end_object();
  return delta;
}

static std::string entry_delta(const LogEntry& entry, std::uint64_t sequence) {
  std::string delta;
  Writer w(delta);
  w.begin_object().field("type", entry.kind);
  if (entry.is_line()) {
    w.field("sequence", sequence).field("timestamp", base::format_rfc3339(entry.time, 9));
    w.field("line", entry.text.view());
    if (entry.truncated) w.field("truncated", true);
    if (entry.partial) w.field("partial", true);
  } else {
    w.field(entry.kind == "error" ? "error" : "message", entry.text.view());
  }
  w.end_object();
  return delta;
}

Feed::Feed(Watch& watch, mcp::Subscriber& subscriber, Request request)
    : fanout::FeedOf<Watch>(watch, subscriber), request_(std::move(request)) {}

// Subscribers of one URI that are at the same sequence number share the frame's bytes.
Payload Feed::frame(const LogEntry& entry) {
  const std::uint64_t number = sequence_ + (entry.is_line() ? 1 : 0);
  Watch::LastFrame& last = watch()->last_frame();
  if (last.entry != next_ || last.sequence != number || last.uri != uri()) {
    last = {next_, number, uri(), mcp::update_frame(uri(), entry_delta(entry, number))};
  }
  return last.frame;
}

void Feed::on_entry(const LogEntry& entry) {
  if (!level()) return;  // catch_up() will find it in the memory
  fanout::Delta delta;
  delta.frame = frame(entry);
  offer(delta);
  if (!level()) return;
  ++next_;
  if (entry.is_line()) ++sequence_;
}

// Skips and counts the entries that the memory no longer has.
void Feed::skip_lost() {
  const std::uint64_t first = watch()->memory().first();
  if (next_ >= first) return;
  count_dropped(first - next_);
  sequence_ += first - next_;
  next_ = first;
}

bool Feed::catch_up() {
  if (!watch()) return tell_dropped();
  const Memory& memory = watch()->memory();
  if (!std::exchange(begun_, true)) next_ = watch()->serves(request_).value_or(memory.first());
  for (; next_ < memory.end(); ++next_) {
    skip_lost();
    if (!tell_dropped()) return false;
    if (next_ == memory.end()) break;
    const LogEntry& entry = memory[next_];
    if (!publish(frame(entry))) return false;
    if (entry.is_line()) ++sequence_;
  }
  return true;
}

// Queues what the memory has, as far as there is room.
void Feed::on_detach() {
  if (level()) return;
  skip_lost();
  const Memory& memory = watch()->memory();
  for (; next_ < memory.end(); ++next_) {
    const LogEntry& entry = memory[next_];
    fanout::Delta delta;
    delta.frame = frame(entry);
    if (!queue(delta)) break;
    if (entry.is_line()) ++sequence_;
  }
  if (next_ < memory.end()) count_dropped(memory.end() - next_);
}

std::string_view Feed::dropped_advice() const {
  return "this subscriber was too slow; read the resource for the newest lines";
}

}  // namespace logs
