// Random clients of both eras, over HTTP and standard input, that send anything, read or do not,
// and go when they like: at the same moment as whatever happens to them. Drawn by a seed;
// `make soak` lives many, also under ASan (VARIANT=asan).
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "mcp/endpoint/stdio.h"
#include "mcp/modern/task.h"
#include "mcp/shared/keep_alive.h"
#include "mcp/shared/recheck.h"
#include "mcp/shared/subscription.h"
#include "support/modern_world.h"
#include "support/seeds.h"

namespace {

using test::Peer;

constexpr int kSteps = 400;
constexpr std::size_t kPeers = 16;

struct RandomClients : test::ModernWorld, testing::WithParamInterface<std::uint64_t> {
  struct Client {
    std::unique_ptr<Peer> peer;
    std::unique_ptr<mcp::endpoint::Stdio> stdio;  // nullptr: HTTP
    std::string session;
  };

  RandomClients()
      : random(GetParam()), later(loop, "later", loop::Timer::Fn::bind<&RandomClients::act>(this)) {
    be_quiet();
    auth.expire = true;
    begin_endpoint();
  }
  ~RandomClients() override { server.reset(); }
  void TearDown() override {
    if (HasFailure()) {
      std::fprintf(stderr, "to repeat it: make soak FIRST=%llu SEEDS=1\n",
                   static_cast<unsigned long long>(GetParam()));
    }
  }

  bool chance(unsigned one_in) { return random.below(one_in) == 0; }
  template <class List>
  auto& any(List& list) {
    return list[random.below(list.size())];
  }
  std::string any_of(std::initializer_list<const char*> texts) {
    return *(texts.begin() + random.below(texts.size()));
  }

  void begin_endpoint() {
    mcp::shared::Options options;
    options.max_sessions = 8;
    restart(options);
    sessions.clear();
    for (const char* version : {"2025-03-26", "2025-06-18", "2025-11-25"})
      sessions.push_back(open(version));
    sessions.push_back(open("2025-11-25", bearer("alice-1")));
  }

  // ---- clients

  void come() {
    if (clients.size() >= kPeers) forget(any(clients));
    Client one;
    const int buffer = chance(3) ? 4096 : 0;
    if (!chance(4)) {
      one.peer = connect(buffer);
    } else {
      int fds[2];
      ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
      if (buffer) setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
      one.peer = std::make_unique<Peer>();
      one.peer->fd = base::Fd(fds[1]);
      one.stdio = std::make_unique<mcp::endpoint::Stdio>(
          loop, *endpoint, std::make_unique<net::TcpStream>(loop, base::Fd(fds[0])));
      one.stdio->start();
    }
    one.session = any(sessions);
    clients.push_back(std::move(one));
  }
  void go() {
    Client& one = any(clients);
    switch (random.below(4)) {
      case 0:
        return one.peer->half_close();
      case 1:
        if (one.peer->fd) ::shutdown(one.peer->fd.get(), SHUT_RD);
        return;
      default:
        one.peer->close();
    }
    forget(one);
  }
  void forget(Client& one) {
    if (one.stdio) one.stdio->close();
    clients.erase(clients.begin() + (&one - clients.data()));
  }

