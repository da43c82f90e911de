// NumberedStream: one logical event stream of a session. Its events are numbered and the last ones
// kept, so that a client whose connection broke, or was closed by let_go(), can resume it with a
// GET with Last-Event-ID (MCP 2025-11-25, Transports, "Resumability and Redelivery").
//
// An event id names the session, the stream and the event:
//
//   1f0c9a3es0_17   in the session of salt 1f0c9a3e, event 17 of the first stream that a GET opened
//   1f0c9a3ep2_1    the first event of the second answer to a POST that became a stream there
//
// The salt is there because clients send ids of a session that is over (mcp-remote 0.15.1, after a
// restart), which would otherwise resume the wrong stream.
//
//   state      means                                           left by
//   detached   no client reads it; appended events are kept    attach() → replaying or live
//   replaying  kept events are sent first                      all are sent → live
//   live       events are sent as they come                    client gone, let_go() → detached
//   (any)      finish(): ends cleanly as soon as everything is sent
//
// A message takes the place of events that were dropped before they could be sent (Events::gap).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/delegate.h"
#include "base/payload.h"
#include "http/reply.h"
#include "mcp/shared/core.h"
#include "mcp/shared/keep_alive.h"
#include "mcp/shared/replay.h"

namespace mcp::legacy {

constexpr std::size_t kSaltBytes = 8;  // lower-case hex
// The salt of a session's event ids; it does not reveal `session_id`.
std::string event_salt(std::string_view session_id);

struct StreamId {
  bool of_post = false;  // false: a GET opened it
  std::uint32_t number = 0;
  bool operator==(const StreamId&) const = default;
};
struct EventId {
  std::string_view salt;  // a view into the text
  StreamId stream;
  std::uint64_t event = 0;
};
// nullopt: it does not have the form of our ids.
std::optional<EventId> parse_event_id(std::string_view text);

// The caller that the stream belongs to, and its session's salt (event_salt()).
struct StreamOwner {
  const Caller& caller;
  std::string salt;
};

class NumberedStream {
 public:
  struct Events {
    base::Delegate<void()> on_drained;  // write() may be tried again; may be empty
    base::Delegate<void()> on_gone;     // the client went away: detached; may be empty
    base::Delegate<base::Payload(std::uint64_t)> gap;  // the message for so many lost events
  };
  // `core` and the owner's caller must outlive this. `primes`: the client understands an event that
  // only carries an id.
  NumberedStream(shared::State& core, const StreamOwner& owner, StreamId id, bool primes,
                 Events events);
  ~NumberedStream();  // Requires: not attached

  // Continues in `reply`: `first` (may be empty), the kept events after number `after`, then new
  // ones. A reply that is still attached ends cleanly. Requires: after <= last().
  void attach(http::Reply reply, std::uint64_t after, const base::Payload& first = {});
  bool attached() const { return attached_; }
  std::uint64_t last() const { return kept_.next() - 1; }

  // Numbers and sends an event. False: nothing was done; the stream is not live, or the
  // connection's queue is full.
  bool write(const base::Payload& frame);
  // Numbers and keeps an event, and sends it as soon as possible.
  void append(const base::Payload& frame);
  // Ends the attached reply cleanly, because the client has a newer one; the stream can be attached
  // again.
  void end_answer();
  // Asks the client to come back after `retry`, and ends the attached reply. Does nothing unless
  // the stream primes.
  void let_go(base::Duration retry);
  // See (any) above.
  void finish();
  // Ends the attached reply now; cleanly if everything was sent.
  void close();
  // close(), and drops all kept events: the stream will not be resumed.
  void discard();
  // Nothing is left to send, and it is detached.
  bool finished() const { return finishing_ && !attached_; }

  std::size_t queued() const;

 private:
  void keep_alive();
  void prime(std::string_view extra);
  void pump();
  void on_gone();
  void on_drained();
  void detach();
  bool all_out() const { return next_out_ == kept_.next(); }
  std::string id_line(std::uint64_t event) const;

  shared::State& core_;
  const Caller& caller_;
  const std::string prefix_;  // of its event ids
  const bool primes_;
  Events events_;
  http::Reply reply_;
  base::Charge place_;  // among the streams, while attached
  shared::Replay kept_;
  std::uint64_t next_out_ = 1;          // the next event to be sent
  std::uint64_t marks_[3] = {1, 1, 1};  // where next_out_ was at the last keep-alives
  bool attached_ = false, finishing_ = false;
  shared::KeepAlive::Stream kept_alive_;
};

}  // namespace mcp::legacy
