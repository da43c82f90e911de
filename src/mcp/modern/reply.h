// Reply: the answer to one modern request. It is JSON, unless a notification precedes the
// answer; then it is an event stream, and the answer is its last event.
//
//   undecided --answer--> sent as JSON (as one event, if the client accepts nothing else)
//   undecided --notify--> stream --answer--> sent as the last event, stream ended
//
// A client that accepts no event streams, or whose caller may have no further one, gets the answer
// alone. When the client goes away, the request ends (MCP 2026-07-28, Transports, "Cancellation"):
// on_gone, and nothing more is sent.
#pragma once

#include <string>
#include <string_view>

#include "base/delegate.h"
#include "base/payload.h"
#include "http/server.h"
#include "mcp/outgoing.h"
#include "mcp/shared/content_negotiation.h"
#include "mcp/shared/core.h"

namespace mcp::modern {

class Reply {
 public:
  struct Events {
    base::Delegate<void()> on_gone;
    base::Delegate<void()> on_sent;  // an answer that had to wait was handed over
  };
  struct Form {
    shared::AnswerForm form = shared::AnswerForm::json;
    bool streams = false;  // the client accepts event streams
  };
  // `core` must outlive this. `owner`: whose share of the streams it uses once it is one.
  Reply(shared::State& core, http::Reply reply, std::string owner, Form form);
  ~Reply();

  // Begins to report events. From now on this must not move in memory.
  void watch(Events events);

  // Dropped, and counted, when the client's queue is full.
  void notify(const Outgoing& message);
  // Sends the last message; `status` is used only if no stream has begun. False: the client's queue
  // is full; on_sent follows. Requires: it is called once.
  bool answer(const Outgoing& message, int status = 200);
  // Sends and reports nothing more; an answer that waits is lost.
  void close();

 private:
  bool begin_stream();
  bool send_last();
  void on_gone();
  void on_drained();
  void keep_alive() { core_.keep_alive.send(reply_, kept_alive_); }

  shared::State& core_;
  http::Reply reply_;
  Events events_;
  base::Payload last_;  // the answer, when it has to wait
  base::Charge held_;   // for it, among the answers
  shared::KeepAlive::Stream kept_alive_;
  const std::string owner_;
  base::Charge place_;  // among the streams
  Form form_;
};

}  // namespace mcp::modern
