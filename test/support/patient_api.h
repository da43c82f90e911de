// An API server that keeps each request until the test says what to answer, in the test's own loop;
// and the world around a client of it. Waiting for the next request lets virtual time pass: a month
// of backoff costs nothing.
//
//   Asked watch = world.asked();                    // whatever the client does next
//   EXPECT_EQ(watch.param("resourceVersion"), "5");
//   watch.begin();
//   watch.write(frame); watch.cut();
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/random.h"
#include "http/server.h"
#include "kube/client.h"
#include "kube/watch/retry.h"
#include "loop/clock.h"
#include "loop/loop.h"
#include "net/resolve.h"

namespace test {

struct Asked {
  std::string path, authorization;
  std::string query;
  base::TimePoint at;
  http::Reply reply;

  explicit operator bool() const { return !path.empty(); }
  bool has(std::string_view name) const { return param(name) != "(none)"; }
  // Decoded; "(none)" when it was not given.
  std::string param(std::string_view name) const;
  bool is_watch() const { return has("watch"); }

  void json(std::string_view body, int status = 200, std::string_view extra = {}) {
    reply.send(status, "application/json", body, extra);
  }
  // A Status that says Failure.
  void fail(int code, std::string_view reason, std::string_view message,
            std::string_view extra = {});
  // A stream.
  void begin(int status = 200) { reply.begin(status, "application/json"); }
  void write(std::string_view bytes) { reply.write(base::Payload(bytes)); }
  void end() { reply.end(); }
  void cut() { reply.cut(); }
  bool connected() const { return reply.connected(); }
};

std::string status_text(int code, std::string_view reason, std::string_view message);

class PatientApi : public http::Handler {
 public:
  explicit PatientApi(loop::Loop& loop);
  std::deque<Asked> waiting;
  std::size_t requests = 0;
  kube::config::Config config() const;
  // Ports refuse, and everything open is cut; or it takes connections again.
  void down();
  void up();

 private:
  void on_request(const http::Request& request, http::Reply reply) override;
  loop::Loop& loop_;
  int port_ = 0;
  std::unique_ptr<http::Server> server_;
};

class PatientWorld : public ::testing::Test {
 protected:
  PatientWorld();

  // Turns until `done`; false when nothing will ever happen, or `limit` has passed.
  bool run_until(const std::function<bool()>& done, base::Duration limit = base::hours(24 * 365));
  // The next request; an empty one (and a failed test) when none comes.
  Asked asked(base::Duration limit = base::hours(24 * 365));
  // No request comes for so long.
  bool quiet(base::Duration time);
  void pass(base::Duration time);
  // What is under way arrives; hardly any time passes.
  void settle() { pass(base::milliseconds(1)); }
  static std::int64_t ms(base::Duration d) { return base::to_ms(d); }

  loop::VirtualClock clock;
  loop::Loop loop{clock};
  net::Resolver resolver{loop};
  base::Random random{7};
  PatientApi api{loop};
  std::unique_ptr<kube::Client> client;
  kube::watch::RetryParameters retry_parameters;
  kube::watch::Retry retry{"the watch", retry_parameters, loop};
};

}  // namespace test
