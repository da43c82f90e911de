// subscriptions/listen: what is acknowledged, what is told and how it ends.
#include <gtest/gtest.h>

#include "mcp/shared/keep_alive.h"
#include "mcp/shared/recheck.h"
#include "support/modern_world.h"

namespace {

using test::Answer;
using test::contains;

constexpr std::string_view kOver =
    R"({"jsonrpc":"2.0","id":77,"result":{"resultType":"complete",)"
    R"("_meta":{"io.modelcontextprotocol/subscriptionId":77,"io.modelcontextprotocol/serverInfo":)";

struct ModernListen : test::ModernWorld {
  std::unique_ptr<test::EventStream> listen_uri(std::string_view uri, std::string_view id = "77") {
    return listen_to(R"({"resourceSubscriptions":[")" + std::string(uri) + R"("]})", id);
  }
  static std::string ack(std::string_view notifications, std::string_view id = "77") {
    std::string out =
        R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":)"
        R"({"notifications":)";
    out.append(notifications).append(R"(,"_meta":{"io.modelcontextprotocol/subscriptionId":)");
    return out.append(id).append("}}}");
  }
  static std::string update(std::string_view uri, std::string_view delta,
                            std::string_view id = "77") {
    std::string out =
        R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"_meta":)"
        R"({"io.modelcontextprotocol/subscriptionId":)";
    out.append(id).append(R"(,"delta":)").append(delta);
    return out.append(R"(},"uri":")").append(uri).append("\"}}");
  }
};

