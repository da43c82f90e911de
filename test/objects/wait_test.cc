// wait_for: a condition, a value at a path, a creation, a deletion, and what ends a wait.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "objects/tools.h"
#include "support/tools_world.h"

namespace {

using test::TestReply;
using test::ToolsWorld;

struct WaitFor : ToolsWorld {
  WaitFor() : tool(objects::make_wait_tool(*context)) {}
  void put(const std::string& more) {
    api.store().put(api.store().find("", "v1", "configmaps"),
                    R"({"metadata":{"name":"m","namespace":"team-a")" + more + "}");
  }
  static std::string conditions(const std::string& status, int generation, int observed) {
    return R"(,"generation":)" + std::to_string(generation) +
           R"(},"status":{"phase":"Running","conditions":[{"type":"Ready","status":")" + status +
           R"(","observedGeneration":)" + std::to_string(observed) + "}]}";
  }
  // Begins a wait, and lets some reads pass.
  void begin(const std::string& what) {
    base::json::Document doc;
    reply = std::make_unique<TestReply>(self());
    run = tool->begin(*doc.parse(R"({"kind":"configmap","namespace":"team-a","name":"m","for":")" +
                                 what + R"(","timeout":"1m"})"),
                      *reply);
    const int reads = api.count("get", "configmaps/m");
    ASSERT_TRUE(run_until([&] { return done() || api.count("get", "configmaps/m") > reads + 1; }));
  }
  bool done() const { return !reply->text.empty(); }
  bool is_met() {
    EXPECT_TRUE(run_until([&] { return done(); }));
    return reply->text.find(R"("met":true)") != std::string::npos;
  }

  std::unique_ptr<mcp::Tool> tool;
  std::unique_ptr<TestReply> reply;
  std::unique_ptr<mcp::ToolRun> run;
};

TEST_F(WaitFor, AConditionOfTheObjectAsItIs) {
  put(conditions("False", 2, 2));
  begin("condition=Ready");
  EXPECT_FALSE(done());
  put(conditions("True", 3, 2));  // of an older generation
  const int reads = api.count("get", "configmaps/m");
  ASSERT_TRUE(run_until([&] { return api.count("get", "configmaps/m") > reads + 1; }));
  EXPECT_FALSE(done());
  put(conditions("True", 3, 3));
  EXPECT_TRUE(is_met());
  begin("condition=Ready=false");
  EXPECT_FALSE(is_met()) << "the time is over";
  EXPECT_NE(reply->shown.find("is not met after 1m; last seen: True"), std::string::npos)
      << reply->shown;
}

TEST_F(WaitFor, AValueAtAPath) {
  put(conditions("True", 1, 1));
  for (const char* met : {".status.phase=Running", "jsonpath={.status.phase}=Running",
                          ".status.phase", ".metadata.generation=1"}) {
    begin(met);
    EXPECT_TRUE(is_met()) << met << reply->text;
  }
  begin(".status.phase=Failed");
  EXPECT_FALSE(is_met());
  begin(".status.nothing");
  EXPECT_FALSE(is_met());
}

TEST_F(WaitFor, ACreationAndADeletion) {
  begin("create");
  EXPECT_FALSE(done());
  put("}");
  EXPECT_TRUE(is_met());
  begin("delete");
  EXPECT_FALSE(done());
  api.store().remove(api.store().find("", "v1", "configmaps"), "team-a/m");
  EXPECT_TRUE(is_met());
}

// Bug: "delete is met after 0s" for any Status 404.
TEST_F(WaitFor, AnObjectIsGoneOnlyWhenThe404IsAboutIt) {
  const auto answer = [&](const std::string& message) {
    sim::AnswerFault fault;
    fault.match = {.verb = "get", .path = "/configmaps/m", .count = -1};
    fault.answer = sim::refuse({.code = 404, .reason = "NotFound", .message = message});
    api.faults().clear();
    api.faults().add(fault);
    begin("delete");
  };
  put("}");
  for (const char* other :
       {"the server could not find the requested resource", "namespaces \"kcm-system\" not found",
        "secrets \"m\" not found", "configmaps \"other\" not found"}) {
    answer(other);
    EXPECT_FALSE(is_met()) << other;
    EXPECT_NE(reply->shown.find(other), std::string::npos) << reply->shown;
  }
  for (const char* of_it : {"configmaps \"m\" not found", "configmaps \"team-a/m\" not found",
                            "namespaces \"team-a\" not found"}) {
    answer(of_it);
    EXPECT_TRUE(is_met()) << of_it << reply->shown;
  }
}

TEST_F(WaitFor, WhatCannotBeWaitedForIsSaidAtOnce) {
  for (const char* bad : {"Ready", "condition=", ".", "deleted"}) {
    const TestReply refused =
        call(*tool, R"({"kind":"configmap","namespace":"team-a","name":"m","for":")" +
                        std::string(bad) + "\"}");
    EXPECT_TRUE(refused.text.starts_with("error: 'for' must be")) << refused.text;
  }
  deny("get", "configmaps");
  const TestReply forbidden =
      call(*tool, R"({"kind":"configmap","namespace":"team-a","name":"m","for":"create"})");
  EXPECT_TRUE(forbidden.text.starts_with("error: ")) << forbidden.text;
}

}  // namespace
