// Call: one tools/call, prompts/get, resources/read or completion/complete of a legacy session
// under way. The session owns it; it answers into an Exchange.
//
//   state    means                                  left by
//   round    its run works                          its end → over; ask() → asking
//   asking   requests wait for the client's answer  the last answer → round (begun anew);
//                                                   a refusal, kAskTime → over
//   over     answered, or not to be: out of the session's list, freed by the loop
//   cancel() (notifications/cancelled: no answer) and abandon() (session over, shutdown: an error)
//   end it in any state; the run is destroyed at once, and questions are taken back.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/link.h"
#include "mcp/context.h"
#include "mcp/core.h"
#include "mcp/exchange.h"
#include "mcp/progress_pace.h"

namespace mcp {

class Session;
class Tool;
class Prompt;
class ResourceFamily;

class Call : public base::Link {
 public:
  virtual ~Call();

  const std::string& id_json() const { return id_json_; }
  void cancel();
  void abandon(std::string_view reason);
  // The client's response to a request of this call's. False: it is not this call's.
  bool on_response(const Message& response);

 protected:
  // `session` and `exchange` outlive it. `name`: of the tool, prompt or URI, for logs.
  Call(Session& session, Exchange& exchange, const Message& message, std::string name);
  // The first round. Requires: `params` is an object or absent. It may be over when this returns.
  void run(base::json::Value params);
  // One round.
  virtual std::unique_ptr<ToolRun> begin(base::json::Value params) = 0;
  // The end for a reason that the derived class words in its own way.
  virtual void refuse(RpcError error) = 0;

  // The end. `message`: a JSON-RPC response.
  void finish(std::string message, Outcome outcome);
  void finish_result(std::string_view result_json, Outcome outcome = Outcome::ok);
  void finish_error(const RpcError& error);

  // What CallContext asks for.
  void tell_progress(const Progress& progress);
  void tell_log(LogLevel level, std::string_view data_json);
  void let_go(base::Duration retry);
  void tell_elicitation_complete(std::string_view elicitation_id);
  void put(std::vector<Question> questions, std::string state);
  void drop_run() { run_.reset(); }

  Session& session_;
  Answers answers_;
  ProgressPace pace_;

 private:
  struct Asked {
    std::string id;  // of the request
    Question question;
    bool answered = false;
  };
  // What a call needs only while it asks.
  struct Asking {
    explicit Asking(Call& call);
    std::vector<Asked> asked;
    Answers answers;
    loop::Timer timer;
  };
  bool done() const { return !linked(); }
  void leave(Outcome outcome);
  bool send(const std::string& message);
  void take_back(std::string_view reason);
  void on_ask_time();
  void fail_asking(std::string why);
  void next_round();

  Core& core_;
  Exchange& exchange_;
  std::string id_json_;
  std::string method_;
  std::string name_;
  std::string params_json_;  // for the next round; kept only for a client that can be asked
  base::Charge held_;        // for it, among the bodies
  loop::TimePoint since_;
  std::unique_ptr<Asking> asking_;
  std::unique_ptr<ToolRun> run_;
};

// Begins it. `tool`, `prompt` and `family` outlive the session.
void call_tool(Session& session, Exchange& exchange, const Message& message, Tool& tool);
void call_prompt(Session& session, Exchange& exchange, const Message& message, Prompt& prompt);
// Requires: params.uri is a string that `family` owns.
void call_read(Session& session, Exchange& exchange, const Message& message,
               ResourceFamily& family);
// One of the two; params.argument holds two strings.
void call_complete(Session& session, Exchange& exchange, const Message& message, Prompt* prompt,
                   ResourceFamily* family);

}  // namespace mcp
