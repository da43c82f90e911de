// What an operator sees of the whole server: /metrics, /readyz, /healthz?verbose and
// k0rdent://watches, while the simulated cluster is well, away, and back.
#include "base/text.h"
#include "support/prometheus.h"
#include "support/story_world.h"

namespace {

using base::seconds;
using test::McpSession;
using test::Scrape;
using test::SimCall;
using test::StoryWorld;

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

struct StorySeeing : StoryWorld {
  static constexpr const char* kUri = "k0rdent://events/team-a";
  std::unique_ptr<SimCall> ask_page(std::string method, std::string target) {
    auto call = std::make_unique<SimCall>(*front, std::move(method), std::move(target), "", "", "");
    EXPECT_TRUE(run_until([&] { return call->done(); }));
    return call;
  }
  std::string page(std::string target) {
    auto call = ask_page("GET", std::move(target));
    EXPECT_EQ(call->status, 200) << call->body;
    return call->body;
  }
  Scrape scrape() {
    Scrape got(page("/metrics"));
    EXPECT_EQ(got.problem_text(), "");
    return got;
  }
  void follow_events() {
    session = connect();
    ASSERT_TRUE(session->subscribe(kUri));
    ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
    pass(seconds(2));
  }
  std::string read_watches() {
    session->ask("resources/read", R"({"uri":"k0rdent://watches"})");
    return std::string(session->result()["contents"].at(0)["text"].str());
  }
  std::unique_ptr<McpSession> session;
};

TEST_F(StorySeeing, MetricsAreInTheFormatAndByTheConventions) {
  start_app();
  follow_events();
  session->ask("tools/call", R"({"name":"k0rdent.mgmt.namespaces.list","arguments":{}})");
  session->ask("no/such", "{}");
  auto call = ask_page("GET", "/metrics");
  EXPECT_EQ(call->status, 200);
  EXPECT_EQ(call->content_type, "text/plain; version=0.0.4; charset=utf-8");
  const Scrape got(call->body);
  EXPECT_EQ(got.problem_text(), "");
  for (const char* name : {"k0rdent_mcp_build_info",
                           "k0rdent_mcp_watches",
                           "k0rdent_mcp_watch_restarts_total",
                           "k0rdent_mcp_watch_errors_total",
                           "k0rdent_mcp_circuit_breakers",
                           "k0rdent_mcp_circuit_breaker_changes_total",
                           "k0rdent_mcp_watch_backoff_seconds",
                           "k0rdent_mcp_notifications_sent_total",
                           "k0rdent_mcp_notifications_dropped_total",
                           "k0rdent_mcp_notifications_folded_total",
                           "k0rdent_mcp_queue_bytes",
                           "k0rdent_mcp_sessions",
                           "k0rdent_mcp_subscriptions",
                           "k0rdent_mcp_subscribers",
                           "k0rdent_mcp_requests_total",
                           "k0rdent_mcp_request_duration_seconds",
                           "k0rdent_mcp_tool_calls_total",
                           "k0rdent_mcp_kube_requests_total",
                           "k0rdent_mcp_kube_request_duration_seconds",
                           "k0rdent_mcp_loop_turn_duration_seconds",
                           "k0rdent_mcp_http_responses_total",
                           "process_resident_memory_bytes",
                           "process_open_fds",
                           "process_max_fds",
                           "process_start_time_seconds",
                           "process_cpu_seconds_total"}) {
    EXPECT_EQ(got.types.count(name), 1u) << name;
  }
  EXPECT_EQ(got.sum("k0rdent_mcp_build_info"), 1);
  EXPECT_GT(got.value("process_resident_memory_bytes"), 1e6);
  EXPECT_GT(got.value("process_open_fds"), 3);
  EXPECT_GE(got.value("process_max_fds"), got.value("process_open_fds"));
  EXPECT_GT(got.value("process_start_time_seconds"), 1.6e9);
  EXPECT_GT(got.value("k0rdent_mcp_loop_turn_duration_seconds_count"), 10);
}

TEST_F(StorySeeing, MetricsFollowAWatchThroughItsLife) {
  start_app();
  cluster.emit({.ns = "team-a", .name = "one"});
  const std::string confirmed = R"(k0rdent_mcp_watches{manager="events",state="confirmed"})";
  const std::string waiting = R"(k0rdent_mcp_watches{manager="events",state="waiting"})";
  EXPECT_EQ(scrape().value(confirmed), 0);
  follow_events();
  ASSERT_TRUE(told(*session, 1));
  Scrape well = scrape();
  EXPECT_EQ(well.value(confirmed), 1);
  EXPECT_EQ(well.value("k0rdent_mcp_sessions"), 1);
  EXPECT_EQ(well.value("k0rdent_mcp_subscriptions"), 1);
  EXPECT_EQ(well.value(R"(k0rdent_mcp_subscribers{manager="events"})"), 1);
  EXPECT_EQ(well.value("k0rdent_mcp_notifications_sent_total"), 1);
  EXPECT_EQ(well.value("k0rdent_mcp_ready"), 1);
  EXPECT_EQ(well.value(R"(k0rdent_mcp_kube_requests_total{code="200",verb="watch"})"), 1);
  EXPECT_EQ(well.value(R"(k0rdent_mcp_kube_requests_total{code="200",verb="list"})"), 1);
  EXPECT_EQ(well.sum("k0rdent_mcp_watch_errors_total"), 0);

  api.stop();
  pass(seconds(25));  // five failures: the breaker opens
  Scrape away = scrape();
  EXPECT_EQ(away.value(confirmed), 0);
  EXPECT_EQ(away.value(waiting), 1);
  EXPECT_EQ(away.value(R"(k0rdent_mcp_stale_watches{manager="events"})"), 1);
  EXPECT_GE(away.value(R"(k0rdent_mcp_watch_errors_total{class="unavailable"})"), 5);
  EXPECT_EQ(away.value(R"(k0rdent_mcp_circuit_breakers{state="open"})"), 1);
  EXPECT_EQ(away.value(R"(k0rdent_mcp_circuit_breaker_changes_total{state="open"})"), 1);
  EXPECT_GE(away.value("k0rdent_mcp_watch_backoff_seconds_count"), 5);
  EXPECT_GT(away.value("k0rdent_mcp_next_attempt_seconds"), 0);
  EXPECT_GE(away.value(R"(k0rdent_mcp_kube_requests_total{code="none",verb="watch"})"), 4);

  ASSERT_TRUE(api.start().has_value());
  ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
  pass(seconds(2));
  Scrape back = scrape();
  EXPECT_EQ(back.value(confirmed), 1);
  EXPECT_EQ(back.value(R"(k0rdent_mcp_stale_watches{manager="events"})"), 0);
  EXPECT_GE(back.value("k0rdent_mcp_watch_restarts_total"), 5);
  EXPECT_EQ(back.value(R"(k0rdent_mcp_circuit_breakers{state="open"})"), 0);
  EXPECT_EQ(back.value(R"(k0rdent_mcp_circuit_breaker_changes_total{state="closed"})"), 1);
  session->end();
  pass(seconds(10));
  EXPECT_EQ(scrape().value(confirmed), 0);
  EXPECT_GE(scrape().value("k0rdent_mcp_watch_restarts_total"), 5) << "the sum outlives the watch";
}

TEST_F(StorySeeing, RequestsAreCountedByMethodToolAndOutcome) {
  start_app();
  follow_events();
  session->ask("tools/call", R"({"name":"k0rdent.mgmt.namespaces.list","arguments":{}})");
  session->ask("tools/call",
               R"({"name":"k0rdent.mgmt.events.list","arguments":{"namespace":"Not A Name"}})");
  session->ask("tools/call", R"({"name":"no.such","arguments":{}})");
  session->ask("resources/read", R"({"uri":"k0rdent://events/team-a"})");
  EXPECT_FALSE(session->subscribe("k0rdent://events/Team-A"));
  EXPECT_FALSE(session->subscribe("k0rdent://nothing"));
  session->ask("no/such", "{}");
  session->ask("nor/this", "{}");
  session->ask("ping", "{}");
  api.faults().add({.match = {.verb = "list", .path = "/namespaces"}, .never = true});
  auto slow =
      session->send("tools/call", R"({"name":"k0rdent.mgmt.namespaces.list","arguments":{}})");
  pass(seconds(3));
  EXPECT_FALSE(slow->done());
  const Scrape got = scrape();
  const auto ended = [&](const std::string& method, const std::string& outcome) {
    return got.value("k0rdent_mcp_requests_total{method=\"" + method + "\",outcome=\"" + outcome +
                     "\"}");
  };
  EXPECT_EQ(ended("initialize", "ok"), 1);
  EXPECT_EQ(ended("tools/call", "ok"), 1);
  EXPECT_EQ(ended("tools/call", "tool_error"), 1);
  EXPECT_EQ(ended("tools/call", "error"), 1);
  EXPECT_EQ(ended("resources/read", "ok"), 1);
  EXPECT_EQ(ended("resources/subscribe", "ok"), 1);
  EXPECT_EQ(ended("resources/subscribe", "error"), 2);
  EXPECT_EQ(ended("other", "error"), 2);
  EXPECT_EQ(ended("ping", "ok"), 1);
  EXPECT_FALSE(has(page("/metrics"), "no.such"));
  EXPECT_EQ(got.value(R"(k0rdent_mcp_tool_calls_total{outcome="ok",)"
                      R"(tool="k0rdent.mgmt.namespaces.list"})"),
            1);
  EXPECT_EQ(got.value(R"(k0rdent_mcp_tool_calls_total{outcome="tool_error",)"
                      R"(tool="k0rdent.mgmt.events.list"})"),
            1);
  EXPECT_EQ(got.value("k0rdent_mcp_calls"), 1);
  EXPECT_EQ(got.value(R"(k0rdent_mcp_request_duration_seconds_count{method="tools/call"})"), 3);
}

TEST_F(StorySeeing, EveryRefusedSubscriptionIsAnInfoLine) {
  start_app();
  session = connect();
  const auto lines = [&] {
    int n = 0;
    for (std::string_view line : base::split(log, '\n'))
      n += has(line, R"("level":"INFO","msg":"subscription refused")") ? 1 : 0;
    return n;
  };
  EXPECT_FALSE(session->subscribe("k0rdent://nothing"));
  EXPECT_EQ(lines(), 1);
  EXPECT_FALSE(session->subscribe("k0rdent://events/Team-A"));
  EXPECT_EQ(lines(), 2);
  EXPECT_FALSE(session->subscribe("k0rdent://podlogs/team-a/none/app"));
  EXPECT_EQ(lines(), 3);
  EXPECT_FALSE(session->subscribe("k0rdent://watches"));
  EXPECT_EQ(lines(), 4);
}

TEST_F(StorySeeing, MetricsNameNoNamespaceAndNoIdentityAndCanBeSwitchedOff) {
  api.users()["ann-1"] = {"ann", "a"};
  app::Settings settings;
  settings.auth_mode = app::AuthMode::oidc_required;
  start_app(settings);
  session = connect("ann-1");
  ASSERT_TRUE(session->subscribe(kUri));
  pass(seconds(2));
  const std::string text = page("/metrics");
  EXPECT_FALSE(has(text, "ann"));
  EXPECT_FALSE(has(text, "team-a"));
  EXPECT_EQ(ask_page("POST", "/metrics")->status, 405);
  EXPECT_EQ(ask_page("HEAD", "/metrics")->body, "");
  session.reset();
  stop_app();
  loop.run_once();
  app.reset();
  settings.metrics = false;
  start_app(settings);
  EXPECT_EQ(ask_page("GET", "/metrics")->status, 404);
}

TEST_F(StorySeeing, ReadyzSaysWhichWatchesAreStaleAndWhyAndStaysReady) {
  start_app();
  follow_events();
  EXPECT_FALSE(has(page("/readyz"), "stale"));
  api.stop();
  pass(seconds(3));
  const std::string away = page("/readyz");
  base::json::Document doc;
  const auto root = doc.parse(away);
  ASSERT_TRUE(root.has_value()) << away;
  EXPECT_EQ((*root)["status"].str(), "ready");
  const base::json::Value stale = (*root)["stale"];
  ASSERT_EQ(stale.size(), 1u) << away;
  EXPECT_TRUE(has(stale.at(0)["watch"].str(), "team-a")) << away;
  EXPECT_TRUE(has(stale.at(0)["why"].str(), "efused")) << away;
  EXPECT_TRUE(base::parse_rfc3339(stale.at(0)["since"].str()).has_value()) << away;
  EXPECT_TRUE(base::parse_rfc3339(stale.at(0)["nextAttempt"].str()).has_value()) << away;
  ASSERT_TRUE(api.start().has_value());
  ASSERT_TRUE(run_until([&] { return api.open_streams("/events") == 1; }));
  pass(seconds(2));
  EXPECT_FALSE(has(page("/readyz"), "stale"));
}

TEST_F(StorySeeing, HealthzVerboseAndTheResourceListEveryWatch) {
  start_app();
  cluster.emit({.ns = "team-a", .name = "one"});
  follow_events();
  base::json::Document doc;
  for (const std::string& text : {page("/healthz?verbose"), read_watches()}) {
    const auto root = doc.parse(text);
    ASSERT_TRUE(root.has_value()) << text;
    ASSERT_EQ((*root)["watches"].size(), 1u) << text;
    const base::json::Value watch = (*root)["watches"].at(0);
    EXPECT_TRUE(has(watch["key"].str(), "team-a")) << text;
    EXPECT_EQ(watch["manager"].str(), "events");
    EXPECT_EQ(watch["state"].str(), "confirmed");
    EXPECT_TRUE(base::parse_rfc3339(watch["since"].str()).has_value());
    EXPECT_NE(watch["resourceVersion"].str(), "");
    EXPECT_EQ(watch["restarts"].int_or(-1), 0);
    EXPECT_EQ(watch["backoff"]["failures"].int_or(-1), 0);
    EXPECT_EQ(watch["breaker"].str(), "closed");
    EXPECT_EQ(watch["subscribers"].int_or(-1), 1);
  }
  EXPECT_EQ(ask_page("POST", "/healthz?verbose")->status, 405);
  EXPECT_FALSE(has(page("/healthz"), "team-a"));
  session->end();
  pass(seconds(10));
  EXPECT_TRUE(has(page("/healthz?verbose"), R"("watches":[])"));
}

TEST_F(StorySeeing, WithIdentitiesEachSeesItsOwnWatchesAndAProbeNobodysName) {
  api.users()["ann-1"] = {"ann", "a"};
  api.users()["bob-1"] = {"bob", "b"};
  app::Settings settings;
  settings.auth_mode = app::AuthMode::oidc_required;
  start_app(settings);
  session = connect("ann-1");
  auto bob = connect("bob-1");
  ASSERT_TRUE(session->subscribe(kUri));
  ASSERT_TRUE(bob->subscribe("k0rdent://events/team-b"));
  pass(seconds(2));
  const std::string mine = read_watches();
  EXPECT_TRUE(has(mine, "team-a") && has(mine, "ann")) << mine;
  EXPECT_FALSE(has(mine, "team-b") || has(mine, "bob")) << mine;
  const std::string probe = page("/healthz?verbose");
  EXPECT_TRUE(has(probe, R"("manager":"events")")) << probe;
  EXPECT_FALSE(has(probe, "team-") || has(probe, "ann") || has(probe, "bob"))
      << "a proxy on this machine may have sent it: " << probe;
}

TEST_F(StorySeeing, WithIdentitiesTheListenerOfTheOperatorShowsTextsToThisMachine) {
  api.users()["ann-1"] = {"ann", "a"};
  for (const bool proxy : {false, true}) {
    app::Settings settings;
    app::Listen own;
    own.port = 0;
    own.auth = app::AuthMode::oidc_required;  // the main mode is another
    settings.listens = {own};
    settings.ops_listen.emplace().port = 0;
    settings.behind_tls_proxy = proxy;
    start_app(settings);
    session = connect("ann-1");
    ASSERT_TRUE(session->subscribe(kUri));
    pass(seconds(2));
    const int port = app->doors().ops()->address().port();
    const auto seen_by = [&](const std::string& token) {
      http::ClientPool pool(loop, resolver, "127.0.0.1", port, "127.0.0.1:" + std::to_string(port),
                            nullptr);
      SimCall call(pool, "GET", "/healthz?verbose", "", token);
      EXPECT_TRUE(run_until([&] { return call.done(); }));
      return call.body;
    };
    const std::string here = seen_by("");
    EXPECT_EQ(has(here, "events team-a"), !proxy) << here;
    EXPECT_FALSE(has(here, "ann")) << here;
    EXPECT_TRUE(has(seen_by("ann-1"), "team-a"));
    session.reset();
    stop_app();
  }
}

TEST_F(StorySeeing, StrangersSeeClassesOfTheStatusPages) {
  api.users()["ann-1"] = {"ann", "a"};
  api.users()["bob-1"] = {"bob", "b"};
  app::Settings settings;
  settings.auth_mode = app::AuthMode::oidc_required;
  start_app(settings);
  session = connect("ann-1");
  auto bob = connect("bob-1");
  ASSERT_TRUE(session->subscribe(kUri));
  ASSERT_TRUE(bob->subscribe("k0rdent://events/team-b"));
  pass(seconds(2));
  using Headers = std::vector<std::pair<std::string, std::string>>;
  const auto seen_by = [&](const std::string& token, Headers headers) {
    std::string all;
    for (const char* path : {"/healthz?verbose", "/readyz", "/healthz"}) {
      SimCall call(*front, "GET", path, "", token, "", headers);
      EXPECT_TRUE(run_until([&] { return call.done(); }));
      all += call.body;
    }
    return all;
  };
  const auto secret = [&](const std::string& page) {
    return has(page, "team-") || has(page, "ann") || has(page, "bob") || has(page, api.url());
  };
  api.stop();
  pass(seconds(3));
  for (const Headers& headers :
       {Headers{{"X-Forwarded-For", "203.0.113.9"}}, Headers{{"Forwarded", "for=203.0.113.9"}},
        Headers{{"Origin", "http://127.0.0.1:6274"}}}) {
    const std::string page = seen_by("", headers);
    EXPECT_FALSE(secret(page)) << headers[0].first << ": " << page;
    EXPECT_TRUE(has(page, R"("watch":"events")") && has(page, "unavailable")) << page;
    EXPECT_FALSE(secret(seen_by("made-up", headers)));
  }
  EXPECT_FALSE(secret(seen_by("", {}))) << "from this machine, by its own name";
  const std::string hers = seen_by("ann-1", {{"X-Forwarded-For", "203.0.113.9"}});
  EXPECT_TRUE(has(hers, "team-a")) << "her token was accepted: " << hers;
  EXPECT_FALSE(has(hers, "team-b") || has(hers, "bob")) << hers;
}

TEST_F(StorySeeing, TheResourceOfWatchesIsForReadingAndHasNoParts) {
  start_app();
  session = connect();
  EXPECT_FALSE(session->subscribe("k0rdent://watches"));
  EXPECT_TRUE(has(session->error()["message"].str(), "read it")) << session->error().to_json();
  for (const char* uri : {"k0rdent://watches/x", "k0rdent://watches?x=1"}) {
    session->ask("resources/read", std::string(R"({"uri":")") + uri + R"("})");
    EXPECT_EQ(session->error()["code"].int_or(0), -32602) << uri;
  }
  EXPECT_TRUE(has(read_watches(), R"("watches":[])"));
}

}  // namespace
