#include "mcp/legacy/call.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "mcp/legacy/session.h"
#include "mcp/shared/answer.h"

namespace mcp::legacy {

using base::json::Value;
using base::json::Writer;

namespace {

constexpr std::size_t kShown = 200;  // bytes of a client's error that ours repeats

std::string progress_token(Value params) {
  return token_json(params["_meta"]["progressToken"]);
}

}  // namespace

Call::Asking::Asking(Call& call)
    : timer(call.core_.loop, "mcp ask", loop::Timer::Fn::bind<&Call::on_ask_time>(&call)) {}

Call::Call(Session& session, Exchange& exchange, const Message& message, std::string name)
    : session_(session),
      pace_(progress_token(message.params)),
      core_(session.core()),
      exchange_(exchange),
      id_json_(message.id_json),
      method_(message.method),
      name_(std::move(name)),
      held_(core_.budgets().bodies),
      place_(core_.budgets().calls),
      since_(core_.loop.now()) {
  exchange.expect();
  place_.force(1, shared::counted_owner(session.caller()));
  ++core_.calls;
}

Call::~Call() = default;

void Call::run(Value params) {
  const ClientCapabilities& client = session_.client();
  const bool askable = client.elicit_form || client.elicit_url || client.sampling || client.roots;
  if (askable && params && params_json_.empty()) {
    params_json_ = params.to_json();
    if (!held_.take(params_json_.size(), shared::owner_of(session_.caller()))) {
      return finish_error({RpcCode::internal_error,
                           "this caller's requests in progress leave no room for this one: try "
                           "again in " +
                               base::format_duration(base::limits::kFullRetryAfter),
                           {}});
    }
  }
  // If begin() already ended the call, the loop frees the run with it at the end of the turn.
  std::unique_ptr<ToolRun> run = begin(params);
  if (asking_) {
    core_.loop.retire(std::move(run));
  } else {
    run_ = std::move(run);
  }
}

// ---- the end

// The object stays in memory until the end of the turn: the run's method may be on the stack.
void Call::leave(shared::Outcome outcome) {
  session_.retire(*this);
  place_.release();
  held_.release();  // the budget may be destroyed before this retired object is
  --core_.calls;
  core_.changed();
  const base::Duration took = core_.loop.now() - since_;
  core_.requests.ended(method_, outcome, took);
  if (method_ == "tools/call") core_.requests.tool_ended(name_, outcome, took);
  LOG_DEBUG("call", {"name", name_}, {"outcome", shared::to_string(outcome)},
            {"ms", base::to_ms(took)});
}

void Call::finish(Outgoing message, shared::Outcome outcome) {
  if (done() || asking_) return;
  leave(outcome);
  exchange_.answer(std::move(message));
}

void Call::finish_result(std::string_view result_json, shared::Outcome outcome) {
  finish(Outgoing::result(id_json_, result_json), outcome);
}

void Call::finish_error(const RpcError& error) {
  finish(Outgoing::error(id_json_, error), shared::Outcome::error);
}

void Call::cancel() {
  take_back("the call was cancelled");
  leave(shared::Outcome::cancelled);
  run_.reset();
  exchange_.skip();
}

void Call::abandon(std::string_view reason) {
  take_back(reason);
  leave(shared::Outcome::error);
  run_.reset();
  exchange_.answer(Outgoing::error(id_json_, {RpcCode::internal_error, std::string(reason), {}}));
}

// ---- before the end

void Call::tell_progress(const Progress& progress) {
  if (done() || asking_) return;
  const auto message = pace_.message(progress, core_.loop.now());
  if (message) exchange_.tell(*message);
}

void Call::tell_log(LogLevel level, std::string_view data_json) {
  if (done() || asking_ || !session_.wants(level)) return;
  const Outgoing message = session_.log_message(level, data_json);
  if (!exchange_.tell(message)) session_.tell(message);
}

void Call::let_go(base::Duration retry) {
  if (!done() && session_.version() >= Version::v2025_11_25) exchange_.let_go(retry);
}

void Call::tell_elicitation_complete(std::string_view elicitation_id) {
  if (done() || session_.version() < Version::v2025_11_25) return;
  std::string params;
  Writer(params).begin_object().field("elicitationId", elicitation_id).end_object();
  send(Outgoing::notification("notifications/elicitation/complete", params));
}

// On the call's own stream, or on the session's if the client accepts none here.
bool Call::send(const Outgoing& message) {
  if (exchange_.tell(message)) return true;
  return session_.has_stream() && session_.tell(message);
}

// ---- asking

void Call::put(std::vector<Question> questions, std::string state) {
  CHECK(!questions.empty());
  if (done() || asking_) return;
  for (const Question& question : questions) {
    if (!question.fits(session_.client())) return refuse(missing_capability(question));
  }
  asking_ = std::make_unique<Asking>(*this);
  asking_->answers.state = std::move(state);
  for (Question& question : questions) {
    std::string id = session_.next_request_id();
    if (!send(Outgoing::request(id, question.method(), question.params_json))) {
      const shared::Full full = exchange_.no_room();
      return fail_asking("the client cannot be asked: " +
                         (full == shared::Full::no
                              ? "this request accepts no event stream, and none is open"
                              : shared::full_error(full, shared::kStreamsAre).message));
    }
    asking_->asked.push_back({std::move(id), std::move(question)});
  }
  asking_->timer.arm(kAskTime);
  core_.loop.retire(std::move(run_));
}

bool Call::on_response(const Message& response) {
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

void Call::next_round() {
  answers_ = std::move(asking_->answers);
  asking_.reset();
  base::json::Document params;
  const auto value = params.parse(params_json_.empty() ? "{}" : params_json_);
  CHECK(value);
  run(*value);
}

// Cancels the questions that have no answer yet.
void Call::take_back(std::string_view reason) {
  if (!asking_) return;
  for (const Asked& asked : asking_->asked) {
    if (asked.answered) continue;
    std::string params;
    Writer w(params);
    w.begin_object().field("requestId", asked.id).field("reason", reason).end_object();
    send(Outgoing::notification("notifications/cancelled", params));
  }
  asking_.reset();
}

void Call::on_ask_time() {
  fail_asking("the client did not answer within " +
              std::to_string(base::to_ms(kAskTime) / base::to_ms(base::minutes(1))) + " minutes");
}

void Call::fail_asking(std::string why) {
  take_back(why);
  refuse({RpcCode::internal_error, std::move(why), {}});
}

}  // namespace mcp::legacy
