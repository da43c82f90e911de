// What tests on the simulated API server share: one loop on virtual time, the server, a cluster in
// it, a plain HTTPS client to it, and turning the loop.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/json.h"
#include "http/client_call.h"
#include "http/client_pool.h"
#include "loop/clock.h"
#include "loop/loop.h"
#include "net/resolve.h"
#include "net/tls.h"
#include "sim/api_server.h"
#include "sim/cluster.h"

namespace test {

sim::ServerCerts sim_certs();

// A request and what came of it, while it comes.
class SimCall final : public http::CallHandler {
 public:
  SimCall(http::ClientPool& pool, std::string method, std::string target, std::string body = {},
          std::string_view token = sim::ApiServer::kAdminToken,
          std::string type = "application/json",
          std::vector<std::pair<std::string, std::string>> headers = {},
          base::Duration head_time = base::seconds(30));

  void on_head(const http::ResponseHead& head) override;
  void on_body(std::string_view bytes) override { body.append(bytes); }
  void on_end(const http::CallEnd& how) override { end = how; }

  bool done() const { return end.has_value(); }
  bool whole() const { return end && end->ok(); }
  std::string error() const { return end && end->error ? end->error->what() : ""; }
  // The body as JSON; absent members read as empty.
  base::json::Value json();
  // Lines of the body so far, the last one only when it is ended.
  int lines() const;
  // Line n of a watch as JSON.
  base::json::Value frame(int n);

  int status = 0;
  std::string body, retry_after, session_id, content_type, challenge;  // WWW-Authenticate
  std::string headers;  // all of them, "name: value\n"
  std::optional<http::CallEnd> end;

 private:
  base::json::Document doc_;
  http::ClientCall call_;
};

class SimWorld : public ::testing::Test {
 protected:
  SimWorld();

  // Turns until `done` holds; false when nothing will ever happen, or not soon.
  template <class Done>
  bool run_until(Done done, int turns = 200000) {
    for (int i = 0; i < turns; ++i) {
      if (done()) return true;
      loop.run_once();
      if (clock.stuck()) return done();
    }
    return false;
  }
  // Lets that much time pass.
  void pass(base::Duration time);
  // Long enough for what is under way, too short for any limit.
  void settle() { pass(base::milliseconds(1)); }

  std::unique_ptr<SimCall> open(std::string target,
                                std::string_view token = sim::ApiServer::kAdminToken) {
    return std::make_unique<SimCall>(*pool, "GET", std::move(target), "", token);
  }
  // Asks and waits for the whole answer.
  std::unique_ptr<SimCall> get(std::string target,
                               std::string_view token = sim::ApiServer::kAdminToken) {
    return ask("GET", std::move(target), "", token);
  }
  std::unique_ptr<SimCall> ask(std::string method, std::string target, std::string body = {},
                               std::string_view token = sim::ApiServer::kAdminToken,
                               std::string type = "application/json");
  std::string now_version() { return std::to_string(api.store().version()); }

  loop::VirtualClock clock;
  loop::Loop loop{clock};
  net::Resolver resolver{loop};
  sim::ApiServer api{loop, sim_certs()};
  sim::Cluster cluster{loop, api};
  std::unique_ptr<net::TlsContext> tls;
  std::unique_ptr<http::ClientPool> pool;

 private:
  struct Pause {
    explicit Pause(loop::Loop& loop)
        : timer(loop, "test pause", loop::Timer::Fn::bind<&Pause::on_time>(this)) {}
    void on_time() { over = true; }
    bool over = false;
    loop::Timer timer;
  };
};

}  // namespace test
