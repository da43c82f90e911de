#include "mcp/endpoint/endpoint.h"

#include <optional>
#include <string>
#include <utility>

#include "base/json.h"
#include "base/json_shape.h"
#include "base/log.h"
#include "base/own_list.h"
#include "mcp/endpoint/origin.h"
#include "mcp/endpoint/refusal_log.h"
#include "mcp/legacy/server.h"
#include "mcp/modern/server.h"
#include "mcp/outgoing.h"
#include "mcp/shared/answer.h"
#include "mcp/shared/core.h"
#include "mcp/shared/era.h"
#include "mcp/shared/methods.h"
#include "mcp/shared/request_headers.h"
#include "mcp/shared/scope.h"

namespace mcp::endpoint {

using base::json::Type;
using base::json::Value;

namespace {

constexpr std::string_view kAllow = "Allow: GET, POST, DELETE\r\n";
constexpr std::string_view kText = "text/plain; charset=utf-8";

void refuse(http::Reply& reply, const Refusal& refusal) {
  std::string extra;
  if (!refusal.challenge.empty()) {
    extra.append("WWW-Authenticate: ").append(refusal.challenge).append("\r\n");
  }
  if (refusal.status == 503 || refusal.status == 429)
    extra.append(shared::retry_after(refusal.retry_after));
  reply.send(refusal.status, kText, passed_text(refusal.message) + "\n", extra);
}

void send_bad_request(http::Reply& reply, std::string_view id_json, std::string message) {
  shared::send_error(reply, 400, id_json, {RpcCode::invalid_request, std::move(message), {}});
}

// True: refused, and answered.
bool refuse_repeated(std::string_view header, http::Reply& reply) {
  if (header.empty()) return false;
  send_bad_request(reply, {}, "the header " + std::string(header) + " occurs more than once");
  return true;
}

// MCP 2025-06-18, Transports, "Protocol Version Header". True: refused, and answered.
bool refuse_version(const shared::RequestHeaders& arrival, http::Reply& reply) {
  if (shared::is_legacy_header(arrival.mirror.version)) return false;
  send_bad_request(reply, {},
                   "MCP-Protocol-Version must be one of " + shared::legacy_versions_json());
  return true;
}

// Ten years, in s: a later end is none, for the clock counts no further than three centuries.
constexpr std::int64_t kLongest = 10LL * 366 * 24 * 3600;

// When the certificate of the peer ends.
std::optional<base::TimePoint> end_of(const net::PeerIdentity& peer, loop::Loop& loop) {
  const std::int64_t left =
      peer.expires - loop.wall_now().ns / base::Duration(base::seconds(1)).count();
  if (peer.expires == 0 || left > kLongest) return std::nullopt;
  return loop.now() + base::seconds(left);
}

}  // namespace

struct Endpoint::Impl {
  // A request whose token is being checked.
  struct Waiting : base::Link {
    Waiting(Impl& of, const shared::RequestHeaders& from, Authenticator& asked, http::Reply to)
        : owner(of),
          held(of.core.budgets().bodies),
          arrival(from),
          by(asked),
          reply(std::move(to)) {
      arrival.keep_in(text);
      held.force(text.capacity(), reply.peer_key());
      reply.when_gone(base::Delegate<void()>::bind<&Waiting::on_gone>(this));
    }
    void leave() {
      reply.when_gone({});
      held.release();  // the budget may be destroyed before this retired object is
      owner.core.loop.retire(owner.waiting.take(*this));
    }
    void on_gone() {
      pending.reset();
      leave();
    }
    void on_verdict(Verdict verdict) {
      leave();
      verdict.caller.by = &by;
      owner.enter(arrival, std::move(verdict), std::move(reply));
    }
    Impl& owner;
    base::Charge held;
    std::string text;
    shared::RequestHeaders arrival;
    Authenticator& by;
    http::Reply reply;
    std::unique_ptr<PendingVerdict> pending;
  };

