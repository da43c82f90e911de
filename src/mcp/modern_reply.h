// ModernReply: the answer to one modern request. It is JSON until something has to be said before
// the answer; then it is an event stream, on which the answer comes last.
//
//   undecided --answer--> sent as JSON (as one event, if the client takes nothing else)
//   undecided --notify--> stream --answer--> sent as the last event, stream ended
// A client that takes no event streams gets the answer alone. Its going away ends the request
// (MCP 2026-07-28, Transports, "Cancellation"): on_gone, and nothing more is sent.
#pragma once

#include <string>
#include <string_view>

#include "base/delegate.h"
#include "base/payload.h"
#include "http/server.h"
#include "mcp/core.h"
#include "mcp/jsonrpc.h"
#include "mcp/media.h"

namespace mcp {

class ModernReply {
 public:
  struct Events {
    base::Delegate<void()> on_gone;
    base::Delegate<void()> on_sent;  // of an answer that had to wait
  };
  // `core` outlives it. `streams`: the client takes event streams.
  ModernReply(Core& core, http::Reply reply, AnswerForm form, bool streams);
  ~ModernReply();

  // Who holds it wants to know; it stays where it is from here on.
  void watch(Events events);

  // `message`: one line. Lost, and counted, when the client does not read.
  void notify(std::string_view message);
  // The last message; a status other than 200 counts as long as the answer is undecided. False: the
  // client's queue is full, on_sent comes. Requires: once.
  bool answer(const std::string& message, int status = 200);
  // Nothing more is told, either way; an answer that waits is lost.
  void close();

 private:
  bool send_last();
  void on_gone();
  void on_drained();
  void keep_alive(const base::Payload& comment) { reply_.write(comment); }

  Core& core_;
  http::Reply reply_;
  Events events_;
  base::Payload last_;  // the answer, when it has to wait
  KeepAlive::Stream kept_alive_;
  AnswerForm form_;
  bool streams_;
};

}  // namespace mcp
