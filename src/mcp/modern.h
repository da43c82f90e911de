// Modern: the revision 2026-07-28: every request says all that is needed to answer it, and nothing
// is kept between two of them, so that any replica may serve each. The gate (endpoint.h) has
// checked host, origin, verb, media types and identity, parsed the body and decided the era before
// anything comes here.
//
//   requests         checked as modern_gate.h says, then by method; unknown method: 404 -32601
//   notifications    202, without effect: the request they mean is another connection's
//   responses        400: a client answers in its next request (modern_call.h)
// While draining, what would begin something (calls, reads, listen streams) gets 503.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/own_list.h"
#include "base/seal.h"
#include "http/server.h"
#include "mcp/arrival.h"
#include "mcp/caller.h"
#include "mcp/core.h"
#include "mcp/jsonrpc.h"
#include "mcp/listen_table.h"
#include "mcp/modern_gate.h"
#include "mcp/modern_params.h"
#include "mcp/modern_result.h"
#include "mcp/task_table.h"

namespace mcp {

class ModernCall;

class Modern {
 public:
  explicit Modern(Core& core);  // outlives it
  ~Modern();                    // Requires: abandon_calls() was called if there was a call

  // Requires: decide_era said modern. `message` is valid JSON-RPC.
  void on_message(const Arrival& arrival, Caller caller, const Message& message, http::Reply reply);

  ListenTable& listens() { return listens_; }
  // Answers calls that are still under way with an error, cancels tasks.
  void abandon_calls(std::string_view reason);
  // A list is not what it was: whoever listens for it is told.
  void list_changed(List which);

  // The calls'. It owns them; they begin in this list, and say by retire() that they are over.
  struct Request;
  Core& core() { return core_; }
  base::OwnList<ModernCall>& calls() { return calls_; }
  void retire(ModernCall& call);
  TaskTable& tasks() { return tasks_; }
  const ModernResult& results() const { return results_; }
  const base::Seal& seal() const { return seal_; }

 private:
  struct Method;
  // nullptr: unknown, or of a capability that is not declared.
  const Method* find_method(std::string_view name) const;

  std::optional<HttpError> check(Request& request, const Method* method);
  std::optional<HttpError> check_params(const Request& request);
  // Answered in the turn of its arrival.
  void answer(Request& request, std::string_view result);
  void fail(Request& request, const RpcError& error);

  void discover(Request& request);
  template <List list>
  void show_list(Request& request);
  void call_tool(Request& request);
  void get_prompt(Request& request);
  void read_resource(Request& request);
  void complete(Request& request);
  void listen(Request& request);
  // Has the client declared the tasks extension?
  static bool follows_tasks(const Request& request);
  void refuse_without_tasks(Request& request);
  Task* task_of(Request& request);
  void get_task(Request& request);
  void update_task(Request& request);
  void cancel_task(Request& request);

  Core& core_;
  ModernResult results_;
  base::Seal seal_;
  TaskTable tasks_;
  ListenTable listens_;
  base::OwnList<ModernCall> calls_;
  std::unordered_map<const Tool*, std::vector<MirroredParam>> mirrored_;  // made when first called
};

}  // namespace mcp
