// CallClient: the client of one call in progress: what the eras do differently for a call. A session's
// is legacy/session_client.h, that of a request without a session modern/request_client.h.
//
//                      legacy                                  modern
//   an answer          into the Exchange; JSON or an event     at once, or when the client reads
//   notifications      on the POST's event stream              the same
//   log messages       there, else on the session's stream     there
//   ask()              requests to the client; the call waits  the answer: input_required, with
//                      for its answers                         sealed state; a new call goes on
//   tasks              no                                      if the client can follow them
//   it goes away       the call goes on                        cancels the call
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "mcp/ask.h"
#include "mcp/caller.h"
#include "mcp/jsonrpc.h"
#include "mcp/log_level.h"
#include "mcp/outgoing.h"
#include "mcp/version.h"

namespace mcp {
class Tool;
}

namespace mcp::shared {

class Call;

// What a call ends with.
struct CallResult {
  std::string json;            // an object without _meta
  std::string meta_json = {};  // its _meta, an object; "": none
  bool of_read = false;        // of resources/read
};

class CallClient {
 public:
  virtual ~CallClient() = default;

  virtual const Caller& caller() const = 0;
  virtual const ClientCapabilities& capabilities() const = 0;
  virtual Version version() const = 0;
  virtual bool wants(LogLevel level) const = 0;

  // ---- before the end

  // Sends a notification that belongs to the call.
  virtual void notify(const Outgoing& message) = 0;
  virtual void log(const Outgoing& message) { notify(message); }
  // See CallContext.
  virtual void close_stream(base::Duration retry) { (void)retry; }
  virtual void elicitation_complete(std::string_view id) { (void)id; }

  // ---- rounds

  // Prepares a round with the request's `params`. False: it has ended the call.
  virtual bool begin_round(base::json::Value params) = 0;
  // The previous round's answers.
  virtual const Answers& answers() const = 0;
  // Asks, or ends the call if that is impossible. Requires: `questions` is not empty.
  virtual void ask(std::vector<Question> questions, std::string state) = 0;
  // The client's response to a request. False: the request was not this call's.
  virtual bool on_response(const Message& response) { return (void)response, false; }
  // The call ends: questions that have no answer yet are cancelled. Returns `reason`, and what holds
  // without their answers.
  virtual std::string stop_asking(std::string_view reason) { return std::string(reason); }

  // The call lasts: it ends with its token, unless what owns it does.
  virtual void hold_token() {}

  // Can a call of `tool` go on as a task?
  virtual bool takes_tasks(const Tool& tool) const { return (void)tool, false; }
  // Begins a task and answers the call with it. False: there is no room; nothing was done.
  // Requires: takes_tasks(tool).
  virtual bool begin_task(Tool& tool, std::string arguments_json) = 0;

  // ---- the end

  // Each sends the answer. False: a part of it waits for the client; Call::on_sent() follows.
  virtual bool send_result(std::string_view id_json, CallResult result) = 0;
  virtual bool send_error(std::string_view id_json, RpcError error) = 0;
  // Instead: there will be no answer.
  virtual void skip() {}
  // The call is over.
  virtual void close() {}

 protected:
  Call& call() const { return *call_; }

 private:
  friend class Call;
  Call* call_ = nullptr;  // which owns this
};

}  // namespace mcp::shared
