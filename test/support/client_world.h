// What the tests of the HTTP client share: a loop on virtual time, a scripted server, a pool to it,
// and a caller that remembers.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "http/client_call.h"
#include "http/client_pool.h"
#include "loop/clock.h"
#include "loop/loop.h"
#include "net/resolve.h"
#include "support/raw_server.h"

namespace test {

// Remembers all that a call says; the hooks run after it is noted.
class Caller : public http::CallHandler {
 public:
  explicit Caller(http::ClientPool& pool) : call(std::make_unique<http::ClientCall>(pool, *this)) {}

  void on_head(const http::ResponseHead& head) override {
    ++heads;
    status = head.status;
    header_count = head.headers.all().size();
    if (head_hook) head_hook();
  }
  void on_body(std::string_view bytes) override {
    EXPECT_FALSE(bytes.empty());
    EXPECT_FALSE(end);
    body_size += bytes.size();
    if (keep_body) body.append(bytes);
    if (body_hook) body_hook();
  }
  void on_end(const http::CallEnd& how) override {
    ++ends;
    end = how;
    if (end_hook) end_hook();
  }

  void get(std::string target = "/x") { start({.method = "GET", .target = std::move(target)}); }
  void start(http::ClientRequest request) {
    end.reset();
    body.clear();
    call->start(std::move(request));
  }
  std::string error() const { return end && end->error ? end->error->what() : std::string(); }

  int heads = 0, ends = 0, status = 0;
  std::size_t header_count = 0, body_size = 0;
  bool keep_body = true;
  std::string body;
  std::optional<http::CallEnd> end;
  std::function<void()> head_hook, body_hook, end_hook;
  std::unique_ptr<http::ClientCall> call;
};

class ClientWorld : public ::testing::Test {
 protected:
  std::unique_ptr<http::ClientPool> make_pool(int port, net::TlsContext* tls = nullptr) {
    return std::make_unique<http::ClientPool>(loop, resolver, "127.0.0.1", port, "api.test:6443",
                                              tls);
  }
  // Turns until `done`; false when nothing will ever happen or it takes absurdly long.
  bool run_until(const std::function<bool()>& done) {
    for (int turn = 0; turn < 200000; ++turn) {
      if (done()) return true;
      loop.run_once();
      if (clock.stuck()) return done();
    }
    return false;
  }
  bool finish(const Caller& caller) {
    return run_until([&] { return caller.end.has_value(); });
  }
  // Long enough for what is under way, without any time passing that a limit would notice.
  void settle() {
    Pause pause{loop};
    pause.timer.arm(base::milliseconds(1));
    run_until([&] { return pause.over; });
  }
  void pass(base::Duration time) {
    Pause pause{loop};
    pause.timer.arm(time);
    run_until([&] { return pause.over; });
  }

  struct Pause {
    explicit Pause(loop::Loop& loop)
        : timer(loop, "test pause", loop::Timer::Fn::bind<&Pause::on_time>(this)) {}
    void on_time() { over = true; }
    bool over = false;
    loop::Timer timer;
  };

  loop::VirtualClock clock;
  loop::Loop loop{clock};
  net::Resolver resolver{loop};
  RawServer server{loop};
  std::unique_ptr<http::ClientPool> pool = make_pool(server.port());
};

}  // namespace test
