// Policy and audit in the whole server: what a rule refuses, a file that changes, tools that are not offered.
#include <cstdio>

#include "app/acting.h"
#include "audit/verify.h"
#include "support/story_world.h"

namespace {

using base::seconds;
using test::McpSession;

struct StoryPolicy : test::StoryWorld {
  StoryPolicy() { cluster.set_pod({.ns = "team-a", .name = "p"}); }

  app::Settings settings(std::string_view rules) {
    app::Settings s;
    dir.write("policy.yaml", rules);
    s.policy_file = dir.path("policy.yaml");
    s.audit_file = dir.path("audit.log");
    return s;
  }
  static bool lists(McpSession& session, std::string_view tool) {
    session.ask("tools/list", "{}");
    for (const base::json::Value each : session.result()["tools"].array())
      if (each["name"].str() == tool) return true;
    return false;
  }
  // "" when it succeeded.
  static std::string call(McpSession& session, std::string_view tool, std::string_view arguments) {
    session.ask("tools/call", R"({"name":")" + std::string(tool) + R"(","arguments":)" +
                                  std::string(arguments) + "}");
    if (!session.result()["isError"].bool_or(false)) return session.error().to_json();
    return std::string(session.result()["content"].at(0)["text"].str());
  }
  bool has_log(std::string_view part) const { return log.find(part) != std::string::npos; }
  // Changes the file, and waits until the server has looked at it.
  void rewrite(std::string_view rules) {
    dir.write("policy.yaml", rules);
    pass(app::kPolicyCheck + seconds(1));
  }
};

constexpr std::string_view kPods = "k0rdent.mgmt.objects.list";
constexpr std::string_view kPodsOf = R"({"kind":"pods","namespace":"team-a"})";

TEST_F(StoryPolicy, ARuleRefusesAReadWhoeverMakesItAndSaysWhich) {
  start_app(settings("rules:\n- {name: no-pods, effect: deny, verbs: [read], kinds: [pods]}\n"));
  auto session = connect();
  const std::string refused = call(*session, kPods, kPodsOf);
  EXPECT_NE(refused.find("rule 1 (no-pods), line 2"), std::string::npos) << refused;
  EXPECT_EQ(api.count("list", "/namespaces/team-a/pods"), 0) << "nothing was sent";
  EXPECT_EQ(call(*session, "k0rdent.mgmt.namespaces.list", "{}"), "");
}

TEST_F(StoryPolicy, AChangedFileIsTakenAndABadOneIsNot) {
  start_app(settings("rules: []\n"));
  auto session = connect();
  EXPECT_EQ(call(*session, kPods, kPodsOf), "");
  EXPECT_TRUE(lists(*session, kPods));
  rewrite("rules:\n- {effect: deny, tools: [k0rdent.mgmt.objects.list]}\n");
  EXPECT_TRUE(has_log("the policy changed"));
  EXPECT_FALSE(lists(*session, kPods)) << "a tool that can do nothing is not offered";
  const std::string refused = call(*session, kPods, kPodsOf);
  EXPECT_EQ(refused, "k0rdent.mgmt.objects.list is not available: rule 1, line 2 denies the tool");
  EXPECT_TRUE(lists(*session, "k0rdent.mgmt.objects.get"));

  rewrite("rules:\n- {effect: deny, tols: [x]}\n");
  EXPECT_TRUE(has_log("did you mean tools?"));
  EXPECT_FALSE(lists(*session, kPods)) << "the rules before it stay in use";
  dir.remove("policy.yaml");
  pass(app::kPolicyCheck + seconds(1));
  EXPECT_FALSE(lists(*session, kPods));
  rewrite("rules: []\n");
  EXPECT_TRUE(lists(*session, kPods));
}

TEST_F(StoryPolicy, AListChangeIsAnnouncedWhenTheFileChanges) {
  start_app(settings("rules: []\n"));
  auto session = connect();
  EXPECT_EQ(app->stats().sessions, 1u);
  const std::uint64_t before = app->stats().delivered;
  dir.write("policy.yaml", "rules: [{effect: deny, tools: [k0rdent.mgmt.graph.snapshot]}]\n");
  app->reload();  // SIGHUP
  ASSERT_TRUE(run_until([&] { return app->stats().delivered > before; }));
}

// The graph's watch serves the tool and the resource alike: a rule about the one may not take it from the other.
TEST_F(StoryPolicy, ARuleAboutAToolLeavesWhatCallersShare) {
  ASSERT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
  start_app(settings(
      "rules:\n- {effect: deny, tools: [k0rdent.mgmt.graph.snapshot], verbs: [watch], names: [x]}\n"));
  auto session = connect();
  EXPECT_EQ(call(*session, "k0rdent.mgmt.graph.snapshot", "{}"), "");
  EXPECT_EQ(app->watches(), 1u) << "it lingers";
  ASSERT_TRUE(session->subscribe("k0rdent://graph")) << session->error().to_json();
  EXPECT_TRUE(run_until([&] { return api.open_streams("/clusterdeployments") == 1; }));
}

TEST_F(StoryPolicy, OnlyWritingToolsThatCanDoSomethingAreOffered) {
  constexpr std::string_view kPatch = "k0rdent.mgmt.objects.patch",
                             kDelete = "k0rdent.mgmt.objects.delete";
  app::Settings s = settings("rules: [{effect: allow, verbs: [write]}]\n");
  s.allow_writes = s.no_destructive = true;
  start_app(s);
  auto session = connect();
  EXPECT_TRUE(lists(*session, kPatch));
  EXPECT_FALSE(lists(*session, kDelete));
  EXPECT_EQ(
      call(*session, kDelete, R"({"kind":"pods","namespace":"team-a","name":"p"})"),
      "k0rdent.mgmt.objects.delete is not available: the server deletes nothing (--no-destructive)");
  rewrite("rules: []\n");
  EXPECT_FALSE(lists(*session, kPatch)) << "no rule allows it anything";
  EXPECT_TRUE(lists(*session, kPods));
}

TEST_F(StoryPolicy, SighupContinuesTheAuditLogInANewFile) {
  start_app(settings("rules: []\n"));
  ASSERT_EQ(std::rename(dir.path("audit.log").c_str(), dir.path("audit.log.1").c_str()), 0);
  app->reload();
  audit::Verifier v("");
  ASSERT_TRUE(v.file(dir.path("audit.log.1")));
  ASSERT_TRUE(v.file(dir.path("audit.log")));
  v.end();
  EXPECT_EQ(v.problem(), "");
  EXPECT_EQ(v.lines(), 2u);
}

}  // namespace
