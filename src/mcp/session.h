// Session: what a legacy client has from initialize to its end: an identity, a version, calls under
// way, subscriptions, and a channel. About 500 bytes without them.
//
// A session that has no stream keeps its subscriptions, and what its last stream's client may have
// missed, for the resume window, then lets them go; its next stream begins by saying which.
//
// end() is the one way out, whoever asks for it (DELETE, expiry, eviction, a refused token,
// shutdown): calls and pending subscriptions are answered with an error, feeds are freed, the
// stream ends cleanly. The table frees the object through the loop.
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
#include "mcp/call_stream.h"
#include "mcp/caller.h"
#include "mcp/channel.h"
#include "mcp/core.h"
#include "mcp/log_level.h"
#include "mcp/session_subscription.h"

namespace mcp {

constexpr std::size_t kSessionIdBytes = 32;    // 128 random bits in hex
constexpr std::size_t kCallsPerSession = 256;  // under way; a client that needs more is broken

// Of URIs of subscriptions that were let go, told to a client that comes back; the rest is a count.
constexpr std::size_t kLetGoBytes = 4 * base::limits::kKiB;

class Call;
class SessionTable;

class Session : public base::Link {
 public:
  using Id = std::array<char, kSessionIdBytes>;
  // `core` and `table` outlive it.
  Session(Core& core, SessionTable& table, const Id& id, Caller caller, Version version);
  ~Session();  // Requires: end() was called

  std::string_view id() const { return {id_.data(), id_.size()}; }
  std::string_view short_id() const { return id().substr(0, 8); }  // for logs: no credential
  Core& core() { return core_; }
  Version version() const { return version_; }
  const ClientCapabilities& client() const { return client_; }
  void set_client(const ClientCapabilities& client) { client_ = client; }
  const Caller& caller() const { return caller_; }
  // A request of the same identity: if it came with another bearer, calls and feeds go on with that.
  void set_bearer(const Caller& caller);
  void set_log_level(LogLevel level) { log_level_ = level; }

  // Owns them; they begin in these lists, and say by retire() that they are over.
  base::OwnList<Call>& calls() { return calls_; }
  base::OwnList<Exchange>& exchanges() { return exchanges_; }
  void retire(Call& call);
  void retire(Exchange& exchange);
  bool may_call() const { return calls_.size() < kCallsPerSession; }
  // Of a request to the client: "srv-1".
  std::string next_request_id() { return "srv-" + std::to_string(++last_request_); }
  // The client's answer to one; one that nobody waits for is nothing.
  void on_response(const Message& response);
  // notifications/cancelled.
  void cancel(std::string_view id_json);
  void abandon_calls(std::string_view reason);

  // resources/subscribe of a URI that `family` owns; answers into `exchange`, at once or later.
  void subscribe(ResourceFamily& family, std::string_view uri, Exchange& exchange,
                 const std::string& id_json);
  // What waits for the stream is forgotten, too. False: there was no such subscription.
  bool unsubscribe(std::string_view uri);
  std::size_t subscriptions() const { return subscriptions_.size(); }

  // A GET: a stream of the session's own, or what comes after an event, on any stream.
  // `returning`: the client named an event. If that is not kept any more, it gets a new stream, and
  // is told that something may be lost: the session, and what it subscribed to, go on.
  // Requires: can_resume(*after) if that is of a POST.
  void open_stream(http::Reply reply, const std::optional<EventId>& after, bool returning);
  bool can_resume(const EventId& after) const;
  Channel& channel() { return channel_; }
  // The event stream of a POST; forgotten some time after its end.
  CallStream& open_call_stream(http::Reply reply);
  bool has_stream() const { return channel_.has_stream(); }
  // Cannot expire: a stream is open, or a call is under way.
  bool in_use() const {
    return channel_.has_stream() || !calls_.empty() || !exchanges_.empty() ||
           waiting_to_subscribe();
  }

  bool wants(LogLevel level) const { return level >= log_level_; }
  // notifications/message. `data_json`: one line.
  std::string log_message(LogLevel level, std::string_view data_json) const;
  // Told on the session's stream; without one, when it has one.
  void lists_changed(const Lists& lists);
  // How the loss of `n` events of a stream is told.
  base::Payload gap_frame(std::uint64_t n);
  // `message` on the session's stream; false, and counted as dropped: the channel is full.
  bool tell(const std::string& message);

  // Every feed says its last words; those that have to wait for room go on until they are said.
  void end_feeds(std::string_view reason);
  // No feed remains without a stream; with one, the stream ends when all was handed to it.
  void finish_stream();
  // `last_words`: active feeds say `reason` before they go.
  void end(std::string_view reason, bool last_words);

  // SessionSubscription's.
  void subscribed(const SessionSubscription& subscription);
  void subscription_ended(const SessionSubscription& subscription);
  void retire(SessionSubscription& subscription);

  // CallStream's.
  ResumeWindow& resume_window();
  void forget(CallStream& stream);

  // SessionTable's.
  loop::TimePoint last_used;
  bool fresh = true;  // not used since initialize

 private:
  bool lives_by_token() const { return has_stream() || subscriptions() > 0; }
  void on_token_over(std::string_view reason);
  void on_room();
  void on_stream_gone();
  void stream_closed();
  void on_window_over();
  void keep_for_return();
  void note_let_go(const std::string& uri);
  base::Payload first_words(bool may_have_lost);
  base::Payload lost_frame();
  CallStream* find_call_stream(std::uint32_t number) const;
  bool waiting_to_subscribe() const;
  void drop_feeds(std::string_view reason);  // at once, those who wait are answered
  std::unique_ptr<SessionSubscription> take(SessionSubscription& subscription);
  std::vector<std::unique_ptr<SessionSubscription>>::iterator find(std::string_view uri);
  base::Payload warning_frame(std::string_view text) const;

  Core& core_;
  SessionTable& table_;
  Id id_;
  Version version_;
  LogLevel log_level_ = LogLevel::warning;  // until the client says what it wants: the revisions
                                            // leave the default to the server
  ClientCapabilities client_;
  std::uint32_t last_tag_ = 0, last_request_ = 0;
  Caller caller_;
  TokenUse token_;
  base::OwnList<Exchange> exchanges_;
  base::OwnList<Call> calls_;
  std::vector<std::unique_ptr<SessionSubscription>> subscriptions_;
  Channel channel_;
  std::uint32_t last_stream_ = 0;
  std::vector<std::unique_ptr<CallStream>> call_streams_;
  ResumeWindow::Kept kept_;  // while it has subscriptions and no stream
  Lists lists_changed_;      // to be told on the next stream
  // To be told on the next stream: of subscriptions that were let go the URIs, as far as there is
  // room for them, and how many more.
  std::vector<std::string> let_go_;
  std::size_t let_go_bytes_ = 0, let_go_more_ = 0;
};

}  // namespace mcp
