// NumberedStream: one logical event stream of a session. Its events are numbered and the last ones
// kept, so that a client whose connection broke, or was let go, goes on where it was by a GET with
// Last-Event-ID "<stream>_<event>" (MCP 2025-11-25, Transports, "Resumability and Redelivery").
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

struct EventId {
  std::uint32_t stream = 0;
  std::uint64_t event = 0;
};
// "<stream>_<event>", two decimal numbers; nullopt for anything else.
std::optional<EventId> parse_event_id(std::string_view text);

class NumberedStream {
 public:
  struct Events {
    base::Delegate<void()> on_drained;  // write() may be tried again; may be empty
    base::Delegate<void()> on_gone;     // the client went away: detached; may be empty
    base::Delegate<base::Payload(std::uint64_t)> gap;  // how the loss of so many is told
  };
  // `core` outlives it. `primes`: clients understand an event that only carries an id.
  NumberedStream(Core& core, std::uint32_t number, bool primes, Events events);
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
  const std::uint32_t number_;
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
