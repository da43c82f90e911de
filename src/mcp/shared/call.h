// Call: one tools/call, prompts/get, resources/read or completion/complete in progress. What its era
// does differently stands behind its CallClient (call_client.h); what the four kinds do differently,
// in call_kinds.cc.
//
//   state    means                                        left by
//   round    its run works                                its end → over, or sending if the client's
//                                                         queue is full; ask() → asking (legacy), or
//                                                         an end, too (modern)
//   asking   requests wait for the client's answer        the last answer → round (started again);
//                                                         a refusal, kAskTime → over
//   sending  answered; the client reads slowly (modern)   all handed over → over
//   over     out of its owner's list; freed by the loop
//
// cancel() (by the client, or it went away: no answer) and abandon() (session over, shutdown: the
// run's last words, or an error) end it in any state: the run is destroyed at once, and requests to
// the client are cancelled. What a cancelled call has done goes into the log, and to a client that
// listens to log messages.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/budget.h"
#include "base/link.h"
#include "base/own_list.h"
#include "mcp/context.h"
#include "mcp/shared/call_client.h"
#include "mcp/shared/core.h"
#include "mcp/shared/progress_pace.h"

namespace mcp::shared {

// What a call begins with.
struct CallStart {
  State& core;                 // must outlive the call
  base::OwnList<Call>& calls;  // its owner's; the call leaves it at its end
  const Message& message;      // the request; read while the call begins
  std::unique_ptr<CallClient> from;
};

class Call : public base::Link {
 public:
  virtual ~Call();

  const std::string& id_json() const { return id_json_; }
  const std::string& method() const { return method_; }
  void cancel();
  void abandon(std::string_view reason);
  // See CallClient.
  void hold_token() { from_->hold_token(); }
  // The client's response to a request. False: the request was not this call's.
  bool on_response(const Message& response) { return from_->on_response(response); }

  // Begins a round. Requires: `params` is an object or absent. The call may be over when this
  // returns.
  void run(base::json::Value params);

  // ---- for its CallClient

  bool working() const { return state_ == State::round; }
  // The client sends no answer to the call, but questions: the run is freed; run() goes on.
  void on_asked() { state_ = State::asking; }
  // The questions were taken back.
  void on_ask_over() { state_ = State::round; }
  // It has sent an answer of its own making; `sent` as in CallClient. `goes_on`: the work does, as
  // a task.
  void answered(bool sent, Outcome outcome, bool goes_on = false);
  // What had to wait is sent.
  void on_sent() { leave(); }
  // Ends the call with `error`: as it is, or as the result that stands for it.
  void finish_error(RpcError error);
  virtual void refuse(RpcError error) = 0;

 protected:
  // `name`: the tool, prompt or URI, for logs and metrics.
  Call(CallStart start, std::string name);
  // Starts the run of one round; nullptr when the round ended inside.
  virtual std::unique_ptr<ToolRun> begin(base::json::Value params) = 0;

  void finish_result(CallResult result, Outcome outcome = Outcome::ok);

  // CallContext's methods.
  bool progress_wanted() const { return pace_.wanted(); }
  void tell_progress(const Progress& progress);
  void tell_log(LogLevel level, std::string_view data_json);
  void let_go(base::Duration retry);
  void tell_elicitation_complete(std::string_view elicitation_id);
  void put(std::vector<Question> questions, std::string state);
  void drop_run() { run_.reset(); }
  CallClient& from() const { return *from_; }
  const Registry& registry() const { return core_.registry; }

 private:
  enum class State : unsigned char { round, asking, sending, over };
  void leave();

  shared::State& core_;
  base::OwnList<Call>& calls_;
  std::unique_ptr<CallClient> from_;
  std::string id_json_, method_, name_;
  ProgressPace pace_;
  base::Charge place_;  // in the budget of calls
  base::Charge paced_;  // among those of its class at once
  loop::TimePoint since_;
  State state_ = State::round;
  Outcome outcome_ = Outcome::cancelled;  // until it is answered
  bool goes_on_ = false;                  // as a task
  std::unique_ptr<ToolRun> run_;
};

}  // namespace mcp::shared
