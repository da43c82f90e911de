// Session: a legacy client's state from initialize to its end: an identity, a version, calls in
// progress, subscriptions, and a channel. About 500 bytes without them.
//
// A session without a stream keeps its subscriptions, and the events that its client may have
// missed, for the resume window, and then drops them; its next stream begins with a warning that
// names the dropped subscriptions.
//
// A session outlives its token: it waits for the next one of its identity (mcp/shared/recheck.h).
//
// end() is the only way out, for every cause (DELETE, expiry, eviction, shutdown): calls and pending
// subscriptions are answered with an error, feeds are freed, the streams end. The table frees the
// object through the loop.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/own_list.h"
#include "mcp/ask.h"
#include "mcp/caller.h"
#include "mcp/legacy/call_stream.h"
#include "mcp/legacy/channel.h"
#include "mcp/legacy/session_subscription.h"
#include "mcp/log_level.h"
#include "mcp/outgoing.h"
#include "mcp/shared/call.h"
#include "mcp/shared/core.h"

namespace mcp::legacy {

constexpr std::size_t kSessionIdBytes = 32;  // 128 random bits in hex
// Calls in progress, and POSTs not yet answered; a client that needs more is broken. Callers that
// have a token have a share besides (limits::kCallsPerCaller).
constexpr std::size_t kCallsPerSession = 256;

// Bytes of dropped subscriptions' URIs that the next stream's warning lists; it counts the others.
constexpr std::size_t kLetGoBytes = 4 * base::limits::kKiB;

class SessionTable;

class Session : public base::Link {
 public:
  using Id = std::array<char, kSessionIdBytes>;
  // `core` and `table` must outlive this.
  Session(shared::State& core, SessionTable& table, const Id& id, Caller caller, Version version);
  ~Session();  // Requires: end() was called

  std::string_view id() const { return {id_.data(), id_.size()}; }
  std::string_view short_id() const { return id().substr(0, 8); }  // for logs: not a credential
  shared::State& core() { return core_; }
  Version version() const { return version_; }
  const ClientCapabilities& client() const { return client_; }
  void set_client(const ClientCapabilities& client) { client_ = client; }
  const Caller& caller() const { return caller_; }
  // For each request of the session: if its token is another one than before, calls and feeds use
  // it from now on. Requires: the same identity.
  void set_bearer(const Caller& caller);
  void set_log_level(LogLevel level) { log_level_ = level; }

  // The session owns them: they are added to these lists. A call leaves its list at its end; an
  // exchange is ended by retire().
  base::OwnList<shared::Call>& calls() { return calls_; }
  base::OwnList<Exchange>& exchanges() { return exchanges_; }
  void retire(Exchange& exchange);
  bool may_begin() const {
    return calls_.size() < kCallsPerSession && exchanges_.size() < kCallsPerSession;
  }
  // The id of our next request to the client: "srv-1", …
  std::string next_request_id() { return "srv-" + std::to_string(++last_request_); }
  // The client's response to such a request; ignored if no call waits for it.
  void on_response(const Message& response);
  // notifications/cancelled.
  void cancel(std::string_view id_json);
  void abandon_calls(std::string_view reason);

  // resources/subscribe of a URI that `family` owns; answers into `exchange`, at once or later.
  void subscribe(ResourceFamily& family, std::string_view uri, Exchange& exchange,
                 const std::string& id_json);
  // Also drops its frames that wait for the stream. False: there was no such subscription.
  bool unsubscribe(std::string_view uri);
  std::size_t subscriptions() const { return subscriptions_.size(); }

