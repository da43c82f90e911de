// Shutdown, in the order that endpoint.h gives: nothing new, last words, streams end, calls
// answered.
#include <gtest/gtest.h>

#include "base/limits.h"
#include "support/mcp_world.h"

namespace {

using test::Answer;
using Mode = test::TestFamily::Mode;

struct McpDrain : test::McpWorld {
  McpDrain() : session(open()) {
    endpoint->when_progress(base::Delegate<void()>::bind<&McpDrain::on_progress>(this));
  }
  void on_progress() { ++progress; }
  std::string session;
  int progress = 0;
};

TEST_F(McpDrain, WhatWouldBeginSomethingIs503TheRestGoesOn) {
  endpoint->begin_drain();
  endpoint->refuse_calls();
  for (const std::string& body : {rpc("initialize", R"({"protocolVersion":"2025-11-25"})"),
                                  rpc("tools/call", R"({"name":"test.echo"})"),
                                  rpc("resources/read", R"({"uri":"test://a"})"),
                                  rpc("resources/subscribe", R"({"uri":"test://a"})")}) {
    const Answer a = post(body, in(session));
    EXPECT_EQ(a.status, 503) << body;
    EXPECT_EQ(a.header("Retry-After"), "5");
    EXPECT_TRUE(a.has("the server is shutting down"));
  }
  EXPECT_EQ(post(rpc("ping"), in(session)).status, 200);
  EXPECT_EQ(post(rpc("tools/list"), in(session)).status, 200);
  EXPECT_EQ(post(notification("notifications/x"), in(session)).status, 202);
  EXPECT_EQ(ask_http("DELETE", in(session)).status, 204);
  EXPECT_TRUE(family->feeds.empty());
  EXPECT_TRUE(echo->texts.empty());
}

TEST_F(McpDrain, UntilCallsAreOverThoseThatWereOnTheirWayBegin) {
  endpoint->begin_drain();
  for (const std::string& body : {rpc("initialize", R"({"protocolVersion":"2025-11-25"})"),
                                  rpc("resources/subscribe", R"({"uri":"test://a"})")}) {
    EXPECT_EQ(post(body, in(session)).status, 503) << body;
  }
  const Answer called =
      post(rpc("tools/call", R"({"name":"test.echo","arguments":{"text":"hi"}})"), in(session));
  EXPECT_EQ(called.status, 200);
  EXPECT_EQ(post(rpc("resources/read", R"({"uri":"test://a"})"), in(session)).status, 200);
  EXPECT_EQ(echo->texts.size(), 1u);
  EXPECT_TRUE(family->feeds.empty());
}

TEST_F(McpDrain, InABatchTheRefusedAreAnsweredInTheirPlace) {
  const std::string old = open("2025-03-26");
  endpoint->begin_drain();
  endpoint->refuse_calls();
  const Answer a = post(
      "[" + rpc("ping", "{}", "1") + "," + rpc("tools/call", R"({"name":"test.echo"})", "2") + "]",
      in(old));
  EXPECT_EQ(a.status, 200);
  EXPECT_TRUE(a.has(R"("id":2,"error":{"code":-32603)")) << a.body;
}

TEST_F(McpDrain, TheWholeSequenceDeliversEverything) {
  auto stream = listen(session);
  subscribe(session, "test://a");
  auto call = post_later(rpc("tools/call", R"({"name":"test.slow"})", "5"), in(session));
  family->feeds.at(0)->say("1");
  endpoint->begin_drain();
  endpoint->end_feeds("the server is shutting down");
  EXPECT_TRUE(family->feeds.empty()) << "watches can close";
  endpoint->end_streams();
  settle();
  EXPECT_TRUE(stream->ended());
  const auto data = stream->data();
  ASSERT_EQ(data.size(), 2u);
  EXPECT_TRUE(test::contains(data[1], R"({"end":"the server is shutting down"})"));
  EXPECT_EQ(answer_of(*call).status, 0) << "calls under way go on";
  slow->runs.at(0)->reply.succeed("{}");
  settle();
  EXPECT_TRUE(answer_of(*call).has("structuredContent"));
  EXPECT_GT(progress, 0);
  const mcp::endpoint::EndpointStats stats = endpoint->stats();
  EXPECT_EQ(stats.calls + stats.streams + stats.subscriptions + stats.queued_frames, 0u);
  EXPECT_EQ(stats.delivered, 2u);
  EXPECT_EQ(stats.dropped, 0u);
}

TEST_F(McpDrain, CallsAreAbandonedWithAnError) {
  auto call = post_later(rpc("tools/call", R"({"name":"test.slow"})", "5"), in(session));
  family->slow_reads = true;
  auto read = post_later(rpc("resources/read", R"({"uri":"test://a"})", "6"), in(session));
  endpoint->begin_drain();
  endpoint->abandon_calls("out of time");
  settle();
  EXPECT_EQ(answer_of(*call).body,
            R"({"jsonrpc":"2.0","id":5,"error":{"code":-32603,"message":"out of time"}})");
  EXPECT_TRUE(answer_of(*read).has("out of time"));
  EXPECT_TRUE(slow->runs.empty());
  EXPECT_TRUE(family->reads.empty());
  EXPECT_EQ(progress, 1) << "once for both";
}

TEST_F(McpDrain, PendingSubscriptionsAreAnsweredWithTheReason) {
  family->mode = Mode::wait;
  auto peer = post_later(rpc("resources/subscribe", R"({"uri":"test://a"})", "1"), in(session));
  endpoint->begin_drain();
  endpoint->end_feeds("going down");
  settle();
  EXPECT_TRUE(answer_of(*peer).has("going down"));
  EXPECT_TRUE(family->feeds.empty());
}

TEST_F(McpDrain, LastWordsWaitForRoom) {
  subscribe(session, "test://a");
  std::size_t said = 0;
  auto stream = listen(session, {}, 4096);
  const std::string filler(20000, 'f');
  while (family->feeds.at(0)->say("\"" + filler + "\""))
    ++said;
  endpoint->begin_drain();
  endpoint->end_feeds("bye");
  EXPECT_EQ(family->feeds.size(), 1u) << "it has not said them yet";
  endpoint->end_streams();
  drain(*stream);
  EXPECT_TRUE(stream->ended());
  const auto data = stream->data();
  ASSERT_EQ(data.size(), said + 1);
  EXPECT_TRUE(test::contains(data.back(), R"({"end":"bye"})"));
  EXPECT_TRUE(family->feeds.empty());
  EXPECT_EQ(endpoint->stats().streams, 0u);
}

TEST_F(McpDrain, LastWordsWithoutAReaderLeftAreGivenUp) {
  subscribe(session, "test://a");
  auto stream = listen(session, {}, 4096);
  const std::string filler(20000, 'f');
  while (family->feeds.at(0)->say("\"" + filler + "\"")) {
  }
  endpoint->begin_drain();
  endpoint->end_feeds("bye");
  endpoint->end_streams();
  EXPECT_EQ(endpoint->stats().subscriptions, 1u);
  stream->peer->close();
  settle();
  EXPECT_TRUE(family->feeds.empty());
  const mcp::endpoint::EndpointStats stats = endpoint->stats();
  EXPECT_EQ(stats.streams + stats.subscriptions + stats.queued_frames, 0u);
  EXPECT_GT(stats.dropped, 0u);
  EXPECT_GT(progress, 0);
}

TEST_F(McpDrain, FramesWithoutAStreamAreCountedAsDropped) {
  subscribe(session, "test://a");
  family->feeds.at(0)->say("1");
  endpoint->begin_drain();
  endpoint->end_feeds("bye");
  EXPECT_EQ(endpoint->stats().queued_frames, 2u);
  endpoint->end_streams();
  EXPECT_EQ(endpoint->stats().queued_frames, 0u);
  EXPECT_EQ(endpoint->stats().dropped, 2u);
  EXPECT_EQ(ask_http("GET", in(session)).status, 503) << "no stream any more";
}

TEST_F(McpDrain, DestroyingTheEndpointAnswersAndFreesEverything) {
  auto stream = listen(session);
  subscribe(session, "test://a");
  auto call = post_later(rpc("tools/call", R"({"name":"test.slow"})", "5"), in(session));
  endpoint.reset();
  settle();
  EXPECT_TRUE(slow->runs.empty());
  EXPECT_TRUE(family->feeds.empty());
  EXPECT_TRUE(answer_of(*call).has("the server is shutting down"));
  EXPECT_TRUE(stream->ended());
}

}  // namespace
