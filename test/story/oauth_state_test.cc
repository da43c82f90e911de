// What clients carry for the server (ids of sessions, events and tasks, cursors, signed state,
// confirmations) is good for the user that it was given to, and ends with its token. Numbers:
// test/FAULTS.md.
#include <string>
#include <utility>
#include <vector>

#include "auth/token_hash.h"
#include "base/encoding.h"
#include "base/log.h"
#include "base/seal.h"
#include "base/text.h"
#include "mcp/legacy/numbered_stream.h"
#include "support/oauth_world.h"

namespace {

using base::seconds;
using test::quote;

constexpr int kInvalidParams = -32602;
constexpr const char* kDelete = "k0rdent.mgmt.objects.delete";
constexpr const char* kDeploy = "k0rdent.mgmt.clusterDeployments.deploy";
constexpr const char* kWait = "k0rdent.mgmt.objects.wait_for";
constexpr const char* kNamespaces = "k0rdent.mgmt.namespaces.list";
constexpr const char* kLog = "k0rdent://podlogs/team-a/p/app";

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != text.npos;
}

struct StoryOAuthState : test::OAuthWorld {
  StoryOAuthState() : OAuthWorld(false) {
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    cluster.set_pod({.ns = "team-a", .name = "p"});
    settings.allow_writes = true;
    begin();
  }
  static std::string call_of(std::string_view tool, const std::string& arguments) {
    return R"("name":")" + std::string(tool) + R"(","arguments":)" + arguments;
  }
  static std::string deletion(const std::string& more = {}) {
    return call_of(kDelete, R"({"kind":"pods","namespace":"team-a","name":"p")" + more + "}");
  }
  static std::string deployment() {
    return call_of(
        kDeploy,
        R"({"name":"new","template":"aws-standalone-cp-1-0-43","credential":"aws-cred","config":)"
        R"({"region":"r","controlPlane":{"instanceType":"a"},"worker":{"instanceType":"b"}},)"
        R"("wait":true})");
  }
  // The whole answer of the revision without sessions.
  std::string modern(const std::string& bearer, const std::string& method, const std::string& name,
                     const std::string& params) {
    auto call = begun(bearer, method, name, params);
    EXPECT_TRUE(run_until([&] { return call->done(); }));
    status = call->status;
    return call->body;
  }
  std::unique_ptr<test::SimCall> begun(const std::string& bearer, const std::string& method,
                                       const std::string& name, const std::string& params) {
    const std::string meta = R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                             R"("io.modelcontextprotocol/clientCapabilities":{"elicitation":{},)"
                             R"("extensions":{"io.modelcontextprotocol/tasks":{}}}})";
    return std::make_unique<test::SimCall>(*front, "POST", "/mcp",
                                           R"({"jsonrpc":"2.0","id":1,"method":")" + method +
                                               R"(","params":{)" + params + "," + meta + "}}",
                                           bearer, "application/json",
                                           std::vector<std::pair<std::string, std::string>>{
                                               {"Accept", "application/json, text/event-stream"},
                                               {"MCP-Protocol-Version", "2026-07-28"},
                                               {"Mcp-Method", method},
                                               {"Mcp-Name", name}},
                                           base::kForever);
  }
  static std::string text_at(const std::string& json, const char* one, const char* two = nullptr) {
    base::json::Document doc;
    const auto root = doc.parse(json);
    EXPECT_TRUE(root) << json;
    if (!root) return {};
    const auto at = (*root)["result"][one];
    return std::string((two ? at[two] : at).str());
  }
  int code_of(const std::string& json) {
    base::json::Document doc;
    const auto root = doc.parse(json);
    return root ? static_cast<int>((*root)["error"]["code"].int_or(0)) : 0;
  }
  // Tokens with which ann's things are not to be had: another user's, and ann's in other groups.
  std::vector<std::string> others(std::string_view scope) {
    test::JsonMembers groups = claims("ann", scope);
    groups["groups"] = R"(["dev","ops"])";
    return {token("bob", scope), sign(groups)};
  }
  bool pod_is_there() {
    return api.store().get(api.store().find("", "v1", "pods"), "team-a/p") != nullptr;
  }

  int status = 0, carries = 0;
};

