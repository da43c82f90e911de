// The tools that write objects of any kind, against the simulated API server.
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "objects/write_tools.h"
#include "support/change_world.h"

namespace {

using test::ChangeWorld;

constexpr std::string_view kMap =
    R"({"metadata":{"name":"m","namespace":"team-a","labels":{"app":"x"}},"data":{"a":"1","b":"2"}})";

struct ObjectWrites : ChangeWorld {
  ObjectWrites() {
    add(objects::make_write_tools(change));
    put("", "v1", "namespaces", R"({"metadata":{"name":"team-a"}})");
    put_map(kMap);
  }
  sim::View maps() { return view("", "v1", "configmaps"); }
  void put_map(std::string_view json) { put("", "v1", "configmaps", json); }
  std::string map(std::string_view key) { return stored(maps(), key); }
  Answer ask(std::string_view action, const std::string& arguments,
             const mcp::Caller& caller = self()) {
    return ChangeWorld::ask("k0rdent.mgmt.objects." + std::string(action), arguments, caller);
  }
  Answer confirmed(std::string_view action, const std::string& arguments) {
    return ChangeWorld::confirmed("k0rdent.mgmt.objects." + std::string(action), arguments);
  }
};

TEST_F(ObjectWrites, ApplyCreatesAndShowsWhatItMade) {
  const Answer made = ask("apply", R"({"manifest":"apiVersion: v1\nkind: ConfigMap\nmetadata:\n)"
                                   R"(  name: n\n  namespace: team-a\ndata:\n  k: v\n"})");
  EXPECT_EQ(made["status"].str(), "created") << made.reply.text;
  EXPECT_EQ(made["cluster"].str(), "sim");
  EXPECT_TRUE(made.reply.shown.starts_with("cluster sim: created configmaps team-a/n (for self)\n"))
      << made.reply.shown;
  EXPECT_NE(made.reply.shown.find("+ .data.k: \"v\""), std::string::npos) << made.reply.shown;
  EXPECT_NE(map("team-a/n"), "");
  // The same once more changes nothing and says so.
  const std::string before = now_version();
  const Answer again =
      ask("apply", R"({"manifest":{"apiVersion":"v1","kind":"ConfigMap",)"
                   R"("metadata":{"name":"n","namespace":"team-a"},"data":{"k":"v"}}})");
  EXPECT_EQ(again["status"].str(), "unchanged") << again.reply.text;
  EXPECT_EQ(now_version(), before);
}

TEST_F(ObjectWrites, ADryRunWritesNothing) {
  const std::string before = now_version();
  const Answer shown =
      ask("patch", R"({"kind":"configmap","name":"m","namespace":"team-a","dryRun":true,)"
                   R"("patch":{"data":{"a":"9"}}})");
  EXPECT_EQ(shown["status"].str(), "dry_run") << shown.reply.text;
  EXPECT_EQ(shown["changes"].at(0)["path"].str(), ".data.a");
  EXPECT_EQ(shown["changes"].at(0)["before"].str(), "\"1\"");
  EXPECT_EQ(shown["changes"].at(0)["after"].str(), "\"9\"");
  EXPECT_EQ(now_version(), before);
}

TEST_F(ObjectWrites, WhatIsTakenAwayIsShownFirstAndConfirmed) {
  const std::string arguments = R"({"kind":"configmap","name":"m","namespace":"team-a",)"
                                R"("patch":{"data":{"a":"9","b":null}}})";
  const std::string before = now_version();
  const Answer first = ask("patch", arguments);
  EXPECT_EQ(first["status"].str(), "confirmation_required") << first.reply.text;
  EXPECT_EQ(first["changes"].at(0)["change"].str(), "removed");
  EXPECT_EQ(first["changes"].at(0)["path"].str(), ".data.b");
  EXPECT_EQ(now_version(), before);
  EXPECT_EQ(ask("patch", arguments)["status"].str(), "confirmation_required")
      << "a repeated call confirms nothing";
  const Answer made = confirmed("patch", arguments);
  EXPECT_EQ(made["status"].str(), "updated") << made.reply.text;
  EXPECT_EQ(map("team-a/m").find("\"b\":\"2\""), std::string::npos);
}

