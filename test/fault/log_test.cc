// What goes wrong with followed logs: a pod of the simulated cluster writes, its log is followed,
// and what is delivered must be what was written: every line once, or a marker where that cannot
// be.
#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kube/watch/log_stream.h"
#include "logs/read.h"
#include "support/tools_world.h"
#include "support/watchdog.h"

namespace {

using base::milliseconds;
using base::seconds;
using sim::ApiServer;
using test::ToolsWorld;
using Said = std::vector<std::string>;

constexpr const char* kLog = "/pods/web/log";
constexpr const char* kKey = "team-a/web/app";

class FaultLog : public ToolsWorld, public kube::watch::Health, public kube::watch::LogSink {
 protected:
  FaultLog() {
    wall = loop.wall_now();
    cluster.set_pod(pod);
  }
  ~FaultLog() override {
    stream.reset();
    loop.run_once();
  }
  void follow(kube::watch::LogSpec spec = {}) {
    spec.ns = "team-a";
    spec.pod = "web";
    if (spec.container.empty()) spec.container = "app";
    stream = std::make_unique<kube::watch::LogStream>(kube::Context{loop, *client, scope}, retry,
                                                      *this, *this, spec);
    stream->start();
  }
  // Followed, and proven.
  void followed(kube::watch::LogSpec spec = {}) {
    follow(std::move(spec));
    ASSERT_TRUE(run_until([&] { return stream->status().state == "confirmed"; }));
  }
  // The container writes, and it is to be delivered once.
  void write(const std::string& text) {
    cluster.log("team-a", "web", "app", text);
    written.push_back(text);
  }
  // The same at a time of its own, `ns` after the test's start.
  void record(std::int64_t ns, const std::string& text, sim::LogRecord how = {}) {
    how.time = {wall.ns + ns};
    how.text = text;
    api.logs().append(kKey, how);
  }
  bool all_came() {
    const bool came = run_until([&] { return said.size() >= written.size(); });
    settle();
    EXPECT_EQ(said, written);
    return came && said == written;
  }
  void cut(ApiServer::End how = ApiServer::End::cut) { api.end_streams(kLog, how); }
  int logs() const { return api.count("log", kLog); }
  std::string last_query() const {
    std::string query;
    for (const auto& seen : api.seen())
      if (seen.verb == "log") query = seen.query;
    return query;
  }

  void on_ready() override { ++opens; }
  void on_denied(const kube::Failure&) override {}
  void on_line(const kube::watch::LogLine& line) override {
    times.push_back(line.time);
    said.push_back(std::string(line.truncated ? "truncated " : "") +
                   (line.partial ? "partial " : "") + std::string(line.text.substr(0, 60)));
  }
  void on_marker(std::string_view kind, std::string_view) override {
    said.push_back("<" + std::string(kind) + ">");
  }
  void on_down(const kube::Failure& failure, base::Duration retry_in) override {
    downs.emplace_back(failure.message, retry_in);
  }
  void on_up() override { ++ups; }
  void on_end(const kube::watch::LogEnd& how) override { end = how; }

