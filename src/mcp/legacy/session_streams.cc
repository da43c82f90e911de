// A session's event streams, its own and those of its POSTs, and the messages sent on them.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "mcp/legacy/session.h"
#include "mcp/legacy/session_table.h"
#include "mcp/shared/answer.h"

namespace mcp::legacy {

constexpr std::string_view kLost =
    "an event stream of this session broke: updates in transit may be lost; read the subscribed "
    "resources for their current state";

// ---- its own streams

bool Session::can_resume(const EventId& after) const {
  if (after.salt != channel_.owner().salt) return false;
  if (!after.stream.of_post) return channel_.can_resume(after);
  const CallStream* stream = find_call_stream(after.stream.number);
  return stream && after.event <= stream->last();
}

bool Session::is_read(const EventId& after) const {
  if (!can_resume(after)) return false;
  if (!after.stream.of_post) return channel_.is_read(after);
  return find_call_stream(after.stream.number)->attached();
}

void Session::open_stream(http::Reply reply, const std::optional<EventId>& after, bool returning) {
  const bool resumes = after && can_resume(*after);
  if (resumes && after->stream.of_post) {
    return find_call_stream(after->stream.number)->attach(std::move(reply), after->event);
  }
  const bool may_have_lost =
      !resumes && (returning || channel_.may_have_lost()) && !subscriptions_.empty();
  kept_.unlink();
  const base::Payload first = first_words(may_have_lost);
  if (!resumes || !channel_.resume(reply, *after, first)) channel_.open(std::move(reply), first);
  lists_changed(std::exchange(lists_changed_, {}));
}

// The warning with which a stream begins; empty: none is needed.
base::Payload Session::first_words(bool may_have_lost) {
  std::string text;
  if (!let_go_.empty() || let_go_more_ > 0) {
    text = std::exchange(let_go_why_, {}) + ": these subscriptions were dropped, subscribe again:";
    for (const std::string& uri : std::exchange(let_go_, {}))
      text.append(" ").append(uri);
    let_go_bytes_ = 0;
    if (const std::size_t more = std::exchange(let_go_more_, 0); more > 0)
      text.append(" and ").append(std::to_string(more)).append(" more");
  }
  if (may_have_lost) {
    if (!text.empty()) text.append("; ");
    text.append(kLost);
  }
  return text.empty() ? base::Payload() : warning_frame(text);
}

base::Payload Session::lost_frame() {
  return subscriptions_.empty() ? base::Payload() : warning_frame(kLost);
}

void Session::on_room() {
  // A subscription that ends meanwhile stays in memory until the end of the turn.
  std::vector<SessionSubscription*> waiting;
  for (const auto& each : subscriptions_) {
    if (each->wants_room()) waiting.push_back(each.get());
  }
  for (SessionSubscription* each : waiting) {
    if (!each->over()) each->on_room();
  }
}

void Session::on_stream_gone() {
  LOG_DEBUG("stream gone", {"session", short_id()}, {"waiting", channel_.waiting()});
  if (core_.streams_over && !channel_.has_stream()) drop_feeds("the server is shutting down");
  keep_for_return();
  table_.use(*this);
}

void Session::finish_stream() {
  channel_.finish();
  for (const auto& stream : call_streams_) {
    if (stream->over()) stream->close();
  }
  if (channel_.has_stream()) return;
  // No stream will open any more that could take their frames.
  drop_feeds("the server is shutting down");
  table_.use(*this);
}

// ---- the resume window

void Session::keep_for_return() {
  if (channel_.has_stream() || kept_.linked() || subscriptions_.empty()) return;
  table_.resume_window().add(kept_);
}

void Session::on_window_over() {
  std::vector<SessionSubscription*> all;
  for (const auto& each : subscriptions_) {
    // For a subscription not yet answered, the window begins with its answer.
    if (!each->pending()) all.push_back(each.get());
  }
  for (SessionSubscription* each : all) {
    const std::unique_ptr<SessionSubscription> dead = take(*each);
    core_.dropped += channel_.forget(dead->tag());
    LOG_INFO("subscription ended", {"session", short_id()}, {"uri", dead->uri()},
             {"reason", "the client did not reopen its event stream"});
    note_let_go(dead->uri(), "there was no event stream for " +
                                 base::format_duration(core_.options.resume_window));
  }
}

void Session::note_let_go(const std::string& uri, std::string_view why) {
  let_go_why_ = why;
  if (let_go_bytes_ + uri.size() > kLetGoBytes) {
    ++let_go_more_;
  } else {
    let_go_.push_back(uri);
    let_go_bytes_ += uri.size();
  }
}

// ---- streams of POSTs

CallStream* Session::find_call_stream(std::uint32_t number) const {
  const auto at = std::find_if(call_streams_.begin(), call_streams_.end(),
                               [&](const auto& each) { return each->number() == number; });
  return at == call_streams_.end() ? nullptr : at->get();
}

CallStream& Session::open_call_stream(http::Reply reply) {
  const auto ended = std::count_if(call_streams_.begin(), call_streams_.end(),
                                   [](const auto& each) { return each->over(); });
  if (static_cast<std::size_t>(ended) >= kEndedStreams) {
    const auto oldest = std::find_if(call_streams_.begin(), call_streams_.end(),
                                     [](const auto& each) { return each->over(); });
    forget(**oldest);
  }
  call_streams_.push_back(std::make_unique<CallStream>(*this, ++last_stream_));
  call_streams_.back()->attach(std::move(reply), 0);
  return *call_streams_.back();
}

void Session::forget(CallStream& stream) {
  const auto at = std::find_if(call_streams_.begin(), call_streams_.end(),
                               [&](const auto& each) { return each.get() == &stream; });
  CHECK(at != call_streams_.end());
  stream.discard();
  core_.loop.retire(std::move(*at));
  call_streams_.erase(at);
}

loop::TimerList& Session::resume_window() {
  return table_.resume_window();
}

// ---- messages

Outgoing Session::log_message(LogLevel level, std::string_view data_json) const {
  return Outgoing::log(level, core_.options.server_name, data_json);
}

// If the client's level is above warning, the message has that level: the client must not miss it.
base::Payload Session::warning_frame(std::string_view text) const {
  std::string data;
  base::json::append_string(data, text);
  return shared::event_of(log_message(std::max(LogLevel::warning, log_level_), data));
}

base::Payload Session::gap_frame(std::uint64_t n) {
  return warning_frame(std::to_string(n) +
                       " messages of this stream are lost: they are no longer kept; read the "
                       "subscribed resources for their current state");
}

void Session::lists_changed(const Lists& lists) {
  if (!channel_.has_stream()) return lists_changed_.add(lists);
  lists.each([this](std::string_view method) { tell(Outgoing::notification(method, {})); });
}

bool Session::tell(const Outgoing& message) {
  if (channel_.publish(shared::event_of(message), 0)) return true;
  ++core_.dropped;
  return false;
}

}  // namespace mcp::legacy
