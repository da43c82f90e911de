// The end of the whole server on the simulated cluster: what was produced arrives, nothing stays
// behind.
#include <sys/socket.h>

#include "app/shutdown.h"
#include "base/json.h"
#include "net/listener.h"
#include "support/story_world.h"

namespace {

using base::milliseconds;
using base::seconds;
using test::StoryWorld;
using Told = std::vector<std::string>;

struct StoryDrain : StoryWorld {
  static constexpr const char* kUri = "k0rdent://events/team-a";
  void emit(int n) {
    cluster.emit({.ns = "team-a", .name = "e" + std::to_string(n), .message = "m"});
  }
  void on_accept(base::Fd fd, const net::Address&) { mute_connections.push_back(std::move(fd)); }
  std::vector<base::Fd> mute_connections;
  // The place of the log's last line of that message; -1 when there is none.
  std::int64_t number_in(const std::string& message, std::string_view field) {
    const std::size_t at = log.rfind("\"msg\":\"" + message + "\"");
    if (at == std::string::npos) return -1;
    const std::size_t begin = log.rfind('{', at);
    base::json::Document doc;
    const auto line = doc.parse(log.substr(begin, log.find('\n', at) - begin));
    return line ? (*line)[field].int_or(-1) : -1;
  }
};

TEST_F(StoryDrain, FramesInFlightAllArriveAndStreamsEndProperly) {
  start_app();
  auto one = connect();
  auto two = connect();
  ASSERT_TRUE(one->subscribe(kUri));
  ASSERT_TRUE(two->subscribe(kUri));
  ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
  one->pause(true);
  for (int i = 0; i < 500; ++i)
    emit(i);
  ASSERT_TRUE(run_until([&] { return two->updates().size() == 500; }));
  app->shutdown("SIGTERM");
  one->pause(false);
  stop_app();
  ASSERT_TRUE(run_until([&] { return one->stream_over() && two->stream_over(); }));
  for (auto* session : {one.get(), two.get()}) {
    EXPECT_TRUE(session->stream_ended());
    const Told is = session->told();
    ASSERT_GE(is.size(), 500u);
    for (int i = 0; i < 500; ++i)
      EXPECT_EQ(is[static_cast<std::size_t>(i)], "ADDED e" + std::to_string(i) + " m");
    ASSERT_EQ(is.size(), 501u);
    EXPECT_EQ(is.back().substr(0, 5), "ERROR") << "no subscription ends silently";
  }
  EXPECT_EQ(api.open_streams(), 0);
}

TEST_F(StoryDrain, AReaderThatTakesNothingHoldsItUpNoLongerThanTheDrainTimeout) {
  app::Settings settings;
  settings.drain_timeout = seconds(10);
  start_app(settings);
  auto session = connect();
  ASSERT_TRUE(session->subscribe(kUri));
  session->pause(true);
  for (int i = 0; i < 3000; ++i) {
    cluster.emit(
        {.ns = "team-a", .name = "e" + std::to_string(i), .message = std::string(4000, 'x')});
    if (i % 100 == 0) settle();
  }
  settle();
  const base::TimePoint before = loop.now();
  stop_app();
  EXPECT_LE(loop.now() - before, seconds(10));
  EXPECT_EQ(api.open_streams(), 0);
}

TEST_F(StoryDrain, WithAnIdleSubscriberItEndsAtOnce) {
  start_app();
  auto session = connect();
  ASSERT_TRUE(session->subscribe(kUri));
  const base::TimePoint before = loop.now();
  stop_app();
  EXPECT_LT(loop.now() - before, seconds(1));
  EXPECT_TRUE(run_until([&] { return session->stream_over(); }));
  EXPECT_TRUE(session->stream_ended());
}

TEST_F(StoryDrain, ACallInFlightIsFinished) {
  start_app();
  auto session = connect();
  api.faults().add({.match = {.verb = "list", .path = "/namespaces"}, .delay = seconds(2)});
  auto call =
      session->send("tools/call", R"({"name":"k0rdent.mgmt.namespaces.list","arguments":{}})");
  ASSERT_TRUE(run_until([&] { return api.count("list") == 1; }));
  const base::TimePoint before = loop.now();
  stop_app();
  ASSERT_TRUE(run_until([&] { return call->done(); }));
  EXPECT_NE(call->body.find("kcm-system"), std::string::npos) << call->body;
  EXPECT_LT(loop.now() - before, seconds(5));
}

TEST_F(StoryDrain, ACallThatDoesNotEndIsAnsweredWithAnError) {
  start_app();
  auto session = connect();
  api.faults().add({.match = {.verb = "list", .path = "/namespaces"}, .never = true});
  auto call =
      session->send("tools/call", R"({"name":"k0rdent.mgmt.namespaces.list","arguments":{}})");
  ASSERT_TRUE(run_until([&] { return api.count("list") == 1; }));
  const base::TimePoint before = loop.now();
  stop_app();
  ASSERT_TRUE(run_until([&] { return call->done(); }));
  EXPECT_NE(call->body.find("shutting down"), std::string::npos) << call->body;
  EXPECT_LT(loop.now() - before, seconds(5));
}

TEST_F(StoryDrain, WhileTheClusterIsAwayItEndsAsFast) {
  start_app();
  auto session = connect();
  ASSERT_TRUE(session->subscribe(kUri));
  ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
  api.stop();
  pass(seconds(90));
  const base::TimePoint before = loop.now();
  stop_app();
  EXPECT_LT(loop.now() - before, seconds(1));
}

// ---- what was on its way when the signal came

// A client whose connection exists, by the kernel alone, before the server has accepted it.
class EarlyClient {
 public:
  explicit EarlyClient(const net::Address& address)
      : fd_(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    EXPECT_EQ(::connect(fd_.get(), address.get(), address.length), 0);
  }
  void post(const test::McpSession& session, std::string_view method, std::string_view params) {
    const std::string body = R"({"jsonrpc":"2.0","id":99,"method":")" + std::string(method) +
                             R"(","params":)" + std::string(params) + "}";
    send("POST /mcp HTTP/1.1\r\nHost: localhost\r\nMcp-Session-Id: " + session.id() +
         "\r\nAccept: application/json, text/event-stream\r\n"
         "Content-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  void send(std::string_view bytes) {
    EXPECT_EQ(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), std::ssize(bytes));
  }
  // Reads what is there; true once the server has ended the connection, and then this side has, too.
  bool over() {
    char buffer[65536];
    const ssize_t n = ::recv(fd_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (n > 0) got.append(buffer, static_cast<std::size_t>(n));
    if (n == 0 || (n < 0 && errno == ECONNRESET)) fd_.reset();
    return !fd_;
  }
  std::string got;

 private:
  base::Fd fd_;
};

