// The HTTP client when things go wrong or slowly: dead connections, time limits, back-pressure,
// calls ended from within. H numbers are the fault catalogue's rows.
#include <gtest/gtest.h>

#include "http/client_call.h"
#include "http/client_pool.h"
#include "support/client_world.h"

namespace {

using base::Errc;
using base::milliseconds;
using base::seconds;
using http::CallEnd;
using test::Caller;
using test::request;
using test::send;
using test::wait;

using HttpClientFault = test::ClientWorld;

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const std::string kStream = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

http::ClientRequest post(std::optional<bool> idempotent = std::nullopt) {
  return {.method = "POST", .target = "/", .body = "once", .idempotent = idempotent};
}

// ---- dead connections ----

TEST_F(HttpClientFault, RefusedConnectionSaysWhatTheDialSaid) {
  server.stop_listening();
  Caller caller(*pool);
  caller.get();
  ASSERT_TRUE(finish(caller));
  ASSERT_FALSE(caller.end->ok());
  EXPECT_EQ(caller.end->phase, CallEnd::Phase::dial);
  EXPECT_EQ(caller.end->error->code(), Errc::unavailable);
  EXPECT_NE(caller.error().find("refused"), std::string::npos) << caller.error();
}

TEST_F(HttpClientFault, H14StaleConnectionIsRetriedOnceOnAFreshOne) {
  for (const test::Step& end : {test::finish(), test::reset()}) {
    server.script({request(), send(kOk), request(), end});
    server.script({request(), send(kOk)});
    Caller caller(*pool);
    caller.get();
    ASSERT_TRUE(finish(caller));
    const std::uint64_t retried = pool->stats().retried;
    caller.get("/second");
    ASSERT_TRUE(finish(caller));
    EXPECT_TRUE(caller.end->ok()) << caller.error();
    EXPECT_EQ(caller.body, "ok");
    EXPECT_EQ(pool->stats().retried, retried + 1);
    pool->close_idle();
  }
  ASSERT_EQ(server.requests.size(), 6u);
  EXPECT_EQ(server.requests[1], server.requests[2]) << "the same request again";
}

TEST_F(HttpClientFault, H14AFreshConnectionIsNotRetriedEvenAfterAStaleOne) {
  server.script({request(), send(kOk), request(), test::finish()});
  server.script({request(), test::finish()});
  Caller caller(*pool);
  caller.get();
  ASSERT_TRUE(finish(caller));
  caller.get();
  ASSERT_TRUE(finish(caller));
  EXPECT_EQ(caller.error(), "connection closed before the response");
  EXPECT_EQ(caller.end->phase, CallEnd::Phase::head);
  EXPECT_EQ(pool->stats().dialled, 2u);
}

TEST_F(HttpClientFault, H14PostOnAStaleConnectionIsSurfaced) {
  server.script({request(), send(kOk), request(), test::finish()});
  Caller caller(*pool);
  caller.get();
  ASSERT_TRUE(finish(caller));
  caller.start(post());
  ASSERT_TRUE(finish(caller));
  ASSERT_FALSE(caller.end->ok());
  EXPECT_EQ(caller.end->phase, CallEnd::Phase::head);
  EXPECT_EQ(caller.end->error->code(), Errc::unavailable);
  EXPECT_EQ(pool->stats().retried, 0u);
  EXPECT_EQ(server.requests.size(), 2u);
}

TEST_F(HttpClientFault, H14PostThatItsCallerCallsIdempotentIsRetried) {
  server.script({request(), send(kOk), request(), test::finish()});
  server.script({request(), send(kOk)});
  Caller caller(*pool);
  caller.get();
  ASSERT_TRUE(finish(caller));
  caller.start(post(true));
  ASSERT_TRUE(finish(caller));
  EXPECT_TRUE(caller.end->ok()) << caller.error();
  ASSERT_EQ(server.requests.size(), 3u);
  EXPECT_EQ(server.requests[1], server.requests[2]) << "body and all";
}

TEST_F(HttpClientFault, AStaleConnectionAfterTheFirstResponseByteIsNotRetried) {
  server.script({request(), send(kOk), request(), send("H"), test::finish()});
  Caller caller(*pool);
  caller.get();
  ASSERT_TRUE(finish(caller));
  caller.get();
  ASSERT_TRUE(finish(caller));
  EXPECT_EQ(caller.error(), "connection closed inside the response head");
  EXPECT_EQ(pool->stats().retried, 0u);
}

TEST_F(HttpClientFault, ConnectionClosedWhileIdleIsNotUsedEvenForAPost) {
  server.script({request(), send(kOk), wait(seconds(2)), test::finish()});
  server.script({request(), send(kOk), request(), send(kOk)});
  Caller caller(*pool);
  caller.get();
  ASSERT_TRUE(finish(caller));
  pass(seconds(3));
  EXPECT_EQ(pool->stats().idle, 0u);
  caller.start(post());
  ASSERT_TRUE(finish(caller));
  EXPECT_TRUE(caller.end->ok()) << caller.error();
  // And when the end comes in the very turn of the reuse, before anything was written.
  caller.start(post());
  server.script({request(), send(kOk)});
  server.close(1);
  ASSERT_TRUE(finish(caller));
  EXPECT_TRUE(caller.end->ok()) << caller.error();
  EXPECT_EQ(pool->stats().retried, 0u);
}

TEST_F(HttpClientFault, ANetworkErrorClosesAllIdleConnections) {
  server.script({request(), wait(seconds(1)), send(kOk)});
  server.script({request(), wait(seconds(1)), send(kOk)});
  server.script({request(), wait(seconds(3)), test::reset()});
  Caller a(*pool), b(*pool), broken(*pool);
  a.get();
  b.get();
  broken.get();
  ASSERT_TRUE(finish(a) && finish(b));
  EXPECT_EQ(pool->stats().idle, 2u);
  ASSERT_TRUE(finish(broken));
  EXPECT_EQ(pool->stats().idle, 0u);
}

TEST_F(HttpClientFault, AnEarlyRefusalOfALargeBodyIsHeardAndItsConnectionNotKept) {
  const std::string refusal = "HTTP/1.1 413 Payload Too Large\r\nContent-Length: 3\r\n\r\nbig";
  server.script({wait(seconds(1)), send(refusal)});
  server.script({wait(seconds(1)), send(refusal), test::finish()});
  server.script({wait(seconds(1)), send(refusal), test::reset()});
  for (int i = 0; i < 3; ++i) {
    Caller caller(*pool);
    caller.start({.method = "POST", .target = "/", .body = std::string(32 << 20, 'b')});
    ASSERT_TRUE(finish(caller));
    EXPECT_TRUE(caller.end->ok()) << caller.error();
    EXPECT_EQ(caller.status, 413);
    EXPECT_EQ(caller.body, "big");
    EXPECT_EQ(pool->stats().idle, 0u) << "half a request is on it";
  }
}

// ---- ended from within and from without ----

TEST_F(HttpClientFault, CancelInEveryPhaseIsSilentAndClosesTheConnection) {
  for (int turns = 0; turns < 12; ++turns) {
    server.script(
        {request(), send(kStream + "1\r\na\r\n"), wait(milliseconds(1)), send("1\r\nb\r\n")});
    Caller caller(*pool);
    caller.start({.method = "GET",
                  .target = "/",
                  .head_time = base::kForever,
                  .total_time = base::kForever});
    for (int i = 0; i < turns; ++i)
      loop.run_once();
    caller.call->cancel();
    caller.call->cancel();
    EXPECT_FALSE(caller.call->active());
    EXPECT_EQ(pool->stats().active, 0u);
    const int heads = caller.heads;
    const std::size_t size = caller.body_size;
    settle();
    EXPECT_EQ(caller.ends, 0);
    EXPECT_EQ(caller.heads, heads);
    EXPECT_EQ(caller.body_size, size);
    EXPECT_EQ(pool->stats().idle, 0u);
  }
}

TEST_F(HttpClientFault, CancelDestroyOrRestartFromEveryCallback) {
  enum class Act { cancel, destroy, restart };
  for (const Act act : {Act::cancel, Act::destroy, Act::restart}) {
    for (const char* where : {"head", "body", "end"}) {
      for (const std::string& answer : {kOk, kStream + "1\r\na\r\n1\r\nb\r\n0\r\n\r\n"}) {
        test::RawServer peer(loop);
        peer.script({request(), send(answer), request(), send(kOk)});
        peer.script({request(), send(kOk)});
        std::unique_ptr<http::ClientPool> fresh = make_pool(peer.port());
        Caller caller(*fresh);
        bool acted = false;
        const std::function<void()> hook = [&] {
          if (acted) return;
          acted = true;
          if (act == Act::destroy) return caller.call.reset();
          caller.call->cancel();
          if (act == Act::restart) caller.get("/again");
        };
        const std::string_view at = where;
        (at == "head"   ? caller.head_hook
         : at == "body" ? caller.body_hook
                        : caller.end_hook) = hook;
        caller.get();
        ASSERT_TRUE(run_until([&] { return acted; }));
        if (act == Act::restart) {
          ASSERT_TRUE(finish(caller));
          EXPECT_TRUE(caller.end->ok()) << caller.error();
          EXPECT_EQ(caller.body, "ok");
          EXPECT_EQ(caller.ends, at == "end" ? 2 : 1);
        } else {
          settle();
          EXPECT_EQ(caller.ends, at == "end" ? 1 : 0);
        }
        EXPECT_EQ(fresh->stats().active, 0u);
      }
    }
  }
}

TEST_F(HttpClientFault, CallAndPoolMayDieInsideACallback) {
  server.script({request(), send(kOk), request(), send(kOk)});
  Caller caller(*pool);
  caller.end_hook = [&] {
    caller.call.reset();
    pool.reset();
  };
  caller.get();
  ASSERT_TRUE(finish(caller));
  settle();
  EXPECT_TRUE(server.gone(0));
}

TEST_F(HttpClientFault, ACallCancelledInsideTheBodyClosesItsConnection) {
  server.script({request(), send(kStream + "1\r\na\r\n")});
  Caller caller(*pool);
  caller.get();
  ASSERT_TRUE(run_until([&] { return caller.body_size == 1; }));
  caller.call->cancel();
  settle();
  EXPECT_EQ(pool->stats().idle, 0u);
}

}  // namespace
