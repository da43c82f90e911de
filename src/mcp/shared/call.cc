#include "mcp/shared/call.h"

#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace mcp::shared {

Call::Call(CallStart start, std::string name)
    : core_(start.core),
      calls_(start.calls),
      from_(std::move(start.from)),
      id_json_(start.message.id_json),
      method_(start.message.method),
      name_(std::move(name)),
      pace_(token_json(start.message.params["_meta"]["progressToken"])),
      place_(core_.budgets().calls),
      paced_(core_.pace.at_once(class_of(core_.registry, start.message))),
      since_(core_.loop.now()) {
  from_->call_ = this;
  place_.force(1, counted_owner(from_->caller()));
  paced_.force(1, counted_owner(from_->caller()));
  ++core_.calls;
}

Call::~Call() = default;

void Call::run(base::json::Value params) {
  if (!from_->begin_round(params)) return;
  std::unique_ptr<ToolRun> run = begin(params);
  if (state_ == State::asking || state_ == State::sending) {
    core_.loop.retire(std::move(run));
  } else {
    // If begin() ended the call, the loop frees the run with it at the end of the turn.
    run_ = std::move(run);
  }
}

// ---- before the end

void Call::tell_progress(const Progress& progress) {
  if (!working()) return;
  const auto message = pace_.message(progress, core_.loop.now());
  if (message) from_->notify(*message);
}

void Call::tell_log(LogLevel level, std::string_view data_json) {
  if (!working() || !from_->wants(level)) return;
  from_->log(Outgoing::log(level, core_.options.server_name, data_json));
}

void Call::let_go(base::Duration retry) {
  if (working()) from_->close_stream(retry);
}

void Call::tell_elicitation_complete(std::string_view elicitation_id) {
  if (working()) from_->elicitation_complete(elicitation_id);
}

void Call::put(std::vector<Question> questions, std::string state) {
  CHECK(!questions.empty());
  if (!working()) return;
  from_->ask(std::move(questions), std::move(state));
  if (state_ == State::asking) core_.loop.retire(std::move(run_));
}

// ---- the end

void Call::finish_result(CallResult result, Outcome outcome) {
  if (working()) answered(from_->send_result(id_json_, std::move(result)), outcome);
}

void Call::finish_error(RpcError error) {
  if (working()) answered(from_->send_error(id_json_, std::move(error)), Outcome::error);
}

void Call::answered(bool sent, Outcome outcome, bool goes_on) {
  outcome_ = outcome;
  goes_on_ = goes_on;
  if (sent) return leave();
  state_ = State::sending;
  core_.loop.retire(std::move(run_));
}

void Call::cancel() {
  from_->stop_asking("the call was cancelled");
  if (const std::string done = run_ ? run_->so_far() : std::string(); !done.empty()) {
    LOG_INFO("call cancelled", {"name", name_}, {"so_far", done});
    std::string data;
    base::json::append_string(data, "the call of " + name_ + " was cancelled: " + done);
    tell_log(LogLevel::notice, data);
  }
  run_.reset();
  leave();
  from_->skip();
}

void Call::abandon(std::string_view reason) {
  const std::string why = from_->stop_asking(reason);
  if (working() && run_) run_->abandon(reason);
  if (state_ == State::over) return;
  run_.reset();
  if (working() && why != reason) {
    refuse({RpcCode::internal_error, why, {}});
  } else {
    finish_error({RpcCode::internal_error, why, {}});
  }
  if (state_ != State::over) leave();
}

// The object stays in memory until the end of the turn: the run's method may be on the stack.
void Call::leave() {
  state_ = State::over;
  core_.loop.retire(calls_.take(*this));
  from_->close();
  place_.release();
  paced_.release();
  --core_.calls;
  core_.changed();
  const base::Duration took = core_.loop.now() - since_;
  core_.requests.ended(method_, outcome_, took);
  if (method_ == "tools/call" && !goes_on_) core_.requests.tool_ended(name_, outcome_, took);
  LOG_DEBUG("call", {"name", name_}, {"outcome", to_string(outcome_)}, {"ms", base::to_ms(took)});
}

}  // namespace mcp::shared
