// Streams that go on after a break: event ids, Last-Event-ID, polling, the resume window, and the
// budget of what is kept (tables A4, B5; wire example D6).
#include <gtest/gtest.h>

#include "base/budgets.h"
#include "mcp/legacy/call_stream.h"
#include "mcp/legacy/channel.h"
#include "mcp/legacy/numbered_stream.h"
#include "mcp/legacy/outbox.h"
#include "mcp/shared/replay.h"
#include "support/mcp_world.h"

namespace {

using base::seconds;
using test::Answer;
using test::EventStream;

struct McpResume : test::McpWorld {
  McpResume() : session(open()) {}
  test::TestFamily::Feed& feed(std::size_t i = 0) { return *family->feeds.at(i); }
  void say(int n) {
    EXPECT_TRUE(feed().say(std::to_string(n)));
    settle();
  }
  // The deltas on a stream.
  static std::string deltas(EventStream& stream) {
    std::string out;
    for (const std::string& data : stream.data()) {
      base::json::Document doc;
      const auto v = doc.parse(data);
      const std::string delta = (*v)["params"]["_meta"]["delta"].to_json();
      out += delta.empty() ? "?" : delta;
    }
    return out;
  }
  std::unique_ptr<EventStream> resume(std::string_view after) {
    return listen(session, returning(session, after));
  }
  void leave(EventStream& stream) {
    stream.peer->close();
    settle();
  }
  // A POST whose answer is a stream.
  std::unique_ptr<EventStream> call(std::string_view params, std::string_view of = {}) {
    auto stream = std::make_unique<EventStream>();
    stream->peer = post_later(rpc("tools/call", params, "9"), in(of.empty() ? session : of));
    stream->read();
    return stream;
  }
  mcp::CallContext& running() { return slow->runs.back()->reply.call; }
  void finish(std::string json = "{}") {
    slow->runs.back()->reply.succeed(std::move(json));
    settle();
  }
  std::string session;
  const std::string kToken = R"({"name":"test.slow","_meta":{"progressToken":"t"}})";
};

TEST_F(McpResume, A4EveryEventHasAnIdThatNamesItsStream) {
  auto stream = listen(session);
  subscribe(session, "test://a");
  say(1);
  say(2);
  ASSERT_EQ(stream->events().size(), 2u);
  EXPECT_EQ(stream->events()[0].id, "s0_1");
  EXPECT_EQ(stream->events()[1].id, "s0_2");
  EXPECT_EQ(stream->events()[1].name, "message");
  auto one = call(kToken), two = call(kToken);
  slow->runs[0]->reply.call.progress({1});
  slow->runs[1]->reply.call.progress({1});
  settle();
  EXPECT_EQ(one->events().at(0).id, "p1_1");
  EXPECT_EQ(two->events().at(0).id, "p2_1") << "unique over all streams of the session";
  finish();
  finish();
}

TEST_F(McpResume, A4OnlySessionsOf20251125GetAnIdWithoutAMessageFirst) {
  auto stream = listen(session);
  ASSERT_EQ(stream->primes().size(), 1u);
  EXPECT_EQ(stream->primes()[0].id, "s0_0");
  for (const char* version : {"2025-03-26", "2025-06-18"}) {
    const std::string old = open(version);
    auto get = listen(old);
    EXPECT_TRUE(get->primes().empty()) << version << ": it would parse the empty data";
    auto post = call(kToken, old);
    running().progress({1});
    settle();
    EXPECT_TRUE(post->primes().empty()) << version;
    EXPECT_EQ(post->events().size(), 1u);
    finish();
  }
}

TEST_F(McpResume, AClientThatComesBackGetsExactlyWhatItMissed) {
  for (int seen = 0; seen <= 5; ++seen) {
    session = open();
    auto stream = listen(session);
    subscribe(session, "test://a");
    for (int n = 1; n <= 5; ++n)
      say(n);
    leave(*stream);
    say(6);
    auto again = resume("s0_" + std::to_string(seen));
    say(7);
    EXPECT_EQ(deltas(*again), std::string("1234567").substr(seen)) << seen;
    EXPECT_EQ(again->events().back().id, "s0_7");
    ask_http("DELETE", in(session));
  }
}

TEST_F(McpResume, AReturnMayBreakAgainAnywhere) {
  auto stream = listen(session);
  subscribe(session, "test://a");
  for (int n = 1; n <= 4; ++n)
    say(n);
  leave(*stream);
  for (int seen = 0; seen < 4; ++seen) {
    auto again = resume("s0_" + std::to_string(seen));
    EXPECT_EQ(deltas(*again), std::string("1234").substr(seen));
    leave(*again);
  }
  auto last = resume("s0_4");
  EXPECT_EQ(deltas(*last), "");
  say(5);
  EXPECT_EQ(deltas(*last), "5");
}

TEST_F(McpResume, WhoComesBackWithoutAnIdIsToldThatUpdatesMayBeLost) {
  auto stream = listen(session);
  subscribe(session, "test://a");
  say(1);
  leave(*stream);
  auto again = listen(session);
  ASSERT_EQ(again->data().size(), 1u);
  EXPECT_TRUE(test::contains(again->data()[0], "updates in transit may be lost"));
  EXPECT_EQ(again->events()[0].id, "s1_1") << "it is an event: it is not lost either";
}

TEST_F(McpResume, WhatAClientMustHearGetsThroughItsLevel) {
  auto stream = listen(session);
  post(rpc("logging/setLevel", R"({"level":"emergency"})"), in(session));
  subscribe(session, "test://a");
  say(1);
  leave(*stream);
  auto again = listen(session);
  ASSERT_EQ(again->data().size(), 1u);
  EXPECT_TRUE(test::contains(again->data()[0], R"("level":"emergency")"));
}

TEST_F(McpResume, AGapIsSaidWithItsSize) {
  auto stream = listen(session);
  subscribe(session, "test://a");
  be_quiet();
  const std::string wide = "\"" + std::string(4000, 'x') + "\"";
  for (int i = 0; i < 600; ++i) {  // more than kReplayBytes
    feed().say(wide);
    settle(2);
    stream->read();
  }
  drain(*stream);
  ASSERT_EQ(stream->events().size(), 600u);
  leave(*stream);
  auto again = resume("s0_1");
  drain(*again);
  const auto events = again->events();
  ASSERT_GT(events.size(), 2u);
  const std::uint64_t first = std::stoull(events[1].id.substr(3));
  EXPECT_GT(first, 300u);
  EXPECT_TRUE(test::contains(events[0].data, "\"" + std::to_string(first - 2) + " messages"))
      << events[0].data;
  EXPECT_EQ(events[0].id, "") << "the id before the gap stays the one to come back with";
  EXPECT_EQ(events.back().id, "s0_600");
}

TEST_F(McpResume, WhatIsLongDeliveredIsNotKept) {
  mcp::shared::Options options;
  base::Budgets budgets(base::Budget::kNone, 1 << 20);
  options.budgets = &budgets;
  restart(options);
  session = open();
  auto stream = listen(session);
  subscribe(session, "test://a");
  say(1);
  EXPECT_GT(budgets.queues.used(), 0u);
  for (int i = 0; i < 4; ++i)
    pass(mcp::shared::kKeepAlive);
  EXPECT_EQ(budgets.queues.used(), 0u);
  leave(*stream);
  auto again = resume("s0_0");
  ASSERT_EQ(again->data().size(), 1u);
  EXPECT_TRUE(test::contains(again->data()[0], "1 messages of this stream are lost"));
  leave(*again);
  stop_endpoint();
}

// Were 400: a client that comes with an id of a session before (mcp-remote 0.15.1, after a restart
// of the server) gave up after three of them, and heard nothing more of what it subscribed to.
TEST_F(McpResume, WhoComesBackWithAnIdThatIsNotKeptGetsAStreamAndIsToldSo) {
  auto stream = listen(session);
  subscribe(session, "test://a");
  say(1);
  const std::string stranger = open();
  for (const std::string& id :
       {std::string("x"), std::string("0"), std::string("0_1"), event_id(session, "s0_2"),
        event_id(session, "s7_0"), event_id(stranger, "s0_0"), event_id(stranger, "s0_1")}) {
    auto again = listen(session, "Last-Event-ID: " + id + "\r\n");
    ASSERT_EQ(again->data().size(), 1u) << id;
    EXPECT_TRUE(test::contains(again->data()[0], "may be lost")) << id;
    EXPECT_EQ(again->head().status, 200) << id;
    leave(*again);
  }
  EXPECT_FALSE(stream->ended()) << "the stream that is there is left alone";
  say(2);
  EXPECT_EQ(deltas(*stream), "12") << "and goes on";
}

TEST_F(McpResume, AnAnswerThatIsNotKeptIs400) {
  for (const char* id : {"p1_0", "p7_0", "p0_0"}) {
    const Answer a = ask_http("GET", in(session) + returning(session, id));
    EXPECT_EQ(a.status, 400) << id;
    EXPECT_TRUE(a.has("Last-Event-ID")) << a.body;
    EXPECT_FALSE(a.has("\"id\":"));
  }
}

TEST_F(McpResume, AnotherSessionsIdIsNoUse) {
  const std::string other = open();
  auto call_of_other = call(kToken, other);
  running().progress({1});
  settle();
  EXPECT_EQ(ask_http("GET", in(session) + returning(other, "p1_0")).status, 400);
  finish();
}

// ---- streams of POSTs

TEST_F(McpResume, ACallGoesOnWithoutItsClientAndTheRestIsFetched) {
  for (int seen = 0; seen <= 3; ++seen) {
    session = open();
    auto stream = call(kToken);
    running().progress({1});
    settle();
    pass(seconds(1));
    running().progress({2});
    settle();
    leave(*stream);
    EXPECT_EQ(slow->runs.size(), 1u) << "no cancellation in this era";
    pass(seconds(1));
    running().progress({3});
    finish(R"({"n":7})");
    pass(seconds(20));
    auto rest = resume("p1_" + std::to_string(seen));
    ASSERT_EQ(rest->data().size(), 4u - static_cast<unsigned>(seen));
    EXPECT_TRUE(test::contains(rest->data().back(), R"("id":9,"result":)"));
    EXPECT_TRUE(rest->ended());
  }
}

TEST_F(McpResume, AResumedCallStreamGoesOnLive) {
  auto stream = call(kToken);
  running().progress({1});
  settle();
  leave(*stream);
  auto rest = resume("p1_1");
  EXPECT_TRUE(rest->data().empty());
  EXPECT_FALSE(rest->ended());
  finish();
  EXPECT_EQ(rest->data().size(), 1u);
  EXPECT_TRUE(rest->ended());
  EXPECT_EQ(endpoint->stats().streams, 0u);
}

TEST_F(McpResume, AnAnswerIsKeptForTheResumeWindowOnly) {
  auto stream = call(kToken);
  running().progress({1});
  settle();
  leave(*stream);
  finish();
  pass(seconds(31));
  EXPECT_EQ(ask_http("GET", in(session) + returning(session, "p1_1")).status, 400)
      << "said, not an empty stream";
}

TEST_F(McpResume, ACancelledCallLeavesNothingToComeBackFor) {
  auto stream = call(kToken);
  running().progress({1});
  settle();
  post(notification("notifications/cancelled", R"({"requestId":9})"), in(session));
  EXPECT_TRUE(stream->ended());
  EXPECT_EQ(stream->data().size(), 1u) << "no response";
  EXPECT_EQ(ask_http("GET", in(session) + returning(session, "p1_1")).status, 400);
}

TEST_F(McpResume, TheRestOfACallAndTheSessionsStreamAreTwoStreams) {
  auto own = listen(session);
  subscribe(session, "test://a");
  auto stream = call(kToken);
  running().progress({1});
  settle();
  leave(*stream);
  auto rest = resume("p1_1");
  say(1);
  EXPECT_EQ(deltas(*own), "1");
  EXPECT_TRUE(rest->data().empty()) << "never on an unrelated stream";
  EXPECT_FALSE(own->ended());
  finish();
}

TEST_F(McpResume, LongCallsAreKeptAlive) {
  auto stream = call(kToken);
  running().progress({1});
  settle();
  pass(mcp::shared::kKeepAlive);
  EXPECT_EQ(stream->comments(), "open,keep-alive");
  finish();
}

TEST_F(McpResume, OnlySoManyEndedStreamsAreKept) {
  for (std::size_t i = 0; i <= mcp::legacy::kEndedStreams; ++i) {
    auto stream = call(kToken);
    running().progress({1});
    settle();
    finish();
    EXPECT_TRUE(stream->ended());
  }
  const auto status = [&](std::size_t n) {
    return ask_http("GET", in(session) + returning(session, "p" + std::to_string(n) + "_1")).status;
  };
  EXPECT_EQ(status(1), 400);
  EXPECT_EQ(status(2), 200);
}

// ---- polling

TEST_F(McpResume, D6APolledCallIsLetGoAndFetchedLater) {
  auto stream = call(R"({"name":"test.slow"})");
  EXPECT_EQ(stream->raw, "");
  running().close_stream(base::milliseconds(500));
  settle();
  stream->read();
  EXPECT_EQ(stream->head().status, 200);
  EXPECT_EQ(stream->head().header("Content-Type"), "text/event-stream");
  const std::string id = "id: " + event_id(session, "p1_0");
  EXPECT_TRUE(test::contains(stream->raw, id + "\ndata: \n\n")) << stream->raw;
  EXPECT_TRUE(test::contains(stream->raw, id + "\nretry: 500\ndata: \n\n")) << stream->raw;
  EXPECT_TRUE(stream->ended()) << "cleanly";
  auto rest = resume("p1_0");
  EXPECT_FALSE(rest->ended());
  running().close_stream(base::milliseconds(700));
  settle();
  EXPECT_TRUE(rest->ended()) << "again";
  finish(R"({"done":true})");
  auto last = resume("p1_0");
  ASSERT_EQ(last->data().size(), 1u);
  EXPECT_TRUE(test::contains(last->data()[0], R"("structuredContent":{"done":true})"));
  EXPECT_TRUE(last->ended());
}

TEST_F(McpResume, OlderSessionsAreNotLetGo) {
  session = open("2025-06-18");
  auto stream = call(R"({"name":"test.slow"})");
  running().close_stream(seconds(1));
  settle();
  stream->read();
  EXPECT_EQ(stream->raw, "");
  finish();
  stream->read();
  EXPECT_EQ(stream->head().header("Content-Type"), "application/json");
}

TEST_F(McpResume, AClientThatTakesNoEventsIsNotLetGo) {
  auto peer = post_later(rpc("tools/call", R"({"name":"test.slow"})", "9"),
                         in(session) + "Accept: application/json\r\n");
  running().close_stream(seconds(1));
  settle();
  EXPECT_EQ(answer_of(*peer).status, 0);
  finish();
  EXPECT_EQ(answer_of(*peer).header("Content-Type"), "application/json");
}

// ---- the resume window

TEST_F(McpResume, SubscriptionsOutliveABreakByTheWindow) {
  auto stream = listen(session);
  subscribe(session, "test://a");
  leave(*stream);
  pass(seconds(29));
  EXPECT_EQ(family->feeds.size(), 1u);
  auto again = listen(session);
  pass(seconds(100));
  EXPECT_EQ(family->feeds.size(), 1u) << "it came back in time";
  leave(*again);
  pass(seconds(31));
  EXPECT_TRUE(family->feeds.empty()) << "the watch closes with its last subscriber";
  EXPECT_EQ(endpoint->stats().subscriptions, 0u);
  EXPECT_EQ(sessions(), 1u) << "the session itself stays";
}

TEST_F(McpResume, AStreamAfterTheWindowBeginsBySayingWhatWasLetGo) {
  auto stream = listen(session);
  subscribe(session, "test://a");
  subscribe(session, "test://b");
  leave(*stream);
  pass(seconds(31));
  subscribe(session, "test://b");  // again: nothing to tell of it
  auto again = listen(session);
  ASSERT_GE(again->data().size(), 1u);
  const std::string first = again->data()[0];
  EXPECT_TRUE(test::contains(first, "notifications/message"));
  EXPECT_TRUE(test::contains(first, "were dropped"));
  EXPECT_TRUE(test::contains(first, "test://a"));
  EXPECT_FALSE(test::contains(first, "test://b"));
  leave(*again);
  auto third = listen(session);
  EXPECT_TRUE(third->data().empty()) << "said once";
}

TEST_F(McpResume, WhoComesBackAfterTheWindowIsToldWhatWasLetGo) {
  auto stream = listen(session);
  subscribe(session, "test://a");
  say(1);
  say(2);
  leave(*stream);
  pass(seconds(31));
  auto again = resume("s0_1");
  ASSERT_EQ(again->data().size(), 1u) << "what was kept went with the window";
  EXPECT_TRUE(test::contains(again->data()[0], "were dropped"));
}

TEST_F(McpResume, QueuedFramesOfWhatIsLetGoAreCountedAsDropped) {
  auto stream = listen(session);
  subscribe(session, "test://a");
  leave(*stream);
  say(1);
  say(2);
  pass(seconds(31));
  EXPECT_EQ(endpoint->stats().dropped, 2u);
  EXPECT_EQ(endpoint->stats().queued_frames, 0u);
}

TEST_F(McpResume, WithoutAStreamEverTheWindowBeginsWithTheSubscription) {
  subscribe(session, "test://a");
  pass(seconds(29));
  EXPECT_EQ(family->feeds.size(), 1u);
  pass(seconds(2));
  EXPECT_TRUE(family->feeds.empty());
}

TEST_F(McpResume, TheWindowIsAnOption) {
  mcp::shared::Options options;
  options.resume_window = seconds(5);
  restart(options);
  session = open();
  auto stream = listen(session);
  subscribe(session, "test://a");
  leave(*stream);
  pass(seconds(6));
  EXPECT_TRUE(family->feeds.empty());
}

TEST_F(McpResume, DeleteReleasesEverythingAtOnceAlsoInTheWindow) {
  auto stream = listen(session);
  subscribe(session, "test://a");
  auto post = call(kToken);
  running().progress({1});
  settle();
  leave(*post);
  leave(*stream);
  EXPECT_EQ(ask_http("DELETE", in(session)).status, 204);
  EXPECT_TRUE(family->feeds.empty());
  EXPECT_TRUE(slow->runs.empty());
  pass(seconds(60));
  EXPECT_EQ(sessions(), 0u);
}

// ---- the budget of all queues

TEST_F(McpResume, OverTheBudgetASlowReaderIsRefusedAndAFastOneGoesOn) {
  base::Budgets budgets(base::Budget::kNone, 256 * 1024);
  mcp::shared::Options options;
  options.budgets = &budgets;
  restart(options);
  const std::string slow_one = open(), fast_one = open();
  subscribe(slow_one, "test://slow");  // no stream: all waits
  auto fast = listen(fast_one);
  subscribe(fast_one, "test://fast");
  be_quiet();
  const std::string wide = "\"" + std::string(10000, 'x') + "\"";
  int taken = 0;
  while (feed(0).say(wide))
    ++taken;
  EXPECT_GT(taken, 20);
  EXPECT_LT(taken, 30) << "far below its own limit of 1 MiB";
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(feed(1).say(wide)) << i;
    settle(2);
    fast->read();
  }
  drain(*fast);
  EXPECT_EQ(fast->data().size(), 100u);
  fast.reset();
  settle();
  stop_endpoint();
  EXPECT_EQ(budgets.queues.used(), 0u);
}

