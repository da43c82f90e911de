// KeepAlive: a comment on each event stream every kKeepAlive, so that intermediaries do not time it
// out. One timer serves all streams of the endpoint.
#pragma once

#include "base/payload.h"
#include "http/reply.h"
#include "http/sse.h"
#include "loop/timer_list.h"

namespace mcp::shared {

// Half of the shortest usual proxy timeout, 30 s.
constexpr base::Duration kKeepAlive = base::seconds(15);

class KeepAlive {
 public:
  // A member of the object that owns the stream. Its function calls send().
  using Stream = loop::TimerList::Entry;

  explicit KeepAlive(loop::Loop& loop)  // `loop` must outlive this
      : streams_(loop, "mcp keep-alive", kKeepAlive), comment_(http::sse::comment("keep-alive")) {}
  // It is due kKeepAlive from now. A stream that is already in the list starts over.
  void add(Stream& stream) { streams_.add(stream); }
  // Sends the comment, and the next one later. A full queue refuses it, and does not need it.
  void send(http::Reply& reply, Stream& stream) {
    reply.write(comment_);
    add(stream);
  }

 private:
  loop::TimerList streams_;
  base::Payload comment_;
};

}  // namespace mcp::shared
