// The methods of the tasks extension.
#include <utility>

#include "mcp/modern/request.h"
#include "mcp/modern/server.h"
#include "mcp/shared/answer.h"

namespace mcp::modern {

using base::json::Type;
using base::json::Value;
using base::json::Writer;

bool Server::follows_tasks(const Request& request) {
  return ClientCapabilities::read(request.meta.capabilities, Version::v2026_07_28).tasks;
}

void Server::refuse_without_tasks(Request& request) {
  RpcError error{RpcCode::missing_capability, "this needs a client that supports tasks", {}};
  Writer w(error.data_json);
  w.begin_object().key("requiredCapabilities").begin_object().key("extensions").begin_object();
  w.key(kTasksExtension).raw("{}").end_object().end_object().end_object();
  core_.requests.ended(request.message.method, shared::Outcome::error, {});
  shared::send_error(request.reply, 400, request.message.id_json, error);
}

// The task that params.taskId names; nullptr: it answered with an error.
Task* Server::task_of(Request& request) {
  if (!follows_tasks(request)) {
    refuse_without_tasks(request);
    return nullptr;
  }
  Task* task = tasks_.find(request.param("taskId").str(), request.caller);
  if (!task) fail(request, {RpcCode::invalid_params, "params.taskId names no task of yours", {}});
  return task;
}

void Server::get_task(Request& request) {
  Task* task = task_of(request);
  if (!task) return;
  std::string out;
  Writer w(out);
  w.begin_object();
  task->write_details(w);
  w.end_object();
  task->seen();
  answer(request, results_.complete(out));
}

void Server::update_task(Request& request) {
  Task* task = task_of(request);
  if (!task) return;
  const Value responses = request.param("inputResponses");
  if (!responses.is(Type::object)) {
    return fail(request, {RpcCode::invalid_params, "params.inputResponses must be an object", {}});
  }
  if (const auto error = task->take(responses, std::move(request.caller))) {
    return fail(request, *error);
  }
  answer(request, results_.complete("{}"));
}

void Server::cancel_task(Request& request) {
  Task* task = task_of(request);
  if (!task) return;
  task->cancel("cancelled by the client");
  task->seen();
  answer(request, results_.complete("{}"));
}

}  // namespace mcp::modern
