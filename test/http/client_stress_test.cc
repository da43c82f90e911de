// Random operations from random callbacks against a server that misbehaves at random: no call is
// lost, none ends twice, nothing is touched after its death (run under ASan), and the pool's books
// balance.
#include <array>
#include <random>

#include <gtest/gtest.h>

#include "http/client_call.h"
#include "http/client_pool.h"
#include "support/client_world.h"

namespace {

using base::milliseconds;
using test::request;
using test::send;
using test::Step;
using test::wait;

class HttpClientStress : public test::ClientWorld {
 protected:
  static constexpr int kCalls = 6;

  int pick(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); }

  Step random_end() {
    switch (pick(4)) {
      case 0:
        return test::finish();
      case 1:
        return test::reset();
      case 2:
        return test::cut();
      default:
        return wait(base::seconds(pick(200)));
    }
  }

  std::vector<Step> random_script() {
    static const std::array<std::string, 7> answers = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2;x\r\nbc\r\n0\r\n\r\n",
        "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx",
        "HTTP/1.0 200 OK\r\n\r\nuntil the end",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx",
    };
    std::vector<Step> steps;
    for (int i = pick(6); i >= 0; --i) {
      steps.push_back(request());
      const std::string& answer = answers[pick(3) ? pick(3) : pick(7)];
      const std::size_t at = pick(3) ? answer.size() : pick(static_cast<int>(answer.size()));
      if (pick(8) == 0) steps.push_back(random_end());
      steps.push_back(send(answer.substr(0, at)));
      if (at == answer.size()) continue;
      if (pick(4) == 0) steps.push_back(random_end());
      if (pick(3)) steps.push_back(wait(milliseconds(pick(3))));
      steps.push_back(send(answer.substr(at)));
    }
    steps.push_back(random_end());
    return steps;
  }

  // What a caller may do at any moment, to itself or to another.
  void act() {
    test::Caller& caller = *callers[pick(kCalls)];
    switch (pick(12)) {
      case 0:
        return pool->close_idle();
      case 1:
        return pool->replace_tls(nullptr);
      case 2:
        if (!caller.call) return;
        active -= caller.call->active();
        return caller.call.reset();
      case 3:
        if (!caller.call) return;
        active -= caller.call->active();
        return caller.call->cancel();
      case 4:
      case 5:
        if (caller.call) caller.call->pause(true);
        return;
      case 6:
      case 7:
      case 8:
        if (caller.call) caller.call->pause(false);
        return;
      default:
        return begin(caller);
    }
  }

  void begin(test::Caller& caller) {
    if (!caller.call) caller.call = std::make_unique<http::ClientCall>(*pool, caller);
    if (caller.call->active()) return;
    ++active;
    static const std::array<const char*, 4> methods = {"GET", "HEAD", "POST", "DELETE"};
    caller.start({.method = methods[pick(4)],
                  .target = pick(20) ? "/x" : "bad",
                  .body = pick(30) ? "" : std::string(1 << 20, 'b'),
                  .head_time = pick(2) ? base::seconds(3) : base::kForever,
                  .total_time = base::seconds(1 + pick(20))});
  }

  std::mt19937 random;
  std::vector<std::unique_ptr<test::Caller>> callers;
  std::size_t active = 0;
  int whole = 0;
};

TEST_F(HttpClientStress, NothingIsLostOrTouchedAfterItsDeath) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    random.seed(seed);
    for (int i = 0; i < kCalls; ++i) {
      callers.push_back(std::make_unique<test::Caller>(*pool));
      test::Caller& caller = *callers.back();
      caller.head_hook = caller.body_hook = [this] {
        if (pick(4) == 0) act();
      };
      caller.end_hook = [this, &caller] {
        --active;
        whole += caller.end->ok();
        if (pick(2)) act();
      };
    }
    for (int step = 0; step < 300; ++step) {
      while (server.scripted() < server.connections() + 20)
        server.script(random_script());
      if (pick(3) == 0) act();
      loop.run_once();
      ASSERT_EQ(pool->stats().active, active);
      ASSERT_LE(pool->stats().idle, http::kIdlePerPool);
    }
    callers.clear();
    active = 0;
    ASSERT_EQ(pool->stats().active, 0u);
  }
  EXPECT_GT(whole, 300) << "some calls do get through";
  EXPECT_GT(pool->stats().retried, 2u);
}

}  // namespace
