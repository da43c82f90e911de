// The whole server in one object, seen from outside: starting, probes, paths, and the states of its
// end with their log lines. What reaches subscribers meanwhile is told by the stories.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/version.h"
#include "base/text.h"
#include "support/story_world.h"

namespace {

using base::milliseconds;
using base::seconds;
using test::SimCall;
using test::StoryWorld;
using Headers = std::vector<std::pair<std::string, std::string>>;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

struct AppTest : StoryWorld {
  std::unique_ptr<SimCall> send(std::string method, std::string target, Headers headers = {},
                                std::string body = {}) {
    return std::make_unique<SimCall>(*front, std::move(method), std::move(target), std::move(body),
                                     "", body.empty() ? "" : "application/json",
                                     std::move(headers));
  }
  std::unique_ptr<SimCall> ask(std::string method, std::string target, Headers headers = {}) {
    auto call = send(std::move(method), std::move(target), std::move(headers));
    EXPECT_TRUE(run_until([&] { return call->done(); }));
    return call;
  }
  // Starts without waiting for the API server.
  base::Result<void> start_raw(app::Settings settings) {
    app = std::make_unique<app::App>(loop, settings,
                                     base::Delegate<void()>::bind<&AppTest::on_end>(this));
    return app->start();
  }
  // What the log says in the line with this message: the attribute's value as JSON.
  std::string logged(std::string_view message, std::string_view attribute) {
    for (std::string_view line : base::split(log, '\n')) {
      if (!has(line, "\"msg\":\"" + std::string(message) + "\"")) continue;
      base::json::Document doc;
      const auto root = doc.parse(line);
      EXPECT_TRUE(root.has_value()) << line;
      EXPECT_EQ((*root)["level"].str(), "INFO");
      return (*root)[attribute].to_json();
    }
    return "(no line)";
  }
  void on_end() { ++ends; }
  int ends = 0;
};

// ---- start

TEST_F(AppTest, PortZeroPicksOneAndTheLogSaysWhich) {
  start_app();
  const int port = app->address().port();
  EXPECT_GT(port, 0);
  EXPECT_EQ(logged("listening", "url"), "\"http://127.0.0.1:" + std::to_string(port) + "/mcp\"");
  EXPECT_EQ(logged("listening", "auth_mode"), "\"DEV_ALLOW_ANY\"");
  EXPECT_EQ(logged("API server reached", "server"), "\"" + api.url() + "\"");
}

TEST_F(AppTest, AnAddressThatOthersReachIsSaidOfAtTheStart) {
  app::Settings settings;
  start_app(settings);
  EXPECT_FALSE(has(log, "WARN")) << log;
  stop_app();
  loop.run_once();
  app.reset();
  settings.listens[0].host = "0.0.0.0";
  start_app(settings);
  EXPECT_TRUE(has(log, "acts as the kubeconfig's identity")) << log;
}

TEST_F(AppTest, WhatCannotWorkIsAnErrorAtTheStart) {
  app::Settings settings;
  settings.listens[0].port = 0;
  settings.kubeconfig = dir.path("none");
  auto started = start_raw(settings);
  ASSERT_FALSE(started.has_value());
  EXPECT_TRUE(has(started.error().what(), dir.path("none"))) << started.error().what();

  settings.kubeconfig = dir.write("bad", "kind: [");
  started = start_raw(settings);
  EXPECT_FALSE(started.has_value());

  settings.kubeconfig = dir.write("kubeconfig", api.kubeconfig());
  settings.context = "nowhere";
  started = start_raw(settings);
  ASSERT_FALSE(started.has_value());
  EXPECT_TRUE(has(started.error().what(), "nowhere")) << started.error().what();

  settings.context.clear();
  settings.listens[0].port = api.port();
  started = start_raw(settings);
  ASSERT_FALSE(started.has_value());
  EXPECT_TRUE(has(started.error().what(), std::to_string(api.port()))) << started.error().what();

  settings.listens[0].port = 0;
  settings.pid_file = dir.write("pid", std::to_string(::getppid()) + "\n");
  started = start_raw(settings);
  ASSERT_FALSE(started.has_value());
  EXPECT_TRUE(has(started.error().what(), "is running")) << started.error().what();
  app->shutdown("nothing to end");
  EXPECT_EQ(ends, 0);
  app.reset();
}

TEST_F(AppTest, ThePidFileIsThereWhileItRunsOnly) {
  app::Settings settings;
  settings.pid_file = dir.path("pid");
  start_app(settings);
  EXPECT_EQ(dir.read("pid"), std::to_string(::getpid()) + "\n");
  stop_app();
  loop.run_once();
  app.reset();
  EXPECT_EQ(dir.read("pid"), "");
}

TEST_F(AppTest, SystemdIsToldOfTheStartAndOfTheEnd) {
  base::Fd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = dir.path("notify");
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  start_app();
  stop_app();
  ::unsetenv("NOTIFY_SOCKET");
  std::string all;
  char buffer[64];
  for (ssize_t n = 0; (n = ::recv(fd.get(), buffer, sizeof buffer, 0)) > 0;) {
    all.append(buffer, static_cast<std::size_t>(n)).append(";");
  }
  EXPECT_EQ(all, "READY=1;STOPPING=1;");
}

// ---- probes

TEST_F(AppTest, HealthIsJsonWithTheVersion) {
  start_app();
  const std::string version = R"(,"version":)" + app::version_json() + "}\n";
  auto alive = ask("GET", "/healthz");
  EXPECT_EQ(alive->status, 200);
  EXPECT_EQ(alive->body, R"({"status":"ok")" + version);
  auto ready = ask("GET", "/readyz?verbose");
  EXPECT_EQ(ready->status, 200);
  EXPECT_EQ(ready->body, R"({"status":"ready","reasons":[])" + version);
  for (const char* path : {"/healthz", "/readyz"}) {
    auto head = ask("HEAD", path);
    EXPECT_EQ(head->status, 200) << path;
    EXPECT_EQ(head->body, "");
    EXPECT_EQ(ask("POST", path)->status, 405) << path;
    EXPECT_EQ(ask("DELETE", path)->status, 405) << path;
  }
}

TEST_F(AppTest, ItIsNotReadyWithTheReasonUntilTheApiServerAnswersAndItKeepsAsking) {
  api.stop();
  start_app();
  ASSERT_TRUE(run_until([&] { return has(log, "API server not reached"); }));
  auto ready = ask("GET", "/readyz");
  EXPECT_EQ(ready->status, 503);
  EXPECT_TRUE(ready->body.starts_with(R"({"status":"not ready","reasons":["API server )" +
                                      api.url() + ": "))
      << ready->body;
  ready = ask("GET", "/readyz", {{"X-Forwarded-For", "203.0.113.9"}});
  EXPECT_TRUE(has(ready->body, R"("reasons":["the API server was not reached: unavailable"])"))
      << "to one who came through a proxy: " << ready->body;
  EXPECT_EQ(ask("GET", "/healthz")->status, 200);
  pass(base::hours(1));
  const int lines = static_cast<int>(base::split(log, '\n').size());
  EXPECT_LT(lines, 90) << "a minute apart at the end";
  ASSERT_TRUE(api.start("127.0.0.1", api.port()).has_value());
  const base::TimePoint before = loop.now();
  ASSERT_TRUE(run_until([&] { return app->ready(); }));
  EXPECT_LE(loop.now() - before, seconds(72));
  EXPECT_EQ(ask("GET", "/readyz")->status, 200);
  // Later failures are the watches' to tell.
  api.stop();
  pass(seconds(300));
  EXPECT_EQ(ask("GET", "/readyz")->status, 200);
}

