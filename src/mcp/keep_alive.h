// KeepAlive: a comment on each quiet event stream every kKeepAlive, so that nobody on the way
// thinks it dead. One timer and one list for all streams, whatever they carry.
#pragma once

#include "base/delegate.h"
#include "base/link.h"
#include "base/payload.h"
#include "loop/loop.h"

namespace mcp {

// Half of the shortest usual proxy timeout, 30 s.
constexpr base::Duration kKeepAlive = base::seconds(15);

class KeepAlive {
 public:
  // A member of who owns the stream; unlink() takes it out.
  struct Stream : base::Link {
    explicit Stream(base::Delegate<void(const base::Payload&)> fn) : send(fn) {}
    base::Delegate<void(const base::Payload&)> send;  // the comment; may not end any stream
    loop::TimePoint due;
  };

  explicit KeepAlive(loop::Loop& loop);  // outlives it
  // From now on; a stream that is in the list starts anew.
  void add(Stream& stream);

 private:
  void on_timer();
  loop::Loop& loop_;
  base::Link streams_;  // by the time of their next comment
  base::Payload comment_;
  loop::Timer timer_;
};

}  // namespace mcp
