// CallContext: the call under way as whoever answers it sees it, whatever the revision: who asks,
// what may be told before the end, asking the client, and the end itself.
//
// A call (tools/call, prompts/get, resources/read, completion/complete) is one or more rounds. A
// round may take as many turns of the loop as it needs and ends in exactly one of four ways, once;
// each is also allowed inside the method that starts the round:
//
//   succeed(…)        the result; its type is the derived class's
//   fail(ToolError)   tools only: the tool could not do what was asked; the model sees why
//   fail(RpcError)    the request itself was wrong or cannot be served: a JSON-RPC error
//   ask(…)            the client is asked; the next round begins with its answers (ask.h)
// A tool's round may also end by going on as a task (tool.h).
//
// The run is freed after that, never inside the call that ended it. When the client cancels, its
// session ends or the server shuts down the run is destroyed at once, which cancels what it has
// under way; it must call nothing more.
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

// A round that takes more than one turn: its members are the locals, its methods the steps.
class ToolRun {
 public:
  virtual ~ToolRun() = default;  // cancels what is under way
};

struct Progress {
  double done = 0;           // grows; one that does not is not sent
  double total = 0;          // 0: not known
  std::string message = {};  // for people
};

class CallContext {
 public:
  virtual ~CallContext() = default;
  virtual const Caller& caller() const = 0;

  // ---- before the end

  // The client gave a progress token; without one progress() does nothing. Long work is told in
  // pieces through `message` and log(): a result is one message in every revision.
  virtual bool wants_progress() const = 0;
  virtual void progress(const Progress& progress) = 0;
  // notifications/message, if the client wants that level. `data_json`: any JSON, on one line.
  virtual void log(LogLevel level, std::string_view data_json) = 0;
  // The call will be long: a client that can come back for the rest (2025-11-25) is let go and
  // told to return after `retry`. Elsewhere: nothing.
  virtual void close_stream(base::Duration retry) = 0;
  // What a user did at an elicitation's URL is done (2025-11-25; elsewhere nothing).
  virtual void elicitation_complete(std::string_view elicitation_id) = 0;

  // ---- asking the client

  virtual const ClientCapabilities& client() const = 0;
  // Of the round before; empty in the first one.
  virtual const Answers& answers() const = 0;
  // Ends the round. Questions beyond what the client can answer end the call: missing_capability().
  // `state`: for the next round; the client may see it, not change it. Requires: one question.
  virtual void ask(std::vector<Question> questions, std::string state = {}) = 0;

  // ---- the end

  virtual void fail(RpcError error) = 0;
};

}  // namespace mcp
