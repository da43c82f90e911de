// The methods of a legacy session: each checks its parameters, then answers or begins a call.
#include "mcp/shared/methods.h"

#include <array>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "mcp/legacy/server.h"
#include "mcp/legacy/session_client.h"
#include "mcp/shared/call_kinds.h"
#include "mcp/shared/lookup.h"

namespace mcp::legacy {

using base::json::Type;

namespace {

constexpr std::size_t kShown = 128;  // bytes of a name that an error repeats

}  // namespace

struct Server::Method {
  void (Server::*run)(Session&, const Message&, Exchange&);
  bool begins_work = false;
  bool calls = false;  // work that is a Call
};

const Server::Method* Server::find_method(std::string_view name) const {
  static constexpr Method kCall{&Server::begin_call, true, true}, kList{&Server::show_list};
  static constexpr std::array<std::pair<std::string_view, Method>, 4> kOwn = {{
      {"ping", {&Server::ping}},
      {"resources/subscribe", {&Server::subscribe, true}},
      {"resources/unsubscribe", {&Server::unsubscribe}},
      {"logging/setLevel", {&Server::set_log_level}},
  }};
  if (!shared::is_declared(core_.registry, name)) return nullptr;
  if (const auto* common = shared::find_method(name)) return common->list ? &kList : &kCall;
  for (const auto& [own, method] : kOwn) {
    if (own == name) return &method;
  }
  return nullptr;
}

bool Server::begins_work(std::string_view method) const {
  const Method* found = find_method(method);
  return found && found->begins_work;
}

shared::Full Server::room_for(Session& session, const Message& message) {
  const Method* method = find_method(message.method);
  if (!method || !method->begins_work) return shared::Full::no;
  base::Budget& calls = core_.budgets().calls;
  if (!session.may_begin()) return calls.count_refusal(), shared::Full::caller;
  return method->calls ? shared::State::room_in(calls, session.caller()) : shared::Full::no;
}

void Server::request(Session& session, const Message& message, Exchange& exchange) {
  const Method* method = find_method(message.method);
  if (!method) {
    return fail(exchange, message, RpcCode::method_not_found,
                "Method not found: " + base::printable(message.method, kShown));
  }
  LOG_DEBUG("request", {"session", session.short_id()}, {"method", message.method});
  if (message.params && !message.params.is(Type::object)) {
    return fail(exchange, message, RpcCode::invalid_params,
                "params must be an object, got " + std::string(message.params.type_name()));
  }
  if (shared::is_late(core_, message.method, method->begins_work)) {
    return fail(exchange, message, RpcCode::internal_error, "the server is shutting down");
  }
  (this->*method->run)(session, message, exchange);
}

void Server::notification(Session& session, const Message& message) {
  // Other notifications need no action: a session may be used from its first request on.
  if (message.method != "notifications/cancelled") return;
  const std::string id = token_json(message.params["requestId"]);
  if (!id.empty()) session.cancel(id);
}

// Answers in the turn in which the request arrived.
void Server::answer(Exchange& exchange, const Message& message, std::string_view result,
                    Body body) {
  core_.requests.ended(message.method, shared::Outcome::ok, {});
  exchange.expect();
  exchange.answer(Outgoing::result(message.id_json, result, body));
}

void Server::fail(Exchange& exchange, const Message& message, const RpcError& error) {
  core_.requests.ended(message.method, shared::Outcome::error, {});
  exchange.expect();
  exchange.answer(Outgoing::error(message.id_json, error));
}

void Server::fail(Exchange& exchange, const Message& message, RpcCode code, std::string text) {
  fail(exchange, message, {code, std::move(text), {}});
}

void Server::ping(Session&, const Message& message, Exchange& exchange) {
  answer(exchange, message, "{}");
}

void Server::show_list(Session& session, const Message& message, Exchange& exchange) {
  const List list = *shared::find_method(message.method)->list;
  const auto found = shared::look_up_page(core_.registry, list, session.version(), message.params,
                                          session.caller());
  if (!found.is) return fail(exchange, message, found.error);
  answer(exchange, message, *found.is, Body::offer);
}

void Server::begin_call(Session& session, const Message& message, Exchange& exchange) {
  const auto found = shared::look_up_target(core_.registry, message);
  if (!found.is) return fail(exchange, message, found.error);
  shared::begin_call(
      {core_, session.calls(), message, std::make_unique<SessionClient>(session, exchange)},
      *found.is);
}

void Server::subscribe(Session& session, const Message& message, Exchange& exchange) {
  const auto found = shared::look_up_resource(core_.registry, message.params);
  if (!found.is) {
    LOG_INFO("subscription refused", {"uri", base::printable(message.params["uri"].str(), kShown)},
             {"session", session.short_id()}, {"error", "there is no such resource"});
    return fail(exchange, message, found.error);
  }
  session.subscribe(*found.is, message.params["uri"].str(), exchange, message.id_json);
}

void Server::unsubscribe(Session& session, const Message& message, Exchange& exchange) {
  if (const auto problem = shared::uri_problem(message.params)) {
    return fail(exchange, message, *problem);
  }
  // If there is none, the result is what the client asked for.
  session.unsubscribe(message.params["uri"].str());
  answer(exchange, message, "{}");
}

void Server::set_log_level(Session& session, const Message& message, Exchange& exchange) {
  LogLevel level{};
  std::string problem = shared::read_log_level("params.level", message.params["level"], level);
  if (!problem.empty()) {
    return fail(exchange, message, RpcCode::invalid_params, std::move(problem));
  }
  session.set_log_level(level);
  answer(exchange, message, "{}");
}

}  // namespace mcp::legacy