TEST_F(StoryOAuthState, Rule18OfATokenNothingIsWrittenOrCarriedButEightDigitsOfItsHash) {
  base::log::configure({.level = base::log::Level::debug});
  test::JsonMembers foreign = claims();
  foreign["aud"] = quote("https://other.example/mcp");
  const std::string good = token(), bad = sign(foreign), bot = account_token("bot"),
                    gone = account_token("gone");
  api.reviewed().erase(gone);
  std::string all;
  for (const std::string& each : {good, bad, bot, gone}) {
    for (const char* tool : {kNamespaces, kDelete, "no such tool"}) {
      const auto call = begun(each, "tools/call", tool,
                              tool == kDelete ? deletion() : call_of(tool, R"({"limit":1})"));
      ASSERT_TRUE(run_until([&] { return call->done(); }));
      all += call->headers + call->body;
      for (const char* carried : {"requestState", "continue"}) {
        const std::size_t at = call->body.find("\"" + std::string(carried) + "\":\"");
        if (at == std::string::npos) continue;
        const std::size_t begin = at + std::string_view(carried).size() + 4;
        const std::string sealed = call->body.substr(begin, call->body.find('"', begin) - begin);
        for (const std::string_view part : base::split(sealed, '.'))
          all += base::parse_base64url(part).value_or("");
        ++carries;
      }
    }
  }
  auto ann = connect(good);
  ASSERT_TRUE(ann->subscribe("k0rdent://events/team-a"));
  ann->ask("tools/call", "{" + deletion() + "}");
  all += ann->id() + ann->result().to_json();
  for (const char* path : {"/metrics", "/readyz", "/healthz", "/statusz"})
    all += page(path)->body;
  for (const char* path : {"/mcp", "/nowhere", "/readyz"})
    all += page(std::string(path) + "?access_token=" + good)->body;
  stop_app();
  base::log::configure({});
  EXPECT_GE(carries, 4) << "states and cursors were looked into";
  for (const std::string& each : {good, bad, bot, gone}) {
    const auto parts = base::split(each, '.');
    for (const std::string_view part : {parts[1], parts[2]}) {
      EXPECT_FALSE(contains(all, part)) << part;
      EXPECT_FALSE(contains(log, part)) << part;
    }
  }
  const auto hash = auth::token_hash(bad);
  EXPECT_TRUE(
      contains(log, "\"" + base::hex({reinterpret_cast<const char*>(hash.data()), 4}) + "\""))
      << log;
}

TEST_F(StoryOAuthState, Rule50AndAttack29ATaskIsItsUsersAndNeedsItsToolsScope) {
  const std::string ann = token("ann", "k0rdent:write");
  const std::string id = text_at(modern(ann, "tools/call", kDeploy, deployment()), "taskId");
  ASSERT_FALSE(id.empty());
  auto all = others("k0rdent:write");
  all.push_back(token("ann", "k0rdent:read"));
  for (const std::string& other : all) {
    for (const char* method : {"tasks/get", "tasks/cancel", "tasks/update"})
      EXPECT_EQ(code_of(modern(other, method, id, R"("inputResponses":{},"taskId":)" + quote(id))),
                kInvalidParams)
          << method;
    auto stream = begun(other, "subscriptions/listen", "",
                        R"("notifications":{"taskIds":[)" + quote(id) + "]}");
    ASSERT_TRUE(run_until([&] { return contains(stream->body, "acknowledged"); })) << stream->body;
    settle();
    EXPECT_FALSE(contains(stream->body, id)) << stream->body;
  }
  EXPECT_EQ(
      text_at(modern(token("ann", "k0rdent:write"), "tasks/get", id, R"("taskId":)" + quote(id)),
              "status"),
      "input_required")
      << "with the next token, too";
}

