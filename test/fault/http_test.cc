// Faults of HTTP framing (H01-H24), by the whole client stack.
#include "support/fault_world.h"

namespace {

using base::milliseconds;
using base::minutes;
using base::seconds;
using kube::watch::Reflector;
using test::answer;
using test::bookmark;
using test::chunk;
using test::frame;
using test::kLastChunk;
using test::list;
using test::object;
using test::RawServer;
using test::request;
using test::send;
using test::Step;
using test::stream_head;
using test::wait;

class FaultHttp : public test::FaultWorld {
 public:
  void note(kube::ApiGet::Outcome outcome) { outcomes.push_back(std::move(outcome)); }

 protected:
  kube::config::Config here() { return config_of("127.0.0.1", server.port()); }
  // Listed, then a watch whose answer is these bytes, sent in these steps.
  void watched(std::vector<Step> steps) {
    std::vector<Step> all{request(), send(answer(list("10", {object("a", "1")}))), request()};
    all.insert(all.end(), steps.begin(), steps.end());
    server.script(std::move(all));
    go(here());
  }
  kube::ApiGet::Outcome get(kube::ApiRequest ask) {
    kube::ApiGet call(*client, kube::ApiGet::Fn::bind<&FaultHttp::note>(this));
    outcomes.clear();
    call.start(std::move(ask));
    EXPECT_TRUE(run_until([&] { return !outcomes.empty(); }, minutes(5)));
    return outcomes.empty() ? kube::ApiGet::Outcome() : outcomes.back();
  }

  RawServer server{loop};
  std::vector<kube::ApiGet::Outcome> outcomes;
};

// In UTF-8 and with an escape, so that a cut falls inside both.
const char* const kOdd =
    "{\"metadata\":{\"namespace\":\"ns\",\"name\":\"b\",\"uid\":\"u\",\"resourceVersion\":\"12\"},"
    "\"v\":\"gr\xc3\xbc\xc3\x9f \\u00e4\\ud83d\\ude00 }{\\\"\"}";
const char* const kOddText = "gr\xc3\xbc\xc3\x9f \xc3\xa4\xf0\x9f\x98\x80 }{\"";

TEST_F(FaultHttp, H01H02AFrameCutAtAnyByteIsTheSameFrame) {
  const std::string body = chunk(frame("ADDED", kOdd)) + chunk(bookmark("13"));
  for (std::size_t at = 1; at < body.size(); ++at) {
    server.script({request(), send(answer(list("10", {}))), request(), send(stream_head()),
                   send(body.substr(0, at)), wait(milliseconds(1)), send(body.substr(at))});
  }
  use(here());
  for (std::size_t at = 1; at < body.size(); ++at) {
    start();
    ASSERT_TRUE(
        run_until([&] { return reflector->status().resource_version == "13"; }, seconds(10)))
        << at;
    ASSERT_EQ(take(), (Said{"<synced>", std::string("+ns/b=") + kOddText})) << at;
    reflector.reset();
  }
  EXPECT_EQ(failures(), 0);
}

TEST_F(FaultHttp, H03AThousandFramesInOneChunkAreTakenAndTimersStillFire) {
  std::string frames;
  for (int i = 0; i < 1000; ++i)
    frames += frame("MODIFIED", object("a", std::to_string(100 + i)));
  int rings = 0;
  struct Bell {
    Bell(loop::Loop& loop, int& count)
        : rings(count), timer(loop, "bell", loop::Timer::Fn::bind<&Bell::ring>(this)) {
      timer.arm(milliseconds(1));
    }
    void ring() {
      ++rings;
      timer.arm(milliseconds(1));
    }
    int& rings;
    loop::Timer timer;
  } bell(loop, rings);
  watched({send(stream_head() + chunk(frames))});
  ASSERT_TRUE(says("~ns/a=1099", seconds(10)));
  EXPECT_EQ(said.size(), 1002U);
  pass(milliseconds(3));
  EXPECT_GE(rings, 3);
}

TEST_F(FaultHttp, H04ChunkExtensionsAndTrailersAreIgnored) {
  std::string odd = chunk(frame("ADDED", object("b", "12")));
  odd.insert(odd.find("\r\n"), ";name=value;other=\"quoted\"");
  watched({send(stream_head() + odd), wait(seconds(5)),
           send("0\r\nX-Trailer: yes\r\nX-More: 1\r\n\r\n"), request(),
           send(stream_head() + chunk(frame("ADDED", object("c", "13"))))});
  ASSERT_TRUE(says("+ns/c=13"));
  EXPECT_EQ(asks(server), (std::vector<std::string>{"list", "watch 10", "watch 12"}));
  EXPECT_EQ(server.connections(), 1U) << "a clean end: the connection is used again";
}

TEST_F(FaultHttp, H05AnErrorInABodyWithALengthIsHandledLikeOneInChunks) {
  watched({send(answer(frame("ERROR", test::status_text(410, "Expired", "too old"))))});
  server.script({request(), send(answer(list("20", {}))), request(),
                 send(stream_head() + chunk(bookmark("21")))});
  ASSERT_TRUE(is_confirmed());
  EXPECT_EQ(asks(server), (std::vector<std::string>{"list", "watch 10", "list", "watch 20"}));
  EXPECT_EQ(failures(), 0);
}

TEST_F(FaultHttp, H06ABodyThatEndsWithTheConnectionIsTakenAndTheConnectionNotUsedAgain) {
  server.script({request(),
                 send("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" +
                      list("10", {object("a", "1")})),
                 test::finish()});
  server.script({request(),
                 send("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n" +
                      frame("ADDED", object("b", "12"))),
                 wait(seconds(5)), test::finish()});
  server.script(watch(chunk(bookmark("13"))));
  go(here());
  ASSERT_TRUE(run_until([&] { return asks(server).size() == 3; }, minutes(1)));
  EXPECT_EQ(take(), (Said{"+ns/a=1", "<synced>", "+ns/b=12"}));
  EXPECT_EQ(asks(server).back(), "watch 12");
  EXPECT_EQ(failures(), 0);
}

TEST_F(FaultHttp, H07LengthAndTransferEncodingTogetherAreAProtocolError) {
  watched(
      {send("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n"
            "Transfer-Encoding: chunked\r\n\r\n" +
            chunk(bookmark("11")))});
  ASSERT_TRUE(says("<down>"));
  EXPECT_EQ(last.code, base::Errc::protocol) << last.message;
  EXPECT_EQ(failures(), 1);
}

TEST_F(FaultHttp, H08AHeadOfMebibytesIsRejectedAtItsCap) {
  std::string head = "HTTP/1.1 200 OK\r\n";
  while (head.size() < std::size_t{16} * 1024 * 1024)
    head += "X-Filler: " + std::string(1000, 'x') + "\r\n";
  watched({send(head)});
  ASSERT_TRUE(says("<down>"));
  EXPECT_EQ(last.code, base::Errc::too_large) << last.message;
  EXPECT_LT(server.sent, std::size_t{8} * 1024 * 1024) << "not read to its end";
}

TEST_F(FaultHttp, H09InterimAnswersAreSkipped) {
  watched({send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" +
                stream_head() + chunk(frame("ADDED", object("b", "12"))))});
  ASSERT_TRUE(says("+ns/b=12", seconds(10)));
  EXPECT_EQ(failures(), 0);
}