TEST_F(AppTest, OtherPathsAre404AndOnlyProbesComeWithAnyHost) {
  start_app();
  EXPECT_EQ(ask("GET", "/")->status, 404);
  EXPECT_TRUE(has(ask("GET", "/mcpx")->body, "/mcp"));
  EXPECT_EQ(ask("GET", "/mcp")->status, 400);  // a session is missing
  EXPECT_EQ(ask("GET", "/mcp/")->status, 400);
  EXPECT_EQ(ask("GET", "/mcp", {{"Origin", "http://evil.example"}})->status, 403);
  EXPECT_EQ(ask("GET", "/", {{"Origin", "http://evil.example"}})->status, 403);
  EXPECT_EQ(ask("GET", "/healthz", {{"Origin", "http://evil.example"}})->status, 200);
}

TEST_F(AppTest, WhereTheTransportOf20241105UsedToBeIsA404ThatSaysSo) {
  start_app();
  for (const char* path : {"/sse", "/message", "/messages"}) {
    for (const char* verb : {"GET", "POST"}) {
      const auto answer = ask(verb, path);
      EXPECT_EQ(answer->status, 404) << verb << path;
      EXPECT_TRUE(has(answer->body, "2024-11-05 is not served")) << answer->body;
      EXPECT_TRUE(has(answer->body, "/mcp")) << answer->body;
    }
  }
}

