#include "support/sim_world.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "support/certs.h"

namespace test {

sim::ServerCerts sim_certs() {
  const TestCerts& certs = shared_certs();
  return {certs.ca_pem, certs.server_cert_pem, certs.server_key_pem};
}

SimCall::SimCall(http::ClientPool& pool, std::string method, std::string target, std::string body,
                 std::string_view token, std::string type,
                 std::vector<std::pair<std::string, std::string>> headers, base::Duration head_time)
    : call_(pool, *this) {
  http::ClientRequest request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.body = std::move(body);
  request.headers = std::move(headers);
  if (!token.empty()) {
    request.headers.emplace_back("Authorization", "Bearer " + std::string(token));
  }
  if (!request.body.empty()) request.headers.emplace_back("Content-Type", std::move(type));
  request.head_time = head_time;
  request.total_time = base::kForever;  // a test waits, whatever is slow
  call_.start(std::move(request));
}

void SimCall::on_head(const http::ResponseHead& head) {
  status = head.status;
  retry_after = head.headers.find("Retry-After").value_or("");
  session_id = head.headers.find("Mcp-Session-Id").value_or("");
  content_type = head.headers.find("Content-Type").value_or("");
  challenge = head.headers.find("WWW-Authenticate").value_or("");
  for (const http::Header& each : head.headers.all())
    headers.append(each.name).append(": ").append(each.value).append("\n");
}

base::json::Value SimCall::json() {
  auto root = doc_.parse(body);
  return root ? *root : base::json::Value();
}

int SimCall::lines() const {
  return static_cast<int>(std::count(body.begin(), body.end(), '\n'));
}

base::json::Value SimCall::frame(int n) {
  const auto lines = base::split(body, '\n');
  if (n >= static_cast<int>(lines.size())) return {};
  auto root = doc_.parse(lines[static_cast<std::size_t>(n)]);
  return root ? *root : base::json::Value();
}

SimWorld::SimWorld() {
  net::TlsClientOptions options;
  options.ca_pem = sim_certs().ca_pem;
  options.verify_name = "127.0.0.1";
  auto context = net::TlsContext::client(options);
  CHECK(context.has_value());
  tls = *std::move(context);
  CHECK(api.start().has_value());
  pool = std::make_unique<http::ClientPool>(loop, resolver, "127.0.0.1", api.port(),
                                            "127.0.0.1:" + std::to_string(api.port()), tls.get());
  for (const char* ns : {"default", "kcm-system", "team-a"})
    cluster.add_namespace(ns);
}

void SimWorld::pass(base::Duration time) {
  Pause pause(loop);
  pause.timer.arm(time);
  // A peer that sends a byte each 20 ms takes 225,000 turns for the longest of these.
  EXPECT_TRUE(run_until([&] { return pause.over; }, 1000000));
}

std::unique_ptr<SimCall> SimWorld::ask(std::string method, std::string target, std::string body,
                                       std::string_view token, std::string type) {
  auto call = std::make_unique<SimCall>(*pool, std::move(method), std::move(target),
                                        std::move(body), token, std::move(type));
  EXPECT_TRUE(run_until([&] { return call->done(); }));
  return call;
}

}  // namespace test