TEST_F(FaultHttp, H10ACaptivePortalIsAFailureWithASanitisedSnippet) {
  const std::string page = "<html>log\x1b[31m in\n</html>";
  std::string log;
  base::log::configure({.level = base::log::Level::debug});
  base::log::capture(&log);
  watched({send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: " +
                std::to_string(page.size()) + "\r\n\r\n" + page)});
  const bool down_told = says("<down>");
  base::log::capture(nullptr);
  base::log::configure({});
  ASSERT_TRUE(down_told);
  EXPECT_NE(last.message.find("<html>log"), std::string::npos) << last.message;
  EXPECT_EQ(last.message.find('\x1b'), std::string::npos);
  EXPECT_NE(log.find("<html>log"), std::string::npos);
  EXPECT_EQ(failures(), 1);
}

TEST_F(FaultHttp, H11AStatusThatSaysFailureWith200IsAnError) {
  server.script({request(), send(answer(test::status_text(403, "Forbidden", "not yours"))),
                 request(), send(answer(test::status_text(500, "InternalError", "etcd")))});
  use(here());
  kube::ApiRequest ask;
  ask.path = "/api/v1/namespaces/ns/pods/a";
  const auto outcome = get(ask);
  ASSERT_TRUE(outcome.failure);
  EXPECT_EQ(outcome.failure->status, 403);
  EXPECT_EQ(outcome.failure->message, "not yours");
  // And as the answer to a list: no empty collection.
  start();
  ASSERT_TRUE(says("<down>"));
  EXPECT_EQ(last.status, 500);
  EXPECT_FALSE(reflector->synced());
}

