// KeepAlive: sends a comment on each event stream every kKeepAlive, so that intermediaries do not
// time it out. One timer and one list serve all streams of the endpoint.
#pragma once

#include "base/delegate.h"
#include "base/link.h"
#include "base/payload.h"
#include "loop/loop.h"

namespace mcp::shared {

// Half of the shortest usual proxy timeout, 30 s.
constexpr base::Duration kKeepAlive = base::seconds(15);

class KeepAlive {
 public:
  // A member of the object that owns the stream; unlink() removes it from the list.
  struct Stream : base::Link {
    explicit Stream(base::Delegate<void(const base::Payload&)> fn) : send(fn) {}
    base::Delegate<void(const base::Payload&)> send;  // sends the comment; must end no stream
    loop::TimePoint due;
  };

  explicit KeepAlive(loop::Loop& loop);  // `loop` must outlive this
  // The first comment comes kKeepAlive from now. A stream that is already in the list starts over.
  void add(Stream& stream);

 private:
  void on_timer();
  loop::Loop& loop_;
  base::Link streams_;  // ordered by the time of their next comment
  base::Payload comment_;
  loop::Timer timer_;
};

}  // namespace mcp::shared