TEST_F(ObjectWrites, ATokenIsGoodOnceForThatChangeAndThatCaller) {
  const std::string open = R"({"kind":"configmap","name":"m","namespace":"team-a")";
  const auto with = [&](const std::string& token) {
    return open + R"(,"confirm":")" + token + "\"}";
  };
  const std::string token(ask("delete", open + "}")["confirm"].str());
  ASSERT_FALSE(token.empty());
  const Answer other = ask("delete", with(token), {"ann", {}});
  EXPECT_EQ(other["status"].str(), "confirmation_required") << other.reply.text;
  EXPECT_EQ(ask("delete", with(token + "x"))["status"].str(), "confirmation_required");
  put_map(R"({"metadata":{"name":"m","namespace":"team-a"},"data":{"a":"changed"}})");
  const Answer changed = ask("delete", with(token));
  EXPECT_EQ(changed["status"].str(), "confirmation_required") << changed.reply.text;
  EXPECT_NE(changed.reply.shown.find("has changed"), std::string::npos) << changed.reply.shown;
  const std::string next(changed["confirm"].str());
  EXPECT_EQ(ask("delete", with(next))["status"].str(), "deleted");
  EXPECT_EQ(map("team-a/m"), "");
  EXPECT_EQ(ask("delete", with(next))["status"].str(), "not_found");
  put_map(R"({"metadata":{"name":"m","namespace":"team-a"},"data":{"a":"changed"}})");
  EXPECT_EQ(ask("delete", with(next))["status"].str(), "confirmation_required");
}

TEST_F(ObjectWrites, ATokenExpires) {
  const std::string token(
      ask("delete", R"({"kind":"configmap","name":"m","namespace":"team-a"})")["confirm"].str());
  pass(change::kConfirmTime + base::seconds(1));
  const Answer late =
      ask("delete",
          R"({"kind":"configmap","name":"m","namespace":"team-a","confirm":")" + token + "\"}");
  EXPECT_EQ(late["status"].str(), "confirmation_required");
  EXPECT_NE(late.reply.shown.find("expired"), std::string::npos) << late.reply.shown;
}

TEST_F(ObjectWrites, WhatTheServerWritesIsLeftOutAndSaid) {
  const Answer made = ask(
      "apply",
      R"({"manifest":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"n","namespace":"team-a",)"
      R"("uid":"u","resourceVersion":"1","managedFields":[],"generation":3},"data":{"k":"v"},"status":{}}})");
  EXPECT_EQ(made["status"].str(), "created") << made.reply.text;
  EXPECT_NE(made.reply.shown.find("left out what only the API server writes: metadata.uid, "
                                  "metadata.resourceVersion, metadata.managedFields, "
                                  "metadata.generation, status"),
            std::string::npos)
      << made.reply.shown;
}

TEST_F(ObjectWrites, AMaskIsNotWritten) {
  const Answer refused = ask("patch", R"({"kind":"configmap","name":"m","namespace":"team-a",)"
                                      R"("patch":{"data":{"a":"<redacted:24B:1f3a9c02>"}}})");
  EXPECT_TRUE(refused.failed());
  EXPECT_NE(refused.reply.text.find(".data.a holds a mask"), std::string::npos)
      << refused.reply.text;
}

// Found by the fuzzer: what was looked at was the first one; the API server would have taken the last.
TEST_F(ObjectWrites, AMemberThatStandsTwiceIsRefused) {
  const std::string head = R"({"apiVersion":"v1","kind":"ConfigMap",)";
  const std::string names = R"("metadata":{"name":"m","namespace":"team-a"})";
  const std::pair<std::string, std::string> rows[] = {
      {head + names + R"(,"data":{"a":"1"},"data":{"a":"2"}})", ".data is"},
      {head + names + R"(,"data":{"a":"1","b":"1","a":"2"}})", ".data.a is"},
      {head + R"("metadata":{"name":"m","namespace":"team-a","name":"n"}})", ".metadata.name is"},
      {R"([{},)" + head + names + R"(,"x":[{},{"y":1,"y":2}]}])", "[1].x[1].y is"},
      {R"({"apiVersion":"v1","kind":"List","items":[],"items":[]})", ".items is"}};
  for (const auto& [manifest, says] : rows) {
    const Answer refused = ask("apply", R"({"manifest":)" + manifest + "}");
    EXPECT_TRUE(refused.failed()) << manifest;
    EXPECT_TRUE(refused.says("'manifest': " + says + " there twice")) << refused.text();
  }
  const Answer patch = ask("patch", R"({"kind":"configmap","name":"m","namespace":"team-a",)"
                                    R"("patch":{"data":{"a":"1","a":null}}})");
  EXPECT_TRUE(patch.says("'patch': .data.a is there twice")) << patch.text();
}

