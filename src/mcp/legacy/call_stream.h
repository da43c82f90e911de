// CallStream: the event stream of one POST, once its answer has become one. The session owns it, so
// that a client whose connection broke, or was closed by close_stream(), can fetch the rest with a
// GET; after the last answer it is kept for the resume window.
#pragma once

#include <cstdint>
#include <string>

#include "loop/timer_list.h"
#include "mcp/legacy/numbered_stream.h"
#include "mcp/outgoing.h"

namespace mcp::legacy {

class Session;

// Streams that a session keeps after their last answer; beyond it the oldest is forgotten.
constexpr std::size_t kEndedStreams = 16;

class CallStream {
 public:
  CallStream(Session& session, std::uint32_t number);  // `session` must outlive this

  std::uint32_t number() const { return number_; }
  // At the beginning, and when the client comes back. Requires: after <= last().
  void attach(http::Reply reply, std::uint64_t after) { stream_.attach(std::move(reply), after); }
  std::uint64_t last() const { return stream_.last(); }
  bool attached() const { return stream_.attached(); }
  void tell(const Outgoing& message);
  void let_go(base::Duration retry) { stream_.let_go(retry); }
  // Nothing more will be sent. `answered`: there is an answer for which a client could come back.
  void finish(bool answered);
  bool over() const { return over_; }
  // The session ends.
  void close() { stream_.close(); }
  // Ends the stream and keeps nothing. Leaves the resume window, which may be destroyed, or may
  // fire in this turn, before this is freed.
  void discard() {
    kept_.unlink();
    stream_.discard();
  }

 private:
  void on_gone() {}
  base::Payload gap(std::uint64_t lost);
  void on_window_over();

  Session& session_;
  const std::uint32_t number_;
  bool over_ = false;
  NumberedStream stream_;
  loop::TimerList::Entry kept_;
};

}  // namespace mcp::legacy
