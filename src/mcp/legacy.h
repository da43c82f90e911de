// Legacy: the revisions that begin with initialize: sessions, their methods, their event streams.
// The gate (endpoint.h) has checked host, origin, verb, media types and identity, parsed the body
// and decided the era before anything comes here.
//
//   initialize                       a new session; its id goes out on this answer and no other
//   requests                         session found (400, 404), then by method; one POST is one
//                                    Exchange; unknown method: -32601 with status 200
//   notifications, responses         202
//   GET                              a stream of the session's own; with Last-Event-ID the rest of
//                                    that stream, its own or a POST's
//   DELETE                           the session's end
// The HTTP+SSE transport of 2024-11-05 is not served (MCP 2025-11-25, Transports, "Backwards
// Compatibility", leaves that to the server): every client of today speaks streamable HTTP, and
// one that tries both sees at once what is not here: /sse and /messages are 404 with a text, a GET
// of /mcp without a session is 400. The revision itself is (version.h).
// While draining, what would begin something (initialize, calls, reads, subscriptions) gets 503.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/server.h"
#include "mcp/caller.h"
#include "mcp/core.h"
#include "mcp/exchange.h"
#include "mcp/jsonrpc.h"
#include "mcp/media.h"
#include "mcp/session_table.h"

namespace mcp {

constexpr std::size_t kBatchMessages = 100;  // what a batch of work holds; each is answered in turn

// What the gate knows of a request besides its body. Views are valid during the call.
struct Inbound {
  std::optional<std::string_view> session, version;  // Mcp-Session-Id, MCP-Protocol-Version
  AnswerForm form = AnswerForm::json;
  bool events = false;                              // an event stream is acceptable
  std::optional<std::string_view> last_event = {};  // Last-Event-ID
};

class Legacy {
 public:
  explicit Legacy(Core& core);  // outlives it

  // Requires (both): decide_era said legacy. `message` is valid JSON-RPC, `array` an array.
  void on_message(const Inbound& in, Caller caller, const Message& message, http::Reply reply);
  void on_batch(const Inbound& in, const Caller& caller, base::json::Value array,
                http::Reply reply);
  void on_get(const Inbound& in, const Caller& caller, http::Reply reply);
  void on_delete(const Inbound& in, const Caller& caller, http::Reply reply);

  // Every session is told, on its own stream, at the end of the turn.
  void list_changed(List list);

  SessionTable& sessions() { return sessions_; }

 private:
  void initialize(const Inbound& in, Caller caller, const Message& message, http::Reply& reply);
  // The session that `in` names, or nullptr after the reply was sent.
  Session* session_of(const Inbound& in, const Caller& caller, http::Reply& reply);
  void request(Session& session, const Message& message, Exchange& exchange);
  // The same of a batch, or what is no request and gets an error.
  void run_in_batch(const Message& message, Exchange& exchange);
  void notification(Session& session, const Message& message);

  void ping(Session& session, const Message& message, Exchange& exchange);
  template <List list>
  void show_list(Session& session, const Message& message, Exchange& exchange);
  void call_tool(Session& session, const Message& message, Exchange& exchange);
  void get_prompt(Session& session, const Message& message, Exchange& exchange);
  void complete(Session& session, const Message& message, Exchange& exchange);
  void read_resource(Session& session, const Message& message, Exchange& exchange);
  void subscribe(Session& session, const Message& message, Exchange& exchange);
  void unsubscribe(Session& session, const Message& message, Exchange& exchange);
  void set_log_level(Session& session, const Message& message, Exchange& exchange);
  void answer(Exchange& exchange, const Message& message, std::string_view result);
  void fail(Exchange& exchange, const Message& message, const RpcError& error);
  void fail(Exchange& exchange, const Message& message, RpcCode code, std::string text);
  // params.uri, or "" after an error was answered.
  std::string_view uri_of(const Message& message, Exchange& exchange);

  struct Method;
  // nullptr: unknown, or of a capability that is not declared.
  const Method* find_method(std::string_view name) const;
  bool begins_work(std::string_view method) const;

  void tell_lists();

  Core& core_;
  SessionTable sessions_;
  Lists changed_;
  loop::Deferred lists_task_;
};

// A request while draining, and one whose caller has not taken its answers: 503 with Retry-After.
void send_draining(http::Reply& reply, std::string_view id_json);
void send_no_room(http::Reply& reply, std::string_view id_json);

}  // namespace mcp
