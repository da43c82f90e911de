// The faults of the simulated API server: bytes and answers go wrong exactly where a test says.
#include "support/sim_world.h"

namespace {

using base::milliseconds;
using base::seconds;
using sim::AnswerFault;
using sim::ByteFault;
using sim::ConnectionPlan;
using test::SimWorld;
using Kind = sim::ByteFault::Kind;

struct SimFault : SimWorld {
  void in_answer(const ByteFault& fault) {
    AnswerFault one;
    one.match.path = "/version";
    one.bytes = {fault};
    api.faults().add(one);
  }
  // The whole answer's bytes, head included.
  std::size_t measure() {
    get("/version");
    return static_cast<std::size_t>(api.bytes_of_last("", "/version"));
  }
};

TEST_F(SimFault, AnAnswerIsCutAtEveryByte) {
  const std::string whole = get("/version")->body;
  const std::size_t total = measure();
  ASSERT_GT(total, whole.size());
  for (const Kind kind : {Kind::close, Kind::fin, Kind::reset}) {
    for (std::size_t at = 0; at < total; ++at) {
      in_answer({.kind = kind, .at = at});
      api.faults().add({.match = {.path = "/version"}, .cut = true});  // of the client's own retry
      auto call = get("/version");
      ASSERT_FALSE(call->whole()) << at;
      ASSERT_EQ(call->body, whole.substr(0, call->body.size()));
      const std::size_t head = total - whole.size();
      if (kind != Kind::reset && at > head) {
        ASSERT_EQ(call->body.size(), at - head);
      }
      api.faults().clear();
    }
  }
}

TEST_F(SimFault, ACutBehindTheAnswerLeavesItWhole) {
  in_answer({.kind = Kind::close, .at = measure()});
  EXPECT_TRUE(get("/version")->whole());
  EXPECT_TRUE(run_until([&] { return api.connections() == 0; }));
}

TEST_F(SimFault, AStalledAnswerGoesOnAfterItsTime) {
  const std::size_t total = measure();
  in_answer({.kind = Kind::stall, .at = total - 5, .time = seconds(7)});
  const base::TimePoint before = loop.now();
  EXPECT_TRUE(get("/version")->whole());
  EXPECT_EQ(loop.now() - before, seconds(7));
}

TEST_F(SimFault, AStallCanBeForEver) {
  in_answer({.kind = Kind::stall, .at = 20});
  auto call = open("/version");
  ASSERT_TRUE(run_until([&] { return call->done(); }));
  EXPECT_EQ(call->error(), "no response head within 30s");
}

TEST_F(SimFault, ATrickleTakesItsTime) {
  const std::size_t total = measure();
  in_answer({.kind = Kind::trickle, .at = 0, .time = milliseconds(10), .bytes = 10});
  const base::TimePoint before = loop.now();
  auto call = get("/version");
  EXPECT_TRUE(call->whole());
  EXPECT_EQ(loop.now() - before, milliseconds(10) * static_cast<int>((total - 1) / 10));
}

TEST_F(SimFault, ACorruptByteIsExactlyThatByte) {
  const std::string whole = get("/version")->body;
  const std::size_t head = measure() - whole.size();
  for (const std::size_t at : {std::size_t{0}, std::size_t{3}, whole.size() - 1}) {
    in_answer({.kind = Kind::corrupt, .at = head + at, .mask = 0x01});
    std::string expected = whole;
    expected[at] = static_cast<char>(expected[at] ^ 0x01);
    EXPECT_EQ(get("/version")->body, expected);
  }
}

TEST_F(SimFault, FaultsCombineInOneAnswer) {
  const std::string whole = get("/version")->body;
  const std::size_t total = measure();
  in_answer({.kind = Kind::corrupt, .at = total - 1, .mask = 0x02});
  api.faults().clear();
  AnswerFault one;
  one.bytes = {{.kind = Kind::stall, .at = 10, .time = seconds(1)},
               {.kind = Kind::corrupt, .at = total - 2, .mask = 0x02},
               {.kind = Kind::close, .at = total - 1}};
  api.faults().add(one);
  const base::TimePoint before = loop.now();
  auto call = get("/version");
  EXPECT_FALSE(call->whole());
  ASSERT_EQ(call->body.size(), whole.size() - 1);
  EXPECT_EQ(call->body.back(), static_cast<char>(whole[whole.size() - 2] ^ 0x02));
  EXPECT_EQ(loop.now() - before, seconds(1));
}

TEST_F(SimFault, ConnectionsFailAsPlanned) {
  using Accept = ConnectionPlan::Accept;
  struct Case {
    Accept accept;
    const char* text;
  };
  for (const Case& c : {Case{Accept::reset, "reset"}, Case{Accept::garbage, ""}}) {
    api.faults().plan({.accept = c.accept});
    auto call = get("/version");
    EXPECT_FALSE(call->whole());
    EXPECT_NE(call->error().find(c.text), std::string::npos) << call->error();
    EXPECT_EQ(call->end->phase, http::CallEnd::Phase::dial) << call->error();
  }
  const base::TimePoint before = loop.now();
  api.faults().plan({.accept = Accept::silent});
  EXPECT_FALSE(get("/version")->whole());
  EXPECT_GE(loop.now() - before, seconds(10));
  EXPECT_TRUE(get("/version")->whole());
}

TEST_F(SimFault, AnswersAreReplacedForWhoMatches) {
  sim::Answer busy = sim::refuse(sim::bad_request("no"));
  busy.status = 503;
  busy.extra = "Retry-After: 9\r\n";
  api.faults().add(
      {.match = {.verb = "list", .path = "/namespaces", .skip = 1, .count = 2}, .answer = busy});
  EXPECT_EQ(get("/api/v1/namespaces")->status, 200);
  auto refused = get("/api/v1/namespaces");
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->retry_after, "9");
  EXPECT_EQ(get("/version")->status, 200);
  EXPECT_EQ(get("/api/v1/namespaces")->status, 503);
  EXPECT_EQ(get("/api/v1/namespaces")->status, 200);
}