TEST_F(McpResume, APayloadOfManySessionsCountsOnce) {
  base::Budgets budgets(base::Budget::kNone, 1 << 20);
  mcp::shared::Options options;
  options.budgets = &budgets;
  restart(options);
  for (int i = 0; i < 20; ++i)
    subscribe(open(), "test://a");
  const base::Payload frame = mcp::update_frame("test://a", "\"" + std::string(1000, 'x') + "\"");
  for (auto* each : family->feeds)
    EXPECT_TRUE(each->subscriber.publish(frame));
  EXPECT_EQ(budgets.queues.used(), frame.size() + 20 * sizeof(mcp::legacy::Outbox::Item));
  stop_endpoint();
}

TEST(EventId, NamesSessionStreamAndEvent) {
  const auto id = mcp::legacy::parse_event_id("01abcdefp12_345");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->salt, "01abcdef");
  EXPECT_TRUE((id->stream == mcp::legacy::StreamId{true, 12}));
  EXPECT_EQ(id->event, 345u);
  EXPECT_FALSE(mcp::legacy::parse_event_id("01abcdefs0_0")->stream.of_post);
  for (const std::string bad : {"", "_", "1", "1_", "_1", "1_2_3", "-1_2", "1_-2", " 1_2", "1_2 ",
                                "4294967296_1", "1_9223372036854775808", "a_b"}) {
    EXPECT_FALSE(mcp::legacy::parse_event_id(bad)) << bad;
    EXPECT_FALSE(mcp::legacy::parse_event_id("01abcdefs" + bad)) << bad;
  }
  EXPECT_FALSE(mcp::legacy::parse_event_id("01abcdefx1_1"));
  EXPECT_EQ(mcp::legacy::event_salt("a").size(), mcp::legacy::kSaltBytes);
  EXPECT_NE(mcp::legacy::event_salt("a"), mcp::legacy::event_salt("b"));
}