TEST_F(ObjectWrites, ANamespaceOfAClusterScopedKindIsAnError) {
  const Answer refused =
      ask("delete", R"({"kind":"namespace","name":"team-a","namespace":"team-a"})");
  EXPECT_TRUE(refused.failed());
  EXPECT_NE(refused.reply.text.find("not in namespaces"), std::string::npos) << refused.reply.text;
}

TEST_F(ObjectWrites, DeletingANamespaceSaysWhatIsInIt) {
  const Answer shown = ask("delete", R"({"kind":"namespace","name":"team-a"})");
  EXPECT_EQ(shown["status"].str(), "confirmation_required") << shown.reply.text;
  EXPECT_NE(shown.reply.shown.find("1 configmap: m"), std::string::npos) << shown.reply.shown;
}

TEST_F(ObjectWrites, AnotherClusterIsNotThisOne) {
  const Answer refused = ask("delete", R"({"kind":"configmap","name":"m","namespace":"team-a",)"
                                       R"("cluster":"prod"})");
  EXPECT_TRUE(refused.failed());
  EXPECT_NE(refused.reply.text.find("this server's cluster is \"sim\""), std::string::npos)
      << refused.reply.text;
}

TEST_F(ObjectWrites, LabelsAndAnnotationsAreSetAndRemoved) {
  EXPECT_EQ(ask("label",
                R"({"kind":"configmap","name":"m","namespace":"team-a","labels":{"env":"prod"}})")
                ["status"]
                    .str(),
            "updated");
  EXPECT_NE(map("team-a/m").find(R"("env":"prod")"), std::string::npos);
  EXPECT_EQ(
      confirmed(
          "label",
          R"({"kind":"configmap","name":"m","namespace":"team-a","labels":{"app":null}})")["status"]
          .str(),
      "updated");
  EXPECT_EQ(map("team-a/m").find(R"("app":"x")"), std::string::npos);
  EXPECT_TRUE(ask("annotate",
                  R"({"kind":"configmap","name":"m","namespace":"team-a","annotations":{"a":1}})")
                  .failed());
}

TEST_F(ObjectWrites, ARestartCanBeConfirmedThoughItsTimeGoesOn) {
  api.store().define({.group = "apps",
                      .version = "v1",
                      .plural = "deployments",
                      .kind = "Deployment",
                      .namespaced = true});
  put("apps", "v1", "deployments",
      R"({"metadata":{"name":"web","namespace":"team-a"},"spec":{"replicas":2,"template":{"spec":)"
      R"({"containers":[{"name":"c"}]}}}})");
  change::Context always(*context, writes, change::Confirm::always);
  tools.clear();
  add(objects::make_write_tools(always));
  const std::string arguments = R"({"kind":"deployments","name":"web","namespace":"team-a"})";
  const Answer shown = ask("restart", arguments);
  EXPECT_EQ(shown.status(), "confirmation_required") << shown.text();
  pass(base::seconds(30));
  const Answer made = ask("restart", with_token(arguments, shown["confirm"].str()));
  EXPECT_EQ(made.status(), "updated") << made.text();
  EXPECT_NE(stored(view("apps", "v1", "deployments"), "team-a/web").find("restartedAt"),
            std::string::npos);
  EXPECT_EQ(ask("scale", R"({"kind":"deployments","name":"web","namespace":"team-a","replicas":2})")
                .status(),
            "unchanged");
  tools.clear();
}

}  // namespace
