// Call: one tools/call or resources/read under way. It belongs to a session, in whose list of calls
// it is linked, and answers into an Exchange. It ends in one of three ways, and frees itself then:
//
//   its run replies (also inside start)      the answer is given; freed by the loop, for the run's
//                                            method may be on the stack
//   cancel()  notifications/cancelled        no answer; the run is destroyed at once
//   abandon() session over, shutdown         an error; the run is destroyed at once
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/link.h"
#include "mcp/core.h"
#include "mcp/exchange.h"
#include "mcp/resource.h"
#include "mcp/tool.h"

namespace mcp {

class Session;

class Call : public base::Link {
 public:
  virtual ~Call();

  const std::string& id_json() const { return id_json_; }
  void cancel();
  void abandon(std::string_view reason);

 protected:
  // `core` and `exchange` outlive it; `calls` is the session's list.
  Call(Core& core, base::Link& calls, Exchange& exchange, std::string id_json, std::string name);
  // The run's end. `message`: a JSON-RPC response.
  void finish(std::string message, std::string_view outcome);
  void keep(std::unique_ptr<ToolRun> run) { run_ = std::move(run); }
  bool done() const { return !linked(); }

 private:
  void leave(std::string_view outcome);
  Core& core_;
  Exchange& exchange_;
  std::string id_json_;
  std::string name_;  // tool or URI, for logs
  loop::TimePoint since_;
  std::unique_ptr<ToolRun> run_;
};

class ToolCall final : public Call, private ToolReply {
 public:
  // Requires: the message's arguments fit the tool. The call may be over when this returns.
  static void start(Core& core, Session& session, Exchange& exchange, const Message& message,
                    Tool& tool);

 private:
  ToolCall(Core& core, Session& session, Exchange& exchange, const Message& message,
           const Tool& tool);
  void succeed(std::string structured_json) override;
  void fail(std::string message) override;
  bool structured_;  // the session's revision and the tool have structuredContent
};

class ReadCall final : public Call, private ReadReply {
 public:
  // Requires: the message's params.uri is a string that `family` owns. As above.
  static void start(Core& core, Session& session, Exchange& exchange, const Message& message,
                    ResourceFamily& family);

 private:
  ReadCall(Core& core, Session& session, Exchange& exchange, const Message& message);
  void succeed(ResourceContent content) override;
  void fail(RpcError error) override;
  std::string uri_;
};

// The result of a tool that could not do what was asked, as the model sees it.
std::string tool_error_result(std::string_view text);
// `error` with data {"uri":URI} if it has none.
RpcError about_uri(RpcError error, std::string_view uri);

}  // namespace mcp
