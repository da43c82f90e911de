#include "app/health.h"

#include <utility>

#include "app/version.h"
#include "base/json.h"
#include "base/log.h"
#include "mcp/outgoing.h"

namespace app {

constexpr std::size_t kVersionBytes = 64 * 1024;

Health::Health(loop::Loop& loop, kube::Client& client, base::Random& random, kube::Pulse& pulse)
    : loop_(loop),
      client_(client),
      pulse_(pulse),
      random_(random),
      version_(client, kube::ApiGet::Fn::bind<&Health::on_answer>(this), kVersionBytes),
      again_(loop, "API server probe", loop::Timer::Fn::bind<&Health::ask>(this)) {}

void Health::start() {
  ask();
}

void Health::ask() {
  kube::ApiRequest request;
  request.path = "/version";
  version_.start(std::move(request));
}

void Health::on_answer(kube::ApiGet::Outcome outcome) {
  if (!outcome.failure) {
    reached_ = true;
    pulse_.start();
    problem_.clear();
    base::json::Document doc;
    auto root = doc.parse(outcome.body);
    const std::string git(root ? (*root)["gitVersion"].str() : std::string_view());
    LOG_INFO("API server reached", {"server", client_.server()}, {"kubernetes", git});
    return;
  }
  const base::Duration delay = backoff_.next(random_);
  problem_ = "API server " + client_.server() + ": " + outcome.failure->message;
  problem_class_ =
      "the API server was not reached: " + std::string(base::to_string(outcome.failure->code));
  LOG_WARN("API server not reached", {"server", client_.server()},
           {"error", outcome.failure->message}, {"retry_in_ms", base::to_ms(delay)});
  again_.arm(delay);
}

void Health::drain() {
  draining_ = true;
  pulse_.stop();
  version_.cancel();
  again_.cancel();
}

bool is_read(const http::Request& request, http::Reply& reply) {
  if (request.method == http::Method::get || request.method == http::Method::head) return true;
  reply.send(405, {}, {}, "Allow: GET, HEAD\r\n");
  return false;
}

void Health::show(WatchesFn watches) {
  watches_ = watches;
}

void Health::send_alive(http::Reply& reply) const {
  std::string body;
  base::json::Writer w(body);
  w.begin_object().field("status", "ok").key("version").raw(version_json()).end_object();
  reply.send(200, "application/json", body.append("\n"));
}

void Health::send_watches(http::Reply& reply, const fanout::Reader& reader) const {
  std::string body;
  base::json::Writer w(body);
  w.begin_object().field("status", "ok");
  page(reader).write_all(w, watches());
  w.key("version").raw(version_json()).end_object();
  reply.send(200, "application/json", mcp::passed_text(std::move(body)).append("\n"));
}

void Health::send_ready(http::Reply& reply, const fanout::Reader& reader) const {
  std::string body;
  base::json::Writer w(body);
  w.begin_object().field("status", ready() ? "ready" : "not ready").key("reasons").begin_array();
  if (!reached_) w.string(reader.sees_texts() ? problem_ : problem_class_);
  if (pulse_.frozen()) {
    w.string(reader.sees_texts() ? pulse_.silent()->message : "the API server does not answer");
  }
  if (draining_) w.string("shutting down");
  w.end_array();
  page(reader).write_stale(w, watches());
  write_issuers(w, reader);
  w.key("version").raw(version_json()).end_object();
  reply.send(ready() ? 200 : 503, "application/json",
             mcp::passed_text(std::move(body)).append("\n"));
}

// An issuer without keys does not make the server unready: other issuers' tokens are served,
// and those of this one get 503.
void Health::write_issuers(base::json::Writer& w, const fanout::Reader& reader) const {
  using State = auth::IssuerStatus::State;
  bool any = false;
  for (const auth::IssuerStatus& each : issuers_ ? issuers_() : std::vector<auth::IssuerStatus>()) {
    if (each.state == State::fresh) continue;
    if (!std::exchange(any, true)) w.key("issuers").begin_array();
    w.begin_object().field("keys", to_string(each.state));
    if (each.age) w.field("age", base::format_duration(*each.age));
    if (reader.sees_texts()) w.field("issuer", each.issuer).field_if("problem", each.problem);
    w.end_object();
  }
  if (any) w.end_array();
}

std::vector<fanout::WatchInfo> Health::watches() const {
  return watches_ ? watches_() : std::vector<fanout::WatchInfo>();
}

fanout::StatusPage Health::page(const fanout::Reader& reader) const {
  return {loop_.now(), loop_.wall_now(), reader};
}

}  // namespace app