TEST_F(StoryOAuthState, Rule50AndAttack29SignedStateIsItsUsers) {
  const std::string asked = modern(token("ann"), "tools/call", kDelete, deletion());
  const std::string state = text_at(asked, "requestState");
  ASSERT_FALSE(state.empty()) << asked;
  const std::string yes = R"(,"inputResponses":{"confirm":{"action":"accept","content":)"
                          R"({"confirm":true}}},"requestState":)" +
                          quote(state);
  for (const std::string& other : others("k0rdent:write"))
    EXPECT_EQ(code_of(modern(other, "tools/call", kDelete, deletion() + yes)), kInvalidParams);
  modern(token("ann", "k0rdent:read"), "tools/call", kDelete, deletion() + yes);
  EXPECT_EQ(status, 403) << "the scope is asked for at each step";
  EXPECT_TRUE(pod_is_there());
  const std::string done = modern(token("ann"), "tools/call", kDelete, deletion() + yes);
  EXPECT_FALSE(pod_is_there()) << done;
}

TEST_F(StoryOAuthState, Rule50AndAttack29AConfirmationIsItsUsers) {
  auto ann = connect(token("ann"));
  ann->ask("tools/call", "{" + deletion() + "}");
  const std::string confirm(ann->result()["structuredContent"]["confirm"].str());
  ASSERT_FALSE(confirm.empty()) << ann->result().to_json();
  const std::string again = "{" + deletion(R"(,"confirm":)" + quote(confirm)) + "}";
  for (const std::string& other : others("k0rdent:write")) {
    auto thief = connect(other);
    thief->ask("tools/call", again);
    EXPECT_TRUE(pod_is_there());
  }
  ann->ask("tools/call", again);
  EXPECT_FALSE(pod_is_there()) << ann->result().to_json();
}

TEST_F(StoryOAuthState, Rule50AndAttack29ACursorIsItsUsers) {
  auto ann = connect(token("ann"));
  ann->ask("tools/call", "{" + call_of(kNamespaces, R"({"limit":1})") + "}");
  const std::string cursor(ann->result()["structuredContent"]["continue"].str());
  ASSERT_FALSE(cursor.empty()) << ann->result().to_json();
  const std::string next =
      "{" + call_of(kNamespaces, R"({"limit":1,"continue":)" + quote(cursor) + "}") + "}";
  for (const std::string& other : others("k0rdent:read")) {
    auto thief = connect(other);
    thief->ask("tools/call", next);
    EXPECT_TRUE(thief->result()["isError"].bool_or(false)) << thief->result().to_json();
  }
  ann->ask("tools/call", next);
  EXPECT_FALSE(ann->result()["isError"].bool_or(false)) << ann->result().to_json();
  EXPECT_TRUE(ann->result()["structuredContent"].present());
}

TEST_F(StoryOAuthState, Rule50AndAttack29EventsAreTheirUsersWhateverIdIsNamed) {
  auto ann = connect(token("ann"));
  ASSERT_TRUE(ann->subscribe("k0rdent://events/team-a"));
  emit("seen");
  ASSERT_TRUE(told(*ann, 1));
  ann->drop_stream();
  settle();
  emit("meant-for-ann");
  settle();
  auto bob = connect(token("bob"));
  for (const std::string& session : {ann->id(), bob->id()}) {
    for (const char* event : {"s0_0", "s0_1", "s1_0"}) {
      const std::string last = mcp::legacy::event_salt(ann->id()) + event;
      auto call = std::make_unique<test::SimCall>(
          *front, "GET", "/mcp", "", token("bob"), "",
          std::vector<std::pair<std::string, std::string>>{{"Accept", "text/event-stream"},
                                                           {"Mcp-Session-Id", session},
                                                           {"Last-Event-ID", last}},
          base::kForever);
      EXPECT_TRUE(run_until([&] { return call->done() || call->status != 0; }));
      pass(seconds(1));
      EXPECT_FALSE(contains(call->body, "meant-for-ann")) << session << " " << last;
    }
  }
  ann->open_stream();
  EXPECT_TRUE(told(*ann, 2)) << "it still waits for its user";
}

