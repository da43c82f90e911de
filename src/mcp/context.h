// CallContext: a call in progress as its implementation sees it, in every revision: the caller,
// notifications before the end, asking the client, and the end itself.
//
// A call (tools/call, prompts/get, resources/read, completion/complete) is one or more rounds. A
// round may take as many turns of the loop as it needs and ends once, in exactly one of four ways;
// each is also allowed inside the method that starts the round:
//
//   succeed(…)        the result; its type is the derived class's
//   fail(ToolError)   tools only: the tool could not do what was asked; the model sees the message
//   fail(RpcError)    the request is invalid or cannot be served: a JSON-RPC error
//   ask(…)            asks the client; the next round begins with its answers (ask.h)
//
// A tool's round may also end by going on as a task (tool.h).
//
// The run is freed after that, never inside the method that ended the round. When the client
// cancels, its session ends or the server shuts down, the run is asked for its last words
// (ToolRun) and destroyed at once, which cancels what it has in progress; from then on it must not
// use the context.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "mcp/ask.h"
#include "mcp/caller.h"
#include "mcp/jsonrpc.h"
#include "mcp/log_level.h"

namespace mcp {

// A round that takes more than one turn: its members are the round's state, its methods the steps.
class ToolRun {
 public:
  virtual ~ToolRun() = default;  // cancels what is in progress
  // The call is about to end from outside, with an answer: the server shuts down, or the session is
  // over; `reason` says which. The run may end it now, with what became of its work. If it does not,
  // the answer is an error with `reason`, and the run is destroyed.
  virtual void abandon(std::string_view reason) { (void)reason; }
  // What the call has done until now, for a client that cancels it: "nothing was written". "": there
  // is nothing to say.
  virtual std::string so_far() const { return {}; }
};

struct Progress {
  double done = 0;           // must grow; a report that does not is not sent
  double total = 0;          // 0: unknown
  std::string message = {};  // for people
};

class CallContext {
 public:
  virtual ~CallContext() = default;
  virtual const Caller& caller() const = 0;

  // ---- before the end

  // Did the client send a progress token? Without one, progress() does nothing. Long work reports
  // partial output through Progress::message and log(): a result is one message in every revision.
  virtual bool wants_progress() const = 0;
  virtual void progress(const Progress& progress) = 0;
  // notifications/message, if the client wants that level. `data_json`: any JSON, on one line.
  virtual void log(LogLevel level, std::string_view data_json) = 0;
  // For a long call: closes the call's event stream and asks the client to fetch the rest after
  // `retry` (2025-11-25). Does nothing in other revisions.
  virtual void close_stream(base::Duration retry) = 0;
  // The user has finished at an elicitation's URL (2025-11-25; does nothing in other revisions).
  virtual void elicitation_complete(std::string_view elicitation_id) = 0;

  // ---- asking the client

  virtual const ClientCapabilities& client() const = 0;
  // The previous round's answers; empty in the first round.
  virtual const Answers& answers() const = 0;
  // Ends the round. A question that the client cannot answer ends the call: missing_capability().
  // `state`: for the next round; the client may be able to read it, but cannot change it.
  // Requires: `questions` is not empty.
  virtual void ask(std::vector<Question> questions, std::string state = {}) = 0;

  // ---- the end

  virtual void fail(RpcError error) = 0;
};

}  // namespace mcp
