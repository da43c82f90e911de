// SessionClient: the client of a session's call. It answers into an Exchange; questions are requests
// to the client, whose answers come in later POSTs: the call waits for them, up to kAskTime.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/budget.h"
#include "loop/loop.h"
#include "mcp/legacy/exchange.h"
#include "mcp/shared/call_client.h"

namespace mcp::legacy {

class Session;

class SessionClient final : public shared::CallClient {
 public:
  // Both must outlive this. `exchange` expects one more answer from now on.
  SessionClient(Session& session, Exchange& exchange);
  ~SessionClient() override;

 private:
  struct Asked {
    std::string id;  // of our request to the client
    Question question;
    bool answered = false;
  };
  // What is needed only while the call asks.
  struct Asking {
    explicit Asking(SessionClient& client);
    std::vector<Asked> asked;
    Answers answers;
    loop::Timer timer;
  };

  const Caller& caller() const override;
  const ClientCapabilities& capabilities() const override;
  Version version() const override;
  bool wants(LogLevel level) const override;
  void notify(const Outgoing& message) override { exchange_.tell(message); }
  void log(const Outgoing& message) override;
  void close_stream(base::Duration retry) override;
  void elicitation_complete(std::string_view id) override;
  bool begin_round(base::json::Value params) override;
  const Answers& answers() const override { return answers_; }
  void ask(std::vector<Question> questions, std::string state) override;
  bool on_response(const Message& response) override;
  std::string stop_asking(std::string_view reason) override;
  bool begin_task(Tool& /*tool*/, std::string /*arguments_json*/) override { return false; }
  bool send_result(std::string_view id_json, shared::CallResult result) override;
  bool send_error(std::string_view id_json, RpcError error) override;
  void skip() override { exchange_.skip(); }
  void close() override { held_.release(); }

  bool send(const Outgoing& message);
  void on_ask_time();
  void fail_asking(std::string why);
  void next_round();

  Session& session_;
  Exchange& exchange_;
  Answers answers_;
  std::string params_json_;  // for the next round; kept only when the client can be asked
  base::Charge held_;        // for params_json_, in the budget of bodies
  std::unique_ptr<Asking> asking_;
};

}  // namespace mcp::legacy