// ---- several streams of a session

// A second GET ended the first, whose client opened it again, which ended the second: one a second
// for ever, and each event came twice (mcp-remote 0.15.1 after a restart of the server).
TEST_F(McpResume, SeveralStreamsOfASessionAreOpenAndEachMessageGoesOnOne) {
  auto one = listen(session);
  auto two = listen(session);
  subscribe(session, "test://a");
  say(1);
  say(2);
  EXPECT_FALSE(one->ended());
  EXPECT_FALSE(two->ended());
  EXPECT_EQ(deltas(*one), "");
  EXPECT_EQ(deltas(*two), "12") << "on the one opened last";
  EXPECT_EQ(endpoint->stats().streams, 2u);
  leave(*two);
  say(3);
  EXPECT_EQ(deltas(*one), "3") << "and then on the one that is left";
  EXPECT_EQ(one->events().back().id, "s0_1") << "numbered by itself";
  auto again = resume("s1_1");
  EXPECT_EQ(deltas(*again), "2") << "what that stream had, and nothing of the other";
  say(4);
  EXPECT_EQ(deltas(*again), "24");
  EXPECT_EQ(deltas(*one), "3");
  pass(mcp::shared::kKeepAlive);
  EXPECT_TRUE(one->comments().ends_with("keep-alive")) << "it stays";
}