  Impl(loop::Loop& loop, Registry& registry, Authenticator& auth, shared::Options options)
      : core(loop, registry, auth, std::move(options)),
        rules{core.options.check_host, core.options.allowed_hosts, core.options.allowed_origins,
              core.options.hosts_setting, core.options.origins_setting},
        authenticator(auth),
        legacy(core),
        modern(core) {
    registry.when_changed(base::Delegate<void(List)>::bind<&Impl::on_list_changed>(this));
  }
  ~Impl() { core.registry.when_changed({}); }
  void on_list_changed(List list) {
    legacy.list_changed(list);
    modern.list_changed(list);
  }

  void on_request(const http::Request& request, Authenticator& by, http::Reply reply);
  void on_made(const http::Request& request, http::Reply reply);
  void check(const shared::RequestHeaders& arrival, const net::PeerIdentity* peer,
             Authenticator& by, http::Reply reply);
  void enter(const shared::RequestHeaders& arrival, Verdict verdict, http::Reply reply);
  void post(const shared::RequestHeaders& arrival, Caller caller, http::Reply reply);
  void post_batch(const shared::RequestHeaders& arrival, const Caller& caller, Value array,
                  http::Reply reply);
  void refuse_waiting(std::string_view reason);
  // True: refused, and answered, because the caller's token has a lower scope.
  bool refuse_scope(const Caller& caller, Scope needed, http::Reply& reply) {
    if (caller.scope >= needed) return false;
    refuse(reply, (caller.by ? *caller.by : authenticator).lacks(needed));
    return true;
  }

  // True: refused, because the caller asks too much; answered later.
  bool refuse_arrival(std::string_view owner, const shared::RequestHeaders& arrival,
                      http::Reply& reply) {
    std::optional<shared::Class> which;
    auto wait = core.pace.arrive(owner, arrival.body.size());
    // Others tell their class in their message.
    if (!wait && arrival.method != http::Method::post)
      wait = core.pace.take(owner, *(which = shared::Class::other));
    if (!wait) return false;
    core.pace.refuse(std::move(reply), {}, shared::rate_error(which, *wait), *wait);
    return true;
  }

