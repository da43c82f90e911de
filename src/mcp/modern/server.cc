#include "mcp/modern/server.h"

#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "mcp/modern/request.h"
#include "mcp/shared/answer.h"
#include "mcp/shared/era.h"
#include "mcp/shared/methods.h"

namespace mcp::modern {

namespace {

constexpr std::size_t kShown = 128;  // bytes of a method that an error repeats

void refuse(http::Reply& reply, std::string_view id_json, const HttpError& error) {
  LOG_DEBUG("request refused", {"peer", reply.peer()}, {"status", error.status},
            {"code", static_cast<int>(error.error.code)}, {"reason", error.error.message});
  shared::send_error(reply, error.status, id_json, error.error);
}

}  // namespace

Server::Server(shared::State& core)
    : core_(core),
      results_(core.options),
      seal_(core.options.seal_key.empty() ? base::Seal::random()
                                          : base::Seal(core.options.seal_key)),
      tasks_(core, TaskTable::Fn::bind<&ListenTable::task_changed>(&listens_)),
      listens_(core, results_, tasks_),
      lasting_(core.loop, "mcp lasting calls", loop::Timer::Fn::bind<&Server::on_lasting>(this)) {}

Server::~Server() {
  CHECK(calls_.empty());
}

void Server::abandon_calls(std::string_view reason) {
  tasks_.end_all(reason);
  while (!calls_.empty())
    calls_.front().abandon(reason);
}

void Server::on_lasting() {
  for (shared::Call& call : calls_)
    call.hold_token();
}

void Server::list_changed(List which) {
  switch (which) {
    case List::tools:
      return listens_.list_changed(ListChange::tools);
    case List::prompts:
      return listens_.list_changed(ListChange::prompts);
    case List::resources:
    case List::templates:
      return listens_.list_changed(ListChange::resources);
  }
}

void Server::on_message(const shared::RequestHeaders& arrival, Caller caller,
                        const Message& message, http::Reply reply) {
  if (message.kind == Message::Kind::notification) return reply.send(202, {}, {});
  if (message.kind == Message::Kind::response) {
    return refuse(reply, {},
                  {400, {RpcCode::invalid_request, "this revision does not allow responses", {}}});
  }
  Request request{
      message,           arrival.mirror,   {},
      std::move(caller), std::move(reply), arrival.form.value_or(shared::AnswerForm::json),
      arrival.events};
  const auto method = find_method(message.method);
  if (const auto wrong = check(request, method ? &*method : nullptr)) {
    core_.requests.ended(message.method, shared::Outcome::error, {});
    return refuse(request.reply, message.id_json, *wrong);
  }
  if (shared::refuse_busy(core_, request.reply, message, method->begins_work)) return;
  const shared::Full full = method->calls
                                ? shared::State::room_in(core_.budgets().calls, request.caller)
                                : shared::Full::no;
  if (shared::refuse_full(core_, request.reply, message, full)) return;
  LOG_DEBUG("request", {"era", "modern"}, {"method", message.method},
            {"identity", request.caller.identity});
  (this->*method->run)(request);
}

std::optional<HttpError> Server::check(Request& request, const Method* method) {
  const Message& message = request.message;
  if (message.method == "initialize" && !shared::claim_of(message)) return mixed_eras();
  if (auto wrong = check_claim(message, request.mirror)) return wrong;
  const std::string_view named = method ? method->name_member : std::string_view();
  if (auto wrong = check_mirror(message, request.mirror, named)) return wrong;
  if (!method) {
    return HttpError{404,
                     {RpcCode::method_not_found,
                      "Method not found: " + base::printable(message.method, kShown),
                      {}}};
  }
  if (auto wrong = read_meta(message, request.meta)) return wrong;
  const bool repeats_arguments = message.method == "tools/call" && !request.mirror.made;
  return repeats_arguments ? check_params(request) : std::nullopt;
}

// Checks the headers that repeat a tool's arguments.
std::optional<HttpError> Server::check_params(const Request& request) {
  const Tool* tool = core_.registry.find_tool(request.param("name").str());
  if (!tool) return std::nullopt;  // the method answers with the error
  auto at = mirrored_.find(tool);
  if (at == mirrored_.end()) {
    base::json::Document doc;
    const auto schema = doc.parse(tool->input().input_json());
    CHECK(schema);
    at = mirrored_.emplace(tool, mirrored_params(*schema)).first;
  }
  std::string problem =
      mcp::modern::check_params(at->second, request.param("arguments"), request.mirror);
  if (problem.empty()) return std::nullopt;
  return HttpError{400, {RpcCode::header_mismatch, std::move(problem), {}}};
}

}  // namespace mcp::modern