// The one that a client has just fetched again is the one that it reads.
TEST_F(McpResume, AStreamThatComesBackIsTheNewest) {
  auto one = listen(session);
  subscribe(session, "test://a");
  say(1);
  leave(*one);
  auto two = listen(session);
  say(2);
  EXPECT_EQ(deltas(*two), "?2");
  auto again = resume("s0_1");
  say(3);
  EXPECT_EQ(deltas(*again), "3");
  EXPECT_EQ(deltas(*two), "?2");
}

// What mcp-remote 0.15.1 does: its new session opens a stream, and its old reconnection comes with
// the old session's event id.
TEST_F(McpResume, TheOldReconnectionOfANewSessionTakesNothingFromItsStream) {
  const std::string before = open();
  auto fresh = listen(session);
  subscribe(session, "test://a");
  for (int n = 1; n <= 3; ++n)
    say(n);
  auto old = listen(session, returning(before, "s0_1"));
  EXPECT_EQ(deltas(*old), "?") << "a warning, and nothing comes twice";
  EXPECT_FALSE(fresh->ended());
  for (int i = 0; i < 10; ++i)
    pass(seconds(1));
  EXPECT_EQ(endpoint->stats().streams, 2u);
  say(4);
  EXPECT_EQ(deltas(*fresh) + deltas(*old), "123?4");
}

