#include "app/health.h"

#include "app/version.h"
#include "base/json.h"
#include "base/log.h"

namespace app {

constexpr std::size_t kVersionBytes = 64 * 1024;

Health::Health(loop::Loop& loop, kube::Client& client, base::Random& random)
    : client_(client),
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
    problem_.clear();
    base::json::Document doc;
    auto root = doc.parse(outcome.body);
    const std::string git(root ? (*root)["gitVersion"].str() : std::string_view());
    LOG_INFO("API server reached", {"server", client_.server()}, {"kubernetes", git});
    return;
  }
  const base::Duration delay = backoff_.next(random_);
  problem_ = "API server " + client_.server() + ": " + outcome.failure->message;
  LOG_WARN("API server not reached", {"server", client_.server()},
           {"error", outcome.failure->message}, {"retry_in_ms", base::to_ms(delay)});
  again_.arm(delay);
}

void Health::drain() {
  draining_ = true;
  version_.cancel();
  again_.cancel();
}

bool Health::answer(const http::Request& request, http::Reply& reply) const {
  const bool alive = request.path == "/healthz";
  if (!alive && request.path != "/readyz") return false;
  if (request.method != http::Method::get && request.method != http::Method::head) {
    reply.send(405, {}, {}, "Allow: GET, HEAD\r\n");
    return true;
  }
  std::string body;
  base::json::Writer w(body);
  w.begin_object();
  if (alive) {
    w.field("status", "ok");
  } else {
    w.field("status", ready() ? "ready" : "not ready").key("reasons").begin_array();
    if (!reached_) w.string(problem_);
    if (draining_) w.string("shutting down");
    w.end_array();
  }
  w.key("version").raw(version_json()).end_object();
  body.push_back('\n');
  reply.send(alive || ready() ? 200 : 503, "application/json", body);
  return true;
}

}  // namespace app