TEST_F(ModernListen, IsAcknowledgedFirstWithWhatIsOffered) {
  auto stream = listen_to(R"({"toolsListChanged":true,"promptsListChanged":false,"nobody":"knows",)"
                          R"("resourceSubscriptions":["test://a","other://b","test://a"]})");
  EXPECT_EQ(stream->head().status, 200);
  EXPECT_EQ(stream->head().header("Content-Type"), "text/event-stream");
  EXPECT_EQ(stream->head().header("X-Accel-Buffering"), "no");
  EXPECT_EQ(stream->head().header("Mcp-Session-Id"), "");
  ASSERT_EQ(stream->data().size(), 1u);
  EXPECT_EQ(stream->data()[0],
            ack(R"({"toolsListChanged":true,"resourceSubscriptions":["test://a"]})"));
  EXPECT_EQ(stream->comments(), "") << "nothing may come before it";
  EXPECT_EQ(endpoint->stats().listens, 1u);
  EXPECT_EQ(endpoint->stats().subscriptions, 1u);
}

// What server/discover does not declare was acknowledged, though it never comes.
TEST_F(ModernListen, ChangesOfAListThatIsNotOfferedAreNotAcknowledged) {
  auto nothing = listen_to(R"({"promptsListChanged":true})");
  ASSERT_EQ(nothing->data().size(), 2u) << "and that is all";
  EXPECT_EQ(nothing->data()[0], ack("{}"));
  auto rest = listen_to(
      R"({"toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true})");
  ASSERT_EQ(rest->data().size(), 1u);
  EXPECT_EQ(rest->data()[0], ack(R"({"toolsListChanged":true,"resourcesListChanged":true})"));
}

TEST_F(ModernListen, UpdatesCarryTheIdWithItsType) {
  for (const char* id : {"0", "\"\"", "\"77\"", "1753000000000"}) {
    auto stream = listen_uri("test://a", id);
    ASSERT_EQ(family->feeds.size(), 1u);
    EXPECT_TRUE(family->feeds[0]->say(R"({"n":1})"));
    drain(*stream);
    ASSERT_EQ(stream->data().size(), 2u);
    EXPECT_EQ(stream->data()[1], update("test://a", R"({"n":1})", id));
    stream.reset();
    settle();
    EXPECT_TRUE(family->feeds.empty());
  }
}

TEST_F(ModernListen, WhatIsToldWhileItBeginsFollowsTheAcknowledgement) {
  family->first_delta = R"({"n":0})";
  family->retry_first = true;
  auto stream = listen_uri("test://a");
  drain(*stream);
  ASSERT_EQ(stream->data().size(), 2u);
  EXPECT_EQ(stream->data()[0], ack(R"({"resourceSubscriptions":["test://a"]})"));
  EXPECT_EQ(stream->data()[1], update("test://a", R"({"n":0})"));
}

TEST_F(ModernListen, EachStreamGetsItsOwnCopyBesideSessions) {
  auto one = listen_uri("test://a", "1"), two = listen_uri("test://a", "\"1\"");
  const std::string session = open();
  auto old = listen(session);
  subscribe(session, "test://a");
  ASSERT_EQ(family->feeds.size(), 3u);
  for (auto* feed : family->feeds)
    feed->say("7");
  drain(*one);
  drain(*two);
  drain(*old);
  EXPECT_EQ(one->data().back(), update("test://a", "7", "1"));
  EXPECT_EQ(two->data().back(), update("test://a", "7", "\"1\""));
  EXPECT_FALSE(contains(old->data().back(), "subscriptionId"));
}

TEST_F(ModernListen, WhatIsRefusedAtOnceIsNotAcknowledgedAndNothingLeftIsTheEnd) {
  family->mode = test::TestFamily::Mode::refuse;
  auto stream = listen_uri("test://a");
  ASSERT_EQ(stream->data().size(), 2u);
  EXPECT_EQ(stream->data()[0], ack("{}"));
  EXPECT_TRUE(stream->data()[1].starts_with(kOver)) << stream->data()[1];
  EXPECT_TRUE(stream->ended());
  EXPECT_EQ(endpoint->stats().listens, 0u);
  auto empty = listen_to("{}");
  EXPECT_TRUE(empty->ended());
  EXPECT_EQ(empty->data().size(), 2u);
}

TEST_F(ModernListen, IsAcknowledgedBeforeTheFamilyHasAnswered) {
  family->mode = test::TestFamily::Mode::wait;
  auto stream = listen_uri("test://a");
  ASSERT_EQ(stream->data().size(), 1u);
  family->feeds[0]->subscriber.accepted();
  family->feeds[0]->say("1");
  drain(*stream);
  EXPECT_EQ(stream->data().back(), update("test://a", "1"));
}

TEST_F(ModernListen, WhatIsRefusedLaterIsToldOnTheStream) {
  family->mode = test::TestFamily::Mode::wait;
  auto stream = listen_uri("test://a");
  family->feeds[0]->subscriber.refused({mcp::RpcCode::internal_error, "not now", {}});
  drain(*stream);
  ASSERT_EQ(stream->data().size(), 3u);
  EXPECT_EQ(stream->data()[1],
            R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"_meta":)"
            R"({"io.modelcontextprotocol/subscriptionId":77,"error":{"code":-32603,)"
            R"("message":"not now"}},"uri":"test://a"}})");
  EXPECT_TRUE(stream->data()[2].starts_with(kOver)) << "nothing is left to tell";
  EXPECT_TRUE(stream->ended());
}

TEST_F(ModernListen, AFeedThatEndsEndsAStreamWithNothingElse) {
  auto stream = listen_uri("test://a");
  family->feeds[0]->say("9");
  family->feeds[0]->subscriber.ended();
  drain(*stream);
  ASSERT_EQ(stream->data().size(), 3u);
  EXPECT_TRUE(stream->ended());
  EXPECT_EQ(endpoint->stats().subscriptions, 0u);
}

TEST_F(ModernListen, TheClientClosesItAndAllIsFreed) {
  auto stream = listen_to(R"({"toolsListChanged":true,"resourceSubscriptions":["test://a"]})");
  ASSERT_EQ(family->feeds.size(), 1u);
  stream.reset();
  settle();
  EXPECT_TRUE(family->feeds.empty());
  EXPECT_EQ(endpoint->stats().listens, 0u);
  EXPECT_EQ(endpoint->stats().streams, 0u);
  EXPECT_EQ(endpoint->stats().subscriptions, 0u);
}

TEST_F(ModernListen, ACancelledNotificationBesideItHasNoEffect) {
  auto stream = listen_uri("test://a");
  EXPECT_EQ(
      post(notification("notifications/cancelled", R"({"requestId":77,"_meta":)" + meta() + "}"),
           kVersionLine)
          .status,
      202);
  EXPECT_EQ(family->feeds.size(), 1u);
  EXPECT_FALSE(stream->ended());
}

TEST_F(ModernListen, AQuietStreamIsKeptAlive) {
  auto stream = listen_uri("test://a");
  pass(mcp::shared::kKeepAlive);
  drain(*stream);
  EXPECT_EQ(stream->comments(), "keep-alive");
  pass(mcp::shared::kKeepAlive);
  drain(*stream);
  EXPECT_EQ(stream->comments(), "keep-alive,keep-alive");
}

TEST_F(ModernListen, ASlowReaderHoldsItsFeedsBackAndLosesNothing) {
  be_quiet();
  auto stream = listen_to(R"({"resourceSubscriptions":["test://a"]})", "77", {}, 8192);
  auto* feed = family->feeds[0];
  const std::string big = "\"" + std::string(10'000, 'x') + "\"";
  int told = 0;
  while (feed->say(big) && told < 1000)
    ++told;
  ASSERT_LT(told, 1000) << "the stream's queue is bounded";
  feed->room_hook = [&](test::TestFamily::Feed& f) {
    while (told < 300 && f.say(big))
      ++told;
  };
  for (int i = 0; i < 200 && stream->data().size() < 301; ++i)
    drain(*stream);
  EXPECT_EQ(told, 300);
  EXPECT_EQ(stream->data().size(), 301u);
}

TEST_F(ModernListen, ShutdownGivesLastWordsThenTheResult) {
  auto stream = listen_to(R"({"toolsListChanged":true,"resourceSubscriptions":["test://a"]})");
  auto idle = listen_to(R"({"toolsListChanged":true})", "5");
  endpoint->begin_drain();
  endpoint->end_feeds("the end");
  drain(*stream);
  ASSERT_EQ(stream->data().size(), 2u);
  EXPECT_EQ(stream->data()[1], update("test://a", R"({"end":"the end"})"));
  EXPECT_FALSE(stream->ended());
  const Answer refused = ask("subscriptions/listen", R"("notifications":{})");
  EXPECT_EQ(refused.status, 503);
  EXPECT_NE(refused.header("Retry-After"), "");
  endpoint->end_streams();
  drain(*stream);
  drain(*idle);
  ASSERT_EQ(stream->data().size(), 3u);
  EXPECT_TRUE(stream->data()[2].starts_with(kOver));
  EXPECT_TRUE(stream->ended());
  EXPECT_TRUE(idle->ended());
  EXPECT_EQ(idle->data().size(), 2u);
  EXPECT_EQ(endpoint->stats().streams, 0u);
}

TEST_F(ModernListen, ShutdownWaitsForAReaderThatIsSlow) {
  be_quiet();
  auto stream = listen_to(R"({"resourceSubscriptions":["test://a"]})", "77", {}, 8192);
  auto* feed = family->feeds[0];
  const std::string big = "\"" + std::string(10'000, 'x') + "\"";
  int told = 0;
  while (feed->say(big))
    ++told;
  endpoint->begin_drain();
  endpoint->end_feeds("the end");
  endpoint->end_streams();
  EXPECT_EQ(endpoint->stats().streams, 1u);
  for (int i = 0; i < 200 && !stream->ended(); ++i)
    drain(*stream);
  EXPECT_TRUE(stream->ended());
  const auto data = stream->data();
  ASSERT_EQ(data.size(), static_cast<std::size_t>(told) + 3);
  EXPECT_EQ(data[data.size() - 2], update("test://a", R"({"end":"the end"})"));
  EXPECT_TRUE(data.back().starts_with(kOver));
}

TEST_F(ModernListen, ATokenThatIsNoLongerAcceptedEndsItGracefully) {
  auth.expire = true;
  mcp::shared::Options options;
  restart(options);
  auto stream = std::make_unique<test::EventStream>();
  auto hers = listen_to(R"({"resourceSubscriptions":["test://a"]})", "77", bearer("alice-1"));
  auto his = listen_to(R"({"resourceSubscriptions":["test://a"]})", "77", bearer("bob-1"));
  auth.identities.erase("alice-1");
  pass(mcp::shared::kRecheck);
  drain(*hers);
  drain(*his);
  ASSERT_EQ(hers->data().size(), 3u);
  EXPECT_TRUE(contains(hers->data()[1], "no longer accepted")) << hers->data()[1];
  EXPECT_TRUE(hers->data()[2].starts_with(kOver));
  EXPECT_TRUE(hers->ended());
  EXPECT_FALSE(his->ended());
}

TEST_F(ModernListen, ManyStreamsOfOneTokenAreOneQuestion) {
  auth.expire = true;
  mcp::shared::Options options;
  restart(options);
  std::vector<std::unique_ptr<test::EventStream>> streams;
  for (int i = 0; i < 5; ++i)
    streams.push_back(listen_to(R"({"toolsListChanged":true})", "1", bearer("alice-1")));
  auth.later = true;
  const int before = auth.asked;
  pass(mcp::shared::kRecheck);
  EXPECT_EQ(auth.asked, before + 1);
  auth.answer();
  EXPECT_EQ(endpoint->stats().listens, 5u);
}

TEST_F(ModernListen, WhatIsWrongWithTheFilterIsSaid) {
  const auto wrong = [&](std::string_view params) {
    const Answer a = ask("subscriptions/listen", params);
    EXPECT_EQ(code(a), -32602) << a.body;
    EXPECT_EQ(a.header("Content-Type"), "application/json");
  };
  wrong("");
  wrong(R"("notifications":[])");
  wrong(R"("notifications":{"toolsListChanged":"yes"})");
  wrong(R"("notifications":{"resourceSubscriptions":"test://a"})");
  wrong(R"("notifications":{"resourceSubscriptions":[7]})");
  wrong(R"("notifications":{"resourceSubscriptions":[""]})");
  wrong(R"("notifications":{"resourceSubscriptions":[")" + std::string(3000, 'x') + R"("]})");
  EXPECT_EQ(ask("subscriptions/listen", R"("notifications":{})", {}, "Accept: application/json\r\n")
                .status,
            406);
}

// It ended the process: the subscription was out of the list already, and was not over.
TEST_F(ModernListen, AFeedMayEndInTheTurnInWhichItsListenersAreLetGo) {
  auto stream = listen_uri("test://a");
  ASSERT_EQ(family->feeds.size(), 1u);
  test::TestFamily::Feed* feed = family->feeds[0];
  endpoint->end_feeds("the server is shutting down");
  ASSERT_EQ(family->feeds.size(), 1u) << "freed at the end of the turn";
  feed->subscriber.ended();
  endpoint->end_streams();
  drain(*stream);
  EXPECT_TRUE(stream->ended());
  EXPECT_EQ(endpoint->stats().listens, 0u);
}

TEST_F(ModernListen, AFeedMayEndInTheTurnInWhichItsListenerWent) {
  auto stream = listen_uri("test://a");
  test::TestFamily::Feed* feed = family->feeds.at(0);
  endpoint->end_streams();
  endpoint->end_feeds("over");
  feed->say("1");
  feed->subscriber.ended();
  settle();
  EXPECT_EQ(endpoint->stats().subscriptions, 0u);
  EXPECT_TRUE(family->feeds.empty());
}

}  // namespace
