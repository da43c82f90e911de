// NumberedStream: one logical event stream of a session. Its events are numbered and the last ones
// kept, so that a client whose connection broke, or was let go, goes on where it was by a GET with
// Last-Event-ID (MCP 2025-11-25, Transports, "Resumability and Redelivery").
//
// An event id names the session, the stream and the event: "1f0c9a3es0_17" is event 17 of the first
// stream that a GET opened in the session of salt 1f0c9a3e, "1f0c9a3ep2_1" the first event of the
// answer to its second POST that became a stream. Clients come with ids of a session that is over
// (mcp-remote 0.15.1, after a restart): without the salt they would take another stream's place.
//
//   state      means                                          left by
//   detached   nobody reads; appended events are kept         attach → replaying or live
//   replaying  kept events go out first                       all are out → live
//   live       events go out as they come                     client gone, let_go() → detached
//   finish() in any state: ends cleanly as soon as everything is out
//
// Events that had to be given up before they could go out are told in their place (Events::gap).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/delegate.h"
#include "base/payload.h"
#include "http/reply.h"
#include "mcp/core.h"
#include "mcp/keep_alive.h"
#include "mcp/replay.h"

namespace mcp {

constexpr std::size_t kSaltBytes = 8;  // lower-case hex
// Of the ids of the session `id`; says nothing of `id`.
std::string event_salt(std::string_view session_id);

struct StreamId {
  bool of_post = false;  // else of a GET
  std::uint32_t number = 0;
  bool operator==(const StreamId&) const = default;
};
struct EventId {
  std::string_view salt;  // a view into the text
  StreamId stream;
  std::uint64_t event = 0;
};
// nullopt: none of ours.
std::optional<EventId> parse_event_id(std::string_view text);

// Whose stream it is, and what its session's event ids begin with (event_salt).
struct StreamOwner {
  const Caller& caller;
  std::string salt;
};

class NumberedStream {
 public:
  struct Events {
    base::Delegate<void()> on_drained;  // write() may be tried again; may be empty
    base::Delegate<void()> on_gone;     // the client went away: detached; may be empty
    base::Delegate<base::Payload(std::uint64_t)> gap;  // how the loss of so many is told
  };
  // `core` and the owner's caller outlive it. `primes`: clients understand an event that only
  // carries an id.
  NumberedStream(Core& core, const StreamOwner& owner, StreamId id, bool primes, Events events);
  ~NumberedStream();  // Requires: not attached

  // Goes on in `reply`, instead of the present one, which ends cleanly: `first` (may be empty),
  // events after number `after` that are kept, then new ones. Requires: after <= last().
  void attach(http::Reply reply, std::uint64_t after, const base::Payload& first = {});
  bool attached() const { return attached_; }
  std::uint64_t last() const { return kept_.next() - 1; }

  // Numbers it and sends it. False, nothing done: not live, or the connection's queue is full.
  bool write(const base::Payload& frame);
  // Numbers it and keeps it, to be sent as soon as possible.
  void append(const base::Payload& frame);
  // The connection's answer ends cleanly, since its reader has another; the stream may go on.
  void end_answer();
  // The client is told to come back after `retry`, and the connection's answer ends.
  void let_go(base::Duration retry);
  void finish();
  // The connection's answer ends now; cleanly if everything is out.
  void close();
  // Closes, and lets go of all that was kept: nobody will come back for it.
  void discard();
  // Nothing is left to be sent, and nobody reads.
  bool finished() const { return finishing_ && !attached_; }

  std::size_t queued() const;

 private:
  void keep_alive(const base::Payload& comment);
  void prime(std::string_view extra);
  void pump();
  void on_gone();
  void on_drained();
  void detach();
  bool all_out() const { return next_out_ == kept_.next(); }
  std::string id_line(std::uint64_t event) const;

  Core& core_;
  const std::string prefix_;  // of its events' ids
  const bool primes_;
  Events events_;
  http::Reply reply_;
  Replay kept_;
  std::uint64_t next_out_ = 1;          // the next event to be sent
  std::uint64_t marks_[3] = {1, 1, 1};  // where next_out_ was at the last keep-alives
  bool attached_ = false, finishing_ = false;
  KeepAlive::Stream kept_alive_;
};

}  // namespace mcp
