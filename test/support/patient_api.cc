#include "support/patient_api.h"

#include <utility>

#include "base/check.h"
#include "base/encoding.h"
#include "base/json.h"
#include "base/text.h"
#include "net/tcp_stream.h"

namespace test {

std::string Asked::param(std::string_view name) const {
  for (std::string_view pair : base::split(query, '&')) {
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    return base::percent_decode(pair.substr(equals + 1)).value_or("(bad escape)");
  }
  return "(none)";
}

std::string status_text(int code, std::string_view reason, std::string_view message) {
  std::string out;
  base::json::Writer w(out);
  w.begin_object().field("kind", "Status").field("apiVersion", "v1").field("status", "Failure");
  w.field("message", message).field_if("reason", reason).field("code", code).end_object();
  return out;
}

void Asked::fail(int code, std::string_view reason, std::string_view message,
                 std::string_view extra) {
  json(status_text(code, reason, message), code, extra);
}

PatientApi::PatientApi(loop::Loop& loop) : loop_(loop) {
  up();
}

void PatientApi::up() {
  http::ServerLimits limits;
  limits.idle_time = limits.write_stall_time = base::hours(24 * 365 * 10);
  limits.stream_queue_bytes = std::size_t{256} * 1024 * 1024;
  limits.stream_queue_messages = 1000000;
  server_ = std::make_unique<http::Server>(loop_, *this, limits);
  CHECK(server_->listen("127.0.0.1", port_).has_value());
  port_ = server_->address().port();
}

void PatientApi::down() {
  waiting.clear();
  server_.reset();
}

kube::config::Config PatientApi::config() const {
  kube::config::Config config;
  config.cluster.name = "patient";
  config.cluster.tls = false;
  config.cluster.host = "127.0.0.1";
  config.cluster.port = port_;
  config.ns = "default";
  return config;
}

void PatientApi::on_request(const http::Request& request, http::Reply reply) {
  ++requests;
  Asked asked;
  const std::string_view target = request.target;
  const std::size_t mark = target.find('?');
  asked.path = target.substr(0, mark);
  if (mark != std::string_view::npos) asked.query = target.substr(mark + 1);
  asked.authorization = request.headers.find("authorization").value_or("");
  asked.at = loop_.now();
  asked.reply = std::move(reply);
  waiting.push_back(std::move(asked));
}

PatientWorld::PatientWorld() {
  auto made = kube::Client::create(loop, resolver, api.config(), "test");
  CHECK(made.has_value());
  client = *std::move(made);
}

bool PatientWorld::run_until(const std::function<bool()>& done, base::Duration limit) {
  struct Alarm {
    explicit Alarm(loop::Loop& l)
        : timer(l, "test limit", loop::Timer::Fn::bind<&Alarm::ring>(this)) {}
    void ring() { over = true; }
    bool over = false;
    loop::Timer timer;
  } alarm(loop);
  alarm.timer.arm(limit);
  while (!done() && !alarm.over)
    loop.run_once();
  return done();
}

Asked PatientWorld::asked(base::Duration limit) {
  const bool came = run_until([&] { return !api.waiting.empty(); }, limit);
  EXPECT_TRUE(came) << "no request";
  if (!came) return {};
  Asked next = std::move(api.waiting.front());
  api.waiting.pop_front();
  return next;
}

bool PatientWorld::quiet(base::Duration time) {
  return !run_until([&] { return !api.waiting.empty(); }, time);
}

void PatientWorld::pass(base::Duration time) {
  run_until([] { return false; }, time);
}

}  // namespace test
