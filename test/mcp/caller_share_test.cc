// What one caller may have of what is counted (sessions, streams, calls) and of answers that are not
// taken yet, in both eras, and how others fare meanwhile.
#include <gtest/gtest.h>

#include "mcp/legacy/session.h"
#include "mcp/shared/core.h"
#include "support/modern_world.h"

namespace {

using test::Answer;
using test::EventStream;
using test::Peer;

struct CallerShare : test::ModernWorld {
  CallerShare() {
    be_quiet();
    auth.anonymous = false;
    for (const char* name : {"carol", "dave", "erin"})
      auth.identities[std::string(name) + "-1"] = name;
    http::ServerLimits limits;
    limits.budgets = &budgets;
    start(limits);
    begin();
  }
  ~CallerShare() override {
    stop_endpoint();
    server.reset();
    settle();
    EXPECT_EQ(budgets.sessions.used() + budgets.streams.used() + budgets.calls.used(), 0u);
    EXPECT_EQ(budgets.memory.used(), 0u);
  }
  void begin(std::size_t table = 1000, std::size_t each = 1000) {
    mcp::shared::Options options;
    options.budgets = &budgets;
    options.max_sessions = table;
    options.max_sessions_per_caller = each;
    restart(options);
  }
  int initialize(const std::string& token) {
    return post(rpc("initialize", R"({"protocolVersion":"2025-11-25"})"), token).status;
  }
  bool alive(const std::string& session, const std::string& token) {
    return post(rpc("ping"), in(session) + token).status == 200;
  }
  static std::string slow_call(int id = 1, std::string_view more = {}) {
    return rpc("tools/call", std::string(R"({"name":"test.slow")").append(more) + "}",
               std::to_string(id));
  }
  // One answer for each kind of thing that is full.
  static void expect_full(const Answer& a, int status, std::string_view what) {
    EXPECT_EQ(a.status, status) << a.body;
    EXPECT_EQ(a.header("Retry-After"), "5");
    EXPECT_TRUE(a.has("-32603") && a.has(what) && a.has("try again in 5s")) << a.body;
  }
  std::unique_ptr<Peer> modern_call(const std::string& token) {
    return post_later(body("tools/call", R"("name":"test.slow")"),
                      headers("tools/call", "test.slow", token));
  }
  void end_runs(const std::string& json = "{}") {
    while (!slow->runs.empty()) {
      slow->runs[0]->reply.succeed(json);
      settle();
    }
  }
  const std::string alice = bearer("alice-1"), bob = bearer("bob-1"), carol = bearer("carol-1"),
                    dave = bearer("dave-1"), erin = bearer("erin-1");
  base::Budgets budgets{1};  // a memory limit with which one caller may be given 512 KiB of answers
};

// ---- sessions

// Bug: where one caller's sessions filled the table, the next caller's initialize ended one of them.
TEST_F(CallerShare, NoSessionEndsForAnotherCallersAndTheNextOneFindsRoom) {
  begin(8, 7);
  std::vector<std::string> alices, bobs;
  for (int i = 0; i < 20; ++i)
    alices.push_back(open("2025-11-25", alice));
  EXPECT_EQ(sessions(), 4u) << "half: as much as is left";
  for (int i = 0; i < 20; ++i)
    bobs.push_back(open("2025-11-25", bob));
  EXPECT_EQ(sessions(), 6u) << "half of the rest";
  const std::string carols = open("2025-11-25", carol), daves = open("2025-11-25", dave);
  EXPECT_EQ(sessions(), 8u);
  expect_full(post(rpc("initialize", R"({"protocolVersion":"2025-11-25"})"), erin), 503,
              "too many sessions in use");
  for (std::size_t i = 16; i < 20; ++i)
    EXPECT_TRUE(alive(alices[i], alice)) << i;
  EXPECT_TRUE(alive(bobs[18], bob) && alive(bobs[19], bob));
  EXPECT_TRUE(alive(carols, carol) && alive(daves, dave));
  EXPECT_EQ(initialize(carol), 200) << "in the place of her own";
  EXPECT_FALSE(alive(carols, carol));
  EXPECT_EQ(budgets.sessions.owners(), 4u);
  EXPECT_EQ(budgets.sessions.largest(), 4u);
}

// ---- event streams

TEST_F(CallerShare, OfStreamsIsForAllHisSessionsTogether) {
  budgets.streams.set_share(2);
  const std::string one = open("2025-11-25", alice), two = open("2025-11-25", alice);
  auto first = listen(one, alice), second = listen(two, alice);
  EXPECT_EQ(second->head().status, 200);
  const std::string accept = "Accept: text/event-stream\r\n";
  expect_full(ask_http("GET", accept + in(two) + alice), 429,
              "this caller has too many event streams");
  auto modern = listen_to(R"({"toolsListChanged":true})", "77", alice);
  EXPECT_EQ(modern->head().status, 429);
  EXPECT_TRUE(modern->head().has("this caller has too many event streams"));
  EXPECT_EQ(listen(open("2025-11-25", bob), bob)->head().status, 200);

  // A client that comes back before its lost connection is noticed takes its place.
  EXPECT_EQ(listen(one, returning(one, "s0_0") + alice)->head().status, 200);
  EXPECT_EQ(budgets.streams.used(), 2u) << "bob went, and the one that came back";
  second.reset();
  settle();
  EXPECT_EQ(listen_to(R"({"toolsListChanged":true})", "78", alice)->head().status, 200);
}

TEST_F(CallerShare, OfStreamsIsLessWhereFewAreLeft) {
  budgets.streams.set_limit(4);
  budgets.streams.set_share(3);
  std::vector<std::unique_ptr<EventStream>> open_ones;
  const auto status = [&](const std::string& token) {
    open_ones.push_back(listen_to(R"({"toolsListChanged":true})", "77", token));
    return open_ones.back()->head().status;
  };
  EXPECT_EQ(status(alice), 200);
  EXPECT_EQ(status(alice), 200);
  EXPECT_EQ(status(alice), 429);
  EXPECT_EQ(status(bob), 200);
  EXPECT_EQ(status(carol), 200) << "two callers that take all they get leave room";
  EXPECT_EQ(status(dave), 503);
  EXPECT_EQ(budgets.streams.refused(), 2u);
}

TEST_F(CallerShare, WithoutRoomForAStreamACallIsAnsweredWithoutOne) {
  budgets.streams.set_share(1);
  const std::string session = open("2025-11-25", alice);
  auto stream = listen(open("2025-11-25", alice), alice);
  const std::string token = R"(,"_meta":{"progressToken":1})";
  auto call = post_later(slow_call(5, token), in(session) + alice);
  slow->runs.at(0)->reply.call.progress({1});
  end_runs();
  EXPECT_EQ(answer_of(*call).header("Content-Type"), "application/json");
  EXPECT_TRUE(answer_of(*call).has("\"id\":5,\"result\""));
  const std::string meta_json = meta("{}", R"(,"progressToken":1)");
  auto modern = post_later(body("tools/call", R"("name":"test.slow")", "6", meta_json),
                           headers("tools/call", "test.slow", alice));
  slow->runs.at(0)->reply.call.progress({1});
  end_runs();
  EXPECT_EQ(answer_of(*modern).header("Content-Type"), "application/json");
  stream.reset();
  settle();
  auto again = post_later(slow_call(7, token), in(session) + alice);
  slow->runs.at(0)->reply.call.progress({1});
  settle();
  EXPECT_EQ(answer_of(*again).header("Content-Type"), "text/event-stream");
  EXPECT_EQ(budgets.streams.used(), 1u) << "a call's counts too";
  end_runs();
}

// ---- calls

TEST_F(CallerShare, OfCallsIsForBothErasTogether) {
  budgets.calls.set_share(3);
  const std::string one = open("2025-11-25", alice), two = open("2025-03-26", alice);
  auto first = post_later(slow_call(), in(one) + alice);
  auto second = post_later(slow_call(), in(two) + alice);
  auto third = modern_call(alice);
  ASSERT_EQ(slow->runs.size(), 3u);
  const std::string_view why = "this caller has too many calls in progress";
  expect_full(post(slow_call(), in(one) + alice), 429, why);
  expect_full(answer_of(*modern_call(alice)), 429, why);
  const Answer batch =
      post("[" + slow_call(8) + "," + rpc("ping", "{}", "9") + "]", in(two) + alice);
  EXPECT_EQ(batch.status, 200);
  EXPECT_TRUE(batch.has("\"id\":8,\"error\"") && batch.has(why) && batch.has("try again in 5s"));
  EXPECT_TRUE(batch.has("\"id\":9,\"result\""));
  EXPECT_EQ(post(rpc("tools/list"), in(one) + alice).status, 200) << "no call";

  auto bobs = modern_call(bob);
  EXPECT_EQ(slow->runs.size(), 4u) << "another caller has his own share";
  first.reset();  // the call of a legacy session goes on
  third.reset();
  settle();
  EXPECT_EQ(budgets.calls.used_by("caller alice"), 2u);
  EXPECT_EQ(answer_of(*modern_call(alice)).status, 0) << "there is room again";
  end_runs();
  EXPECT_EQ(answer_of(*bobs).status, 200);
}

TEST_F(CallerShare, OfCallsEndsWhereAllAreTaken) {
  budgets.calls.set_limit(2);
  const std::string session = open("2025-11-25", alice);
  auto first = post_later(slow_call(), in(session) + alice);
  auto second = modern_call(bob);
  ASSERT_EQ(slow->runs.size(), 2u);
  expect_full(answer_of(*modern_call(carol)), 503, "too many calls in progress");
  end_runs();
}

// Bug: while the API server was silent a client that subscribed and went left each request behind.
TEST_F(CallerShare, RequestsThatWaitForASubscriptionAreBounded) {
  family->mode = test::TestFamily::Mode::wait;
  const std::string session = open("2025-11-25", alice);
  const std::string body = rpc("resources/subscribe", R"({"uri":"test://a"})");
  for (std::size_t i = 0; i < mcp::legacy::kCallsPerSession; ++i)
    post_later(body, in(session) + alice);
  expect_full(post(body, in(session) + alice), 429, "too many calls in progress");
}

// ---- answers

struct AnswerShare : CallerShare {
  // They fill a part of the 512 KiB of one caller; an answer shows what it has twice.
  static constexpr std::size_t kText = 150'000;
  // A call whose answer stays where it is: its client, at `peer_key`, reads nothing.
  std::unique_ptr<Peer> unread(const std::string& token, std::string_view peer_key) {
    auto peer = connect(4096, peer_key);
    peer->send(request("POST", headers("tools/call", "test.slow", token),
                       body("tools/call", R"("name":"test.slow")")));
    settle();
    end_runs("{\"x\":\"" + std::string(kText, 'x') + "\"}");
    return peer;
  }
  int status(Peer& peer) {
    for (int i = 0; i < 200; ++i) {
      peer.read();
      settle(1);
    }
    return answer_of(peer).status;
  }
};

// Bug: answers counted for the address that they went to: a caller with two had two shares, and two
// callers behind one proxy had one.
TEST_F(AnswerShare, IsTheCallersWhateverThePeer) {
  auto first = unread(alice, "192.0.2.1"), second = unread(alice, "192.0.2.2");
  EXPECT_EQ(status(*second), 503) << "two peers of one caller have one share";
  EXPECT_GT(budgets.answers.used_by("caller alice"), kText) << "what its socket does not take";
  EXPECT_EQ(budgets.answers.used_by("192.0.2.1"), 0u);
  auto bobs = unread(bob, "192.0.2.1");
  EXPECT_EQ(budgets.answers.owners(), 2u);
  EXPECT_EQ(status(*bobs), 200) << "two callers behind one peer have two";
  EXPECT_EQ(status(*first), 200);
  EXPECT_EQ(budgets.answers.used(), 0u);
}

TEST_F(AnswerShare, IsLookedAtBeforeAnAnswerIsMade) {
  auto first = unread(alice, "192.0.2.1");
  base::Charge rest(budgets.answers);
  const std::size_t held = budgets.answers.used_by("caller alice");
  ASSERT_TRUE(rest.take(budgets.answers.share() - held - 1000, "caller alice"));
  EXPECT_EQ(answer_of(*modern_call(alice)).status, 503) << "from another peer";
  EXPECT_TRUE(slow->runs.empty());
  auto bobs = connect(0, "192.0.2.1");
  bobs->send(request("POST", headers("tools/list", {}, bob), body("tools/list")));
  settle();
  EXPECT_EQ(answer_of(*bobs).status, 200);
  rest.release();
  EXPECT_EQ(answer_of(*modern_call(alice)).status, 0);
  end_runs();
}

// Bug: the answer of a call with a stream waited uncounted for its client to read what came before.
TEST_F(AnswerShare, OnAStreamCountsWhileItWaits) {
  auto peer = connect(4096, "192.0.2.1");
  peer->send(request("POST", headers("tools/call", "test.slow", alice),
                     body("tools/call", R"("name":"test.slow")", "1",
                          meta("{}", R"(,"io.modelcontextprotocol/logLevel":"debug")"))));
  settle();
  for (int i = 0; i < 12; ++i)
    slow->runs.at(0)->reply.call.log(mcp::LogLevel::error, '"' + std::string(90'000, 'x') + '"');
  EXPECT_EQ(budgets.answers.used_by("caller alice"), 0u);
  end_runs("{\"x\":\"" + std::string(kText, 'x') + "\"}");
  EXPECT_GT(budgets.answers.used_by("caller alice"), kText);
  EXPECT_EQ(status(*peer), 200);
  EXPECT_EQ(budgets.answers.used(), 0u);
  EXPECT_TRUE(peer->got.ends_with("0\r\n\r\n")) << "all of it came";
}

// A connection's next request may be another caller's, as a proxy's are.
TEST_F(AnswerShare, IsOfTheAnswerNotOfTheConnection) {
  auto proxy = connect(4096, "192.0.2.1");
  for (const std::string& token : {alice, bob}) {
    proxy->send(request("POST", headers("tools/call", "test.slow", token),
                        body("tools/call", R"("name":"test.slow")")));
    settle();
    end_runs("{\"x\":\"" + std::string(kText, 'x') + "\"}");
    EXPECT_GT(budgets.answers.used_by(token == alice ? "caller alice" : "caller bob"), 0u);
    EXPECT_EQ(budgets.answers.owners(), 1u);
    EXPECT_EQ(status(*proxy), 200);
    proxy->got.clear();
  }
  proxy->send(request("POST", headers("tools/list"), body("tools/list")));
  settle();
  EXPECT_EQ(answer_of(*proxy).status, 401);
}

TEST_F(AnswerShare, WithoutTokensIsThePeers) {
  auth.anonymous = true;
  auto first = unread({}, "192.0.2.1"), second = unread({}, "192.0.2.1");
  EXPECT_GT(budgets.answers.used_by("192.0.2.1"), kText);
  EXPECT_EQ(status(*second), 503);
  auto other = unread({}, "192.0.2.2");
  EXPECT_EQ(status(*other), 200);
}

}  // namespace