  sim::PodSpec pod{.ns = "team-a", .name = "web"};
  base::WallTime wall{};
  kube::watch::RetryParameters parameters;
  kube::watch::Retry retry{"podlogs team-a/web/app", parameters, loop};
  Said written, said;
  std::vector<std::optional<base::WallTime>> times;
  std::vector<std::pair<std::string, base::Duration>> downs;
  int opens = 0, ups = 0;
  std::optional<kube::watch::LogEnd> end;
  std::unique_ptr<kube::watch::LogStream> stream;
};

TEST_F(FaultLog, G01ACutInTheMiddleOfALineLosesNothingAndDoublesNothing) {
  followed();
  write("one");
  ASSERT_TRUE(all_came());
  // The next line's bytes break off at each place in turn, by a reset.
  for (std::uint64_t at = 0; at < 48; ++at) {
    SCOPED_TRACE(at);
    api.fault_in_streams(kLog, {.kind = sim::ByteFault::Kind::reset, .at = at});
    write("line " + std::to_string(at));
    pass(milliseconds(300));
    write("and what was written meanwhile");
    ASSERT_TRUE(all_came());
    pass(seconds(2));
  }
  EXPECT_TRUE(downs.empty()) << "a stream that had been proven is resumed, not failed";
  EXPECT_FALSE(end);
}

TEST_F(FaultLog, G02AHundredLinesOfOneSecondAcrossTheCutComeOnceEach) {
  followed();
  pass(milliseconds(500));
  for (int i = 0; i < 100; ++i) {
    if (i == 40) cut();
    const std::string text = i % 4 ? "the same words" : "line " + std::to_string(i);
    record(2000000000 + (i / 20) * 7, text);  // twenty at the same nanosecond
    written.push_back(text);
  }
  ASSERT_TRUE(all_came());
  pass(seconds(5));
  cut();
  write("behind them");
  ASSERT_TRUE(all_came());
  EXPECT_NE(last_query().find("sinceTime="), std::string::npos);
}

TEST_F(FaultLog, G03AResumeThatBeginsInsideALineShowsNoBogusLine) {
  followed();
  // One line in three records of different seconds; the first was before the second that a resume
  // asks for.
  record(1900000000, "start, ", {.unfinished = true});
  record(2100000000, "middle, ", {.unfinished = true, .continues = true});
  record(2200000000, "end", {.continues = true});
  record(2300000000, "next");
  written = {"start, middle, end", "next"};
  ASSERT_TRUE(all_came());
  record(3900000000, "long ", {.unfinished = true});
  pass(milliseconds(10));
  cut();  // the line under way is thrown away, its whole comes again
  pass(milliseconds(10));
  record(4000000000, "line", {.continues = true});
  record(4100000000, "last");
  written.insert(written.end(), {"long line", "last"});
  ASSERT_TRUE(all_came());
  cut();
  record(5000000000, "after");
  written.emplace_back("after");
  ASSERT_TRUE(all_came());
}

TEST_F(FaultLog, G04WhatARotationTookIsToldAsAGap) {
  followed();
  write("one");
  ASSERT_TRUE(all_came());
  cut();
  cluster.log("team-a", "web", "app", "lost with the file");
  api.logs().rotate(kKey);
  pass(seconds(3));
  written.emplace_back("<gap>");
  write("of the new file");
  write("and more");
  ASSERT_TRUE(all_came());
}

TEST_F(FaultLog, G05ARestartGivesTheRestOfTheOldInstanceThenTheNewOne) {
  followed();
  write("old 1");
  ASSERT_TRUE(all_came());
  cut();
  write("old 2, never on the wire");
  write("old 3");
  pass(milliseconds(10));
  written.emplace_back("<restart>");
  cluster.restart_pod(pod);
  write("new 1");
  ASSERT_TRUE(all_came());
  pass(seconds(5));
  // Two at once: the one between is out of reach.
  cut();
  cluster.restart_pod(pod);
  cluster.log("team-a", "web", "app", "of an instance that nobody saw");
  cluster.restart_pod(pod);
  written.insert(written.end(), {"<gap>", "<restart>"});
  write("newest");
  ASSERT_TRUE(all_came());
}

TEST_F(FaultLog, G06ACrashLoopsOldLogIsNotDeliveredAgain) {
  followed();
  for (int round = 0; round < 4; ++round) {
    SCOPED_TRACE(round);
    write("works");
    write("panic");
    cluster.crash_pod(pod);
    ASSERT_TRUE(all_came());
    const int before = logs();
    pass(base::minutes(5));  // CrashLoopBackOff: its log is served to whoever asks
    EXPECT_EQ(said, written);
    EXPECT_LE(logs() - before, 2) << "the pod is looked at, its old log is not read over and over";
    EXPECT_FALSE(end);
    written.emplace_back("<restart>");
    cluster.restart_pod(pod);
    ASSERT_TRUE(all_came());
  }
  EXPECT_TRUE(downs.empty());
}

TEST_F(FaultLog, G07ADeletedPodIsTheEndAndItsNamesakeIsNotAttached) {
  followed();
  write("one");
  ASSERT_TRUE(all_came());
  cluster.delete_pod("team-a", "web");
  ASSERT_TRUE(run_until([&] { return end.has_value(); }));
  EXPECT_EQ(end->reason, "pod deleted");
  EXPECT_FALSE(end->failure);
  cluster.set_pod(pod);
  end.reset();
  said.clear();
  written.clear();
  followed();
  write("of the second");
  ASSERT_TRUE(all_came());
  cut();  // and before it is looked at again, another of its name is there
  cluster.delete_pod("team-a", "web");
  cluster.set_pod(pod);
  cluster.log("team-a", "web", "app", "of a third");
  ASSERT_TRUE(run_until([&] { return end.has_value(); }));
  EXPECT_EQ(end->reason, "pod deleted; a new pod has its name");
  written.emplace_back("<gap>");  // what it wrote behind the cut nobody can say
  EXPECT_EQ(said, written);
}

// Found by the random world: half a time was delivered as the last line.
TEST_F(FaultLog, G07ALogThatBreaksOffBeforeItsPodGoesIsAGapAndShowsNoHalfTime) {
  for (std::uint64_t at = 0; at < 48; ++at) {
    SCOPED_TRACE(at);
    cluster.set_pod(pod);
    followed();
    write("whole");
    ASSERT_TRUE(all_came());
    api.fault_in_streams(kLog, {.kind = sim::ByteFault::Kind::reset, .at = at});
    cluster.log("team-a", "web", "app", "broken");
    cluster.delete_pod("team-a", "web");
    ASSERT_TRUE(run_until([&] { return end.has_value(); }));
    EXPECT_EQ(end->reason, "pod deleted");
    for (const std::string& line : said) {
      const bool part =
          line.starts_with("partial ") && std::string("broken").starts_with(line.substr(8));
      EXPECT_TRUE(line == "whole" || line == "broken" || line == "<gap>" || part) << line;
    }
    const bool whole = std::find(said.begin(), said.end(), "broken") != said.end();
    if (!whole) {
      EXPECT_EQ(said.back(), "<gap>");
    }
    end.reset();
    said.clear();
    written.clear();
    stream.reset();
    settle();
  }
}

TEST_F(FaultLog, G08SeveralContainersAreListedForTheUserAndNothingIsTriedAgain) {
  pod.containers = {"app", "side"};
  pod.init_containers = {"setup"};
  cluster.set_pod(pod);
  kube::watch::LogSpec spec;
  spec.container = "nope";
  follow(spec);
  ASSERT_TRUE(run_until([&] { return end.has_value(); }));
  EXPECT_EQ(end->failure->status, 400);
  EXPECT_EQ(end->reason, "container nope is not valid for pod web");
  pass(base::hours(1));
  EXPECT_LE(logs(), 2);
  EXPECT_EQ(opens, 0);
  struct Reader {
    void on_done(logs::Read::Outcome got) { outcome = std::move(got); }
    std::optional<logs::Read::Outcome> outcome;
  } reader;
  logs::Read read(*context, logs::Read::Fn::bind<&Reader::on_done>(&reader));
  logs::Request request;
  request.ns = "team-a";
  request.pod = "web";
  const int before = logs();
  ASSERT_TRUE(read.start(request, self()));
  ASSERT_TRUE(run_until([&] { return reader.outcome.has_value(); }));
  ASSERT_TRUE(reader.outcome->failure);
  for (const char* name : {"app", "side", "setup"})
    EXPECT_NE(reader.outcome->failure->message.find(name), std::string::npos) << name;
  EXPECT_EQ(logs(), before) << "no request that cannot succeed";
}

TEST_F(FaultLog, G09APodThatIsNotScheduledOrHasNotStartedIsWaitedFor) {
  pod.node = "";
  cluster.set_pod(pod);
  follow();
  pass(base::minutes(3));  // 204
  EXPECT_EQ(opens, 1) << "the subscriber is accepted: it will come";
  pod.node = "node-1";
  pod.running = false;
  cluster.set_pod(pod);
  const int before = logs();
  pass(base::minutes(3));  // 400 … is waiting to start: ContainerCreating
  EXPECT_LE(logs() - before, 180 / 10 + 1);
  pod.running = true;
  cluster.set_pod(pod);
  write("at last");
  const base::TimePoint started = loop.now();
  ASSERT_TRUE(all_came());
  EXPECT_LE(loop.now() - started, seconds(12));
  EXPECT_TRUE(downs.empty()) << "waiting is no failure";
  EXPECT_EQ(retry.breaker().failures(), 0);
  EXPECT_FALSE(end);
}

TEST_F(FaultLog, G10ALineOfTenMegabytesIsCutMarkedAndKnownAgain) {
  const test::QuietWatchdog quiet;  // the simulated API server encrypts the line in one go
  followed();
  record(1000000000, std::string(std::size_t{10} << 20, 'x') + "A");
  record(1000000000, std::string(std::size_t{10} << 20, 'x') + "B");  // differs behind the cap only
  written.assign(2, "truncated " + std::string(60, 'x'));
  ASSERT_TRUE(all_came());
  cut();
  record(1000000000, std::string(std::size_t{10} << 20, 'x') + "C");
  record(1500000000, "short");
  written.insert(written.end(), {"truncated " + std::string(60, 'x'), "short"});
  ASSERT_TRUE(all_came());
}

TEST_F(FaultLog, G11WhatIsNoTextIsRepairedAndEveryLineIsCounted) {
  followed();
  const Said raw = {"ok \xFF bad",        "na\xC3\xAFve",  std::string("nu\0l", 4), "dos\r", "",
                    "\x1b[31mred\x1b[0m", "10%\r20%\r30%", "\xED\xA0\x80"};
  for (const std::string& text : raw)
    record(1000000000, text);
  written = {"ok \xEF\xBF\xBD bad",
             "na\xC3\xAFve",
             "nu\xEF\xBF\xBDl",
             "dos",
             "",
             "\x1b[31mred\x1b[0m",
             "10%\r20%\r30%",
             "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"};
  ASSERT_TRUE(all_came());
  // A character is cut on the wire: its bytes arrive three seconds apart.
  api.fault_in_streams(
      kLog, {.kind = sim::ByteFault::Kind::trickle, .at = 0, .time = milliseconds(3), .bytes = 1});
  write("\xE2\x82\xAC \xF0\x9F\x98\x80");
  write("");
  ASSERT_TRUE(all_came());
}

TEST_F(FaultLog, G12ALastLineWithoutAnEndIsDeliveredOnce) {
  followed();
  write("whole");
  ASSERT_TRUE(all_came());
  record(2000000000, "no end", {.unfinished = true});
  pass(seconds(1));
  EXPECT_EQ(said, written) << "it may go on";
  cluster.finish_pod(pod);
  ASSERT_TRUE(run_until([&] { return end.has_value(); }));
  written.emplace_back("partial no end");
  EXPECT_EQ(said, written);
  EXPECT_EQ(end->reason.substr(0, 38), "container finished with exit code 0 (C");
}

TEST_F(FaultLog, G13AnIdleCutEachMinuteIsInvisible) {
  followed();
  write("before");
  ASSERT_TRUE(all_came());
  api.forget_seen();
  for (int minute = 0; minute < 60; ++minute) {
    pass(seconds(60));
    cut();
  }
  pass(seconds(5));
  write("after an hour");
  ASSERT_TRUE(all_came());
  EXPECT_TRUE(downs.empty());
  EXPECT_LE(logs(), 62);
  // A balancer that cuts at once: the starts are 1 s apart, 5 s when they become many.
  api.forget_seen();
  const base::TimePoint begin = loop.now();
  while (loop.now() - begin < base::minutes(10)) {
    pass(milliseconds(1100));
    cut();
  }
  EXPECT_LE(logs(), 600 / 5 + 20);
  write("still there");
  ASSERT_TRUE(all_came());
}

TEST_F(FaultLog, G14AnEndAfterHoursWhileTheContainerRunsIsResumed) {
  followed();
  base::TimePoint asked = loop.now();
  int seen = logs();
  base::Duration oldest{};
  for (int i = 0; i < 9 * 12; ++i) {
    write("line " + std::to_string(i));
    if (i % 48 == 47) cut(ApiServer::End::proper);  // the kubelet's own limit: four hours
    pass(base::minutes(5));
    if (logs() != seen) asked = loop.now();
    seen = logs();
    oldest = std::max(oldest, loop.now() - asked);
  }
  ASSERT_TRUE(all_came());
  EXPECT_LE(oldest, base::minutes(60)) << "a balancer may keep a dead one alive";
  EXPECT_GE(logs(), 9) << "9 h of requests that live for 30 to 60 min";
  EXPECT_TRUE(downs.empty());
}

TEST_F(FaultLog, G15AReaderThatStandsStillHoldsTheKubeletBack) {
  followed();
  write("one");
  ASSERT_TRUE(all_came());
  const std::string path = "/api/v1/namespaces/team-a/pods/web/log";
  const std::uint64_t before = api.bytes_of_last("log", path);
  stream->pause(true);
  const std::string text(1 << 20, 'x');
  for (int i = 0; i < 40; ++i) {
    record(5000000000 + i, text);
    pass(milliseconds(1500));
  }
  const std::uint64_t sent = api.bytes_of_last("log", path) - before;
  EXPECT_LT(sent, 16U << 20) << "the rest waits at its source";
  EXPECT_EQ(said, written);
  EXPECT_EQ(logs(), 1) << "no limit strikes while we are the ones who do not read";
  stream->pause(false);
  written.insert(written.end(), 40, text.substr(0, 60));
  ASSERT_TRUE(all_came());
  EXPECT_TRUE(downs.empty());
}

TEST_F(FaultLog, G16TimesOfAnyWidthAndOffsetAreRead) {
  followed();
  struct One {
    const char* stamp;
    std::int64_t ns;
  };
  constexpr std::int64_t kNoon = 1767268800000000000;  // 2026-01-01T12:00:00Z
  const One all[] = {{"2026-01-01T12:00:01Z", kNoon + 1000000000},
                     {"2026-01-01T12:00:01.5Z", kNoon + 1500000000},
                     {"2026-01-01T14:00:01.500000001+02:00", kNoon + 1500000001},
                     {"2026-01-01T06:30:01.6-05:30", kNoon + 1600000000},
                     {"2026-01-01T12:00:01.789123Z", kNoon + 1789123000}};
  const auto put = [&](const One& one) {
    record(one.ns - wall.ns, one.stamp, {.stamp = one.stamp});
    written.emplace_back(std::string(one.stamp));
  };
  for (const One& one : all)
    put(one);
  ASSERT_TRUE(all_came());
  for (std::size_t i = 0; i < times.size(); ++i)
    EXPECT_EQ(times[i]->ns, all[i].ns);
  cut();
  put({"2026-01-01T14:00:01.9+02:00", kNoon + 1900000000});
  ASSERT_TRUE(all_came());
  EXPECT_NE(last_query().find("sinceTime=2026-01-01T12%3A00%3A01Z"), std::string::npos)
      << last_query();
}

TEST_F(FaultLog, G17AnUnreachableKubeletIsTriedWithBackoffAndThenResumed) {
  followed();
  write("one");
  ASSERT_TRUE(all_came());
  answer("log", kLog,
         sim::internal_error("Get \"https://10.0.0.7:10250/containerLogs/team-a/web/app\": dial "
                             "tcp 10.0.0.7:10250: connect: no route to host"),
         3);
  cut();
  write("meanwhile");
  ASSERT_TRUE(all_came());
  ASSERT_EQ(downs.size(), 3U);
  for (std::size_t i = 0; i < downs.size(); ++i) {
    EXPECT_NE(downs[i].first.find("no route to host"), std::string::npos);
    // The cut was the first failure.
    EXPECT_GE(downs[i].second, seconds(2) * (1 << i));
    EXPECT_LE(downs[i].second, milliseconds(2400) * (1 << i));
  }
  EXPECT_EQ(ups, 1);
  EXPECT_EQ(retry.breaker().failures(), 0) << "lines flow: it counts from the start again";
}

}  // namespace