TEST_F(McpResume, AFurtherStreamEndsTheOldestAtTheCap) {
  std::vector<std::unique_ptr<EventStream>> streams;
  for (std::size_t i = 0; i < mcp::legacy::kStreamsPerSession; ++i)
    streams.push_back(listen(session));
  EXPECT_FALSE(streams[0]->ended());
  streams.push_back(listen(session));
  settle();
  EXPECT_TRUE(streams[0]->ended()) << "cleanly";
  EXPECT_FALSE(streams[1]->ended());
  EXPECT_EQ(endpoint->stats().streams, mcp::legacy::kStreamsPerSession);
}

TEST_F(McpResume, StreamsThatNobodyReadsAreKeptForTheWindowAndInBoundedNumber) {
  subscribe(session, "test://a");
  auto first = listen(session);
  say(1);
  leave(*first);
  for (std::size_t i = 0; i < mcp::legacy::kKeptStreams; ++i)
    leave(*listen(session));
  auto again = resume("s0_0");
  EXPECT_EQ(deltas(*again), "?") << "a warning: that one was given up";
  leave(*again);
  auto last = resume("s" + std::to_string(mcp::legacy::kKeptStreams) + "_0");
  EXPECT_EQ(deltas(*last), "") << "the youngest is kept";
}

TEST_F(McpResume, ALossIsToldOnTheStreamThatIsOpenWhenTheWindowIsOver) {
  auto one = listen(session);
  auto two = listen(session);
  subscribe(session, "test://a");
  say(1);
  leave(*two);
  EXPECT_TRUE(one->data().empty()) << "it may still come back";
  pass(seconds(31));
  ASSERT_EQ(one->data().size(), 1u);
  EXPECT_TRUE(test::contains(one->data()[0], "may be lost"));
}

TEST_F(McpResume, AStreamThatIsFetchedAgainIsNoLoss) {
  auto one = listen(session);
  auto two = listen(session);
  subscribe(session, "test://a");
  say(1);
  leave(*two);
  auto again = resume("s1_1");
  pass(seconds(31));
  EXPECT_TRUE(one->data().empty());
  EXPECT_TRUE(again->data().empty());
}

}  // namespace
