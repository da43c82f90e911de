// What a token's scope lets its caller do, in both eras (mcp/scope.h).
#include <gtest/gtest.h>

#include "mcp/shared/recheck.h"
#include "support/modern_world.h"

namespace {

using mcp::Scope;
using test::Answer;

struct LogFamily final : mcp::ResourceFamily {
  LogFamily() {
    info_ = {"logs://{name}", "logs", "Logs", "Logs to test with.", "text/plain"};
    info_.scope = Scope::logs;
  }
  const mcp::ResourceInfo& info() const override { return info_; }
  bool owns(std::string_view uri) const override { return uri.starts_with("logs://"); }
  std::unique_ptr<mcp::ToolRun> read(const mcp::Caller&, std::string_view,
                                     mcp::ReadReply& reply) override {
    ++reads;
    reply.succeed({"text/plain", "a line"});
    return nullptr;
  }
  std::unique_ptr<mcp::Feed> subscribe(mcp::Subscriber& subscriber) override {
    subscriber.refused({mcp::RpcCode::internal_error, "no", {}});
    return nullptr;
  }
  int reads = 0;
  mcp::ResourceInfo info_;
};

struct McpScope : test::ModernWorld {
  McpScope() {
    for (const char* token : {"none", "read", "read-2", "logs", "write"})
      auth.identities[token] = "alice";
    auth.scopes = {{"none", Scope::none},
                   {"read", Scope::read},
                   {"read-2", Scope::read},
                   {"logs", Scope::logs}};
    auth.anonymous = false;
    auth.impersonates = true;
    auth.expire = true;
    auto tool = std::make_unique<test::TestTool>("test.change", false);
    tool->change_info().read_only = false;
    change = tool.get();
    registry.add(std::move(tool));
    auto family_of_logs = std::make_unique<LogFamily>();
    logs = family_of_logs.get();
    registry.add(std::move(family_of_logs));
    restart({});
  }
  static std::string call_of(std::string_view name, std::string_view id = "1") {
    return rpc("tools/call", R"({"name":")" + std::string(name) + R"(","arguments":{"text":"x"}})",
               id);
  }
  Answer legacy(std::string_view token, std::string_view message) {
    return post(message, in(open("2025-03-26", bearer(token))) + bearer(token));
  }
  test::TestTool* change = nullptr;
  LogFamily* logs = nullptr;
};

TEST_F(McpScope, EveryRequestNeedsTheLowest) {
  for (const char* verb : {"POST", "GET", "DELETE"}) {
    const Answer a = ask_http(verb, bearer("none"), verb[0] == 'P' ? rpc("ping") : "");
    EXPECT_EQ(a.status, 403) << verb;
    EXPECT_EQ(a.header("WWW-Authenticate"), "Bearer error=\"insufficient_scope\"");
    EXPECT_EQ(a.body, "needs scope 1\n");
  }
}

TEST_F(McpScope, AToolThatChangesSomethingNeedsTheHighest) {
  for (const char* token : {"read", "logs"}) {
    const Answer a = legacy(token, call_of("test.change"));
    EXPECT_EQ(a.status, 403) << token;
    EXPECT_EQ(a.body, "needs scope 3\n");
    EXPECT_EQ(ask("tools/call", R"("name":"test_change","arguments":{"text":"x"})", "test_change",
                  bearer(token))
                  .status,
              403)
        << "in the other spelling and era, too";
  }
  EXPECT_TRUE(change->callers.empty());
  EXPECT_EQ(legacy("write", call_of("test.change")).status, 200);
  EXPECT_EQ(legacy("read", call_of("test.echo")).status, 200);
}

TEST_F(McpScope, AResourceHasItsOwn) {
  const std::string params = R"("uri":"logs://a")";
  EXPECT_EQ(legacy("read", rpc("resources/read", "{" + params + "}")).body, "needs scope 2\n");
  EXPECT_EQ(legacy("read", rpc("resources/subscribe", "{" + params + "}")).status, 403);
  EXPECT_EQ(ask("resources/read", params, "logs://a", bearer("read")).status, 403);
  EXPECT_EQ(listen_to(R"({"resourceSubscriptions":["test://a","logs://a"]})", "7", bearer("read"))
                ->head()
                .status,
            403);
  EXPECT_EQ(logs->reads, 0);
  EXPECT_EQ(legacy("logs", rpc("resources/read", "{" + params + "}")).status, 200);
  EXPECT_EQ(ask("resources/read", params, "logs://a", bearer("write")).status, 200)
      << "the higher scope includes it";
}

TEST_F(McpScope, Rule38TheStrictestMessageOfABatchDecidesBeforeAnyRuns) {
  const std::string batch =
      "[" + call_of("test.echo", "1") + "," + call_of("test.change", "2") + "]";
  const Answer a = legacy("read", batch);
  EXPECT_EQ(a.status, 403);
  EXPECT_EQ(a.body, "needs scope 3\n");
  EXPECT_TRUE(echo->callers.empty()) << "nothing of it ran";
  EXPECT_EQ(legacy("write", batch).status, 200);
}

TEST_F(McpScope, ListsShowWhatTheTokenAllows) {
  const auto tools = [&](std::string_view token) {
    return ask("tools/list", {}, {}, bearer(token)).body;
  };
  for (int again = 0; again < 2; ++again) {
    EXPECT_FALSE(test::contains(tools("read"), "test.change"));
    EXPECT_TRUE(test::contains(tools("read"), "test.echo"));
    EXPECT_TRUE(test::contains(tools("write"), "test.change")) << "pages are kept for each scope";
  }
  const auto templates = [&](std::string_view token) {
    return ask("resources/templates/list", {}, {}, bearer(token)).body;
  };
  EXPECT_FALSE(test::contains(templates("read"), "logs://"));
  EXPECT_TRUE(test::contains(templates("read"), "test://"));
  EXPECT_TRUE(test::contains(templates("logs"), "logs://"));
}

// A client that had logged in for more still saw the shorter list of its cache.
TEST_F(McpScope, ListsAreCachedForTheirCallerAlone) {
  EXPECT_TRUE(ask("tools/list", {}, {}, bearer("read")).has(R"("ttlMs":0,"cacheScope":"private")"));
  EXPECT_TRUE(
      ask("tools/list", {}, {}, bearer("write")).has(R"("ttlMs":300000,"cacheScope":"private")"));
}

TEST_F(McpScope, ASessionGoesOnWithAHigherScopeAndNotWithALowerOne) {
  const std::string session = open("2025-11-25", bearer("read"));
  EXPECT_EQ(post(call_of("test.change"), in(session) + bearer("read")).status, 403);
  EXPECT_EQ(post(call_of("test.change"), in(session) + bearer("write")).status, 200)
      << "the client logged in again for more";
  for (const char* verb : {"POST", "GET", "DELETE"}) {
    EXPECT_EQ(
        ask_http(verb, in(session) + bearer("read"), verb[0] == 'P' ? rpc("ping") : "").status, 404)
        << "what the session was told with more is not shown with less";
  }
  EXPECT_EQ(post(rpc("ping"), in(session) + bearer("write")).status, 200);
}

TEST_F(McpScope, AStreamOpenedWithLessEndsWhenItsSessionMayDoMore) {
  const std::string session = open("2025-11-25", bearer("read"));
  auto stream = listen(session, bearer("read"));
  post(rpc("ping"), in(session) + bearer("read-2"));
  settle();
  EXPECT_FALSE(stream->ended()) << "the same scope";
  post(rpc("ping"), in(session) + bearer("write"));
  settle();
  EXPECT_TRUE(stream->ended()) << "what it subscribes to now is not for that token";
  auto next = listen(session, bearer("write"));
  post(rpc("ping"), in(session) + bearer("write"));
  settle();
  EXPECT_FALSE(next->ended());
}

TEST_F(McpScope, ATaskIsFoundWithTheScopeOfItsToolOnly) {
  change->change_info().tasks = mcp::TaskSupport::optional;
  change->round = [](test::TestTool&, mcp::ToolReply& reply) -> std::unique_ptr<mcp::ToolRun> {
    if (reply.become_task()) return nullptr;
    reply.succeed({.structured_json = "{}"});
    return nullptr;
  };
  const std::string tasks = meta(R"({"extensions":{"io.modelcontextprotocol/tasks":{}}})");
  const Answer begun =
      post(body("tools/call", R"("name":"test.change","arguments":{"text":"x"})", "1", tasks),
           headers("tools/call", "test.change", bearer("write")));
  base::json::Document doc;
  const auto answer = doc.parse(begun.body);
  ASSERT_TRUE(answer.has_value()) << begun.body;
  const std::string id((*answer)["result"]["taskId"].str());
  ASSERT_FALSE(id.empty()) << begun.body;
  const auto get = [&](std::string_view token) {
    return post(body("tasks/get", R"("taskId":")" + id + "\"", "2", tasks),
                headers("tasks/get", id, bearer(token)));
  };
  EXPECT_TRUE(get("read").has("names no task of yours"));
  EXPECT_TRUE(get("write").has(id));
}

struct McpProlong : McpScope {
  McpProlong() {
    auth.ends = {{"read", loop.now() + base::seconds(100)},
                 {"read-2", loop.now() + base::seconds(300)},
                 {"logs", loop.now() + base::seconds(500)}};
    auth.scopes["low"] = Scope::none;
    stream = listen_to(R"({"resourceSubscriptions":["test://a"]})", "77", bearer("read"));
  }
  bool over() {
    settle();
    return stream->ended();
  }
  void use(std::string_view token) { ask("tools/list", {}, {}, bearer(token)); }
  // In steps, as a clock goes.
  void pass(base::Duration time) {
    for (; time > base::seconds(10); time -= base::seconds(10))
      ModernWorld::pass(base::seconds(10));
    ModernWorld::pass(time);
  }
  std::unique_ptr<test::EventStream> stream;
};

TEST_F(McpProlong, AStreamEndsWithItsTokenAndSaysWhy) {
  pass(base::seconds(99));
  EXPECT_FALSE(over());
  pass(base::seconds(1));
  EXPECT_TRUE(over());
  EXPECT_TRUE(test::contains(stream->raw, "the caller's token has expired"));
}

TEST_F(McpProlong, ANewerTokenOnAnyRequestProlongsIt) {
  pass(base::seconds(50));
  use("read-2");
  pass(base::seconds(249));
  EXPECT_FALSE(over()) << "without a gap";
  pass(base::seconds(1));
  EXPECT_TRUE(over());
}

TEST_F(McpProlong, OneWithAHigherScopeDoesToo) {
  use("logs");
  pass(base::seconds(400));
  EXPECT_FALSE(over());
}

TEST_F(McpProlong, AnOlderOneShortensNothing) {
  use("read-2");
  use("read");
  pass(base::seconds(200));
  EXPECT_FALSE(over());
}

TEST_F(McpProlong, OneWithALowerScopeDoesNot) {
  auto higher = listen_to(R"({"resourceSubscriptions":["test://a"]})", "78", bearer("logs"));
  auth.ends["read-2"] = loop.now() + base::hours(1);
  use("read-2");
  pass(base::seconds(500));
  settle();
  EXPECT_TRUE(higher->ended());
  EXPECT_FALSE(over()) << "the other one goes on";
}

TEST_F(McpProlong, OneOfAnotherIdentityDoesNot) {
  auth.identities["bob"] = "bob";
  use("bob");
  pass(base::seconds(100));
  EXPECT_TRUE(over());
}

// The issuer may refuse the one client, and let the other go on.
TEST_F(McpProlong, OneOfAnotherClientDoesNot) {
  auth.clients["read-2"] = "another";
  use("read-2");
  pass(base::seconds(50));
  auth.identities.erase("read");
  pass(mcp::shared::kRecheck);
  EXPECT_TRUE(over()) << "its own token was asked about";
}

// Without an end a token ends by being revoked, and may be in other hands than its user's next one.
TEST_F(McpProlong, OneWithoutAnEndStandsForItselfAlone) {
  auth.ends.clear();
  auto listen_with = [this](std::string_view id, std::string_view token) {
    return listen_to(R"({"resourceSubscriptions":["test://a"]})", id, bearer(token));
  };
  auto one = listen_with("78", "read"), other = listen_with("79", "read-2");
  auth.identities.erase("read");
  pass(mcp::shared::kRecheck + base::seconds(1));
  settle();
  EXPECT_TRUE(one->ended());
  EXPECT_FALSE(other->ended());
}

TEST_F(McpProlong, TheNewestOneIsTheOneThatIsCheckedAgain) {
  use("read-2");
  auth.identities.erase("read");
  pass(mcp::shared::kRecheck + base::seconds(1));
  EXPECT_FALSE(over()) << "the former token is of no use any more";
  auth.identities.erase("read-2");
  pass(mcp::shared::kRecheck + base::seconds(1));
  EXPECT_TRUE(over());
}

}  // namespace