  std::string params_of(std::string_view method) {
    if (method == "tools/call") {
      return R"("name":")" + any_of({"test.slow", "test.slow", "test.echo", "test.none"}) +
             R"(","arguments":{"text":"x"})";
    }
    if (method == "subscriptions/listen") {
      return R"("notifications":{"toolsListChanged":true,"resourceSubscriptions":["test://)" +
             any_of({"a", "b", "none"}) + R"("]})";
    }
    if (method == "notifications/cancelled") return R"("requestId":)" + number();
    return R"("uri":"test://)" + any_of({"a", "b", "none"}) + "\"";
  }
  std::string letters(std::uint64_t below) { return std::string(random.below(below), 'x'); }
  std::string number() { return std::to_string(1 + random.below(6)); }

  void say() {
    Client& one = any(clients);
    const bool modern = chance(2);
    const std::string method =
        modern ? any_of({"tools/call", "tools/call", "subscriptions/listen", "resources/read",
                         "server/discover", "tools/list"})
               : any_of({"tools/call", "tools/call", "resources/subscribe", "resources/unsubscribe",
                         "resources/read", "ping", "notifications/cancelled", "initialize"});
    const std::string token = chance(2) ? R"(,"progressToken":1)" : "";
    std::string text = "{" + params_of(method) + R"(,"_meta":)";
    text += modern ? meta(R"({"elicitation":{"form":{}}})", token) + "}"
                   : "{" + (token.empty() ? "" : token.substr(1)) + "}}";
    if (method == "initialize") {
      text = R"({"protocolVersion":"2025-11-25","capabilities":{"elicitation":{"form":{}}}})";
    }
    const bool request_it = !method.starts_with("notifications/");
    const std::string message =
        request_it ? rpc(method, text, number()) : notification(method, text);
    if (one.stdio) return send(one, message + "\n");
    std::string more = chance(4) ? bearer(any_of({"alice-1", "alice-2", "bob-1", "none"})) : "";
    if (chance(6)) more += "Accept: application/json\r\n";
    if (modern) {
      std::string name;
      if (method == "tools/call") name = text.substr(9, text.find('"', 9) - 9);
      if (method == "resources/read") name = text.substr(8, text.find('"', 8) - 8);
      return send(one, request("POST", headers(method, name, more), message));
    }
    more += in(one.session);
    switch (random.below(8)) {
      case 0:
        return send(one, request("GET", "Accept: text/event-stream\r\n" + more, {}));
      case 1:
        more += "Last-Event-ID: " + std::to_string(random.below(3)) + "_" + number() + "\r\n";
        return send(one, request("GET", "Accept: text/event-stream\r\n" + more, {}));
      case 2:
        return send(one,
                    request("POST", more, "[" + message + "," + rpc("ping") + "," + message + "]"));
      case 3:
        if (chance(4)) return send(one, request("DELETE", more, {}));
        return send(one, request("POST", more, message).substr(0, 30 + random.below(100)));
      default:
        return send(one, request("POST", more, message));
    }
  }
  // As much as goes; a client that is gone says nothing.
  static void send(Client& to, const std::string& bytes) {
    if (to.peer->fd) (void)::send(to.peer->fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

  // ---- what happens to them

  void run_on() {
    if (slow->runs.empty()) return;
    mcp::ToolReply& reply = any(slow->runs)->reply.call;
    switch (random.below(8)) {
      case 0:
      case 1:
        return reply.progress({static_cast<double>(++told), {}, letters(20'000)});
      case 2:
        return reply.log(mcp::LogLevel::error, "\"x\"");
      case 3:
        return reply.close_stream(base::seconds(1));
      case 4:
        return reply.ask({mcp::Question::form("a", "?", R"({"type":"object","properties":{}})")});
      case 5:
        return reply.fail(mcp::ToolError{"no"});
      case 6:
        return reply.fail({mcp::RpcCode::internal_error, "no", {}});
      default:
        return reply.succeed({.structured_json = R"({"x":")" + letters(50'000) + "\"}"});
    }
  }
  void feed_on() {
    if (family->feeds.empty()) return;
    test::TestFamily::Feed& feed = *any(family->feeds);
    if (static_cast<mcp::shared::Subscription&>(feed.subscriber).pending()) {
      chance(2) ? feed.subscriber.accepted()
                : feed.subscriber.refused({mcp::RpcCode::internal_error, "no", {}});
    } else if (chance(6)) {
      feed.subscriber.ended();
    } else {
      feed.say("\"" + letters(30'000) + "\"");
    }
  }
  void read_on() {
    if (family->reads.empty()) return;
    any(family->reads)->reply.succeed({"text/plain", "x"});
  }
  void ask_on() {
    if (!auth.questions.empty()) return auth.answer();
    auth.later = !auth.later;
  }
  void shake() {
    switch (random.below(6)) {
      case 0:
        return registry.add(
            std::make_unique<test::TestTool>("test.n" + std::to_string(++told), false));
      case 1:
        auth.identities["alice-1"] = any_of({"alice", "carol"});
        return;
      case 2:
        endpoint->end_feeds("the server is shutting down");
        return;
      case 3:
        endpoint->abandon_calls("the server is shutting down");
        return;
      case 4:
        family->first_delta = family->first_delta.empty() ? "\"first\"" : "";
        return;
      default:
        family->slow_reads = !family->slow_reads;
    }
  }

  void act() {
    switch (random.below(10)) {
      case 0:
      case 1:
        return run_on();
      case 2:
        return feed_on();
      case 3:
        return read_on();
      case 4:
        return ask_on();
      case 5:
        if (chance(8)) shake();
        return;
      case 6:
        if (!clients.empty() && chance(2)) go();
        return;
      default:
        if (clients.empty()) return;
        say();
    }
  }

  void step() {
    if (clients.size() < 4 || chance(3)) come();
    family->mode = chance(3) ? test::TestFamily::Mode::wait : test::TestFamily::Mode::accept;
    for (std::uint64_t n = random.below(4); n > 0; --n)
      act();
    if (chance(2)) later.arm({});  // after the descriptors of the turn
    if (chance(6) && !clients.empty()) go();
    if (chance(3) && !clients.empty()) any(clients).peer->read();
    if (chance(20)) clock.advance(mcp::shared::kKeepAlive);
    if (chance(100)) clock.advance(mcp::shared::kRecheck);
    if (chance(200)) clock.advance(base::limits::kResumeWindow);
    loop.run_once();
  }

  void end_all() {
    later.cancel();
    for (Client& one : clients) {
      if (one.stdio) one.stdio->close();
    }
    clients.clear();
    auth.later = false;
    while (!auth.questions.empty())
      auth.answer();
    settle();
    // The members of a batch run one after another.
    const auto waits = [&] {
      return !slow->runs.empty() || !family->reads.empty() || !family->feeds.empty();
    };
    for (int round = 0; round < 1000 && waits(); ++round) {
      for (test::TestTool::Run* each : std::vector(slow->runs))
        each->reply.succeed("{}");
      for (test::TestFamily::Read* each : std::vector(family->reads))
        each->reply.succeed({"text/plain", "x"});
      for (test::TestFamily::Feed* each : std::vector(family->feeds))
        each->subscriber.refused({mcp::RpcCode::internal_error, "no", {}});  // those not answered
      settle();
    }
    pass(mcp::kAskTime);
    pass(base::limits::kResumeWindow + base::limits::kWriteStallTime);
    pass(base::limits::kSessionIdle * 2);
    const mcp::endpoint::EndpointStats stats = endpoint->stats();
    EXPECT_EQ(stats.calls, 0u);
    EXPECT_EQ(stats.streams, 0u);
    EXPECT_EQ(stats.listens, 0u);
    EXPECT_EQ(stats.subscriptions, 0u);
    EXPECT_EQ(stats.sessions, 0u);
    EXPECT_EQ(server->connections(), 0u);
    EXPECT_TRUE(family->feeds.empty());
  }

  base::Random random;
  loop::Timer later;
  std::vector<Client> clients;
  std::vector<std::string> sessions;
  int told = 0;
};

TEST_P(RandomClients, LeaveNothingBehind) {
  for (int i = 0; i < kSteps; ++i)
    step();
  end_all();
}

INSTANTIATE_TEST_SUITE_P(Seed, RandomClients,
                         testing::Range(test::first_seed(), test::first_seed() + test::seeds()),
                         [](const auto& one) { return std::to_string(one.param); });

}  // namespace
