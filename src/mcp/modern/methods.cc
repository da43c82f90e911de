// The methods of the modern era: each checks its parameters, then answers or begins a call.
#include <algorithm>
#include <array>
#include <utility>

#include "mcp/modern/call.h"
#include "mcp/modern/request.h"
#include "mcp/modern/server.h"
#include "mcp/shared/answer.h"
#include "mcp/shared/era.h"
#include "mcp/shared/lookup.h"

namespace mcp::modern {

using base::json::Type;
using base::json::Value;
using base::json::Writer;

namespace {

// How long a client may cache results that do not depend on the cluster. The lists change with the
// server's version, which replicas update one by one; list_changed reports a change as well.
constexpr Caching kOffer{std::int64_t{5} * 60 * 1000, true};

// Only this era has extensions.
std::string capabilities_json(const Registry& registry) {
  std::string out = registry.capabilities_json();
  if (!registry.has_tasks()) return out;
  out.pop_back();
  return out.append(R"(,"extensions":{"io.modelcontextprotocol/tasks":{}}})");
}

}  // namespace

const Server::Method* Server::find_method(std::string_view name) const {
  static constexpr std::array<Method, 13> kMethods = {{
      {"tools/call", &Server::call_tool, "name", true, true},
      {"tools/list", &Server::show_list<List::tools>, {}, false, false},
      {"server/discover", &Server::discover, {}, false, false},
      {"resources/read", &Server::read_resource, "uri", true, true},
      {"resources/list", &Server::show_list<List::resources>, {}, false, false},
      {"resources/templates/list", &Server::show_list<List::templates>, {}, false, false},
      {"subscriptions/listen", &Server::listen, {}, true, false},
      {"prompts/list", &Server::show_list<List::prompts>, {}, false, false},
      {"prompts/get", &Server::get_prompt, "name", true, true},
      {"completion/complete", &Server::complete, {}, true, true},
      {"tasks/get", &Server::get_task, "taskId", false, false},
      {"tasks/update", &Server::update_task, "taskId", false, false},
      {"tasks/cancel", &Server::cancel_task, "taskId", false, false},
  }};
  const bool declared = (core_.registry.has_prompts() || !name.starts_with("prompts/")) &&
                        (core_.registry.completes() || !name.starts_with("completion/")) &&
                        (!name.starts_with("tasks/") || core_.registry.has_tasks());
  for (const Method& method : kMethods) {
    if (method.name == name) return declared ? &method : nullptr;
  }
  return nullptr;
}

void Server::answer(Request& request, std::string_view result, Body body) {
  core_.requests.ended(request.message.method, shared::Outcome::ok, {});
  shared::send_answer(request.reply, request.form,
                      Outgoing::result(request.message.id_json, result, body));
}

void Server::fail(Request& request, const RpcError& error) {
  core_.requests.ended(request.message.method, shared::Outcome::error, {});
  shared::send_answer(request.reply, request.form, Outgoing::error(request.message.id_json, error));
}

void Server::discover(Request& request) {
  std::string out;
  Writer w(out);
  w.begin_object().key("supportedVersions").raw(shared::all_versions_json());
  w.key("capabilities").raw(capabilities_json(core_.registry));
  w.field_if("instructions", core_.options.instructions).end_object();
  answer(request, results_.complete(out, kOffer), Body::offer);
}

template <List list>
void Server::show_list(Request& request) {
  const auto cursor = shared::cursor_of(request.message.params);
  const std::string* page =
      cursor ? core_.registry.page(list, Version::v2026_07_28, *cursor) : nullptr;
  if (page) return answer(request, results_.complete(*page, kOffer), Body::offer);
  fail(request, {RpcCode::invalid_params, "params.cursor is not a cursor of this list", {}});
}

void Server::call_tool(Request& request) {
  const auto found = shared::look_up_tool(core_.registry, request.message.params);
  if (!found.is) return fail(request, found.error);
  if (found.is->info().tasks == TaskSupport::required && !follows_tasks(request)) {
    return refuse_without_tasks(request);
  }
  begin_tool(*this, request, *found.is);
}

void Server::get_prompt(Request& request) {
  const auto found = shared::look_up_prompt(core_.registry, request.message.params);
  if (!found.is) return fail(request, found.error);
  begin_prompt(*this, request, *found.is);
}

void Server::read_resource(Request& request) {
  auto found = shared::look_up_resource(core_.registry, request.message.params);
  if (found.is) return begin_read(*this, request, *found.is);
  if (found.error.code == RpcCode::resource_not_found) found.error.code = RpcCode::invalid_params;
  fail(request, found.error);
}

void Server::complete(Request& request) {
  const shared::CompletionOf of = shared::completion_of(core_.registry, request.message.params);
  if (of.error) return fail(request, *of.error);
  begin_complete(*this, request, of.prompt, of.family);
}

// ---- subscriptions/listen

namespace {

// null for an optional member counts as absent.
bool is_given(Value member) {
  return member && !member.is(Type::null);
}

// The tasks extension's member of a listen filter.
std::string read_task_ids(Value ids, ListenFilter& filter) {
  if (is_given(ids) && !ids.is(Type::array))
    return "params.notifications.taskIds must be an array of ids";
  if (ids.size() > base::limits::kSubscriptionsPerSession) {
    return "params.notifications.taskIds may hold at most " +
           std::to_string(base::limits::kSubscriptionsPerSession) + " ids";
  }
  for (const Value id : ids.array()) {
    if (!id.is(Type::string)) return "params.notifications.taskIds must hold strings";
    filter.task_ids.emplace_back(id.str());
  }
  return {};
}

// Fills `filter` from params.notifications; returns what is wrong with it, or "". Unknown members
// and false ones are ignored.
std::string read_filter(Value notifications, ListenFilter& filter) {
  if (!notifications.is(Type::object)) {
    return "params.notifications must be an object that selects notifications, got " +
           std::string(notifications.type_name());
  }
  constexpr std::array<std::string_view, kListChanges> kMembers = {
      "toolsListChanged", "promptsListChanged", "resourcesListChanged"};
  for (std::size_t i = 0; i < kListChanges; ++i) {
    const Value wanted = notifications[kMembers[i]];
    if (is_given(wanted) && !wanted.is(Type::boolean)) {
      return std::string("params.notifications.").append(kMembers[i]) + " must be true or false";
    }
    filter.lists[i] = wanted.bool_or(false);
  }
  std::string problem = read_task_ids(notifications["taskIds"], filter);
  if (!problem.empty()) return problem;
  const Value uris = notifications["resourceSubscriptions"];
  if (is_given(uris) && !uris.is(Type::array)) {
    return "params.notifications.resourceSubscriptions must be an array of URIs";
  }
  for (const Value uri : uris.array()) {
    if (uri.str().empty() || uri.str().size() > base::limits::kUriBytes) {
      return "params.notifications.resourceSubscriptions must hold strings of 1 to " +
             std::to_string(base::limits::kUriBytes) + " bytes";
    }
    if (std::find(filter.uris.begin(), filter.uris.end(), uri.str()) == filter.uris.end()) {
      filter.uris.emplace_back(uri.str());
    }
    if (filter.uris.size() > base::limits::kSubscriptionsPerSession) {
      return "params.notifications.resourceSubscriptions may hold at most " +
             std::to_string(base::limits::kSubscriptionsPerSession) + " URIs";
    }
  }
  return {};
}

}  // namespace

void Server::listen(Request& request) {
  ListenFilter filter;
  const std::string problem = read_filter(request.param("notifications"), filter);
  if (!problem.empty()) return fail(request, {RpcCode::invalid_params, problem, {}});
  if (!core_.registry.has_tasks()) filter.task_ids.clear();
  if (!filter.task_ids.empty() && !follows_tasks(request)) return refuse_without_tasks(request);
  if (!request.streams) {
    core_.requests.ended(request.message.method, shared::Outcome::error, {});
    return request.reply.send(406, "text/plain; charset=utf-8",
                              "subscriptions/listen: Accept must allow text/event-stream\n");
  }
  const shared::Full full = shared::State::room_in(core_.budgets().streams, request.caller);
  if (full != shared::Full::no) {
    core_.requests.ended(request.message.method, shared::Outcome::error, {});
    return shared::send_full(request.reply, request.message.id_json, full, shared::kStreamsAre);
  }
  core_.requests.ended(request.message.method, shared::Outcome::ok, {});
  listens_.open(std::move(request.reply), std::move(request.caller), request.message.id_json,
                filter);
}

}  // namespace mcp::modern