TEST_F(FaultHttp, H12ARedirectToAnotherHostIsNotFollowedAndLeaksNoToken) {
  RawServer elsewhere(loop, nullptr, "127.0.0.2");
  server.script(
      {request(),
       send(answer("", "302 Found",
                   "Location: http://127.0.0.2:" + std::to_string(elsewhere.port()) + "/x\r\n"))});
  use(here());
  kube::watch::ReflectorSpec s = spec();
  s.credentials = kube::config::Credentials::bearer("secret-token");
  start(s);
  ASSERT_TRUE(says("<down>"));
  EXPECT_EQ(last.status, 302);
  pass(seconds(20));
  EXPECT_EQ(elsewhere.connections(), 0U);
  EXPECT_GE(down, seconds(1)) << "no Status: a failure of the way, tried again by the backoff";
  EXPECT_LE(down, milliseconds(1200));
}

TEST_F(FaultHttp, H13BytesOnAnIdleConnectionAreNobodysAnswer) {
  server.script({request(), send(answer("{}")), wait(milliseconds(10)),
                 send(answer("{\"stray\":1}", "408 Request Timeout", "Connection: close\r\n")),
                 test::finish()});
  server.script({request(), send(answer("{\"mine\":2}"))});
  use(here());
  kube::ApiRequest ask;
  ask.path = "/version";
  EXPECT_FALSE(get(ask).failure);
  pass(milliseconds(20));
  const auto second = get(ask);
  EXPECT_FALSE(second.failure);
  EXPECT_EQ(second.body, "{\"mine\":2}");
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(FaultHttp, H14AnIdleConnectionThatClosesAtTheMomentOfReuse) {
  // The request arrives, and not a byte comes back.
  server.script({request(), send(answer("{}")), request(), test::reset()});
  server.script({request(), send(answer("{\"again\":1}")), request(), test::reset()});
  use(here());
  kube::ApiRequest ask;
  ask.path = "/version";
  EXPECT_FALSE(get(ask).failure);
  const auto second = get(ask);
  EXPECT_FALSE(second.failure) << "one silent retry on a fresh connection";
  EXPECT_EQ(second.body, "{\"again\":1}");
  ask.method = "POST";
  ask.idempotent = false;
  const auto third = get(ask);
  ASSERT_TRUE(third.failure) << "nobody knows whether it arrived";
  EXPECT_EQ(third.failure->code, base::Errc::unavailable);
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(FaultHttp, H15ConnectionCloseIsNotKept) {
  server.script({request(), send(answer("{}", "200 OK", "Connection: close\r\n"))});
  server.script({request(), send(answer("{}"))});
  use(here());
  kube::ApiRequest ask;
  ask.path = "/version";
  EXPECT_FALSE(get(ask).failure);
  EXPECT_FALSE(get(ask).failure);
  EXPECT_EQ(server.connections(), 2U);
}

TEST_F(FaultHttp, H16AnEncodedBodyIsAFailureThatSaysSo) {
  server.script(
      {request(), send(answer("\x1f\x8b\x08 ...", "200 OK", "Content-Encoding: gzip\r\n"))});
  go(here());
  ASSERT_TRUE(says("<down>"));
  EXPECT_EQ(last.code, base::Errc::protocol);
  EXPECT_NE(last.message.find("Content-Encoding gzip"), std::string::npos) << last.message;
  EXPECT_EQ(server.requests[0].find("gzip"), std::string::npos) << "it was not asked for";
}

TEST_F(FaultHttp, H17AHeadAfterSeventySecondsIsInTime) {
  watched({wait(seconds(70)), send(stream_head() + chunk(bookmark("11")))});
  ASSERT_TRUE(is_confirmed());
  EXPECT_EQ(take(), (Said{"+ns/a=1", "<synced>"}));
  EXPECT_EQ(failures(), 0);
}

TEST_F(FaultHttp, H18PrettyPrintedFramesAreFrames) {
  watched(
      {send(stream_head() + chunk("{\n  \"type\": \"ADDED\",\n  \"object\": " + object("b", "12") +
                                  "\n}\n\n  {\"type\":\"BOOKMARK\",\n"
                                  "\"object\":{\"metadata\":{\n\"resourceVersion\":\"14\"}}}"))});
  ASSERT_TRUE(run_until([&] { return reflector->status().resource_version == "14"; }, seconds(10)));
  EXPECT_EQ(take(), (Said{"+ns/a=1", "<synced>", "+ns/b=12"}));
}

TEST_F(FaultHttp, H19TheLastFrameNeedsNoLineEnd) {
  std::string last_frame = frame("ADDED", object("b", "12"));
  last_frame.pop_back();
  watched({send(stream_head() + chunk(last_frame) + kLastChunk), request(),
           send(stream_head() + chunk(bookmark("13")))});
  ASSERT_TRUE(run_until([&] { return asks(server).size() == 3; }, seconds(10)));
  EXPECT_EQ(take(), (Said{"+ns/a=1", "<synced>", "+ns/b=12"}));
  EXPECT_EQ(asks(server).back(), "watch 12");
}

TEST_F(FaultHttp, H20AnIncompleteFrameBeforeACleanEndIsForgottenAndTheStreamUnclean) {
  watched({send(stream_head() + chunk(bookmark("11"))), wait(seconds(3)),
           send(chunk(frame("ADDED", object("b", "12")).substr(0, 30)) + kLastChunk), request(),
           send(stream_head() + chunk(frame("ADDED", object("b", "12"))))});
  ASSERT_TRUE(says("+ns/b=12", seconds(10)));
  EXPECT_EQ(asks(server).back(), "watch 11");
  EXPECT_EQ(take(), (Said{"+ns/a=1", "<synced>", "+ns/b=12"}));
  EXPECT_EQ(failures(), 0);
}

TEST_F(FaultHttp, H21GarbageBetweenFramesKeepsTheLastGoodCursorUntilTheThird) {
  const std::string good =
      chunk(frame("ADDED", object("b", "12")) + "#garbage#" + frame("ADDED", object("c", "13")));
  watched({send(stream_head() + good)});
  server.script(watch(chunk("#garbage#")));
  server.script(watch(chunk("#garbage#")));
  server.script({request(), send(answer(list("20", {object("b", "12")})))});
  ASSERT_TRUE(run_until([&] { return asks(server).size() >= 5; }, minutes(1)));
  EXPECT_EQ(asks(server),
            (std::vector<std::string>{"list", "watch 10", "watch 12", "watch 12", "list"}));
  EXPECT_EQ(take(), (Said{"+ns/a=1", "<synced>", "+ns/b=12", "<down>", "<down>", "<down>"}))
      << "what stands behind the garbage is not taken";
  EXPECT_EQ(last.code, base::Errc::protocol);
}

TEST_F(FaultHttp, H22AFrameOfSixtyFourMebibytesIsAbortedAtItsCapAndTriedSlowly) {
  watched({send(stream_head() + "4000000\r\n" + R"({"type":"ADDED","object":{"x":")"),
           test::fill(std::size_t{64} * 1024 * 1024)});
  ASSERT_TRUE(says("<down>"));
  EXPECT_EQ(last.code, base::Errc::too_large);
  EXPECT_GE(down, seconds(30));
  EXPECT_LT(server.sent, std::size_t{32} * 1024 * 1024) << "the rest is not taken";
  EXPECT_EQ(stored(), "ns/a=1");
}

TEST_F(FaultHttp, H23AListThatDripsMeetsItsDeadlineAndChangesNothing) {
  std::vector<Step> drip = works();
  drip.push_back(wait(seconds(5)));
  drip.push_back(send(chunk(frame("ERROR", test::status_text(410, "Expired", "old")))));
  server.script(drip);
  const std::string slow = answer(list("20", {object("z", "19")}));
  const std::size_t body = slow.find("\r\n\r\n") + 4;
  std::vector<Step> second{request(), send(slow.substr(0, body))};
  for (std::size_t i = body; i < slow.size(); ++i) {
    second.push_back(wait(seconds(1)));
    second.push_back(send(slow.substr(i, 1)));
  }
  ASSERT_GT(slow.size() - body, 70U);
  server.script(second);
  go(here());
  ASSERT_TRUE(run_until([&] { return asks(server).size() == 3; }, minutes(1)));
  const base::TimePoint asked_at = loop.now();
  ASSERT_TRUE(says("<down>"));
  EXPECT_EQ(base::to_ms(loop.now() - asked_at) / 1000, 60);
  EXPECT_EQ(last.code, base::Errc::timeout);
  EXPECT_EQ(stored(), "ns/a=1");
  EXPECT_EQ(failures(), 1);
}

TEST_F(FaultHttp, H24AnswersWithoutABodyAreHandled) {
  server.script({request(), send("HTTP/1.1 204 No Content\r\n\r\n"), request(),
                 send("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n"), request(),
                 send(answer("{}"))});
  use(here());
  kube::ApiRequest ask;
  ask.path = "/api/v1/namespaces/ns/pods/a/log";
  const auto log_answer = get(ask);
  EXPECT_FALSE(log_answer.failure);
  EXPECT_EQ(log_answer.status, 204);
  EXPECT_EQ(log_answer.body, "");
  ask.path = "/apis";
  const auto unchanged = get(ask);
  ASSERT_TRUE(unchanged.failure) << "nothing was asked for on a condition";
  EXPECT_EQ(unchanged.failure->status, 304);
  EXPECT_FALSE(get(ask).failure);
  EXPECT_EQ(server.connections(), 1U) << "neither spoils the connection";
}

}  // namespace
