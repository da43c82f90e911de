// The peer goes in the very turn in which something happens: each thing that can happen on a
// connection of a client, each way in which a client goes, whichever of the two the server sees
// first; in both eras, over HTTP and standard input.
#include <array>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "mcp/endpoint/stdio.h"
#include "mcp/shared/keep_alive.h"
#include "mcp/shared/progress_pace.h"
#include "mcp/shared/recheck.h"
#include "support/modern_world.h"

namespace {

using test::Peer;
using Mode = test::TestFamily::Mode;

enum class Way { legacy, modern, stdio_legacy, stdio_modern };
// reset: with bytes unread, so that our next read says so. close: without. half: it ends its side
// and may still read. deaf: it reads no more, and may still send.
enum class Going { reset, close, half, deaf };
// What the server sees first: that the peer went, and in the same turn the thing happens; nothing,
// so that the thing's own write finds out; or the thing.
enum class Order { gone_first, found_by_it, thing_first };

struct Thing;

struct World : test::ModernWorld {
  explicit World(Way on) : way(on) {
    be_quiet();
    family->mode = Mode::accept;
    other = open();
  }
  ~World() override {
    // What outlives its client ends by itself.
    end_runs();
    stdio.reset();
    client.reset();
    server.reset();
  }

  void end_runs() {
    for (test::TestTool::Run* each : std::vector(slow->runs))
      each->reply.succeed("{}");
    for (test::TestFamily::Read* each : std::vector(family->reads))
      each->reply.succeed({"text/plain", "x"});
    settle();
  }

  bool on_stdio() const { return way == Way::stdio_legacy || way == Way::stdio_modern; }
  bool legacy() const { return way == Way::legacy || way == Way::stdio_legacy; }

  // ---- the client that will go

