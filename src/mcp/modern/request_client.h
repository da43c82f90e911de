// RequestClient: the client of a modern call. Nothing is kept between its requests: when a call asks,
// the answer holds the questions and sealed state (sealed_state.h), and the client sends everything
// again with its answers, which begins another call. If the client goes away, the call is cancelled;
// if its token is no longer valid, the call is abandoned.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mcp/modern/reply.h"
#include "mcp/modern/server.h"
#include "mcp/shared/call_client.h"
#include "mcp/shared/recheck.h"

namespace mcp::modern {

class RequestClient final : public shared::CallClient {
 public:
  // `server` must outlive this.
  RequestClient(Server& server, Server::Request& request);

 private:
  const Caller& caller() const override { return caller_; }
  const ClientCapabilities& capabilities() const override { return client_; }
  Version version() const override { return Version::v2026_07_28; }
  bool wants(LogLevel level) const override { return log_level_ && level >= *log_level_; }
  void notify(const Outgoing& message) override { reply_.notify(message); }
  bool begin_round(base::json::Value params) override;
  const Answers& answers() const override { return answers_; }
  void ask(std::vector<Question> questions, std::string state) override;
  void hold_token() override;
  bool takes_tasks(const Tool& tool) const override;
  bool begin_task(Tool& tool, std::string arguments_json) override;
  bool send_result(std::string_view id_json, shared::CallResult result) override;
  bool send_error(std::string_view id_json, RpcError error) override;
  void close() override;
  void on_gone();
  void on_sent();
  bool lives() const;
  void on_token_over(const shared::TokenEnd& end);

  Server& server_;
  Caller caller_;
  std::optional<shared::TokenUse> token_;  // of a call that lasts
  ClientCapabilities client_;
  Answers answers_;
  Reply reply_;
  std::string context_;  // binds its sealed state; made only for methods that may ask
  std::optional<LogLevel> log_level_;
};

}  // namespace mcp::modern
