// Call: one tools/call, prompts/get, resources/read or completion/complete of a legacy session in
// progress. The session owns it; it answers into an Exchange.
//
//   state    means                                  left by
//   round    its run works                          its end → over; ask() → asking
//   asking   requests wait for the client's answer  the last answer → round (started again);
//                                                   a refusal, kAskTime → over
//   over     answered, or never to be answered: out of the session's list, freed by the loop
//
// cancel() (notifications/cancelled: no answer) and abandon() (session over, shutdown: an error)
// end it in any state: the run is destroyed at once, and requests to the client are cancelled.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/link.h"
#include "mcp/context.h"
#include "mcp/legacy/exchange.h"
#include "mcp/shared/core.h"
#include "mcp/shared/progress_pace.h"

namespace mcp {
class Prompt;
class ResourceFamily;
class Tool;
}  // namespace mcp

namespace mcp::legacy {

class Session;

class Call : public base::Link {
 public:
  virtual ~Call();

  const std::string& id_json() const { return id_json_; }
  void cancel();
  void abandon(std::string_view reason);
  // The client's response to a request. False: the request was not this call's.
  bool on_response(const Message& response);

 protected:
  // `session` and `exchange` must outlive this. `name`: the tool, prompt or URI, for logs and
  // metrics.
  Call(Session& session, Exchange& exchange, const Message& message, std::string name);
  // Begins a round. Requires: `params` is an object or absent. The call may be over when this
  // returns.
  void run(base::json::Value params);
  // Starts the run of one round; nullptr when the round ended inside.
  virtual std::unique_ptr<ToolRun> begin(base::json::Value params) = 0;
  // Ends the call with `error`, or with the tool result that stands for it.
  virtual void refuse(RpcError error) = 0;

  // The end. `message`: a JSON-RPC response.
  void finish(Outgoing message, shared::Outcome outcome);
  void finish_result(std::string_view result_json, shared::Outcome outcome = shared::Outcome::ok);
  void finish_error(const RpcError& error);

  // CallContext's methods.
  void tell_progress(const Progress& progress);
  void tell_log(LogLevel level, std::string_view data_json);
  void let_go(base::Duration retry);
  void tell_elicitation_complete(std::string_view elicitation_id);
  void put(std::vector<Question> questions, std::string state);
  void drop_run() { run_.reset(); }

  Session& session_;
  Answers answers_;
  shared::ProgressPace pace_;

 private:
  struct Asked {
    std::string id;  // of our request to the client
    Question question;
    bool answered = false;
  };
  // The state that a call needs only while it asks.
  struct Asking {
    explicit Asking(Call& call);
    std::vector<Asked> asked;
    Answers answers;
    loop::Timer timer;
  };
  bool done() const { return !linked(); }
  void leave(shared::Outcome outcome);
  bool send(const Outgoing& message);
  void take_back(std::string_view reason);
  void on_ask_time();
  void fail_asking(std::string why);
  void next_round();

  shared::State& core_;
  Exchange& exchange_;
  std::string id_json_;
  std::string method_;
  std::string name_;
  std::string params_json_;  // for the next round; kept only when the client can be asked
  base::Charge held_;        // for params_json_, in the budget of bodies
  base::Charge place_;       // in the budget of calls
  loop::TimePoint since_;
  std::unique_ptr<Asking> asking_;
  std::unique_ptr<ToolRun> run_;
};

// Each begins a call. `tool`, `prompt` and `family` must outlive the session.
void call_tool(Session& session, Exchange& exchange, const Message& message, Tool& tool);
void call_prompt(Session& session, Exchange& exchange, const Message& message, Prompt& prompt);
// Requires: params.uri is a string that `family` owns.
void call_read(Session& session, Exchange& exchange, const Message& message,
               ResourceFamily& family);
// Requires: one of `prompt` and `family` is set; completion_of() accepted the params.
void call_complete(Session& session, Exchange& exchange, const Message& message, Prompt* prompt,
                   ResourceFamily* family);

}  // namespace mcp::legacy
