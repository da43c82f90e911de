// CallStream: the event stream of one POST, once it has one. It belongs to the session, so that a
// client whose connection broke, or was let go, gets the rest by a GET; after the last answer it is
// kept for the resume window.
#pragma once

#include <cstdint>
#include <string>

#include "mcp/numbered_stream.h"
#include "mcp/resume_window.h"

namespace mcp {

class Session;

// Kept after their end, in one session; beyond it the oldest is forgotten.
constexpr std::size_t kEndedStreams = 16;

class CallStream {
 public:
  CallStream(Session& session, std::uint32_t number);  // `session` outlives it

  std::uint32_t number() const { return number_; }
  // The first time and for a client that came back. Requires: after <= last().
  void attach(http::Reply reply, std::uint64_t after) { stream_.attach(std::move(reply), after); }
  std::uint64_t last() const { return stream_.last(); }
  // `message`: one line.
  void tell(const std::string& message);
  void let_go(base::Duration retry) { stream_.let_go(retry); }
  // Everything was said. `answered`: there is an answer that a client could come back for.
  void finish(bool answered);
  bool over() const { return over_; }
  // The session ends.
  void close() { stream_.close(); }
  // The end: nothing is kept, and nobody is told any more, not by the window either, which may go,
  // or may be over in this very turn, before this is freed.
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
  ResumeWindow::Kept kept_;
};

}  // namespace mcp