  void connect_client(int send_buffer = 0) {
    if (!on_stdio()) {
      client = connect(send_buffer);
      return;
    }
    int fds[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    if (send_buffer) setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    client = std::make_unique<Peer>();
    client->fd = base::Fd(fds[1]);
    stdio = std::make_unique<mcp::endpoint::Stdio>(
        loop, *endpoint, std::make_unique<net::TcpStream>(loop, base::Fd(fds[0])));
    stdio->when_ended(base::Delegate<void()>::bind<&World::on_end_of_input>(this));
    stdio->start();
    if (way != Way::stdio_legacy) return;
    client->send(rpc("initialize", R"({"protocolVersion":"2025-11-25"})", "0") + "\n" +
                 notification("notifications/initialized") + "\n");
    settle();
  }
  void on_end_of_input() { stdio->stop(); }

  // A request on its connection; in the legacy era of a session of its own.
  void say(std::string_view method, const std::string& params, std::string_view name = {},
           const std::string& more_meta = {}, std::string_view more_headers = {}) {
    const std::string in_meta = legacy()
                                    ? "{" + (more_meta.empty() ? "" : more_meta.substr(1)) + "}"
                                    : meta(R"({"elicitation":{"form":{}}})", more_meta);
    const std::string all = "{" + params + R"(,"_meta":)" + in_meta + "}";
    if (on_stdio()) {
      client->send(rpc(method, all, "9") + "\n");
    } else if (legacy()) {
      session = open("2025-11-25", more_headers);
      client->send(request("POST", in(session) + std::string(more_headers), rpc(method, all, "9")));
    } else {
      client->send(request("POST", headers(method, name, more_headers), rpc(method, all, "9")));
    }
    settle();
  }
  // Something for it that it will not have read.
  void leave_unread() {
    if (on_stdio()) {
      client->send(rpc("no/such", "{}", "1") + "\n");
    } else {
      client->send("PUT /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    }
    settle();
  }

  void go(Going how) {
    switch (how) {
      case Going::reset:
      case Going::close:
        return client->close();
      case Going::half:
        return client->half_close();
      case Going::deaf:
        ::shutdown(client->fd.get(), SHUT_RD);
        return;
    }
  }

  // ---- things

  void call() { say("tools/call", R"("name":"test.slow")", "test.slow", R"(,"progressToken":1)"); }
  void call_and_tell() {
    call();
    progress();
    settle();
  }
  // So much that the answer will have to wait for the client to read.
  void call_and_fill() {
    call();
    for (int i = 1; i < 60; ++i) {
      run().progress({static_cast<double>(i), 100, std::string(50'000, 'x')});
      pass(mcp::shared::kProgressPace);
    }
  }
  void call_fill_and_answer() {
    call_and_fill();
    succeed();
    settle();
  }
  mcp::ToolReply& run() { return slow->runs.at(0)->reply.call; }
  // On standard input what was under way ends at once: before the thing, if it comes first.
  bool no_run() const { return slow->runs.empty(); }
  bool no_feed() const { return family->feeds.empty(); }
  void succeed() {
    if (no_run()) return;
    run().succeed({.structured_json = R"({"x":")" + std::string(200'000, 'y') + "\"}"});
  }
  void fail() {
    if (!no_run()) slow->runs.at(0)->reply.fail("it failed");
  }
  void break_off() {
    if (!no_run()) run().fail({mcp::RpcCode::internal_error, "no", {}});
  }
  void progress() {
    if (!no_run()) run().progress({50 + static_cast<double>(++told), 100, "on"});
  }
  void progress_and_succeed() {
    progress();
    succeed();
  }
  void ask() {
    if (no_run()) return;
    run().ask({mcp::Question::form("a", "?", R"({"type":"object","properties":{}})")});
  }
  void read_all() { client->read(); }

  void read_resource() {
    family->slow_reads = true;
    say("resources/read", R"("uri":"test://a")", "test://a");
  }
  void show_resource() {
    if (!family->reads.empty()) family->reads[0]->reply.succeed({"text/plain", "content"});
  }

  void subscribe() {
    if (way == Way::modern || way == Way::stdio_modern) {
      say("subscriptions/listen",
          R"("notifications":{"toolsListChanged":true,"resourceSubscriptions":["test://a"]})");
    } else if (way == Way::stdio_legacy) {
      say("resources/subscribe", R"("uri":"test://a")");
    } else {
      session = open();
      client->send(request("GET", "Accept: text/event-stream\r\n" + in(session), {}));
      settle();
      if (family->mode == Mode::wait) {
        waiting = post_later(rpc("resources/subscribe", R"({"uri":"test://a"})", "7"), in(session));
      } else {
        ModernWorld::subscribe(session, "test://a");
      }
    }
  }
  void subscribe_pending() {
    family->mode = Mode::wait;
    subscribe();
  }
  void subscribe_and_fill() {
    subscribe();
    for (int i = 0; i < 100'000 && feed().say("\"" + std::string(20'000, 'x') + "\""); ++i) {
      if (i % 8 == 0) settle(1);
    }
  }
  test::TestFamily::Feed& feed() { return *family->feeds.at(0); }
  void tell() {
    if (!no_feed()) feed().say("1");
  }
  void end_feed() {
    if (no_feed()) return;
    feed().say("2");
    feed().subscriber.ended();
  }
  void accept_feed() {
    if (no_feed()) return;
    feed().subscriber.accepted();
    feed().say("1");
  }
  void refuse_feed() {
    if (!no_feed()) feed().subscriber.refused({mcp::RpcCode::internal_error, "no", {}});
  }
  void change_list() { registry.add(std::make_unique<test::TestTool>("test.new", false)); }
  void keep_alive() { clock.advance(mcp::shared::kKeepAlive); }
  void window_over() { clock.advance(base::limits::kResumeWindow); }

  void call_with_token() {
    auth.later = true;
    waiting_session();
    say_with_token("tools/call", R"("name":"test.slow")", "test.slow");
  }
  void listen_with_token() {
    auth.later = true;
    waiting_session();
    say_with_token("subscriptions/listen",
                   R"("notifications":{"resourceSubscriptions":["test://a"]})", {});
  }
  void waiting_session() {
    if (!legacy()) return;
    auth.later = false;
    session = open("2025-11-25", bearer("alice-1"));
    auth.later = true;
  }
  void say_with_token(std::string_view method, const std::string& params, std::string_view name) {
    if (legacy()) {
      client->send(
          request("POST", in(session) + bearer("alice-1"), rpc(method, "{" + params + "}", "9")));
    } else {
      client->send(
          request("POST", headers(method, name, bearer("alice-1")), body(method, params, "9")));
    }
    settle();
    ASSERT_EQ(auth.questions.size(), 1u);
  }
  void verdict() {
    auth.answer();
    auth.later = false;
  }
  void refusal() {
    auth.identities.clear();
    verdict();
  }
  // A stream that lives by a token, which is being asked about again.
  void stream_with_token() {
    auth.expire = true;
    restart({});
    other = open();
    if (legacy()) {
      session = open("2025-11-25", bearer("alice-1"));
      client->send(
          request("GET", "Accept: text/event-stream\r\n" + in(session) + bearer("alice-1"), {}));
      settle();
      ModernWorld::subscribe(session, "test://a", bearer("alice-1"));
    } else {
      client->send(request("POST", headers("subscriptions/listen", {}, bearer("alice-1")),
                           body("subscriptions/listen",
                                R"("notifications":{"resourceSubscriptions":["test://a"]})", "9")));
    }
    settle();
    auth.later = true;
    pass(mcp::shared::kRecheck);
    ASSERT_EQ(auth.questions.size(), 1u);
  }

  void drain() {
    endpoint->begin_drain();
    endpoint->end_feeds("the server is shutting down");
    endpoint->abandon_calls("the server is shutting down");
    endpoint->end_streams();
    if (stdio) stdio->stop();
  }
  void shut_down() {
    accepting = false;
    if (server) server->stop_accepting();
    drain();
    if (server) server->close_all();
    if (stdio) stdio->close();
  }
  void drop_endpoint() {
    stdio.reset();
    endpoint.reset();
  }
  void drop_server() {
    server.reset();
    if (stdio) stdio->close();
  }
  void end_session() {
    if (way == Way::stdio_legacy) {
      return client_line(rpc("initialize", R"({"protocolVersion":"2025-11-25"})", "2"));
    }
    if (legacy()) ask_later = post_bytes("DELETE", in(session), {});
  }
  void cancel() {
    const std::string text = notification("notifications/cancelled", R"({"requestId":9})");
    if (on_stdio()) return client_line(text);
    ask_later = post_bytes("POST", in(session), text);
  }
  // On its way: the next turn reads it.
  void client_line(const std::string& line) {
    ::send(client->fd.get(), (line + "\n").data(), line.size() + 1, MSG_NOSIGNAL);
  }
  std::unique_ptr<Peer> post_bytes(std::string_view method, const std::string& header,
                                   const std::string& text) {
    auto peer = connect();
    peer->send(request(method, header, text));
    return peer;
  }

  // ---- both together

  struct Later;
  void live(const Thing& thing, Going going, Order order);
  void see();

  void TestBody() override {}

  const Way way;
  std::unique_ptr<Peer> client, waiting, ask_later;
  std::unique_ptr<mcp::endpoint::Stdio> stdio;
  std::string session, other;
  int told = 0;
  bool accepting = true;
};

constexpr unsigned kLegacy = 1, kModern = 2, kStdioLegacy = 4, kStdioModern = 8;
constexpr unsigned kHttp = kLegacy | kModern, kStdio = kStdioLegacy | kStdioModern;
constexpr unsigned kAll = kHttp | kStdio;

struct Thing {
  const char* name;
  void (World::*begin)();
  void (World::*happen)();
  unsigned ways = kAll;
  bool slow_reader = false;
};

void PrintTo(const Thing& thing, std::ostream* out) {
  *out << thing.name;
}

constexpr Thing kThings[] = {
    {"Answer", &World::call, &World::succeed},
    {"ToolError", &World::call, &World::fail},
    {"RpcError", &World::call, &World::break_off},
    {"Progress", &World::call, &World::progress},
    {"ProgressAndAnswer", &World::call, &World::progress_and_succeed},
    {"MoreProgress", &World::call_and_tell, &World::progress},
    {"StreamedAnswer", &World::call_and_tell, &World::succeed},
    {"AnswerToASlowReader", &World::call_and_fill, &World::succeed, kAll, true},
    {"RoomForTheAnswer", &World::call_fill_and_answer, &World::read_all, kAll, true},
    {"Question", &World::call, &World::ask},
    {"QuestionOnAStream", &World::call_and_tell, &World::ask},
    {"ReadResource", &World::read_resource, &World::show_resource},
    {"Notification", &World::subscribe, &World::tell},
    {"NotificationToASlowReader", &World::subscribe_and_fill, &World::tell, kAll, true},
    {"RoomForTheFeed", &World::subscribe_and_fill, &World::read_all, kAll, true},
    {"EndOfFeed", &World::subscribe, &World::end_feed},
    {"EndOfFeedOfASlowReader", &World::subscribe_and_fill, &World::end_feed, kAll, true},
    {"FeedAccepted", &World::subscribe_pending, &World::accept_feed},
    {"FeedRefused", &World::subscribe_pending, &World::refuse_feed},
    {"ListChanged", &World::subscribe, &World::change_list},
    {"KeepAlive", &World::subscribe, &World::keep_alive},
    {"KeepAliveOfACall", &World::call_and_tell, &World::keep_alive},
    {"WindowOver", &World::call_and_tell, &World::window_over},
    {"Verdict", &World::call_with_token, &World::verdict, kHttp},
    {"Refusal", &World::call_with_token, &World::refusal, kHttp},
    {"VerdictOfAListen", &World::listen_with_token, &World::verdict, kModern},
    {"TokenStillGood", &World::stream_with_token, &World::verdict, kHttp},
    {"TokenRefused", &World::stream_with_token, &World::refusal, kHttp},
    {"DrainWithACall", &World::call, &World::drain},
    {"DrainWithAStreamedCall", &World::call_and_tell, &World::drain},
    {"DrainWithAWaitingAnswer", &World::call_fill_and_answer, &World::drain, kAll, true},
    {"DrainWithAFeed", &World::subscribe, &World::drain},
    {"DrainWithAFullFeed", &World::subscribe_and_fill, &World::drain, kAll, true},
    {"DrainWithAPendingFeed", &World::subscribe_pending, &World::drain},
    {"DrainWithAQuestion", &World::call_with_token, &World::drain, kHttp},
    {"ShutdownWithACall", &World::call_and_tell, &World::shut_down},
    {"ShutdownWithAFeed", &World::subscribe, &World::shut_down},
    {"EndpointDropped", &World::call_and_tell, &World::drop_endpoint},
    {"EndpointDroppedWithAFeed", &World::subscribe_and_fill, &World::drop_endpoint, kAll, true},
    {"ServerDropped", &World::call_and_tell, &World::drop_server},
    {"ServerDroppedWithAFeed", &World::subscribe, &World::drop_server},
    {"SessionEnds", &World::call_and_tell, &World::end_session, kLegacy | kStdioLegacy},
    {"SessionEndsWithAFeed", &World::subscribe, &World::end_session, kLegacy | kStdioLegacy},
    {"CallCancelled", &World::call_and_tell, &World::cancel, kLegacy | kStdio},
};

struct World::Later {
  World& world;
  const Thing& thing;
  void happen() { (world.*thing.happen)(); }
};

void World::live(const Thing& thing, Going going, Order order) {
  connect_client(thing.slow_reader ? 8192 : 0);
  if (going == Going::reset) leave_unread();
  (this->*thing.begin)();
  if (going != Going::reset && !thing.slow_reader) client->read();
  switch (order) {
    case Order::gone_first: {
      // Descriptors before timers: the thing is told of a connection that has failed already.
      go(going);
      Later later{*this, thing};
      loop::Timer timer(loop, "thing", loop::Timer::Fn::bind<&Later::happen>(&later));
      timer.arm({});
      loop.run_once();
      break;
    }
    case Order::found_by_it:
      go(going);
      (this->*thing.happen)();
      break;
    case Order::thing_first:
      (this->*thing.happen)();
      go(going);
      break;
  }
  settle(4);
  client->close();
  settle();
  see();
}

// All of it is over once its client is gone and its runs have ended; the others are as before.
void World::see() {
  if (!endpoint || !server) return;
  end_runs();
  pass(mcp::kAskTime);
  if (stdio) stdio->close();  // one that has read its end of input sees no more of its client
  settle();
  const mcp::endpoint::EndpointStats stats = endpoint->stats();
  EXPECT_EQ(stats.calls, 0u);
  EXPECT_EQ(stats.streams, 0u);
  EXPECT_EQ(stats.listens, 0u);
  std::uint64_t calls = 0;
  endpoint->requests().for_each_method(
      [&](std::string_view method, const mcp::shared::RequestCount& count) {
        for (const std::uint64_t n : count.ended)
          calls += method == "tools/call" ? n : 0;
      });
  EXPECT_EQ(calls, slow->texts.size()) << "each is counted once";
  if (!accepting) return;
  // Where feeds and streams were ended its session goes on all the same.
  EXPECT_EQ(post(rpc("ping"), in(other)).status, 200);
}

struct PeerGoes : testing::TestWithParam<std::tuple<Thing, Way>> {
  static constexpr std::array kGoings = {Going::reset, Going::close, Going::half, Going::deaf};
  static constexpr std::array kOrders = {Order::gone_first, Order::found_by_it, Order::thing_first};
};

TEST_P(PeerGoes, InTheTurnOf) {
  const auto& [thing, way] = GetParam();
  for (const Going going : kGoings) {
    for (const Order order : kOrders) {
      SCOPED_TRACE(std::to_string(static_cast<int>(going)) + "/" +
                   std::to_string(static_cast<int>(order)));
      World(way).live(thing, going, order);
    }
  }
}

std::vector<std::tuple<Thing, Way>> all_of_them() {
  std::vector<std::tuple<Thing, Way>> all;
  for (const Thing& thing : kThings) {
    for (const Way way : {Way::legacy, Way::modern, Way::stdio_legacy, Way::stdio_modern}) {
      if (thing.ways & (1u << static_cast<unsigned>(way))) all.emplace_back(thing, way);
    }
  }
  return all;
}

std::string name_of(const testing::TestParamInfo<std::tuple<Thing, Way>>& info) {
  constexpr const char* kNames[] = {"Legacy", "Modern", "StdioLegacy", "StdioModern"};
  const auto& [thing, way] = info.param;
  return std::string(thing.name) + kNames[static_cast<int>(way)];
}

INSTANTIATE_TEST_SUITE_P(Each, PeerGoes, testing::ValuesIn(all_of_them()), name_of);

}  // namespace