// After a 401 the SDKs look for a log-in there; a 404 as text ended in "Invalid OAuth error
// response: SyntaxError".
TEST_F(AppTest, WhereClientsLookForALoginIsA404TheyCanRead) {
  const auto said_at = [&](const char* verb, const std::string& path) {
    const auto answer = ask(verb, path);
    EXPECT_EQ(answer->status, 404) << path;
    base::json::Document doc;
    const auto body = doc.parse(answer->body);
    EXPECT_TRUE(body && !(*body)["error"].str().empty()) << path << answer->body;
    return body ? std::string((*body)["error_description"].str()) : std::string();
  };
  for (const app::AuthMode mode : {app::AuthMode::dev_allow_any, app::AuthMode::oidc_required}) {
    app::Settings settings;
    settings.auth_mode = mode;
    start_app(settings);
    const bool tokens = mode == app::AuthMode::oidc_required;
    for (const char* name :
         {"oauth-authorization-server", "oauth-protected-resource", "openid-configuration"}) {
      const std::string path = std::string("/.well-known/") + name;
      for (const std::string& each : {path, path + "/mcp", "/mcp" + path})
        EXPECT_TRUE(has(said_at("GET", each), tokens ? "bearer token" : "needs no login"));
    }
    for (const char* path : {"/register", "/token", "/authorize"})
      EXPECT_TRUE(has(said_at("POST", path), tokens ? "bearer token" : "needs no login"));
    EXPECT_TRUE(has(said_at("GET", "/elsewhere"), "/mcp"));
    stop_app();
  }
}

// ---- the end

TEST_F(AppTest, EachStateOfTheEndIsOneLineWithItsCounts) {
  start_app();
  auto session = connect();
  ASSERT_TRUE(session->subscribe("k0rdent://events/team-a"));
  ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
  cluster.emit({.ns = "team-a", .name = "e"});
  ASSERT_TRUE(told(*session, 1));
  app->shutdown("SIGTERM");
  app->shutdown("SIGINT");
  stop_app();
  EXPECT_EQ(logged("shutdown: draining", "why"), "\"SIGTERM\"");
  EXPECT_EQ(logged("shutdown: draining", "sessions"), "1");
  EXPECT_EQ(logged("shutdown: draining", "streams"), "1");
  EXPECT_EQ(logged("shutdown: draining", "subscriptions"), "1");
  EXPECT_EQ(logged("shutdown: draining", "watches"), "1");
  EXPECT_EQ(logged("shutdown: draining", "calls"), "0");
  EXPECT_EQ(logged("shutdown: watches closed", "watches"), "1");
  EXPECT_EQ(logged("shutdown: closing", "streams"), "1");
  EXPECT_EQ(logged("shutdown: closing", "calls_abandoned"), "0");
  EXPECT_EQ(logged("shutdown: stopped", "delivered"), "2");  // the event and the last word
  EXPECT_EQ(logged("shutdown: stopped", "dropped"), "0");
  EXPECT_EQ(logged("shutdown: stopped", "left_behind"), "0");
  EXPECT_EQ(logged("shutdown: stopped", "connections_cut"), "0");
  std::size_t at = 0;
  for (const char* state : {"draining", "watches closed", "closing", "stopped"}) {
    const std::size_t found = log.find(std::string("\"msg\":\"shutdown: ") + state);
    ASSERT_NE(found, std::string::npos) << state;
    EXPECT_GT(found, at) << state;
    at = found;
    EXPECT_EQ(log.find(std::string("\"msg\":\"shutdown: ") + state, found + 1), std::string::npos);
  }
}

