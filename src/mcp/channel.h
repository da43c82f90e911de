// Channel: what a session says on its own: on the event streams that GETs opened, and the frames
// that wait because there is none, its queue is full, or an answer must go first.
//
//   publish → the newest open stream, if nothing waits  → the outbox, if there is room  → refused
//   stream opened, drained, hold released → the outbox goes on → below half: on_room, if refused
//   stream gone (client away, stalled) → the next newest; without one frames wait for the next
// A session may have several streams open; each frame goes on exactly one of them (MCP 2025-11-25,
// Transports, "Multiple Connections"): the one opened last, as of a client that came back that is
// the one it reads for certain. A client that comes back with Last-Event-ID gets what it missed on
// that stream (numbered_stream.h), for the resume window. When it does not, the frames that the
// broken stream had taken cannot be known, and a warning says so: on the next stream opened, or
// on the one that is open when the window is over.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/delegate.h"
#include "base/payload.h"
#include "http/server.h"
#include "mcp/core.h"
#include "mcp/numbered_stream.h"
#include "mcp/outbox.h"
#include "mcp/resume_window.h"

namespace mcp {

// Open at once in one session: clients have one, for a while those they lost too. A further one
// ends the oldest.
constexpr std::size_t kStreamsPerSession = 8;
// Of these and those that are kept for a return; then the one that nobody reads for longest goes.
constexpr std::size_t kKeptStreams = 16;

class Channel {
 public:
  struct Events {
    base::Delegate<void()> on_room;         // a refused publish may be tried again
    base::Delegate<void()> on_stream_gone;  // its client went away
    base::Delegate<base::Payload(std::uint64_t)> gap;
    base::Delegate<base::Payload()> lost;  // the warning; empty: nobody would miss anything
  };
  // `core`, `window` and the owner's caller outlive it. `owner`, `primes`: NumberedStream's.
  Channel(Core& core, ResumeWindow& window, StreamOwner owner, bool primes, Events events);
  ~Channel();  // Requires: no hold, and close() was called if there was a stream

  // False, nothing queued: on_room comes when there is space. `tag`: for forget(); 0: nobody's.
  bool publish(const base::Payload& frame, std::uint32_t tag);
  // Frames of `tag` that are not on a stream yet are thrown away; their number.
  std::size_t forget(std::uint32_t tag);

  // A new stream in `reply`: `first` (may be empty), then what comes from now on.
  void open(http::Reply reply, const base::Payload& first);
  // The stream of an event goes on in `reply`, after that event, with `first` before what is new.
  // False, nothing done: it is not kept, or had no such event.
  bool resume(http::Reply& reply, const EventId& after, const base::Payload& first);
  bool can_resume(const EventId& after) const;
  // A client that opens a stream without saying where it was may have missed frames.
  bool may_have_lost() const;
  bool has_stream() const;
  const StreamOwner& owner() const { return owner_; }

  // Frames wait while at least one hold is there.
  void hold() { ++holds_; }
  void release();

  // No more is published: the streams end cleanly once everything was handed to them. Without a
  // stream what waits is dropped.
  void finish();
  // The streams end now; what they do not take is dropped.
  void close();

  std::size_t waiting() const { return outbox_.size(); }
  std::size_t queued() const;

 private:
  struct Stream {
    Stream(Channel& channel, std::uint32_t of);
    void on_gone() { owner.on_gone(*this); }
    void on_drained() { owner.pump(); }
    void on_window_over() { owner.on_window_over(*this); }
    Channel& owner;
    const std::uint32_t number;
    bool lossy = false;  // frames went on it since it was opened or resumed
    NumberedStream events;
    ResumeWindow::Kept kept;  // while nobody reads it
  };
  bool send(const base::Payload& frame);
  void pump();
  void drop_waiting();
  void on_gone(Stream& stream);
  void on_window_over(Stream& stream);
  void make_place();
  void make_newest(Stream& stream);
  void drop(Stream& stream);
  Stream* find(StreamId id) const;
  Stream* newest() const;  // of the open ones
  std::size_t open_streams() const;
  void tell_room();

  Core& core_;
  ResumeWindow& window_;
  const StreamOwner owner_;
  const bool primes_;
  Events events_;
  std::vector<std::unique_ptr<Stream>> streams_;  // in the order of their last opening
  std::uint32_t opened_ = 0;
  Outbox outbox_;
  loop::Deferred room_;
  int holds_ = 0;
  bool lost_ = false;  // a stream was dropped that frames had gone on
  bool refused_ = false;
  bool finishing_ = false;
};

}  // namespace mcp
