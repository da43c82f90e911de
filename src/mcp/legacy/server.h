// Server: the revisions that begin with initialize: sessions, their methods, their event streams.
// The gate (endpoint.h) has checked host, origin, HTTP method, media types and identity, parsed the
// body and decided the era before it calls this.
//
//   initialize                 a new session; only this answer carries its id
//   requests                   need a session (else 400, 404), then go by method; one POST is one
//                              Exchange; unknown method: -32601 with status 200
//   notifications, responses   202
//   GET                        a stream of the session's own; with Last-Event-ID the rest of that
//                              stream, the session's own or a POST's
//   DELETE                     ends the session
//
// The HTTP+SSE transport of 2024-11-05 is not served (MCP 2025-11-25, Transports, "Backwards
// Compatibility", leaves that to the server): every current client speaks streamable HTTP, and a
// client that tries both fails at once: /sse and /messages are 404 with a text, a GET of /mcp
// without a session is 400. The revision 2024-11-05 itself is served (version.h).
// While draining, requests that begin work (initialize, subscriptions, and calls and reads once calls
// are over) get 503.
#pragma once

#include <string>
#include <string_view>

#include "http/server.h"
#include "mcp/caller.h"
#include "mcp/jsonrpc.h"
#include "mcp/legacy/exchange.h"
#include "mcp/legacy/session_table.h"
#include "mcp/shared/core.h"
#include "mcp/shared/request_headers.h"

namespace mcp::legacy {

constexpr std::size_t kBatchMessages = 100;  // in one batch; they run one after another

class Server {
 public:
  explicit Server(shared::State& core);  // `core` must outlive this

  // Requires (both): the era is legacy; `message` is valid JSON-RPC, `array` an array.
  void on_message(const shared::RequestHeaders& in, Caller caller, const Message& message,
                  http::Reply reply);
  void on_batch(const shared::RequestHeaders& in, const Caller& caller, base::json::Value array,
                http::Reply reply);
  void on_get(const shared::RequestHeaders& in, const Caller& caller, http::Reply reply);
  void on_delete(const shared::RequestHeaders& in, const Caller& caller, http::Reply reply);

  // Notifies every session, on its own stream, at the end of the turn.
  void list_changed(List list);

  SessionTable& sessions() { return sessions_; }

 private:
  void initialize(const shared::RequestHeaders& in, Caller caller, const Message& message,
                  http::Reply& reply);
  // The session that `in` names, or nullptr after the reply was sent.
  Session* session_of(const shared::RequestHeaders& in, const Caller& caller, http::Reply& reply);
  void request(Session& session, const Message& message, Exchange& exchange);
  // Is there room for what `message` begins? If not, it counts as a refusal.
  shared::Full room_for(Session& session, const Message& message);
  // The same for a batch's message; an invalid one is answered with an error.
  void run_in_batch(const Message& message, Exchange& exchange);
  void notification(Session& session, const Message& message);

  void ping(Session& session, const Message& message, Exchange& exchange);
  void show_list(Session& session, const Message& message, Exchange& exchange);
  void begin_call(Session& session, const Message& message, Exchange& exchange);
  void subscribe(Session& session, const Message& message, Exchange& exchange);
  void unsubscribe(Session& session, const Message& message, Exchange& exchange);
  void set_log_level(Session& session, const Message& message, Exchange& exchange);
  void answer(Exchange& exchange, const Message& message, std::string_view result,
              Body body = Body::result);
  void fail(Exchange& exchange, const Message& message, const RpcError& error);
  void fail(Exchange& exchange, const Message& message, RpcCode code, std::string text);

  struct Method;
  // nullptr: unknown, or its capability is not declared.
  const Method* find_method(std::string_view name) const;
  bool begins_work(std::string_view method) const;

  void tell_lists();

  shared::State& core_;
  SessionTable sessions_;
  Lists changed_;
  loop::Deferred lists_task_;
};

}  // namespace mcp::legacy