  // Handles a GET: opens a stream of the session's own, or resumes any stream after an event.
  // `returning`: the client sent a Last-Event-ID. If that event is no longer kept, the client gets
  // a new stream and a warning that updates may be lost; the session and its subscriptions go on.
  // Requires: can_resume(*after) if `after` is an event of a POST's stream.
  void open_stream(http::Reply reply, const std::optional<EventId>& after, bool returning);
  bool can_resume(const EventId& after) const;
  // The stream of `after` is one of this session's and open.
  bool is_read(const EventId& after) const;
  Channel& channel() { return channel_; }
  // Begins the event stream of a POST, which is kept for the resume window after its end.
  CallStream& open_call_stream(http::Reply reply);
  bool has_stream() const { return channel_.has_stream(); }
  // True while a stream is open, a call or exchange is in progress, or a subscription is not yet
  // answered: such a session does not expire and is not evicted.
  bool in_use() const {
    return channel_.has_stream() || !calls_.empty() || !exchanges_.empty() ||
           waiting_to_subscribe();
  }

  bool wants(LogLevel level) const { return level >= log_level_; }
  // A notifications/message.
  Outgoing log_message(LogLevel level, std::string_view data_json) const;
  // Notifies the client on the session's stream, or on its next one if it has none.
  void lists_changed(const Lists& lists);
  // The warning that `n` events of a stream were lost.
  base::Payload gap_frame(std::uint64_t n);
  // Sends `message` on the session's stream. False: the channel is full; counted as dropped.
  bool tell(const Outgoing& message);

  // Every feed publishes a last delta that contains `reason`; a feed for which there is no room
  // ends when it has published it.
  void end_feeds(std::string_view reason);
  // Without a stream, the feeds are dropped; a stream ends when everything was handed to it.
  void finish_stream();
  // `last_words`: active feeds publish a last delta with `reason` before they are freed.
  void end(std::string_view reason, bool last_words);

  // For SessionSubscription.
  void subscribed(const SessionSubscription& subscription);
  void subscription_ended(const SessionSubscription& subscription);
  void retire(SessionSubscription& subscription);

  // For CallStream.
  loop::TimerList& resume_window();
  void forget(CallStream& stream);

  // For SessionTable.
  base::Charge place;  // in the budget of sessions
  loop::TimePoint last_used;
  bool fresh = true;  // not used since initialize

 private:
  bool lives_by_token() const { return in_use() || subscriptions() > 0; }
  void on_token_over(const shared::TokenEnd& end);
  void on_room();
  void on_stream_gone();
  void stream_closed();
  void on_window_over();
  void keep_for_return();
  void note_let_go(const std::string& uri, std::string_view why);
  base::Payload first_words(bool may_have_lost);
  base::Payload lost_frame();
  CallStream* find_call_stream(std::uint32_t number) const;
  bool waiting_to_subscribe() const;
  // At once; requests that wait for them get an error. `only_pending`: only those not yet answered.
  void drop_feeds(std::string_view reason, bool only_pending = false);
  std::unique_ptr<SessionSubscription> take(SessionSubscription& subscription);
  std::vector<std::unique_ptr<SessionSubscription>>::iterator find(std::string_view uri);
  base::Payload warning_frame(std::string_view text) const;

  shared::State& core_;
  SessionTable& table_;
  Id id_;
  Version version_;
  // Until the client sets a level; the revisions leave the default to the server.
  LogLevel log_level_ = LogLevel::warning;
  ClientCapabilities client_;
  std::uint32_t last_tag_ = 0, last_request_ = 0;
  Caller caller_;
  shared::TokenUse token_;
  base::OwnList<Exchange> exchanges_;
  base::OwnList<shared::Call> calls_;
  std::vector<std::unique_ptr<SessionSubscription>> subscriptions_;
  Channel channel_;
  std::uint32_t last_stream_ = 0;
  std::vector<std::unique_ptr<CallStream>> call_streams_;
  loop::TimerList::Entry kept_;  // while it has subscriptions and no stream
  Lists lists_changed_;          // to be reported on the next stream
  // To be reported on the next stream: the URIs of dropped subscriptions, up to kLetGoBytes, and
  // the number of the others; and why the last of them was dropped.
  std::vector<std::string> let_go_;
  std::string let_go_why_;
  std::size_t let_go_bytes_ = 0, let_go_more_ = 0;
};

}  // namespace mcp::legacy
