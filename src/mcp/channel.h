// Channel: what a session says on its own: its one event stream (the answer to a GET), and the
// frames that wait because there is none, its queue is full, or an answer must go first.
//
//   publish → the stream, if nothing waits      → the outbox, if there is room      → refused
//   stream attached, drained, hold released → the outbox goes on → below half: on_room, if refused
//   stream gone (client away, stalled) → frames wait for the next one
// A client that comes back with Last-Event-ID gets what it missed (numbered_stream.h). For one that
// does not, the frames that a broken stream had taken cannot be known: the next stream begins with
// a warning that says so.
#pragma once

#include <cstdint>
#include <optional>

#include "base/delegate.h"
#include "base/payload.h"
#include "http/server.h"
#include "mcp/core.h"
#include "mcp/numbered_stream.h"
#include "mcp/outbox.h"

namespace mcp {

class Channel {
 public:
  struct Events {
    base::Delegate<void()> on_room;         // a refused publish may be tried again
    base::Delegate<void()> on_stream_gone;  // its client went away
    base::Delegate<base::Payload(std::uint64_t)> gap;
  };
  // `core` outlives it. `primes`: NumberedStream's.
  Channel(Core& core, bool primes, Events events);
  ~Channel();  // Requires: no hold, and close() was called if there was a stream

  // False, nothing queued: on_room comes when there is space. `tag`: for forget(); 0: nobody's.
  bool publish(const base::Payload& frame, std::uint32_t tag);
  // Frames of `tag` that are not on the stream yet are thrown away; their number.
  std::size_t forget(std::uint32_t tag);

  // Begins the stream in `reply`, instead of the present one, which ends cleanly: `first` (may be
  // empty), then what comes after event `after`; nullopt: what comes from now on.
  // Requires: after <= last_event().
  void attach(http::Reply reply, std::optional<std::uint64_t> after, const base::Payload& first);
  std::uint64_t last_event() const { return stream_.last(); }
  // A client that attaches without saying where it was may have missed frames.
  bool may_have_lost() const { return lossy_; }
  bool has_stream() const { return stream_.attached(); }

  // Frames wait while at least one hold is there.
  void hold() { ++holds_; }
  void release();

  // No more is published: the stream ends cleanly once everything was handed to it. Without a
  // stream what waits is dropped.
  void finish();
  // The stream ends now; what it does not take is dropped.
  void close();

  std::size_t waiting() const { return outbox_.size(); }
  std::size_t queued() const { return outbox_.size() + stream_.queued(); }

 private:
  bool send(const base::Payload& frame);
  void pump();
  void drop_waiting();
  void on_gone();
  void on_drained() { pump(); }
  void tell_room();

  Core& core_;
  Events events_;
  NumberedStream stream_;
  Outbox outbox_;
  loop::Deferred room_;
  int holds_ = 0;
  bool lossy_ = false;  // frames went on a stream since the last attach that could not lose any
  bool refused_ = false;
  bool finishing_ = false;
};

}  // namespace mcp
