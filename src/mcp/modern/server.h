// Server: the revision 2026-07-28: every request carries all that is needed to answer it, and
// nothing is kept between requests (except tasks), so that any replica can serve each. The gate
// (endpoint.h) has checked host, origin, HTTP method, media types and identity, parsed the body and
// decided the era before it calls this.
//
//   requests         checked as in gate.h, then by method; unknown method: 404 -32601
//   notifications    202, no effect: the request that they refer to is on another connection
//   responses        400: a client answers in its next request (request_client.h)
//
// While draining, requests that begin work (listen streams, and calls and reads once calls are over)
// get 503.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/own_list.h"
#include "base/seal.h"
#include "http/server.h"
#include "mcp/caller.h"
#include "mcp/jsonrpc.h"
#include "mcp/modern/gate.h"
#include "mcp/modern/listen_table.h"
#include "mcp/modern/mirrored_params.h"
#include "mcp/modern/result.h"
#include "mcp/modern/task_table.h"
#include "mcp/outgoing.h"
#include "mcp/shared/call.h"
#include "mcp/shared/core.h"
#include "mcp/shared/request_headers.h"

namespace mcp::modern {

// A call that lasts longer ends with its token. Most last less, and need not be registered for that.
constexpr base::Duration kShortCall = base::seconds(1);

class Server {
 public:
  explicit Server(shared::State& core);  // `core` must outlive this
  ~Server();                             // Requires: abandon_calls() was called if there was a call

  // Requires: the era is modern; `message` is valid JSON-RPC.
  void on_message(const shared::RequestHeaders& arrival, Caller caller, const Message& message,
                  http::Reply reply);

  ListenTable& listens() { return listens_; }
  // Answers calls that are still in progress with an error, and cancels tasks.
  void abandon_calls(std::string_view reason);
  // Notifies the listen streams that asked for changes of this list.
  void list_changed(List which);

  // For the calls' clients.
  struct Request;
  shared::State& core() { return core_; }
  TaskTable& tasks() { return tasks_; }
  const ResultWriter& results() const { return results_; }
  const base::Seal& seal() const { return seal_; }

 private:
  struct Method;
  // nullopt: unknown, or its capability is not declared.
  std::optional<Method> find_method(std::string_view name) const;

  std::optional<HttpError> check(Request& request, const Method* method);
  std::optional<HttpError> check_params(const Request& request);
  // Answer in the turn in which the request arrived.
  void answer(Request& request, std::string_view result, Body body = Body::result);
  void fail(Request& request, const RpcError& error);

  void discover(Request& request);
  void show_list(Request& request);
  void begin_call(Request& request);
  void on_lasting();
  void listen(Request& request);
  // Has the client declared the tasks extension?
  static bool follows_tasks(const Request& request);
  void refuse_without_tasks(Request& request);
  Task* task_of(Request& request);
  void get_task(Request& request);
  void update_task(Request& request);
  void cancel_task(Request& request);

  shared::State& core_;
  ResultWriter results_;
  base::Seal seal_;
  TaskTable tasks_;
  ListenTable listens_;
  base::OwnList<shared::Call> calls_;
  loop::Timer lasting_;  // kShortCall after a call began, if there is one
  std::unordered_map<const Tool*, std::vector<MirroredParam>> mirrored_;  // made at the first call
};

}  // namespace mcp::modern
