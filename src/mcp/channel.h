// Channel: what a session says on its own: its one event stream (the answer to a GET), and the
// frames that wait because there is none, its queue is full, or an answer must go first.
//
//   publish → the stream, if nothing waits      → the outbox, if there is room      → refused
//   stream attached, drained, hold released → the outbox goes on → below half: on_room, if refused
//   stream gone (client away, stalled) → frames wait for the next one
// Frames that a broken stream had already taken cannot be asked back: the next stream begins with a
// warning that says so (`after_break`).
#pragma once

#include <cstdint>

#include "base/delegate.h"
#include "base/payload.h"
#include "http/server.h"
#include "mcp/core.h"
#include "mcp/outbox.h"

namespace mcp {

class Channel {
 public:
  struct Events {
    base::Delegate<void()> on_room;         // a refused publish may be tried again
    base::Delegate<void()> on_stream_gone;  // its client went away
  };
  // `core` outlives it.
  Channel(Core& core, Events events);
  ~Channel();  // Requires: no hold, and close() was called if there was a stream

  // False, nothing queued: on_room comes when there is space. `tag`: for forget(); 0: nobody's.
  bool publish(const base::Payload& frame, std::uint32_t tag);
  // Frames of `tag` that are not on the stream yet are thrown away.
  void forget(std::uint32_t tag);

  // Begins the stream in `reply`, instead of the present one, which ends cleanly. `after_break`:
  // sent first when the last stream broke with frames on it; may be empty.
  void attach(http::Reply reply, const base::Payload& after_break);
  bool has_stream() const { return open_; }
  // A comment, so that nobody on the way thinks the stream dead.
  void keep_alive(const base::Payload& comment);

  // Frames wait while at least one hold is there.
  void hold() { ++holds_; }
  void release();

  // No more is published: the stream ends cleanly once everything was handed to it. Without a
  // stream what waits is dropped.
  void finish();
  // The stream ends cleanly now; what it does not take is dropped.
  void close();

  std::size_t waiting() const { return outbox_.size(); }
  std::size_t queued() const { return outbox_.size() + stream_.queued_messages(); }

 private:
  void pump();
  void end_stream();
  void drop_waiting();
  void on_gone();
  void on_drained() { pump(); }
  void tell_room();

  Core& core_;
  Events events_;
  http::Reply stream_;
  Outbox outbox_;
  loop::Deferred room_;
  int holds_ = 0;
  bool open_ = false;
  bool used_ = false;    // frames went on this stream
  bool broken_ = false;  // the last stream broke with frames on it
  bool refused_ = false;
  bool finishing_ = false;
};

}  // namespace mcp
