// Call: one round of a tools/call, prompts/get, resources/read or completion/complete of the
// modern era. Each request begins a new round, with the answers and state that the client sends.
//
//   state    means                                    left by
//   round    its run works; progress and log lines    its end → over, or sending if the client's
//            make the answer a stream                 queue is full; ask() is an end, too: the
//            (reply.h)                                answer is input_required, with sealed state
//                                                     (sealed_state.h)
//   sending  answered; the client reads slowly        all handed over → over
//   over     out of the server's list; freed by the loop
//
// The client's going away and abandon() (shutdown) end it in any state; the run is destroyed at
// once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/link.h"
#include "base/seal.h"
#include "mcp/context.h"
#include "mcp/modern/reply.h"
#include "mcp/modern/request.h"
#include "mcp/modern/server.h"
#include "mcp/shared/core.h"
#include "mcp/shared/progress_pace.h"

namespace mcp::modern {

class Call : public base::Link {
 public:
  virtual ~Call();
  // Answers it with an error, if it has no answer yet.
  void abandon(std::string_view reason);

 protected:
  // `modern` must outlive this. `name`: the tool, prompt or URI, for logs and metrics.
  Call(Server& modern, Server::Request& request, std::string name);
  // Reads the answers and state of earlier rounds, then begins this one. It may be over when this
  // returns.
  void run(const Server::Request& request);
  // Starts the round's run; nullptr when the round ended inside.
  virtual std::unique_ptr<ToolRun> begin(base::json::Value params) = 0;

  // The end. `result`: an object without _meta; `meta_json`: its _meta, "": none.
  void finish_result(std::string_view result, shared::Outcome outcome = shared::Outcome::ok,
                     std::string_view meta_json = {});
  void finish_kept(std::string_view result, const Caching& caching);
  void finish_error(RpcError error);
  // The answer is `task`: the call goes on in it.
  void finish_as(const Task& task);

  // CallContext's methods.
  void tell_progress(const Progress& progress);
  void tell_log(LogLevel level, std::string_view data_json);
  void put(const std::vector<Question>& questions, const std::string& state);
  void drop_run() { run_.reset(); }

  Server& modern_;
  Caller caller_;
  ClientCapabilities client_;
  Answers answers_;
  shared::ProgressPace pace_;

 private:
  bool take_answers(base::json::Value params);
  void finish(const Outgoing& message, int status, shared::Outcome outcome);
  void leave();
  bool done() const { return done_; }
  void on_gone();
  void on_sent();

  Reply reply_;
  base::Charge place_;  // among the calls
  std::string id_json_;
  std::string method_;
  std::string name_;
  std::string context_;  // binds its sealed state; made only for methods that may ask
  std::optional<LogLevel> log_level_;
  loop::TimePoint since_;
  shared::Outcome outcome_ = shared::Outcome::cancelled;  // until it is answered
  bool done_ = false;
  bool goes_on_ = false;  // as a task
  std::unique_ptr<ToolRun> run_;
};

// Each begins a call. `tool`, `prompt` and `family` must outlive the endpoint.
void begin_tool(Server& modern, Server::Request& request, Tool& tool);
void begin_prompt(Server& modern, Server::Request& request, Prompt& prompt);
// Requires: params.uri is a string that `family` owns.
void begin_read(Server& modern, Server::Request& request, ResourceFamily& family);
// Requires: one of `prompt` and `family` is set; completion_of() accepted the params.
void begin_complete(Server& modern, Server::Request& request, Prompt* prompt,
                    ResourceFamily* family);

}  // namespace mcp::modern
