#include "mcp/modern/call.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "mcp/input_request.h"
#include "mcp/modern/sealed_state.h"

namespace mcp::modern {

using base::json::Member;
using base::json::Type;
using base::json::Value;
using base::json::Writer;

Call::Call(Server& modern, Server::Request& request, std::string name)
    : modern_(modern),
      caller_(std::move(request.caller)),
      client_(ClientCapabilities::read(request.meta.capabilities, Version::v2026_07_28)),
      pace_(std::move(request.meta.progress_token)),
      reply_(modern.core(), std::move(request.reply), shared::counted_owner(caller_),
             {request.form, request.streams}),
      place_(modern.core().budgets().calls),
      id_json_(request.message.id_json),
      method_(request.message.method),
      name_(std::move(name)),
      log_level_(request.meta.log_level),
      since_(modern.core().loop.now()) {
  place_.force(1, shared::counted_owner(caller_));
  ++modern.core().calls;
  reply_.watch({base::Delegate<void()>::bind<&Call::on_gone>(this),
                base::Delegate<void()>::bind<&Call::on_sent>(this)});
}

Call::~Call() = default;

void Call::run(const Server::Request& request) {
  const Value params = request.message.params;
  const bool may_ask = request.message.method != "completion/complete";
  if (may_ask) context_ = state_context(caller_.identity, request.message.method, params);
  if (may_ask && !take_answers(params)) return;
  // If begin() already ended the call, the loop frees the run with it at the end of the turn.
  run_ = begin(params);
}

// ---- earlier rounds

// False: they are invalid; the call was answered with an error and is over.
bool Call::take_answers(Value params) {
  const Value state = params["requestState"], given = params["inputResponses"];
  const auto refuse = [&](std::string text) {
    finish_error({RpcCode::invalid_params, std::move(text), {}});
    return false;
  };
  if (given && !given.is(Type::null) && !given.is(Type::object)) {
    return refuse("params.inputResponses must be an object, got " + std::string(given.type_name()));
  }
  if (!state || state.is(Type::null)) {
    // Without state we do not know the questions: take each value that has the shape of an answer.
    for (const Member& member : given.object())
      answers_.add(std::string(member.key), member.value);
    return true;
  }
  auto round = open_state(modern_.seal(), state.str(), context_, modern_.core().loop.wall_now());
  if (!round) {
    return refuse("params.requestState is not valid for this call: " + round.error().what() +
                  "; start the call again");
  }
  answers_.state = std::move(round->state);
  for (const auto& [key, kind] : round->asked) {
    const Value answer = given[key];
    if (answer && !answers_.add(key, kind, answer)) {
      return refuse("params.inputResponses[\"" + key + "\"] does not have the required form");
    }
  }
  return true;
}

void Call::put(const std::vector<Question>& questions, const std::string& state) {
  CHECK(!questions.empty());
  if (done()) return;
  if (context_.empty()) {
    return finish_error({RpcCode::internal_error, "this method cannot ask the client", {}});
  }
  RoundState round;
  round.state = state;
  std::string members;
  Writer w(members);
  w.key("inputRequests").begin_object();
  for (const Question& question : questions) {
    if (!question.fits(client_)) return finish_error(missing_capability(question));
    round.asked.emplace_back(question.key, question.kind);
    w.key(question.key);
    write_input_request(w, question);
  }
  w.end_object();
  w.field("requestState",
          seal_state(modern_.seal(), round, context_, modern_.core().loop.wall_now()));
  finish(Outgoing::result(id_json_, modern_.results().input_required(members)), 200,
         shared::Outcome::ok);
}

// ---- before the end

void Call::tell_progress(const Progress& progress) {
  if (done()) return;
  const auto message = pace_.message(progress, modern_.core().loop.now());
  if (message) reply_.notify(*message);
}

void Call::tell_log(LogLevel level, std::string_view data_json) {
  if (done() || !log_level_ || level < *log_level_) return;
  reply_.notify(Outgoing::log(level, modern_.core().options.server_name, data_json));
}

// ---- the end

void Call::finish_result(std::string_view result, shared::Outcome outcome,
                         std::string_view meta_json) {
  if (done()) return;
  finish(Outgoing::result(id_json_, modern_.results().complete(result, meta_json)), 200, outcome);
}

void Call::finish_kept(std::string_view result, const Caching& caching) {
  if (done()) return;
  finish(Outgoing::result(id_json_, modern_.results().complete(result, caching)), 200,
         shared::Outcome::ok);
}

void Call::finish_as(const Task& task) {
  if (done()) return;
  goes_on_ = true;
  std::string out;
  Writer w(out);
  w.begin_object();
  task.write_members(w);
  w.end_object();
  finish(Outgoing::result(id_json_, modern_.results().task(out)), 200, shared::Outcome::ok);
}

void Call::finish_error(RpcError error) {
  int status = 200;
  // The legacy revisions have codes of their own for these.
  if (error.code == RpcCode::resource_not_found) error.code = RpcCode::invalid_params;
  if (error.code == RpcCode::url_elicitation_required) error.code = RpcCode::internal_error;
  if (error.code == RpcCode::missing_capability) status = 400;
  finish(Outgoing::error(id_json_, error), status, shared::Outcome::error);
}

void Call::finish(const Outgoing& message, int status, shared::Outcome outcome) {
  if (done()) return;
  done_ = true;
  outcome_ = outcome;
  if (!reply_.answer(message, status)) {
    if (run_) modern_.core().loop.retire(std::move(run_));
    return;
  }
  leave();
}

// The object stays in memory until the end of the turn: the run's method may be on the stack.
void Call::leave() {
  done_ = true;
  reply_.close();
  modern_.retire(*this);
  shared::State& core = modern_.core();
  place_.release();
  --core.calls;
  core.changed();
  const base::Duration took = core.loop.now() - since_;
  core.requests.ended(method_, outcome_, took);
  if (method_ == "tools/call" && !goes_on_) core.requests.tool_ended(name_, outcome_, took);
  LOG_DEBUG("call", {"name", name_}, {"outcome", shared::to_string(outcome_)},
            {"ms", base::to_ms(took)});
}

void Call::abandon(std::string_view reason) {
  if (!done()) {
    outcome_ = shared::Outcome::error;
    reply_.answer(Outgoing::error(id_json_, {RpcCode::internal_error, std::string(reason), {}}));
  }
  run_.reset();
  leave();
}

void Call::on_gone() {
  run_.reset();
  leave();
}

void Call::on_sent() {
  leave();
}

}  // namespace mcp::modern
