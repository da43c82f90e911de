#include "mcp/legacy/server.h"

#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "mcp/shared/answer.h"
#include "mcp/shared/era.h"
#include "mcp/shared/lookup.h"
#include "mcp/shared/methods.h"

namespace mcp::legacy {

using base::json::Type;
using base::json::Value;
using base::json::Writer;

namespace {

constexpr std::string_view kSessionHeader = "Mcp-Session-Id: ";
constexpr std::size_t kShownName = 64;  // bytes of a client's name or event id that we repeat

RpcError bad_request(std::string message) {
  return {RpcCode::invalid_request, std::move(message), {}};
}

std::string initialize_result(Version version, const shared::State& core) {
  const shared::Options& options = core.options;
  std::string out;
  Writer w(out);
  w.begin_object().field("protocolVersion", to_string(version));
  w.key("capabilities").raw(core.registry.capabilities_json());
  w.key("serverInfo").begin_object().field("name", options.server_name);
  if (version >= Version::v2025_06_18) w.field_if("title", options.server_title);
  w.field("version", options.server_version).end_object();
  w.field_if("instructions", options.instructions).end_object();
  return out;
}

}  // namespace

Server::Server(shared::State& core)
    : core_(core),
      sessions_(core),
      lists_task_(core.loop, "mcp lists", loop::Deferred::Fn::bind<&Server::tell_lists>(this)) {}

void Server::list_changed(List list) {
  changed_.add(list);
  lists_task_.schedule();
}

void Server::tell_lists() {
  const Lists changed = std::exchange(changed_, {});
  sessions_.for_each([&](Session& session) { session.lists_changed(changed); });
}

void Server::on_message(const shared::RequestHeaders& in, Caller caller, const Message& message,
                        http::Reply reply) {
  const bool is_request = message.kind == Message::Kind::request;
  if (is_request && message.method == "initialize") {
    return initialize(in, std::move(caller), message, reply);
  }
  Session* session = session_of(in, caller, reply);
  if (!session) return;
  if (!is_request) {
    if (message.kind == Message::Kind::notification) notification(*session, message);
    if (message.kind == Message::Kind::response) session->on_response(message);
    return reply.send(202, {}, {});
  }
  if (shared::refuse_busy(core_, reply, message, begins_work(message.method)) ||
      shared::refuse_full(core_, reply, message, room_for(*session, message))) {
    return;
  }
  Exchange& exchange =
      Exchange::begin(*session, std::move(reply), {in.answer_form(), in.events, false});
  request(*session, message, exchange);
  exchange.skip();
}

void Server::on_batch(const shared::RequestHeaders& in, const Caller& caller, Value array,
                      http::Reply reply) {
  Session* session = session_of(in, caller, reply);
  if (!session) return;
  if (session->version() > Version::v2025_03_26) {
    return shared::send_error(
        reply, 400, {}, bad_request("only sessions of revision 2025-03-26 or older allow batches"));
  }
  const std::size_t size = array.size();
  if (size == 0 || size > kBatchMessages) {
    return shared::send_error(reply, 400, {},
                              bad_request("a batch holds 1 to " + std::to_string(kBatchMessages) +
                                          " messages, got " + std::to_string(size)));
  }
  for (const Value element : array.array()) {
    if (element["method"].str() != "initialize") continue;
    return shared::send_error(reply, 400, {}, bad_request("initialize cannot be part of a batch"));
  }
  if (!reply.has_room(shared::kAnswerRoom)) return shared::send_no_room(reply, {});
  Exchange& exchange =
      Exchange::begin(*session, std::move(reply), {in.answer_form(), in.events, true});
  Batch& batch = exchange.begin_batch(Batch::Run::bind<&Server::run_in_batch>(this));
  for (const Value element : array.array()) {
    const Message message = read_message(element);
    if (message.kind == Message::Kind::notification) notification(*session, message);
    if (message.kind == Message::Kind::response) session->on_response(message);
    const bool waits =
        message.kind == Message::Kind::request || message.kind == Message::Kind::invalid;
    if (!waits || batch.add(message, element)) continue;
    exchange.expect();
    exchange.answer(Outgoing::error(message.id_json, shared::no_room_for_answer()));
  }
  batch.done();
}

void Server::run_in_batch(const Message& message, Exchange& exchange) {
  if (message.kind == Message::Kind::request) {
    if (auto fast = shared::check_pace(core_, message, exchange.session().caller()))
      return fail(exchange, message, *std::move(fast));
    const shared::Full full = room_for(exchange.session(), message);
    if (full != shared::Full::no)
      return fail(exchange, message, shared::full_error(full, shared::kCallsAre));
    return request(exchange.session(), message, exchange);
  }
  exchange.expect();
  exchange.answer(Outgoing::error(message.id_json, bad_request(std::string(message.problem))));
}

void Server::on_get(const shared::RequestHeaders& in, const Caller& caller, http::Reply reply) {
  Session* session = session_of(in, caller, reply);
  if (!session) return;
  if (core_.streams_over) return shared::send_draining(reply, {});
  const bool returning = in.last_event && !in.last_event->empty();
  const auto after = returning ? parse_event_id(*in.last_event) : std::nullopt;
  // A POST's stream that is no longer kept cannot be replaced: the client must learn that the
  // answer is lost. For the session's own streams, open_stream() opens a new one with a warning.
  if (after && after->stream.of_post && !session->can_resume(*after)) {
    return shared::send_error(
        reply, 400, {},
        bad_request("Last-Event-ID names no answer that this session still keeps: " +
                    base::printable(*in.last_event, kShownName)));
  }
  // A client that reconnects before its old connection is known to be lost opens no further one.
  const bool further = !after || !session->is_read(*after);
  const shared::Full full =
      further ? shared::State::room_in(core_.budgets().streams, caller) : shared::Full::no;
  if (full != shared::Full::no) return shared::send_full(reply, {}, full, shared::kStreamsAre);
  LOG_DEBUG("stream opened", {"session", session->short_id()}, {"peer", reply.peer()},
            {"after", in.last_event.value_or("")});
  session->open_stream(std::move(reply), after, returning);
}

void Server::on_delete(const shared::RequestHeaders& in, const Caller& caller, http::Reply reply) {
  Session* session = session_of(in, caller, reply);
  if (!session) return;
  sessions_.end(*session, "the client ended the session");
  reply.send(204, {}, {});
}

Session* Server::session_of(const shared::RequestHeaders& in, const Caller& caller,
                            http::Reply& reply) {
  if (!in.session) {
    shared::send_error(
        reply, 400, {},
        bad_request("Mcp-Session-Id is missing: begin with initialize, then send the id "
                    "from its answer"));
    return nullptr;
  }
  Session* session = sessions_.find(*in.session, caller);
  // Clients act on the status; the text is for users whose client shows the body and does not
  // initialize again by itself.
  if (!session) {
    shared::send_error(
        reply, 404, {},
        {RpcCode::session_not_found,
         "Session not found: it has ended, or the server was restarted; initialize again "
         "(reconnect) for a new one",
         {}});
    return nullptr;
  }
  session->set_bearer(caller);
  return session;
}

void Server::initialize(const shared::RequestHeaders& in, Caller caller, const Message& message,
                        http::Reply& reply) {
  const auto ended = [&](shared::Outcome outcome) {
    core_.requests.ended(message.method, outcome, {});
  };
  if (core_.draining) {
    ended(shared::Outcome::error);
    return shared::send_draining(reply, message.id_json);
  }
  const Value asked = message.params["protocolVersion"];
  if (!asked.is(Type::string)) {
    ended(shared::Outcome::error);
    const RpcError error{RpcCode::invalid_params, "params.protocolVersion must be a string", {}};
    return shared::send_answer(reply, in.answer_form(), Outgoing::error(message.id_json, error));
  }
  Version version = Version::v2025_11_25;
  // For an unsupported version we answer with the newest; the client decides whether to go on.
  parse_version(asked.str(), version);
  std::string identity = caller.identity;
  caller.client = shared::client_text(message.params["clientInfo"]);
  shared::Full full{};
  Session* session = sessions_.create(std::move(caller), version, full);
  if (!session) {
    ended(shared::Outcome::error);
    return shared::send_full(reply, message.id_json, full, shared::kSessionsAre);
  }
  session->set_client(ClientCapabilities::read(message.params["capabilities"], version));
  const Value client = message.params["clientInfo"];
  LOG_INFO("session started", {"session", session->short_id()},
           {"client", base::printable(client["name"].str(), kShownName)},
           {"client_version", base::printable(client["version"].str(), kShownName)},
           {"protocol", to_string(version)}, {"identity", identity});
  ended(shared::Outcome::ok);
  std::string header(kSessionHeader);
  header.append(session->id()).append("\r\n");
  shared::send_answer(
      reply, in.answer_form(),
      Outgoing::result(message.id_json, initialize_result(version, core_), Body::offer), header);
}

}  // namespace mcp::legacy
