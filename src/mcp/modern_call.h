// ModernCall: one tools/call, prompts/get, resources/read or completion/complete of the modern era
// under way, as the round that it is: begun anew by each request, with what the client brings.
//
//   state    means                               left by
//   round    its run works                       its end → over (or sending, if there is no room)
//            progress and log lines make the answer a stream (modern_reply.h)
//            ask(): answered with input_required and sealed state (sealed_state.h); that is an end
//   sending  answered; the client reads slowly   all handed over → over
//   over     out of the list of Modern, who owns it; freed by the loop
//   the client goes away, abandon() (shutdown): in any state; the run is destroyed at once
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/link.h"
#include "base/seal.h"
#include "mcp/context.h"
#include "mcp/core.h"
#include "mcp/modern.h"
#include "mcp/modern_reply.h"
#include "mcp/modern_request.h"
#include "mcp/progress_pace.h"

namespace mcp {

class ModernCall : public base::Link {
 public:
  virtual ~ModernCall();
  // With an error.
  void abandon(std::string_view reason);

 protected:
  // `modern` outlives it. `name`: of the tool, prompt or URI, for logs.
  ModernCall(Modern& modern, Modern::Request& request, std::string name);
  // Reads what the client brings from earlier rounds, then begins this one. It may be over when
  // this returns.
  void run(const Modern::Request& request);
  virtual std::unique_ptr<ToolRun> begin(base::json::Value params) = 0;

  // The end. `result`: an object without _meta; `meta_json`: its _meta.
  void finish_result(std::string_view result, Outcome outcome = Outcome::ok,
                     std::string_view meta_json = {});
  void finish_kept(std::string_view result, const Caching& caching);
  void finish_error(RpcError error);
  // The answer is `task`, in which the call goes on.
  void finish_as(const Task& task);

  // What CallContext asks for.
  void tell_progress(const Progress& progress);
  void tell_log(LogLevel level, std::string_view data_json);
  void put(const std::vector<Question>& questions, const std::string& state);
  void drop_run() { run_.reset(); }

  Modern& modern_;
  Caller caller_;
  ClientCapabilities client_;
  Answers answers_;
  ProgressPace pace_;

 private:
  bool take_answers(base::json::Value params);
  void finish(const std::string& message, int status, Outcome outcome);
  void leave();
  bool done() const { return done_; }
  void on_gone();
  void on_sent();

  ModernReply reply_;
  std::string id_json_;
  std::string method_;
  std::string name_;
  std::string context_;  // of its state; made only for what may ask
  std::optional<LogLevel> log_level_;
  loop::TimePoint since_;
  Outcome outcome_ = Outcome::cancelled;  // until it is answered
  bool done_ = false;
  bool goes_on_ = false;  // as a task
  std::unique_ptr<ToolRun> run_;
};

// Begins it. `tool`, `prompt` and `family` outlive the endpoint.
void begin_tool(Modern& modern, Modern::Request& request, Tool& tool);
void begin_prompt(Modern& modern, Modern::Request& request, Prompt& prompt);
// Requires: params.uri is a string that `family` owns.
void begin_read(Modern& modern, Modern::Request& request, ResourceFamily& family);
// One of the two; params.argument holds two strings.
void begin_complete(Modern& modern, Modern::Request& request, Prompt* prompt,
                    ResourceFamily* family);

}  // namespace mcp
