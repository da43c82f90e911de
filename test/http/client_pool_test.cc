// The HTTP client against a scripted server: the pool. H numbers are the
// fault catalogue's rows.
#include "http/client_pool.h"

#include <gtest/gtest.h>

#include "support/client_world.h"

namespace {

using base::seconds;
using test::Caller;
using test::request;
using test::send;
using test::wait;

using HttpClientPool = test::ClientWorld;

const std::string kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const std::string kChunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n"
    "5;name=value\r\nhello\r\n1\r\n \r\nA;q=\"x\"\r\nfrom chunk\r\n0\r\nTrailer: t\r\n\r\n";

TEST_F(HttpClientPool, H13StrayBytesOnAnIdleConnectionCloseIt) {
  server.script({request(), send(kOk)});
  server.script({request(), send("HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nnew")});
  Caller caller(*pool);
  caller.get();
  ASSERT_TRUE(finish(caller));
  EXPECT_EQ(pool->stats().idle, 1u);
  server.say(0, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  settle();
  EXPECT_EQ(pool->stats().idle, 0u) << "closed at once, not at the next use";
  EXPECT_TRUE(server.gone(0));
  caller.get();
  ASSERT_TRUE(finish(caller));
  EXPECT_EQ(caller.status, 201);
  EXPECT_EQ(pool->stats().retried, 0u);
}

TEST_F(HttpClientPool, H13StrayBytesNotYetNoticedAreNotTheNextAnswer) {
  server.script({request(), send(kOk)});
  server.script({request(), send("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")});
  Caller caller(*pool);
  caller.get();
  ASSERT_TRUE(finish(caller));
  caller.get();
  // In the socket, with no turn of the loop between: only a last look can find it.
  server.say(0, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(finish(caller));
  EXPECT_EQ(caller.status, 201);
}

TEST_F(HttpClientPool, BytesAfterTheResponseSpoilTheConnection) {
  server.script({request(), send(kOk + "HTTP/1.1 500 Not Asked\r\n\r\n")});
  server.script({request(), send(kOk)});
  Caller caller(*pool);
  caller.get();
  ASSERT_TRUE(finish(caller));
  EXPECT_TRUE(caller.end->ok());
  EXPECT_EQ(pool->stats().idle, 0u);
  caller.get();
  ASSERT_TRUE(finish(caller));
  EXPECT_EQ(caller.status, 200);
}

TEST_F(HttpClientPool, H15ConnectionCloseIsNotKept) {
  server.script(
      {request(), send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")});
  Caller caller(*pool);
  caller.get();
  ASSERT_TRUE(finish(caller));
  EXPECT_TRUE(caller.end->ok());
  EXPECT_EQ(pool->stats().idle, 0u);
  settle();
  EXPECT_TRUE(server.gone(0));
}

TEST_F(HttpClientPool, ManyCallsInARowUseOneConnection) {
  std::vector<test::Step> steps;
  for (int i = 0; i < 20; ++i) {
    steps.push_back(request());
    steps.push_back(send(i % 2 ? kOk : kChunked));
  }
  server.script(steps);
  Caller caller(*pool);
  int left = 20;
  caller.end_hook = [&] {
    EXPECT_FALSE(caller.call->active());
    if (--left > 0) caller.get();
  };
  caller.get();
  ASSERT_TRUE(run_until([&] { return left == 0; }));
  EXPECT_EQ(pool->stats().dialled, 1u);
  EXPECT_EQ(pool->stats().idle, 1u);
  EXPECT_EQ(pool->stats().active, 0u);
  EXPECT_EQ(server.connections(), 1u);
}

TEST_F(HttpClientPool, HundredCallsAtOnceAreServedAndTheirConnectionsKept) {
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < 100; ++i) {
    server.script({request(), wait(seconds(1)), send(kOk), request(), send(kOk)});
    callers.push_back(std::make_unique<Caller>(*pool));
    callers.back()->get("/" + std::to_string(i));
  }
  EXPECT_EQ(pool->stats().active, 100u);
  int whole = 0;
  for (auto& caller : callers) {
    ASSERT_TRUE(finish(*caller));
    whole += caller->end->ok() && caller->body == "ok";
  }
  EXPECT_EQ(whole, 100);
  EXPECT_EQ(pool->stats().active, 0u);
  EXPECT_EQ(pool->stats().idle, http::kIdlePerPool);
  EXPECT_EQ(pool->stats().dialled, 100u);
  // A busy client: a connection that is closed after each of its calls costs a handshake for each.
  for (std::size_t i = 0; i < 32; ++i)
    callers[i]->get();
  for (std::size_t i = 0; i < 32; ++i)
    ASSERT_TRUE(finish(*callers[i]));
  EXPECT_EQ(pool->stats().dialled, 100u) << "32 more calls at once need no dial";
}

TEST_F(HttpClientPool, IdleConnectionsCloseAfterTheirTime) {
  server.script({request(), send(kOk)});
  Caller caller(*pool);
  caller.get();
  ASSERT_TRUE(finish(caller));
  pass(http::kClientIdleTime - seconds(1));
  EXPECT_EQ(pool->stats().idle, 1u);
  pass(seconds(1));
  EXPECT_EQ(pool->stats().idle, 0u);
  settle();
  EXPECT_TRUE(server.gone(0));
  EXPECT_EQ(loop.timers(), 0u);
}

TEST_F(HttpClientPool, ReplacedTlsClosesIdleConnectionsAndThoseInUseAfterTheirCall) {
  server.script({request(), send(kOk)});
  server.script({request(), wait(seconds(1)), send(kOk)});
  Caller first(*pool), second(*pool);
  first.get();
  second.get();
  ASSERT_TRUE(finish(first));
  EXPECT_EQ(pool->stats().idle, 1u);
  pool->replace_tls(nullptr);
  EXPECT_EQ(pool->stats().idle, 0u);
  ASSERT_TRUE(finish(second));
  EXPECT_TRUE(second.end->ok());
  EXPECT_EQ(pool->stats().idle, 0u);
}

TEST_F(HttpClientPool, APoolMayDieWithIdleConnections) {
  server.script({request(), send(kOk)});
  {
    Caller caller(*pool);
    caller.get();
    ASSERT_TRUE(finish(caller));
  }
  EXPECT_EQ(pool->stats().idle, 1u);
  pool.reset();
  settle();
  EXPECT_TRUE(server.gone(0));
}

}  // namespace
