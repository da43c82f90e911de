// What the tests of the Kubernetes client share: an API server in the test's own loop that answers
// what the test says and remembers what it was asked, a client to it, and a caller that keeps the
// outcome.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/server.h"
#include "kube/client.h"
#include "loop/clock.h"
#include "loop/loop.h"
#include "net/resolve.h"
#include "net/tls.h"

namespace test {

struct Seen {
  std::string method, target, body, peer;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string header(std::string_view name) const;  // the first, "" when none
  int count(std::string_view name) const;
};

struct FakeAnswer {
  int status = 200;
  std::string body = "{}";
  std::string type = "application/json";
  std::string extra = {};  // header lines, each with CRLF
  bool silent = false;     // never answers
};

class FakeApi : public http::Handler {
 public:
  using AnswerFn = std::function<FakeAnswer(const Seen&)>;
  // `loop` and `tls` (nullptr: plain http) outlive it.
  explicit FakeApi(loop::Loop& loop, net::TlsContext* tls = nullptr);

  AnswerFn answer = [](const Seen&) { return FakeAnswer{}; };
  std::vector<Seen> seen;

  int port() const { return server_.address().port(); }
  // Connections accepted from now on use it.
  void set_tls(net::TlsContext* tls) { tls_ = tls; }
  // Points at this server; the user is empty.
  kube::config::Config config() const;

 private:
  void on_request(const http::Request& request, http::Reply reply) override;
  std::unique_ptr<net::Stream> wrap(base::Fd fd);
  loop::Loop& loop_;
  net::TlsContext* tls_;
  std::vector<http::Reply> silent_;
  http::Server server_;
};

// The system's time, moved by what a test says: for tests with real child processes.
class ShiftedClock : public loop::Clock {
 public:
  base::TimePoint now() override { return real_.now() + shift_; }
  base::WallTime wall() override { return {real_.wall().ns + shift_.count()}; }
  int fd() const override { return real_.fd(); }
  void arm(base::TimePoint at) override {
    real_.arm(at.since == base::kForever ? at : base::TimePoint{at.since - shift_});
  }
  void drain() override { real_.drain(); }
  void idle(base::TimePoint next) override { real_.idle(next); }
  void shift(base::Duration by) { shift_ += by; }

 private:
  loop::RealClock real_;
  base::Duration shift_{};
};

// One call whose outcome is kept.
class Get {
 public:
  explicit Get(kube::Client& client, std::size_t max_body = base::limits::kClientBodyBytes)
      : call(client, kube::ApiGet::Fn::bind<&Get::on_done>(this), max_body) {}
  void start(kube::config::Credentials credentials = kube::config::Credentials::configured());

  int calls = 0;
  std::optional<kube::ApiGet::Outcome> out;
  std::function<void()> hook;  // after the outcome is noted
  kube::ApiGet call;

  bool ok() const { return out && !out->failure; }
  int status() const { return out ? out->status : -1; }
  std::string message() const { return out && out->failure ? out->failure->message : ""; }

 private:
  void on_done(kube::ApiGet::Outcome outcome);
};

// Turns the loop until `done()` holds; false when nothing will ever happen, or it takes absurdly
// long.
template <class Done>
bool turn_until(loop::Loop& loop, const loop::VirtualClock& clock, Done done) {
  for (int turn = 0; turn < 100000 && !done(); ++turn) {
    loop.run_once();
    if (clock.stuck()) break;
  }
  return done();
}
// Time goes by, and the loop has seen it.
inline void pass(loop::Loop& loop, loop::VirtualClock& clock, base::Duration time) {
  clock.advance(time);
  loop.run_once();
}

// A Status with status Failure.
std::string status_json(int code, std::string_view reason, std::string_view message);

}  // namespace test
