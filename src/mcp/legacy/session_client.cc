#include "mcp/legacy/session_client.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "mcp/legacy/session.h"
#include "mcp/shared/answer.h"
#include "mcp/shared/call.h"

namespace mcp::legacy {

using base::json::Value;
using base::json::Writer;

namespace {

constexpr std::size_t kShown = 200;  // bytes of a client's error that ours repeats

}  // namespace

SessionClient::Asking::Asking(SessionClient& client)
    : timer(client.session_.core().loop, "mcp ask",
            loop::Timer::Fn::bind<&SessionClient::on_ask_time>(&client)) {}

SessionClient::SessionClient(Session& session, Exchange& exchange)
    : session_(session), exchange_(exchange), held_(session.core().budgets().bodies) {
  exchange.expect();
}

SessionClient::~SessionClient() = default;

const Caller& SessionClient::caller() const {
  return session_.caller();
}

const ClientCapabilities& SessionClient::capabilities() const {
  return session_.client();
}

Version SessionClient::version() const {
  return session_.version();
}

bool SessionClient::wants(LogLevel level) const {
  return session_.wants(level);
}

// ---- before the end

void SessionClient::log(const Outgoing& message) {
  if (!exchange_.tell(message)) session_.tell(message);
}

void SessionClient::close_stream(base::Duration retry) {
  if (session_.version() >= Version::v2025_11_25) exchange_.let_go(retry);
}

void SessionClient::elicitation_complete(std::string_view id) {
  if (session_.version() < Version::v2025_11_25) return;
  std::string params;
  Writer(params).begin_object().field("elicitationId", id).end_object();
  send(Outgoing::notification("notifications/elicitation/complete", params));
}

// On the call's own stream, or on the session's if the client accepts none here.
bool SessionClient::send(const Outgoing& message) {
  if (exchange_.tell(message)) return true;
  return session_.has_stream() && session_.tell(message);
}

// ---- the end

bool SessionClient::send_result(std::string_view id_json, shared::CallResult result) {
  if (!result.meta_json.empty()) {
    result.json.pop_back();
    result.json.append(R"(,"_meta":)").append(result.meta_json).append("}");
  }
  exchange_.answer(Outgoing::result(id_json, result.json));
  return true;
}

bool SessionClient::send_error(std::string_view id_json, RpcError error) {
  // The legacy revisions do not define this code.
  if (error.code == RpcCode::missing_capability) error.code = RpcCode::internal_error;
  exchange_.answer(Outgoing::error(id_json, error));
  return true;
}

// ---- asking

bool SessionClient::begin_round(Value params) {
  const ClientCapabilities& client = session_.client();
  const bool askable = client.elicit_form || client.elicit_url || client.sampling || client.roots;
  if (!askable || !params || !params_json_.empty()) return true;
  params_json_ = params.to_json();
  if (held_.take(params_json_.size(), shared::owner_of(session_.caller()))) return true;
  call().finish_error({RpcCode::internal_error,
                       "this caller's requests in progress leave no room for this one: try "
                       "again in " +
                           base::format_duration(base::limits::kFullRetryAfter),
                       {}});
  return false;
}

void SessionClient::ask(std::vector<Question> questions, std::string state) {
  for (const Question& question : questions) {
    if (!question.fits(session_.client())) return call().refuse(missing_capability(question));
  }
  asking_ = std::make_unique<Asking>(*this);
  call().on_asked();
  asking_->answers.state = std::move(state);
  for (Question& question : questions) {
    std::string id = session_.next_request_id();
    if (!send(Outgoing::request(id, question.method(), question.params_json))) {
      const shared::Full full = exchange_.no_room();
      std::string why =
          "the client cannot be asked: " +
          (full == shared::Full::no ? "this request accepts no event stream, and none is open"
                                    : shared::full_error(full, shared::kStreamsAre).message);
      if (asking_->asked.empty()) why = unanswered_text(std::move(why), question);
      return fail_asking(std::move(why));
    }
    asking_->asked.push_back({std::move(id), std::move(question)});
  }
  asking_->timer.arm(kAskTime);
}

bool SessionClient::on_response(const Message& response) {
  if (!asking_) return false;
  auto& all = asking_->asked;
  const auto at = std::find_if(all.begin(), all.end(), [&](const Asked& asked) {
    std::string id;
    base::json::append_string(id, asked.id);
    return !asked.answered && id == response.id_json;
  });
  if (at == all.end()) return false;
  at->answered = true;
  const std::string method(at->question.method());
  if (!response.result) {
    fail_asking("the client refused " + method + ": " +
                base::printable(response.error["message"].str("without a message"), kShown));
  } else if (!asking_->answers.add(at->question.key, at->question.kind, response.result)) {
    fail_asking("the client's answer to " + method + " does not have the required form");
  } else if (std::all_of(all.begin(), all.end(), [](const Asked& a) { return a.answered; })) {
    next_round();
  }
  return true;
}

void SessionClient::next_round() {
  answers_ = std::move(asking_->answers);
  asking_.reset();
  call().on_ask_over();
  base::json::Document params;
  const auto value = params.parse(params_json_.empty() ? "{}" : params_json_);
  CHECK(value);
  call().run(*value);
}

std::string SessionClient::stop_asking(std::string_view reason) {
  std::string why(reason);
  if (!asking_) return why;
  if (!asking_->asked.empty())
    why = unanswered_text(std::move(why), asking_->asked.front().question);
  for (const Asked& asked : asking_->asked) {
    if (asked.answered) continue;
    std::string params;
    Writer w(params);
    w.begin_object().field("requestId", asked.id).field("reason", reason).end_object();
    send(Outgoing::notification("notifications/cancelled", params));
  }
  asking_.reset();
  call().on_ask_over();
  return why;
}

void SessionClient::on_ask_time() {
  fail_asking("the client did not answer within " +
              std::to_string(base::to_ms(kAskTime) / base::to_ms(base::minutes(1))) + " minutes");
}

void SessionClient::fail_asking(std::string why) {
  why = stop_asking(why);
  call().refuse({RpcCode::internal_error, std::move(why), {}});
}

}  // namespace mcp::legacy
