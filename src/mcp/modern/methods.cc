// The methods of the modern era: each checks its parameters, then answers or begins a call.
#include "mcp/shared/methods.h"

#include <algorithm>
#include <array>
#include <utility>

#include "mcp/modern/request.h"
#include "mcp/modern/request_client.h"
#include "mcp/modern/server.h"
#include "mcp/shared/answer.h"
#include "mcp/shared/call_kinds.h"
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

// Callers that are told apart may have different lists. One whose token could allow more has a longer
// one as soon as its next token does, of which no list_changed tells.
Caching caching_of_list(const Caller& caller) {
  if (caller.scope < Scope::write) return {};
  return {kOffer.ttl_ms, shared::counted_owner(caller).empty()};
}

// Only this era has extensions.
std::string capabilities_json(const Registry& registry) {
  std::string out = registry.capabilities_json();
  if (!registry.has_tasks()) return out;
  out.pop_back();
  return out.append(R"(,"extensions":{"io.modelcontextprotocol/tasks":{}}})");
}

}  // namespace

std::optional<Server::Method> Server::find_method(std::string_view name) const {
  static constexpr std::array<std::pair<std::string_view, Method>, 5> kOwn = {{
      {"server/discover", {&Server::discover}},
      {"subscriptions/listen", {&Server::listen, {}, true}},
      {"tasks/get", {&Server::get_task, "taskId"}},
      {"tasks/update", {&Server::update_task, "taskId"}},
      {"tasks/cancel", {&Server::cancel_task, "taskId"}},
  }};
  if (!shared::is_declared(core_.registry, name)) return std::nullopt;
  if (const auto* common = shared::find_method(name)) {
    if (common->list) return Method{&Server::show_list};
    return Method{&Server::begin_call, common->names, true, true};
  }
  for (const auto& [own, method] : kOwn) {
    if (own == name) return method;
  }
  return std::nullopt;
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

void Server::show_list(Request& request) {
  const List list = *shared::find_method(request.message.method)->list;
  const auto found = shared::look_up_page(core_.registry, list, Version::v2026_07_28,
                                          request.message.params, request.caller);
  if (!found.is) return fail(request, found.error);
  answer(request, results_.complete(*found.is, caching_of_list(request.caller)), Body::offer);
}

void Server::begin_call(Request& request) {
  auto found = shared::look_up_target(core_.registry, request.message);
  if (!found.is) {
    found.error.code = in_this_era(found.error.code);
    return fail(request, found.error);
  }
  const auto* tool = std::get_if<Tool*>(&*found.is);
  if (tool && (*tool)->info().tasks == TaskSupport::required && !follows_tasks(request)) {
    return refuse_without_tasks(request);
  }
  shared::begin_call(
      {core_, calls_, request.message, std::make_unique<RequestClient>(*this, request)}, *found.is);
  if (!calls_.empty() && !lasting_.armed()) lasting_.arm(kShortCall);
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