TEST_F(StoryOAuthState, Attack30AFollowedLogEndsWithItsToken) {
  cluster.log("team-a", "p", "app", "a line");
  auto ann = connect(token("ann", "k0rdent:logs", 120));
  ASSERT_TRUE(ann->subscribe(kLog));
  ASSERT_TRUE(told(*ann, 1));
  pass(seconds(120 + 31));
  EXPECT_TRUE(ann->stream_over());
  ASSERT_FALSE(ann->messages().empty());
  EXPECT_TRUE(contains(ann->messages().back(), "the caller's token has expired"));
  EXPECT_TRUE(run_until([&] { return api.open_streams("/log") == 0; }));
}

TEST_F(StoryOAuthState, Attack30ACallThatWaitsEndsWithItsTokenAndAQuestionIsNotAnsweredWithIt) {
  auto ann = connect(token("ann", "k0rdent:write", 120));
  auto call = ann->send("tools/call", "{" +
                                          call_of(kWait, R"({"kind":"pods","namespace":"team-a",)"
                                                         R"("name":"p","for":"delete",)"
                                                         R"("timeout":"30m"})") +
                                          "}");
  const std::string short_lived = token("ann", "k0rdent:write", 120);
  const std::string asked = modern(short_lived, "tools/call", kDelete, deletion());
  const std::string state = text_at(asked, "requestState");
  pass(seconds(60));
  EXPECT_FALSE(call->done()) << call->body;
  pass(seconds(60 + 31));
  EXPECT_TRUE(call->done());
  EXPECT_TRUE(contains(call->body, "token has expired")) << call->body;
  modern(short_lived, "tools/call", kDelete,
         deletion() +
             R"(,"inputResponses":{"confirm":{"action":"accept","content":)"
             R"({"confirm":true}}},"requestState":)" +
             quote(state));
  EXPECT_EQ(status, 401);
  EXPECT_TRUE(pod_is_there());
}

TEST_F(StoryOAuthState, Attack30WhileNeitherIssuerNorApiServerCanBeAskedNoClientIsSentToLogIn) {
  const std::string known = token(), bot = account_token("bot");
  auto ann = connect(known);
  down = true;
  api.users()[std::string(sim::ApiServer::kAdminToken)].denied = {
      {"create", "tokenreviews", "", ""}};
  pass(seconds(360));
  const test::Signer next = test::Signer::ec("P-256");
  const std::string rotated =
      next.token("ES256", R"({"alg":"ES256","typ":"at+jwt","kid":"new"})", test::object(claims()));
  for (const std::string& each : {bot, rotated}) {
    const auto call = post(each);
    EXPECT_EQ(call->status, 503);
    EXPECT_GE(base::parse_int(call->retry_after).value_or(0), 1);
    EXPECT_LE(base::parse_int(call->retry_after).value_or(99), 75) << "a minute, more or less";
    EXPECT_EQ(call->challenge, "");
  }
  EXPECT_TRUE(listed(*ann)) << "the last good keys serve";
}

TEST_F(StoryOAuthState, Rule49ATokenIsReviewedOnceAtATimeAndARefusalHoldsForTenSeconds) {
  const std::string bot = account_token("bot");
  api.reviewed().erase(bot);
  std::vector<std::unique_ptr<test::SimCall>> calls;
  for (int i = 0; i < 20; ++i)
    calls.push_back(std::make_unique<test::SimCall>(
        *front, "POST", "/mcp", "{}", bot, "application/json",
        std::vector<std::pair<std::string, std::string>>{{"Accept", "application/json"}}));
  for (const auto& call : calls) {
    ASSERT_TRUE(run_until([&] { return call->done(); }));
    EXPECT_EQ(call->status, 401);
  }
  EXPECT_EQ(api.count("create", "tokenreviews"), 1);
  pass(seconds(9));
  EXPECT_EQ(post(bot)->status, 401);
  EXPECT_EQ(api.count("create", "tokenreviews"), 1);
  pass(seconds(1));
  EXPECT_EQ(post(bot)->status, 401);
  EXPECT_EQ(api.count("create", "tokenreviews"), 2);
}

}  // namespace