  shared::State core;
  OriginRules rules;
  RefusalLog refusals;
  Authenticator& authenticator;
  legacy::Server legacy;
  modern::Server modern;
  base::OwnList<Waiting> waiting;
  base::json::Document document;  // the request being read
};

void Endpoint::Impl::on_request(const http::Request& request, Authenticator& by,
                                http::Reply reply) {
  switch (request.method) {
    case http::Method::post:
    case http::Method::get:
    case http::Method::del:
      break;
    case http::Method::options:
      return reply.send(204, {}, {}, preflight_headers(request.headers).append(kAllow));
    default:
      return reply.send(405, {}, {}, kAllow);
  }
  check(shared::RequestHeaders(request, false), request.identity, by, std::move(reply));
}

void Endpoint::Impl::on_made(const http::Request& request, http::Reply reply) {
  check(shared::RequestHeaders(request, true), nullptr, authenticator, std::move(reply));
}

void Endpoint::Impl::check(const shared::RequestHeaders& arrival, const net::PeerIdentity* peer,
                           Authenticator& by, http::Reply reply) {
  if (refuse_repeated(arrival.repeated, reply)) return;
  if (auto verdict = by.known_on(peer, arrival.authorization)) {
    verdict->caller.by = &by;
    if (peer && verdict->caller.distinct) verdict->caller.expires = end_of(*peer, core.loop);
    return enter(arrival, *std::move(verdict), std::move(reply));
  }
  // The whole request is kept until the API server has answered.
  if (base::Budget& bodies = core.budgets().bodies;
      !bodies.has_room(arrival.body.size()) ||
      !bodies.allows(reply.peer_key(), arrival.body.size())) {
    bodies.count_refusal();
    return refuse(reply, Refusal{503, {}, "too many requests wait for their tokens to be checked"});
  }
  Waiting& asking = waiting.add(std::make_unique<Waiting>(*this, arrival, by, std::move(reply)));
  asking.pending = by.ask(asking.arrival.authorization.value_or(""), asking.reply.peer_key(),
                          Authenticator::Fn::bind<&Waiting::on_verdict>(&asking));
}

void Endpoint::Impl::enter(const shared::RequestHeaders& arrival, Verdict verdict,
                           http::Reply reply) {
  if (verdict.refusal) return refuse(reply, *verdict.refusal);
  // Without tokens all clients are one caller; peers can still be told apart.
  if (std::string owner = shared::counted_owner(verdict.caller); !owner.empty()) {
    reply.charge_to(owner);
    if (refuse_arrival(owner, arrival, reply)) return;
  }
  core.recheck.seen(verdict.caller);
  if (refuse_scope(verdict.caller, Scope::read, reply)) return;
  if (arrival.method == http::Method::post) {
    return post(arrival, std::move(verdict.caller), std::move(reply));
  }
  if (refuse_repeated(arrival.repeated_of_session, reply)) return;
  // Only the legacy era has GET and DELETE; a modern header on them changes nothing.
  if (arrival.mirror.version != shared::kFirstModern && refuse_version(arrival, reply)) return;
  if (arrival.method == http::Method::del) {
    return legacy.on_delete(arrival, verdict.caller, std::move(reply));
  }
  if (!arrival.events) return reply.send(406, kText, "Accept must allow text/event-stream\n");
  legacy.on_get(arrival, verdict.caller, std::move(reply));
}

void Endpoint::Impl::post(const shared::RequestHeaders& arrival, Caller caller, http::Reply reply) {
  if (!arrival.json) return reply.send(415, kText, "Content-Type must be application/json\n");
  if (arrival.coded) {
    return reply.send(415, kText, "the body must be sent without a Content-Encoding\n",
                      "Accept-Encoding: identity\r\n");
  }
  if (!arrival.form) {
    return reply.send(406, kText, "Accept must allow application/json or text/event-stream\n");
  }
  if (base::json::count_values(arrival.body, base::limits::kBodyValues) >
      base::limits::kBodyValues) {
    return send_bad_request(reply, {},
                            "a message or batch may hold at most " +
                                std::to_string(base::limits::kBodyValues) + " JSON values");
  }
  const auto parsed = document.parse(arrival.body);
  if (!parsed) {
    return shared::send_error(reply, 400, {},
                              {RpcCode::parse_error, "Parse error: " + parsed.error().what(), {}});
  }
  // A write's arguments may be a Secret's data, which no later request need overwrite.
  struct LetGo {
    base::json::Document& document;
    bool due;
    ~LetGo() { due ? document.release() : void(); }
  } let_go{document, parsed->is(Type::array)};
  const bool whole = caller.scope == Scope::write;  // then nothing is lacking
  if (parsed->is(Type::array)) {
    if (!whole && refuse_scope(caller, shared::scope_of(core.registry, parsed->array()), reply)) {
      return;
    }
    return post_batch(arrival, caller, *parsed, std::move(reply));
  }
  const Message message = read_message(*parsed);
  if (message.kind == Message::Kind::invalid) {
    return send_bad_request(reply, message.id_json, std::string(message.problem));
  }
  let_go.due = shared::class_of(core.registry, message) == shared::Class::write;
  if (!whole && refuse_scope(caller, shared::scope_of(core.registry, message), reply)) return;
  if (shared::refuse_pace(core, reply, message, caller)) return;
  if (shared::decide_era(message, arrival.mirror.version) == shared::Era::modern) {
    return modern.on_message(arrival, std::move(caller), message, std::move(reply));
  }
  const bool begins = message.kind == Message::Kind::request && message.method == "initialize";
  if (!begins &&
      (refuse_repeated(arrival.repeated_of_session, reply) || refuse_version(arrival, reply))) {
    return;
  }
  legacy.on_message(arrival, std::move(caller), message, std::move(reply));
}

void Endpoint::Impl::post_batch(const shared::RequestHeaders& arrival, const Caller& caller,
                                Value array, http::Reply reply) {
  if (shared::decide_batch_era(array, arrival.mirror.version) == shared::Era::modern) {
    return send_bad_request(reply, {}, "this revision does not allow batches");
  }
  if (refuse_repeated(arrival.repeated_of_session, reply) || refuse_version(arrival, reply)) return;
  legacy.on_batch(arrival, caller, array, std::move(reply));
}

void Endpoint::Impl::refuse_waiting(std::string_view reason) {
  while (!waiting.empty()) {
    Waiting& asking = waiting.front();
    asking.pending.reset();
    refuse(asking.reply, {503, {}, std::string(reason)});
    asking.leave();
  }
}

// ---- Endpoint

Endpoint::Endpoint(loop::Loop& loop, Registry& registry, Authenticator& authenticator,
                   shared::Options options)
    : impl_(std::make_unique<Impl>(loop, registry, authenticator, std::move(options))) {}

Endpoint::~Endpoint() {
  impl_->core.recheck.stop();
  impl_->refuse_waiting("the server is shutting down");
  impl_->legacy.sessions().end_all("the server is shutting down");
  impl_->modern.abandon_calls("the server is shutting down");
  impl_->modern.listens().abandon_all();
}

bool Endpoint::admit(const http::Request& request, http::Reply& reply,
                     std::optional<bool> check_host, bool any_origin) {
  const bool host = check_host.value_or(impl_->rules.check_host);
  const OriginProblem problem = any_origin ? host_problem(request.headers, impl_->rules, host)
                                           : origin_problem(request.headers, impl_->rules, host);
  if (problem.text.empty()) {
    if (any_origin) return true;
    if (std::string lines = cors_headers(request.headers); !lines.empty()) {
      reply.add_headers(std::move(lines));
    }
    return true;
  }
  if (impl_->refusals.wants(problem.name, impl_->core.loop.now())) {
    LOG_WARN("request refused", {"peer", request.peer}, {"reason", problem.text});
  } else {
    LOG_DEBUG("request refused", {"peer", request.peer}, {"reason", problem.text});
  }
  reply.send(403, kText, problem.text + "\n");
  return false;
}

void Endpoint::on_request(const http::Request& request, http::Reply reply, Authenticator* by) {
  impl_->on_request(request, by ? *by : impl_->authenticator, std::move(reply));
}

void Endpoint::on_message(const http::Request& request, http::Reply reply) {
  impl_->on_made(request, std::move(reply));
}

void Endpoint::begin_drain() {
  impl_->core.draining = true;
}

void Endpoint::refuse_calls() {
  impl_->core.calls_over = true;
}

void Endpoint::end_feeds(std::string_view reason) {
  impl_->core.recheck.stop();
  impl_->legacy.sessions().for_each([&](legacy::Session& session) { session.end_feeds(reason); });
  impl_->modern.listens().for_each([&](modern::Listen& listen) { listen.end_feeds(reason); });
}

void Endpoint::end_streams() {
  impl_->core.streams_over = true;
  impl_->legacy.sessions().for_each([](legacy::Session& session) { session.finish_stream(); });
  impl_->modern.listens().for_each([](modern::Listen& listen) { listen.finish(); });
}

void Endpoint::abandon_calls(std::string_view reason) {
  impl_->refuse_waiting(reason);
  impl_->legacy.sessions().for_each(
      [&](legacy::Session& session) { session.abandon_calls(reason); });
  impl_->modern.abandon_calls(reason);
}

void Endpoint::when_progress(base::Delegate<void()> fn) {
  impl_->core.progress_fn = fn;
}

const shared::RequestStats& Endpoint::requests() const {
  return impl_->core.requests;
}

const shared::Pace& Endpoint::pace() const {
  return impl_->core.pace;
}

void Endpoint::set_rates(const shared::Rates& rates) {
  impl_->core.pace.set_rates(rates);
}

EndpointStats Endpoint::stats() const {
  legacy::Server& legacy = impl_->legacy;
  const shared::State& core = impl_->core;
  EndpointStats stats;
  stats.sessions = legacy.sessions().size();
  stats.streams = core.streams;
  stats.subscriptions = core.subscriptions;
  stats.calls = core.calls;
  stats.delivered = core.delivered;
  stats.dropped = core.dropped;
  legacy.sessions().for_each(
      [&](legacy::Session& session) { stats.queued_frames += session.channel().queued(); });
  impl_->modern.listens().for_each(
      [&](const modern::Listen& listen) { stats.queued_frames += listen.queued(); });
  stats.listens = impl_->modern.listens().size();
  return stats;
}

}  // namespace mcp::endpoint
