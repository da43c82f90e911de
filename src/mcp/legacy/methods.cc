// The methods of a legacy session: each checks its parameters, then answers or begins a call.
#include <array>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "mcp/completion.h"
#include "mcp/legacy/call.h"
#include "mcp/legacy/server.h"
#include "mcp/log_level.h"
#include "mcp/result.h"
#include "mcp/shared/lookup.h"

namespace mcp::legacy {

using base::json::Type;
using base::json::Value;

namespace {

constexpr std::size_t kShown = 128;  // bytes of a name that an error repeats

}  // namespace

struct Server::Method {
  std::string_view name;
  void (Server::*run)(Session&, const Message&, Exchange&);
  bool begins_work;
  bool calls;  // work that is a Call
};

const Server::Method* Server::find_method(std::string_view name) const {
  static constexpr std::array<Method, 12> kMethods = {{
      {"tools/call", &Server::call_tool, true, true},
      {"tools/list", &Server::show_list<List::tools>, false, false},
      {"ping", &Server::ping, false, false},
      {"resources/read", &Server::read_resource, true, true},
      {"resources/subscribe", &Server::subscribe, true, false},
      {"resources/unsubscribe", &Server::unsubscribe, false, false},
      {"resources/list", &Server::show_list<List::resources>, false, false},
      {"resources/templates/list", &Server::show_list<List::templates>, false, false},
      {"prompts/list", &Server::show_list<List::prompts>, false, false},
      {"prompts/get", &Server::get_prompt, true, true},
      {"completion/complete", &Server::complete, true, true},
      {"logging/setLevel", &Server::set_log_level, false, false},
  }};
  const bool declared = (core_.registry.has_prompts() || !name.starts_with("prompts/")) &&
                        (core_.registry.completes() || !name.starts_with("completion/"));
  for (const Method& method : kMethods) {
    if (method.name == name) return declared ? &method : nullptr;
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
  if (method->begins_work && core_.draining) {
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

template <List list>
void Server::show_list(Session& session, const Message& message, Exchange& exchange) {
  const auto cursor = shared::cursor_of(message.params);
  const std::string* page =
      cursor ? core_.registry.page(list, session.version(), *cursor) : nullptr;
  if (page) return answer(exchange, message, *page, Body::offer);
  fail(exchange, message, RpcCode::invalid_params, "params.cursor is not a cursor of this list");
}

void Server::call_tool(Session& session, const Message& message, Exchange& exchange) {
  const auto found = shared::look_up_tool(core_.registry, message.params);
  if (!found.is) return fail(exchange, message, found.error);
  mcp::legacy::call_tool(session, exchange, message, *found.is);
}

void Server::get_prompt(Session& session, const Message& message, Exchange& exchange) {
  const auto found = shared::look_up_prompt(core_.registry, message.params);
  if (!found.is) return fail(exchange, message, found.error);
  call_prompt(session, exchange, message, *found.is);
}

void Server::complete(Session& session, const Message& message, Exchange& exchange) {
  shared::CompletionOf of = shared::completion_of(core_.registry, message.params);
  if (of.error) return fail(exchange, message, *of.error);
  call_complete(session, exchange, message, of.prompt, of.family);
}

std::string_view Server::uri_of(const Message& message, Exchange& exchange) {
  const Value uri = message.params["uri"];
  if (uri.str().empty()) {
    fail(exchange, message, RpcCode::invalid_params, "params.uri must be a URI string");
    return {};
  }
  if (uri.str().size() > base::limits::kUriBytes) {
    fail(exchange, message, RpcCode::invalid_params,
         "params.uri may have at most " + std::to_string(base::limits::kUriBytes) + " bytes");
    return {};
  }
  return uri.str();
}

void Server::read_resource(Session& session, const Message& message, Exchange& exchange) {
  const auto found = shared::look_up_resource(core_.registry, message.params);
  if (!found.is) return fail(exchange, message, found.error);
  call_read(session, exchange, message, *found.is);
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
  const std::string_view uri = uri_of(message, exchange);
  if (uri.empty()) return;
  // If there is none, the result is what the client asked for.
  session.unsubscribe(uri);
  answer(exchange, message, "{}");
}

void Server::set_log_level(Session& session, const Message& message, Exchange& exchange) {
  const Value level = message.params["level"];
  LogLevel parsed{};
  if (!parse_log_level(level.str(), parsed)) {
    std::string text = "params.level must be one of";
    for (std::string_view name : kLogLevelNames)
      text.append(" ").append(name);
    text.append(", got ");
    text.append(level ? base::printable(level.to_json(), kShown) : "nothing");
    return fail(exchange, message, RpcCode::invalid_params, std::move(text));
  }
  session.set_log_level(parsed);
  answer(exchange, message, "{}");
}

}  // namespace mcp::legacy