TEST_F(StoryDrain, AConnectionThatWaitsToBeAcceptedIsServed) {
  constexpr std::string_view kAsks = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  start_app();
  EarlyClient asked(app->address()), silent(app->address());
  asked.send(kAsks);
  app->shutdown("SIGTERM");
  settle();
  silent.send(kAsks);  // it was on its way
  for (EarlyClient* each : {&asked, &silent}) {
    ASSERT_TRUE(run_until([&] { return each->over(); }));
    EXPECT_TRUE(each->got.starts_with("HTTP/1.1 200")) << each->got;
    EXPECT_NE(each->got.find("Connection: close"), std::string::npos) << each->got;
  }
  stop_app();
}

TEST_F(StoryDrain, CallsThatCouldNotKnowAreAnsweredAndEndTheirConnections) {
  ASSERT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
  start_app();
  cluster.set_pod({.ns = "team-a", .name = "p"});
  auto session = connect();
  ASSERT_TRUE(session->subscribe("k0rdent://graph"));
  ASSERT_TRUE(session->subscribe("k0rdent://podlogs/team-a/p/app"));
  const base::TimePoint before = loop.now();
  const std::pair<std::string_view, std::string_view> calls[] = {
      {R"({"name":"k0rdent.mgmt.namespaces.list","arguments":{}})", "team-a"},
      {R"({"name":"k0rdent.mgmt.events.list","arguments":{"namespace":"team-a"}})", "content"},
      {R"({"name":"k0rdent.mgmt.podLogs.get","arguments":{"namespace":"team-a","pod":"p"}})",
       "content"},
      {R"({"name":"k0rdent.mgmt.clusterDeployments.listAll","arguments":{}})", "content"},
      // The graph lives in its manager, which has stopped.
      {R"({"name":"k0rdent.mgmt.graph.snapshot","arguments":{}})", "the server is shutting down"},
  };
  std::vector<std::unique_ptr<EarlyClient>> all;
  for (const auto& [call, answer] : calls) {
    all.push_back(std::make_unique<EarlyClient>(app->address()));
    all.back()->post(*session, "tools/call", call);
  }
  app->shutdown("SIGTERM");
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string& got = all[i]->got;
    ASSERT_TRUE(run_until([&] { return all[i]->over(); }));
    EXPECT_TRUE(got.starts_with("HTTP/1.1 200")) << got;
    EXPECT_NE(got.find(calls[i].second), std::string::npos) << got;
    EXPECT_EQ(got.find("\"isError\":true") == std::string::npos, i < 4) << got;
  }
  stop_app();
  EXPECT_LT(loop.now() - before, seconds(1));
  EXPECT_EQ(number_in("shutdown: stopped", "connections_cut"), 0);
}