TEST_F(AppTest, NobodyIsConnectedAnyMoreOnceItDrains) {
  start_app();
  api.faults().add({.match = {.verb = "list", .path = "/namespaces"}, .delay = seconds(1)});
  auto session = connect();
  auto call =
      session->send("tools/call", R"({"name":"k0rdent.mgmt.namespaces.list","arguments":{}})");
  ASSERT_TRUE(run_until([&] { return api.count("list") == 1; }));
  app->shutdown("SIGTERM");
  EXPECT_FALSE(app->ready());
  EXPECT_EQ(app->watches(), 0u);
  auto late = ask("GET", "/readyz");
  EXPECT_EQ(late->status, 0);
  EXPECT_FALSE(late->whole());
  EXPECT_FALSE(call->done()) << "it is still given its time";
  stop_app();
  EXPECT_TRUE(run_until([&] { return call->done(); }));
  EXPECT_EQ(call->status, 200);
}

TEST_F(AppTest, CallsGetHalfOfAShortDrainTimeout) {
  app::Settings settings;
  settings.drain_timeout = milliseconds(400);
  start_app(settings);
  auto session = connect();
  api.faults().add({.match = {.verb = "list", .path = "/namespaces"}, .never = true});
  auto call =
      session->send("tools/call", R"({"name":"k0rdent.mgmt.namespaces.list","arguments":{}})");
  ASSERT_TRUE(run_until([&] { return api.count("list") == 1; }));
  const base::TimePoint before = loop.now();
  app->shutdown("SIGTERM");
  ASSERT_TRUE(run_until([&] { return call->done(); }));
  EXPECT_GE(loop.now() - before, milliseconds(200));
  EXPECT_LT(loop.now() - before, milliseconds(400));
  EXPECT_TRUE(has(call->body, "shutting down")) << call->body;
  stop_app();
  EXPECT_LE(loop.now() - before, milliseconds(400));
  EXPECT_EQ(logged("shutdown: closing", "calls_abandoned"), "1");
}

TEST_F(AppTest, AStalledReaderIsCutWhenTheDrainTimeoutIsOver) {
  app::Settings settings;
  settings.drain_timeout = seconds(7);
  start_app(settings);
  auto session = connect();
  ASSERT_TRUE(session->subscribe("k0rdent://events/team-a"));
  session->pause(true);
  for (int i = 0; i < 3000; ++i) {
    cluster.emit({.ns = "team-a", .message = std::string(4000, 'x')});
    if (i % 100 == 0) settle();
  }
  settle();
  const base::TimePoint before = loop.now();
  stop_app();
  EXPECT_EQ(loop.now() - before, seconds(7));
  EXPECT_EQ(logged("shutdown: stopped", "connections_cut"), "1");
  EXPECT_NE(logged("shutdown: stopped", "left_behind"), "0");
  EXPECT_EQ(app->server().connections(), 0u);
}

// As main() does it: the loop ends with the server, and both die without another turn.
TEST(AppAlone, TheWayOutOfTheProgramIsClean) {
  test::TempDir dir;
  std::string log;
  base::log::capture(&log);
  {
    loop::VirtualClock clock;
    struct Serve {
      explicit Serve(loop::Clock& of)
          : loop(of), timer(loop, "end", loop::Timer::Fn::bind<&Serve::on_time>(this)) {}
      void on_time() { app->shutdown("SIGTERM"); }
      void on_stopped() { loop.stop(); }
      loop::Loop loop;
      loop::Timer timer;
      std::unique_ptr<app::App> app;
    };
    Serve serve(clock);
    app::Settings settings;
    settings.listens[0].port = 0;
    settings.kubeconfig =
        dir.write("kubeconfig",
                  "clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}]\n"
                  "contexts: [{name: c, context: {cluster: c, user: u}}]\n"
                  "current-context: c\nusers: [{name: u, user: {}}]\n");
    serve.app = std::make_unique<app::App>(
        serve.loop, settings, base::Delegate<void()>::bind<&Serve::on_stopped>(&serve));
    ASSERT_TRUE(serve.app->start().has_value());
    serve.timer.arm(seconds(30));
    serve.loop.run();
    EXPECT_LT(clock.now().since, seconds(31));
    serve.app.reset();
  }
  base::log::capture(nullptr);
  EXPECT_TRUE(has(log, "API server not reached"));
  EXPECT_TRUE(has(log, "shutdown: stopped"));
}

}  // namespace
