// Channel: a session's own messages: those on the event streams that its GETs opened, and the
// frames that wait because no stream is open, its queue is full, or an answer must be sent first.
//
//   event                                   effect
//   publish                                 to the newest open stream, if nothing waits; else to
//                                           the outbox, if it has room; else refused
//   stream opened, drained, hold released   the outbox is sent; once it is below half of its
//                                           limits: on_room, if a publish was refused
//   stream gone (client away, stalled)      the next newest one takes over; if there is none,
//                                           frames wait for the next
//
// A session may have several streams open; each frame goes on exactly one of them (MCP 2025-11-25,
// Transports, "Multiple Connections"): the one opened last, because a client that reconnected
// certainly reads that one. A client that comes back with Last-Event-ID within the resume window
// gets what it missed on that stream (numbered_stream.h). If it does not, the server cannot know
// which of the broken stream's frames arrived, and sends a warning: on the next stream opened, or
// on the stream that is open when the window is over.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/delegate.h"
#include "base/payload.h"
#include "http/server.h"
#include "loop/timer_list.h"
#include "mcp/legacy/numbered_stream.h"
#include "mcp/legacy/outbox.h"
#include "mcp/shared/core.h"

namespace mcp::legacy {

// Streams open at once in one session: a client has one, and for a while those whose connection it
// lost. One more ends the oldest.
constexpr std::size_t kStreamsPerSession = 8;
// Open streams, and detached ones kept for a client that comes back; one more drops the one that
// has been detached for the longest.
constexpr std::size_t kKeptStreams = 16;

class Channel {
 public:
  struct Events {
    base::Delegate<void()> on_room;         // a refused publish may be tried again
    base::Delegate<void()> on_stream_gone;  // its client went away
    base::Delegate<base::Payload(std::uint64_t)> gap;
    base::Delegate<base::Payload()> lost;  // the warning to send; empty: nothing can be missed
  };
  // `core`, `window` and the owner's caller must outlive this. `owner`, `primes`, `gap`:
  // NumberedStream's.
  Channel(shared::State& core, loop::TimerList& window, StreamOwner owner, bool primes,
          Events events);
  ~Channel();  // Requires: no hold, and close() was called if there was a stream

  // False: nothing was queued; on_room follows when there is room. `tag`: for forget(); 0: none.
  bool publish(const base::Payload& frame, std::uint32_t tag);
  // Drops the frames of `tag` that are not yet on a stream; returns their number.
  std::size_t forget(std::uint32_t tag);

  // Opens a new stream in `reply`: `first` (may be empty), then the frames published from now on.
  void open(http::Reply reply, const base::Payload& first);
  // Continues the stream of event `after` in `reply`: `first`, then the events after it. False:
  // nothing was done; the stream is not kept, or had no such event.
  bool resume(http::Reply& reply, const EventId& after, const base::Payload& first);
  bool can_resume(const EventId& after) const;
  // Is the stream of the event open?
  bool is_read(const EventId& after) const;
  // May a client that now opens a stream without Last-Event-ID have missed frames?
  bool may_have_lost() const;
  bool has_stream() const;
  const StreamOwner& owner() const { return owner_; }

  // Frames wait while there is at least one hold.
  void hold() { ++holds_; }
  void release();

  // Nothing more will be published: the streams end cleanly once everything was handed to them.
  // Without a stream, the frames that wait are dropped.
  void finish();
  // Ends the open streams; frames wait for the client's next one, which may resume them.
  void end_streams();
  // Ends the streams now; frames that they do not take are dropped.
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
    bool lossy = false;  // it may have taken frames that the client did not receive
    NumberedStream events;
    loop::TimerList::Entry kept;  // while it is detached
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

  shared::State& core_;
  loop::TimerList& window_;  // the resume window
  const StreamOwner owner_;
  const bool primes_;
  Events events_;
  std::vector<std::unique_ptr<Stream>> streams_;  // by the time they were last opened or resumed
  std::uint32_t opened_ = 0;
  Outbox outbox_;
  loop::Deferred room_;
  int holds_ = 0;
  bool lost_ = false;  // a lossy stream was dropped
  bool refused_ = false;
  bool finishing_ = false;
};

}  // namespace mcp::legacy