TEST_F(StoryDrain, ALateCallThatDoesNotEndIsAnsweredWithAnError) {
  start_app();
  auto session = connect();
  api.faults().add({.match = {.verb = "list", .path = "/namespaces"}, .never = true});
  const base::TimePoint before = loop.now();
  EarlyClient late(app->address());
  late.post(*session, "tools/call", R"({"name":"k0rdent.mgmt.namespaces.list","arguments":{}})");
  app->shutdown("SIGTERM");
  ASSERT_TRUE(run_until([&] { return late.over(); }));
  stop_app();
  EXPECT_LT(loop.now() - before, seconds(5));
  EXPECT_NE(late.got.find("shutting down"), std::string::npos) << late.got;
}

TEST_F(StoryDrain, SubscriptionsBeginNoMoreAndCallsNotAfterTheirTime) {
  start_app();
  auto session = connect();
  ASSERT_TRUE(session->subscribe(kUri));
  api.faults().add({.match = {.verb = "list", .path = "/namespaces"}, .never = true});
  EarlyClient first(app->address()), late(app->address());
  EarlyClient half(app->address());
  first.post(*session, "tools/call", R"({"name":"k0rdent.mgmt.namespaces.list","arguments":{}})");
  half.send("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nMcp-Session-Id: ");
  late.post(*session, "resources/subscribe", R"({"uri":"k0rdent://events/team-a"})");
  app->shutdown("SIGTERM");
  ASSERT_TRUE(run_until([&] { return late.over(); }));
  EXPECT_TRUE(late.got.starts_with("HTTP/1.1 503")) << late.got;
  EXPECT_NE(late.got.find("Retry-After"), std::string::npos) << late.got;
  ASSERT_TRUE(run_until([&] { return half.over(); }));
  EXPECT_EQ(half.got, "") << "half a head is no request";
  stop_app();
}

TEST_F(StoryDrain, ASilentConnectionIsClosedAfterAQuarterOfASecond) {
  start_app();
  EarlyClient silent(app->address());
  settle();
  const base::TimePoint before = loop.now();
  stop_app();
  EXPECT_EQ(loop.now() - before, app::kLateTime);
  EXPECT_TRUE(silent.over());
  EXPECT_EQ(silent.got, "");
}

TEST_F(StoryDrain, WithoutAConnectionItEndsAtOnce) {
  start_app();
  const base::TimePoint before = loop.now();
  stop_app();
  EXPECT_LT(loop.now() - before, milliseconds(10));
}

// ---- every kind at once

TEST_F(StoryDrain, FiveHundredNotificationsInFlightReachTwentySubscribersOfAllThreeKinds) {
  ASSERT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
  start_app();
  cluster.set_pod({.ns = "team-a", .name = "p"});
  const std::string uris[] = {kUri, "k0rdent://podlogs/team-a/p/app", "k0rdent://graph"};
  std::vector<std::unique_ptr<test::McpSession>> all;
  for (std::size_t i = 0; i < 20; ++i) {
    all.push_back(connect());
    ASSERT_TRUE(all.back()->subscribe(uris[i % 3])) << all.back()->error().to_json();
  }
  settle();
  const std::int64_t watches = app->watches();
  EXPECT_EQ(watches, 3);
  for (auto& each : all) {
    each->forget();
    each->pause(true);
  }
  const sim::View templates{&api.store().of("ServiceTemplate"), 0};
  for (int i = 0; i < 500; ++i) {
    const std::string number = std::to_string(i);
    emit(i);
    cluster.log("team-a", "p", "app", number);
    api.store().put(templates, R"({"apiVersion":"k0rdent.mirantis.com/v1beta1",)"
                               R"("kind":"ServiceTemplate","metadata":{"namespace":"team-a",)"
                               R"("name":"t)" +
                                   number + R"("}})");
    if (i % 50 == 0) settle();
  }
  settle();
  app->shutdown("SIGTERM");
  for (auto& each : all)
    each->pause(false);
  stop_app();
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_TRUE(run_until([&] { return all[i]->stream_over(); }));
    EXPECT_TRUE(all[i]->stream_ended());
    const Told is = all[i]->told();
    ASSERT_FALSE(is.empty());
    if (i % 3 == 2) {
      // Coalesced per turn; every template is in one of them.
      std::string text;
      for (const auto& update : all[i]->updates())
        text += update.delta;
      for (int n = 0; n < 500; ++n)
        ASSERT_NE(text.find("/t" + std::to_string(n) + "\""), std::string::npos) << n;
    } else {
      ASSERT_EQ(is.size(), 501u);
      for (int n = 0; n < 500; ++n) {
        const std::string number = std::to_string(n);
        ASSERT_EQ(is[static_cast<std::size_t>(n)],
                  i % 3 == 0 ? "ADDED e" + number + " m" : "line " + number);
      }
    }
    EXPECT_EQ(is.back().substr(0, 3), i % 3 == 1 ? "end" : "ERR");
  }
  EXPECT_EQ(number_in("shutdown: stopped", "left_behind"), 0);
  EXPECT_EQ(number_in("shutdown: stopped", "dropped"), 0);
  EXPECT_EQ(number_in("shutdown: watches closed", "watches"), watches);
  EXPECT_EQ(number_in("shutdown: watches closed", "left"), 0);
}

