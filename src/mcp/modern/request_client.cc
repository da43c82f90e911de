#include "mcp/modern/request_client.h"

#include <utility>

#include "mcp/input_request.h"
#include "mcp/modern/request.h"
#include "mcp/modern/sealed_state.h"
#include "mcp/shared/call.h"
#include "mcp/shared/lookup.h"
#include "mcp/tool.h"

namespace mcp::modern {

using base::json::Member;
using base::json::Type;
using base::json::Value;
using base::json::Writer;

RequestClient::RequestClient(Server& server, Server::Request& request)
    : server_(server),
      caller_(std::move(request.caller)),
      client_(ClientCapabilities::read(request.meta.capabilities, Version::v2026_07_28)),
      reply_(server.core(), std::move(request.reply), shared::counted_owner(caller_),
             {request.form, request.streams}),
      log_level_(request.meta.log_level) {
  caller_.client =
      shared::client_text(request.message.params["_meta"]["io.modelcontextprotocol/clientInfo"]);
  reply_.watch({base::Delegate<void()>::bind<&RequestClient::on_gone>(this),
                base::Delegate<void()>::bind<&RequestClient::on_sent>(this)});
}

void RequestClient::on_gone() {
  call().cancel();
}

void RequestClient::on_sent() {
  call().on_sent();
}

// ---- rounds

// Reads the answers and state of earlier rounds.
bool RequestClient::begin_round(Value params) {
  if (call().method() == "completion/complete") return true;
  context_ = state_context(caller_.identity, call().method(), params);
  const Value state = params["requestState"], given = params["inputResponses"];
  const auto refuse = [&](std::string text) {
    call().finish_error({RpcCode::invalid_params, std::move(text), {}});
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
  auto round = open_state(server_.seal(), state.str(), context_, server_.core().loop.wall_now());
  if (!round) {
    return refuse("params.requestState is not valid for this call: " + round.error().what() +
                  "; start the call again");
  }
  answers_.state = std::move(round->state);
  for (const auto& [key, kind] : round->asked) {
    const Value answer = given[key];
    if (answer && !answers_.add(key, kind, answer)) {
      return refuse("params.inputResponses[\"" + key +
                    "\"] does not have the required form; nothing was done: send the call again "
                    "with an answer of that form");
    }
  }
  return true;
}

void RequestClient::ask(std::vector<Question> questions, std::string state) {
  if (context_.empty()) {
    return call().finish_error({RpcCode::internal_error, "this method cannot ask the client", {}});
  }
  RoundState round;
  round.state = std::move(state);
  std::string members;
  Writer w(members);
  w.key("inputRequests").begin_object();
  for (const Question& question : questions) {
    if (!question.fits(client_)) return call().finish_error(missing_capability(question));
    round.asked.emplace_back(question.key, question.kind);
    w.key(question.key);
    write_input_request(w, question);
  }
  w.end_object();
  w.field("requestState",
          seal_state(server_.seal(), round, context_, server_.core().loop.wall_now()));
  call().answered(
      reply_.answer(Outgoing::result(call().id_json(), server_.results().input_required(members))),
      shared::Outcome::ok);
}

// ---- its token

void RequestClient::hold_token() {
  if (token_) return;
  token_.emplace(shared::TokenUse::LivesFn::bind<&RequestClient::lives>(this),
                 shared::TokenUse::OverFn::bind<&RequestClient::on_token_over>(this));
  server_.core().recheck.hold(*token_, caller_);
}

// An answer that is made may still be read.
bool RequestClient::lives() const {
  return call().working();
}

void RequestClient::on_token_over(const shared::TokenEnd& end) {
  call().abandon(end.reason);
}

// ---- tasks

bool RequestClient::takes_tasks(const Tool& tool) const {
  return client_.tasks && tool.info().tasks != TaskSupport::never;
}

bool RequestClient::begin_task(Tool& tool, std::string arguments_json) {
  const Task* task =
      server_.tasks().add(tool, {caller_, client_, answers_, std::move(arguments_json)});
  if (!task) return false;
  std::string out;
  Writer w(out);
  w.begin_object();
  task->write_members(w);
  w.end_object();
  call().answered(reply_.answer(Outgoing::result(call().id_json(), server_.results().task(out))),
                  shared::Outcome::ok, true);
  return true;
}

// ---- the end

void RequestClient::close() {
  if (token_) token_->drop();
  reply_.close();
}

bool RequestClient::send_result(std::string_view id_json, shared::CallResult result) {
  const ResultWriter& results = server_.results();
  // What is read is not cacheable: cluster state changes at any time and depends on the caller's
  // permissions.
  return reply_.answer(
      Outgoing::result(id_json, result.of_read ? results.complete(result.json, Caching{})
                                               : results.complete(result.json, result.meta_json)));
}

bool RequestClient::send_error(std::string_view id_json, RpcError error) {
  error.code = in_this_era(error.code);
  return reply_.answer(Outgoing::error(id_json, error),
                       error.code == RpcCode::missing_capability ? 400 : 200);
}

}  // namespace mcp::modern
