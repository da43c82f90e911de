// Subscriptions: their answers, their order with the stream, the outbox and its bounds, their end.
#include <gtest/gtest.h>

#include "base/limits.h"
#include "support/mcp_world.h"

namespace {

using base::limits::kStreamQueueBytes;
using base::limits::kStreamQueueMessages;
using base::limits::kSubscriptionsPerSession;
using test::Answer;
using Mode = test::TestFamily::Mode;

struct McpSubscription : test::McpWorld {
  McpSubscription() : session(open()) {}
  test::TestFamily::Feed& feed(std::size_t i = 0) { return *family->feeds.at(i); }
  std::string session;
  const std::string kUpdate =
      R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"_meta":{"delta":)";
};

TEST_F(McpSubscription, IsAnsweredEmptyAndItsUpdatesCarryTheUriAsSubscribed) {
  auto stream = listen(session);
  const Answer a = subscribe(session, "test://A%2fb?x=1");
  EXPECT_EQ(a.body, R"({"jsonrpc":"2.0","id":7,"result":{}})");
  EXPECT_TRUE(feed().say(R"({"n":1})"));
  settle();
  ASSERT_EQ(stream->data().size(), 1u);
  EXPECT_EQ(stream->data()[0], kUpdate + R"({"n":1}},"uri":"test://A%2fb?x=1"}})");
  EXPECT_EQ(stream->events()[0].name, "message");
  EXPECT_EQ(endpoint->stats().delivered, 1u);
  EXPECT_EQ(endpoint->stats().subscriptions, 1u);
}

TEST_F(McpSubscription, RefusalIsAnErrorAboutTheUri) {
  family->mode = Mode::refuse;
  const Answer a = subscribe(session, "test://a");
  EXPECT_EQ(a.status, 200);
  EXPECT_EQ(
      a.body,
      R"({"jsonrpc":"2.0","id":7,"error":{"code":-32603,"message":"not now","data":{"uri":"test://a"}}})");
  EXPECT_EQ(endpoint->stats().subscriptions, 0u);
}

TEST_F(McpSubscription, MayBeAnsweredLater) {
  family->mode = Mode::wait;
  auto one = connect(), two = connect();
  const std::string bytes =
      request("POST", in(session), rpc("resources/subscribe", R"({"uri":"test://a"})", "1"));
  one->send(bytes);
  two->send(bytes);
  settle();
  ASSERT_EQ(family->feeds.size(), 1u) << "one feed, whoever asks again meanwhile";
  EXPECT_EQ(answer_of(*one).status, 0);
  feed().subscriber.accepted();
  settle();
  EXPECT_TRUE(answer_of(*one).has("\"result\":{}"));
  EXPECT_TRUE(answer_of(*two).has("\"result\":{}"));
  EXPECT_TRUE(subscribe(session, "test://a").has("\"result\":{}")) << "again, at once";
  EXPECT_EQ(family->feeds.size(), 1u);
}

TEST_F(McpSubscription, LateRefusalFreesTheFeed) {
  family->mode = Mode::wait;
  auto peer = post_later(rpc("resources/subscribe", R"({"uri":"test://a"})", "1"), in(session));
  feed().subscriber.refused({mcp::RpcCode::internal_error, "no watch", {}});
  settle();
  EXPECT_TRUE(answer_of(*peer).has("no watch"));
  EXPECT_TRUE(family->feeds.empty());
  family->mode = Mode::accept;
  EXPECT_TRUE(subscribe(session, "test://a").has("\"result\":{}")) << "may be tried again";
}

TEST_F(McpSubscription, CancellingThePendingRequestUnsubscribes) {
  family->mode = Mode::wait;
  auto peer = post_later(rpc("resources/subscribe", R"({"uri":"test://a"})", "1"), in(session));
  post(notification("notifications/cancelled", R"({"requestId":1})"), in(session));
  EXPECT_TRUE(family->feeds.empty());
  EXPECT_EQ(answer_of(*peer).status, 202);
  EXPECT_EQ(endpoint->stats().subscriptions, 0u);
}

// The answer must be on its way before the first frame is: the test reads both sockets in one
// place.
TEST_F(McpSubscription, TheAnswerGoesOutBeforeTheFirstFrame) {
  family->first_delta = "1";
  auto stream = listen(session);
  auto peer = connect();
  peer->send(
      request("POST", in(session), rpc("resources/subscribe", R"({"uri":"test://a"})", "1")));
  for (int turn = 0; turn < 12; ++turn) {
    settle(1);
    const bool answered = answer_of(*peer).status == 200;
    EXPECT_TRUE(answered || stream->data().empty());
  }
  EXPECT_EQ(stream->data().size(), 1u);
}

TEST_F(McpSubscription, InABatchFramesWaitForTheWholeAnswer) {
  session = open("2025-03-26");
  family->first_delta = "1";
  auto stream = listen(session);
  auto peer = post_later("[" + rpc("resources/subscribe", R"({"uri":"test://a"})", "1") + "," +
                             rpc("tools/call", R"({"name":"test.slow"})", "2") + "]",
                         in(session));
  EXPECT_TRUE(feed().say("2"));
  settle();
  EXPECT_EQ(answer_of(*peer).status, 0);
  EXPECT_TRUE(stream->data().empty()) << "the client does not know yet that it is subscribed";
  slow->runs.at(0)->reply.succeed("{}");
  settle();
  EXPECT_EQ(answer_of(*peer).status, 200);
  EXPECT_EQ(stream->data().size(), 2u);
}

TEST_F(McpSubscription, UnsubscribeStopsAtOnceWhatWaitsToo) {
  subscribe(session, "test://a");
  subscribe(session, "test://b");
  EXPECT_TRUE(feed(0).say("1"));
  EXPECT_TRUE(feed(1).say("2"));
  const Answer a = post(rpc("resources/unsubscribe", R"({"uri":"test://a"})"), in(session));
  EXPECT_TRUE(a.has("\"result\":{}"));
  ASSERT_EQ(family->feeds.size(), 1u);
  EXPECT_TRUE(post(rpc("resources/unsubscribe", R"({"uri":"test://a"})"), in(session))
                  .has("\"result\":{}"));
  auto stream = listen(session);
  ASSERT_EQ(stream->data().size(), 1u);
  EXPECT_TRUE(test::contains(stream->data()[0], "test://b"));
}

TEST_F(McpSubscription, UnsubscribingAPendingOneAnswersIt) {
  family->mode = Mode::wait;
  auto peer = post_later(rpc("resources/subscribe", R"({"uri":"test://a"})", "1"), in(session));
  post(rpc("resources/unsubscribe", R"({"uri":"test://a"})", "2"), in(session));
  EXPECT_TRUE(answer_of(*peer).has("unsubscribed before the subscription began"));
  EXPECT_TRUE(family->feeds.empty());
}

TEST_F(McpSubscription, ASessionHasABoundedNumberOfThem) {
  be_quiet();
  for (std::size_t i = 0; i < kSubscriptionsPerSession; ++i) {
    EXPECT_TRUE(subscribe(session, "test://" + std::to_string(i)).has("result"));
  }
  EXPECT_TRUE(subscribe(session, "test://more").has("-32603"));
  EXPECT_EQ(family->feeds.size(), kSubscriptionsPerSession);
}

// ---- the outbox

TEST_F(McpSubscription, FramesWaitForAStreamInOrder) {
  subscribe(session, "test://a");
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(feed().say(std::to_string(i)));
  EXPECT_EQ(endpoint->stats().queued_frames, 5u);
  EXPECT_EQ(endpoint->stats().delivered, 0u);
  auto stream = listen(session);
  ASSERT_EQ(stream->data().size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(stream->data()[i].substr(0, kUpdate.size() + 1), kUpdate + std::to_string(i));
  }
  EXPECT_EQ(endpoint->stats().queued_frames, 0u);
}

TEST_F(McpSubscription, TheOutboxIsBoundedByMessagesAndSaysWhenThereIsRoom) {
  subscribe(session, "test://a");
  subscribe(session, "test://b");
  std::size_t taken = 0;
  while (taken < 2 * kStreamQueueMessages && feed(0).say("1"))
    ++taken;
  EXPECT_EQ(taken, kStreamQueueMessages);
  EXPECT_FALSE(feed(1).say("2"));
  settle();
  EXPECT_EQ(feed(0).rooms + feed(1).rooms, 0) << "there is none yet";
  auto stream = listen(session);
  settle();
  EXPECT_EQ(feed(0).rooms, 1);
  EXPECT_EQ(feed(1).rooms, 1) << "every refused feed is told, once";
  EXPECT_TRUE(feed(1).say("2"));
  drain(*stream);
  EXPECT_EQ(stream->data().size(), taken + 1) << "nothing was lost";
  EXPECT_EQ(endpoint->stats().dropped, 0u);
}

TEST_F(McpSubscription, TheOutboxIsBoundedByBytesButTakesOneThatIsLarger) {
  subscribe(session, "test://a");
  const std::string large = "\"" + std::string(2 * kStreamQueueBytes, 'x') + "\"";
  EXPECT_TRUE(feed().say(large));
  EXPECT_FALSE(feed().say("1"));
  auto stream = listen(session);
  drain(*stream);
  EXPECT_EQ(stream->data().size(), 1u);
  EXPECT_EQ(feed().rooms, 1);
}

TEST_F(McpSubscription, ASlowReaderGetsEverythingInOrder) {
  subscribe(session, "test://a");
  auto stream = listen(session, {}, 65536);
  const std::string filler(1000, 'f');
  std::size_t said = 0, refused = 0;
  const std::size_t total = 3500;  // 3.8 MB: more than the socket, the stream and the outbox hold
  feed().room_hook = [&](test::TestFamily::Feed& f) {
    while (said < total && f.say("\"" + std::to_string(said) + filler + "\""))
      ++said;
    refused += said < total ? 1 : 0;
  };
  feed().room_hook(feed());
  EXPECT_LT(said, total);
  drain(*stream);
  EXPECT_EQ(said, total);
  EXPECT_GT(refused, 0u);
  const auto data = stream->data();
  ASSERT_EQ(data.size(), total);
  for (std::size_t i = 0; i < total; i += 100) {
    EXPECT_TRUE(test::contains(data[i], "\"" + std::to_string(i) + "f")) << i;
  }
}

TEST_F(McpSubscription, AStalledReaderIsCutAndTheSessionWaitsForTheNext) {
  subscribe(session, "test://a");
  auto stalled = listen(session, {}, 4096);
  const std::string filler(20000, 'f');
  for (int i = 0; i < 40; ++i)
    EXPECT_TRUE(feed().say("\"" + filler + "\""));
  settle();
  pass(base::limits::kWriteStallTime + base::seconds(1));
  settle();
  EXPECT_EQ(endpoint->stats().streams, 0u);
  EXPECT_TRUE(test::contains(log, "reader takes nothing")) << log;
  EXPECT_EQ(family->feeds.size(), 1u) << "the subscription stays";
  EXPECT_TRUE(feed().say("\"later\""));
  auto next = listen(session);
  ASSERT_EQ(next->data().size(), 2u);
  EXPECT_TRUE(test::contains(next->data()[0], "\"level\":\"warning\"")) << next->data()[0];
  EXPECT_TRUE(test::contains(next->data()[0], "may be lost"));
  EXPECT_TRUE(test::contains(next->data()[1], "later"));
}

TEST_F(McpSubscription, AStreamThatEndsWithNothingOnItGivesNoWarning) {
  subscribe(session, "test://a");
  auto first = listen(session);
  first->peer->close();
  settle();
  EXPECT_TRUE(listen(session)->data().empty());
}

// ---- ends

TEST_F(McpSubscription, AFeedThatEndsIsFreedAndSaysSo) {
  auto stream = listen(session);
  subscribe(session, "test://a");
  EXPECT_TRUE(feed().say("\"the end\""));
  feed().subscriber.ended();
  EXPECT_EQ(family->feeds.size(), 1u) << "its method may be on the stack";
  settle();
  EXPECT_TRUE(family->feeds.empty());
  const auto data = stream->data();
  ASSERT_EQ(data.size(), 2u);
  EXPECT_TRUE(test::contains(data[0], "the end"));
  EXPECT_EQ(
      data[1],
      R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"warning","logger":)"
      R"("k0rdent-mcp-server","data":"the subscription to test://a has ended; its last update says why"}})");
  EXPECT_EQ(endpoint->stats().subscriptions, 0u);
  EXPECT_TRUE(subscribe(session, "test://a").has("result")) << "a new one";
}

TEST_F(McpSubscription, LogMessagesFollowTheClientsLevel) {
  post(rpc("logging/setLevel", R"({"level":"error"})"), in(session));
  auto stream = listen(session);
  subscribe(session, "test://a");
  feed().subscriber.ended();
  settle();
  EXPECT_TRUE(stream->data().empty());
}

TEST_F(McpSubscription, AFeedMayEndInsideOnRoom) {
  subscribe(session, "test://a");
  while (feed().say("1")) {
  }
  feed().room_hook = [](test::TestFamily::Feed& f) { f.subscriber.ended(); };
  auto stream = listen(session);
  drain(*stream);
  EXPECT_TRUE(family->feeds.empty());
  EXPECT_EQ(stream->data().size(), kStreamQueueMessages + 1);
}

TEST_F(McpSubscription, ExpiryFreesTheFeeds) {
  subscribe(session, "test://a");
  pass(base::limits::kSessionIdle + base::seconds(1));
  EXPECT_TRUE(family->feeds.empty());
  EXPECT_EQ(sessions(), 0u);
}

}  // namespace
