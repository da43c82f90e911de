// The HTTP client when things go wrong or slowly: dead connections, time limits, back-pressure,
// calls ended from within. H numbers are the fault catalogue's rows.
#include <algorithm>

#include <gtest/gtest.h>
#include <malloc.h>

#include "base/fd.h"
#include "base/sanitized.h"
#include "http/client_call.h"
#include "http/client_conn.h"
#include "http/client_pool.h"
#include "support/client_world.h"

namespace {

using base::Errc;
using base::seconds;
using http::CallEnd;
using test::Caller;
using test::fill;
using test::request;
using test::send;
using test::wait;

using HttpClientLimits = test::ClientWorld;

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const std::string kStream = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

// ---- time limits ----

TEST_F(HttpClientLimits, EachPhaseHasItsLimitAndItsText) {
  const base::TimePoint start = loop.now();
  server.script({wait(base::hours(1))});
  Caller sending(*pool);
  sending.start({.method = "PUT", .target = "/", .body = std::string(32 << 20, 'b')});
  ASSERT_TRUE(finish(sending));
  EXPECT_EQ(sending.error(), "request not sent within 30s");
  EXPECT_EQ(sending.end->phase, CallEnd::Phase::send);
  EXPECT_EQ(loop.now() - start, seconds(30));

  server.script({request()});
  Caller head(*pool);
  head.get();
  ASSERT_TRUE(finish(head));
  EXPECT_EQ(head.error(), "no response head within 30s");
  EXPECT_EQ(head.end->phase, CallEnd::Phase::head);
  EXPECT_EQ(head.end->error->code(), Errc::timeout);

  server.script({request(), send(kStream + "1\r\na")});
  Caller body(*pool);
  body.get();
  ASSERT_TRUE(finish(body));
  EXPECT_EQ(body.error(), "response not complete within 1m");
  EXPECT_EQ(body.end->phase, CallEnd::Phase::body);
  EXPECT_EQ(loop.now() - start, seconds(120));

  server.script({request()});
  Caller total(*pool);
  total.start({.method = "GET", .target = "/", .total_time = seconds(7)});
  ASSERT_TRUE(finish(total));
  EXPECT_EQ(total.error(), "no response head within 7s");
}

TEST_F(HttpClientLimits, DiallingCountsForTheHeadLimit) {
  net::TlsClientOptions options;
  options.insecure = true;
  base::Result<std::unique_ptr<net::TlsContext>> tls = net::TlsContext::client(options);
  ASSERT_TRUE(tls);
  server.script({wait(base::hours(1))});  // never says a word of TLS
  std::unique_ptr<http::ClientPool> secure = make_pool(server.port(), tls->get());
  Caller caller(*secure);
  caller.start({.method = "GET", .target = "/", .head_time = seconds(5)});
  ASSERT_TRUE(finish(caller));
  EXPECT_EQ(caller.error(), "not connected within 5s");
  EXPECT_EQ(caller.end->phase, CallEnd::Phase::dial);
  EXPECT_EQ(caller.end->error->code(), Errc::timeout);
}

TEST_F(HttpClientLimits, H23SlowDripMeetsTheTotalLimit) {
  std::vector<test::Step> steps{request(), send(kStream)};
  for (int i = 0; i < 100; ++i) {
    steps.push_back(wait(seconds(1)));
    steps.push_back(send("1\r\nx\r\n"));
  }
  server.script(steps);
  Caller caller(*pool);
  caller.get();
  ASSERT_TRUE(finish(caller));
  EXPECT_EQ(caller.error(), "response not complete within 1m");
  EXPECT_GE(caller.body_size, 58u);
}

TEST_F(HttpClientLimits, H17AStreamWaitsAsLongAsItWasTold) {
  server.script({request(), wait(seconds(70)), send(kStream), wait(base::hours(240)),
                 send("2\r\n{}\r\n0\r\n\r\n")});
  Caller caller(*pool);
  caller.start({.method = "GET",
                .target = "/watch",
                .head_time = seconds(90),
                .total_time = base::kForever});
  ASSERT_TRUE(finish(caller));
  EXPECT_TRUE(caller.end->ok()) << caller.error();
  EXPECT_EQ(caller.body, "{}");
  EXPECT_EQ(pool->stats().idle, 1u) << "a clean end lets a watch's connection be used again";
}

TEST_F(HttpClientLimits, ATimedOutHeadClosesIdleConnections) {
  server.script({request(), wait(seconds(25)), send(kOk)});
  server.script({request()});
  Caller first(*pool), dead(*pool);
  first.get();
  dead.get();
  ASSERT_TRUE(finish(first));
  EXPECT_EQ(pool->stats().idle, 1u);
  ASSERT_TRUE(finish(dead));
  EXPECT_EQ(pool->stats().idle, 0u);
}

// ---- back-pressure ----

TEST_F(HttpClientLimits, APausedCallTakesNothingAndItsLimitsStandStill) {
  constexpr std::size_t kSize = 50'000'000;
  server.script({request(),
                 send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kSize) + "\r\n\r\n"),
                 fill(kSize)});
  Caller caller(*pool);
  caller.keep_body = false;
  caller.head_hook = [&] { caller.call->pause(true); };
  caller.get();
  ASSERT_TRUE(run_until([&] { return caller.heads == 1; }));
  pass(base::hours(3));
  EXPECT_EQ(caller.body_size, 0u);
  EXPECT_EQ(caller.ends, 0) << "no limit runs while paused";
  EXPECT_LT(server.sent, 20'000'000u) << "what the kernel's buffers take, and no more";

  // From here the call pauses itself after every piece.
  std::size_t pieces = 0;
  caller.body_hook = [&] {
    ++pieces;
    caller.call->pause(true);
  };
  while (!caller.end) {
    const std::size_t before = caller.body_size;
    const std::size_t pieces_before = pieces;
    caller.call->pause(false);
    EXPECT_EQ(caller.body_size, before) << "never inside pause()";
    ASSERT_TRUE(run_until([&] { return pieces > pieces_before || caller.end.has_value(); }));
    ASSERT_LE(caller.body_size - before, 64u * 1024);
  }
  EXPECT_TRUE(caller.end->ok()) << caller.error();
  EXPECT_EQ(caller.body_size, kSize);
}