TEST_F(SimFault, AnAnswerMayLie) {
  api.faults().add({.match = {.verb = "list"}, .edit = [](std::string& body) {
                      const std::string key = "\"resourceVersion\":\"";
                      body.insert(body.find(key) + key.size(), "9");
                    }});
  const std::string truth = now_version();
  EXPECT_EQ(get("/api/v1/namespaces")->json()["metadata"]["resourceVersion"].str(), "9" + truth);
}

TEST_F(SimFault, AHeadIsLateOrNeverComes) {
  api.faults().add({.match = {.path = "/version"}, .delay = seconds(12)});
  const base::TimePoint before = loop.now();
  EXPECT_TRUE(get("/version")->whole());
  EXPECT_EQ(loop.now() - before, seconds(12));
  api.faults().add({.match = {.path = "/version"}, .never = true});
  EXPECT_EQ(get("/version")->error(), "no response head within 30s");
}

TEST_F(SimFault, AnOpenWatchIsEndedCutOrFedByHand) {
  const std::string target = "/api/v1/namespaces?watch=1&resourceVersion=" + now_version();
  auto proper = open(target);
  settle();
  api.raw_to_streams("/namespaces", "{\"half\":");
  api.end_streams("/namespaces");
  ASSERT_TRUE(run_until([&] { return proper->done(); }));
  EXPECT_TRUE(proper->whole());
  EXPECT_EQ(proper->body, "{\"half\":");
  auto cut = open(target);
  settle();
  api.end_streams("/namespaces", sim::ApiServer::End::cut);
  ASSERT_TRUE(run_until([&] { return cut->done(); }));
  EXPECT_FALSE(cut->whole());
  auto stalled = open(target);
  settle();
  api.fault_in_streams("/namespaces", {.kind = Kind::stall, .time = seconds(20)});
  cluster.add_namespace("late");
  pass(seconds(19));
  EXPECT_EQ(stalled->body, "");
  pass(seconds(2));
  EXPECT_EQ(stalled->lines(), 1);
}

}  // namespace