TEST_F(StoryDrain, EachStepIsOneLineInItsOrder) {
  start_app();
  auto session = connect();
  ASSERT_TRUE(session->subscribe(kUri));
  stop_app();
  std::size_t at = 0;
  for (const char* step : {"shutdown: draining", "shutdown: watches closed", "shutdown: closing",
                           "shutdown: stopped"}) {
    const std::size_t found = log.find(step);
    ASSERT_NE(found, std::string::npos) << step;
    EXPECT_EQ(log.find(step, found + 1), std::string::npos) << step;
    EXPECT_GE(found, at) << step;
    at = found;
    if (step != std::string("shutdown: draining")) {
      EXPECT_GE(number_in(step, "ms"), 0);
    }
  }
}

// ---- watches end within five seconds, whatever the API server does

TEST_F(StoryDrain, AnApiServerThatNeverAnswersDoesNotHoldItUp) {
  start_app();
  auto session = connect();
  api.faults().add({.match = {.verb = "list", .path = "/events"}, .never = true});
  auto waiting = session->send("resources/subscribe", R"({"uri":"k0rdent://events/team-a"})");
  ASSERT_TRUE(run_until([&] { return api.count("list", "/events") == 1; }));
  const base::TimePoint before = loop.now();
  stop_app();
  EXPECT_LT(loop.now() - before, seconds(5));
  ASSERT_TRUE(run_until([&] { return waiting->done(); }));
  EXPECT_NE(waiting->body.find("shutting down"), std::string::npos) << waiting->body;
  EXPECT_EQ(number_in("shutdown: watches closed", "left"), 0);
}

TEST_F(StoryDrain, ATlsHandshakeThatHangsDoesNotHoldItUp) {
  start_app();
  auto session = connect();
  ASSERT_TRUE(session->subscribe(kUri));
  ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
  pass(seconds(2));
  api.stop();
  // Who listens there now takes connections and says nothing: the handshake never gets an answer.
  net::Listener mute(loop, net::Listener::AcceptFn::bind<&StoryDrain::on_accept>(this));
  ASSERT_TRUE(mute.listen("127.0.0.1", api.port()).has_value());
  pass(seconds(5));
  EXPECT_GT(mute_connections.size(), 0u);
  const base::TimePoint before = loop.now();
  stop_app();
  EXPECT_LT(loop.now() - before, seconds(1));
  EXPECT_EQ(number_in("shutdown: watches closed", "left"), 0);
  mute_connections.clear();
}

TEST_F(StoryDrain, APendingRetryDoesNotHoldItUp) {
  start_app();
  auto session = connect();
  ASSERT_TRUE(session->subscribe(kUri));
  ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
  api.faults().add({
      .match = {.verb = "watch", .path = "/events"},
      .answer = sim::refuse(sim::internal_error("no")),
  });
  api.end_streams("/events");
  pass(milliseconds(1500));
  const base::TimePoint before = loop.now();
  stop_app();
  EXPECT_LT(loop.now() - before, seconds(1));
}

TEST_F(StoryDrain, WhatASlowReaderStillHadToHearIsCountedAsLeftBehind) {
  app::Settings settings;
  settings.drain_timeout = seconds(6);
  start_app(settings);
  auto quick = connect();
  auto slow = connect();
  ASSERT_TRUE(quick->subscribe(kUri));
  ASSERT_TRUE(slow->subscribe(kUri));
  slow->pause(true);
  for (int i = 0; i < 3000; ++i) {
    cluster.emit(
        {.ns = "team-a", .name = "e" + std::to_string(i), .message = std::string(4000, 'x')});
    if (i % 100 == 0) settle();
  }
  settle();
  const base::TimePoint before = loop.now();
  stop_app();
  EXPECT_LE(loop.now() - before, seconds(6));
  EXPECT_TRUE(run_until([&] { return quick->stream_over(); }));
  EXPECT_TRUE(quick->stream_ended());
  EXPECT_GT(number_in("shutdown: stopped", "left_behind"), 0);
  EXPECT_EQ(number_in("shutdown: stopped", "connections_cut"), 1);
}

}  // namespace