TEST_F(HttpClientLimits, ManyChunksInOneReadArriveOneByOneWhenPaused) {
  std::string chunks;
  for (int i = 0; i < 3000; ++i)
    chunks += "3\r\nabc\r\n";
  server.script({request(), send(kStream + chunks + "0\r\n\r\n")});
  Caller caller(*pool);
  int toggles = 0;
  bool paused = false;
  caller.body_hook = [&] {
    EXPECT_FALSE(paused);
    paused = true;
    caller.call->pause(true);
  };
  caller.get();
  while (!caller.end && toggles < 5000) {
    ASSERT_TRUE(run_until([&] { return paused || caller.end.has_value(); }));
    if (caller.end) break;
    ++toggles;
    paused = false;
    caller.call->pause(false);
    caller.call->pause(true);
    caller.call->pause(false);
  }
  EXPECT_TRUE(caller.end && caller.end->ok());
  EXPECT_EQ(toggles, 3000);
  EXPECT_EQ(caller.body_size, 9000u);
  EXPECT_EQ(pool->stats().idle, 1u);
}

TEST_F(HttpClientLimits, PausedBeforeTheHeadHoldsItBackAndStillSends) {
  server.script({request(), send(kOk)});
  Caller caller(*pool);
  caller.get();
  caller.call->pause(true);
  pass(seconds(600));
  EXPECT_EQ(server.requests.size(), 1u);
  EXPECT_EQ(caller.heads, 0);
  EXPECT_EQ(caller.ends, 0);
  caller.call->pause(false);
  ASSERT_TRUE(finish(caller));
  EXPECT_TRUE(caller.end->ok()) << caller.error();
}

TEST_F(HttpClientLimits, H03AFatStreamTakesItsBudgetPerTurnAndNoMore) {
  constexpr std::size_t kSize = 20'000'000;
  server.script({request(),
                 send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(kSize) + "\r\n\r\n"),
                 fill(kSize)});
  Caller caller(*pool);
  caller.keep_body = false;
  caller.get();
  std::size_t most = 0;
  while (!caller.end) {
    const std::size_t before = caller.body_size;
    loop.run_once();
    most = std::max(most, caller.body_size - before);
  }
  EXPECT_TRUE(caller.end->ok()) << caller.error();
  EXPECT_LE(most, http::kReadPerTurn);
  EXPECT_GT(most, 64u * 1024) << "more than one read in a turn";
}

// ---- cost ----

#if !K0RDENT_MCP_SANITIZED
TEST_F(HttpClientLimits, AStreamAtRestCostsLessThanAKilobyteOfHeap) {
  constexpr int kStreams = 100;
  // Peers that cost no heap of ours: the kernel's own accept queue answers.
  base::Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(at);
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<sockaddr*>(&at), sizeof(at)), 0);
  ASSERT_EQ(::listen(listener.get(), 2 * kStreams), 0);
  ASSERT_EQ(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&at), &length), 0);
  std::unique_ptr<http::ClientPool> bare = make_pool(ntohs(at.sin_port));

  class Silent : public http::CallHandler {
   public:
    void on_head(const http::ResponseHead&) override {}
    void on_body(std::string_view) override { ++bodies; }
    void on_end(const CallEnd&) override {}
    int bodies = 0;
  } silent;
  std::vector<std::unique_ptr<http::ClientCall>> calls(kStreams + 1);
  std::vector<base::Fd> peers(kStreams + 1);
  std::size_t before = 0;
  for (int i = 0; i <= kStreams; ++i) {
    calls[i] = std::make_unique<http::ClientCall>(*bare, silent);
    calls[i]->start({.method = "GET",
                     .target = "/" + std::string(300, 't'),
                     .headers = {{"Authorization", "Bearer " + std::string(900, 'b')}},
                     .head_time = base::kForever,
                     .total_time = base::kForever});
    ASSERT_TRUE(run_until([&] {
      peers[i] = base::Fd(::accept(listener.get(), nullptr, nullptr));
      return static_cast<bool>(peers[i]);
    }));
    const std::string answer = kStream + "1\r\na\r\n5\r\nha";
    ASSERT_EQ(::send(peers[i].get(), answer.data(), answer.size(), 0),
              static_cast<ssize_t>(answer.size()));
    const int want = silent.bodies + 2;
    ASSERT_TRUE(run_until([&] { return silent.bodies == want; }));
    if (i == 0) before = mallinfo2().uordblks;  // the first one makes what all share
  }
  const std::size_t each = (mallinfo2().uordblks - before) / kStreams;
  RecordProperty("bytes", static_cast<int>(each));
  EXPECT_LE(each, 1024u);
  calls.clear();
  settle();
}
#endif

}  // namespace
