// What a caller of a writing tool is told when the server ends while its call is under way, and when
// writes are off.
#include <string>

#include "support/story_world.h"

namespace {

using test::SimCall;
using test::StoryWorld;

const std::string kWish =
    R"("name":"new","template":"aws-standalone-cp-1-0-43","credential":"aws-cred","config":)"
    R"({"region":"r","controlPlane":{"instanceType":"a"},"worker":{"instanceType":"b"}})";

struct ActingEnd : StoryWorld {
  ActingEnd() { EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value()); }
  app::Settings writing() {
    app::Settings s;
    s.allow_writes = true;
    s.confirm = change::Confirm::never;
    return s;
  }
  static std::string call_of(std::string_view tool, const std::string& arguments) {
    return R"({"name":")" + std::string(tool) + R"(","arguments":)" + arguments + "}";
  }
};

TEST_F(ActingEnd, ACallThatWaitsForItsClusterSaysThatItIsMade) {
  start_app(writing());
  auto session = connect();
  auto call = session->send("tools/call", call_of("k0rdent.mgmt.clusterDeployments.deploy",
                                                  "{" + kWish + R"(,"wait":true})"));
  ASSERT_TRUE(run_until([&] { return api.open_streams("/clusterdeployments") > 0; }));
  stop_app();
  ASSERT_TRUE(run_until([&] { return call->done(); }));
  EXPECT_NE(call->body.find("created clusterdeployments.k0rdent.mirantis.com kcm-system/new"),
            std::string::npos)
      << call->body;
  EXPECT_NE(call->body.find("shutting down"), std::string::npos) << call->body;
  EXPECT_EQ(call->body.find(R"("isError":true)"), std::string::npos) << call->body;
}

TEST_F(ActingEnd, AWriteThatIsUnderWayIsSaidToBeUnknown) {
  sim::AnswerFault held;
  held.match = {.verb = "create", .path = "clusterdeployments", .skip = 1};
  held.never = true;
  api.faults().add(std::move(held));
  start_app(writing());
  auto session = connect();
  auto call = session->send("tools/call",
                            call_of("k0rdent.mgmt.clusterDeployments.deploy", "{" + kWish + "}"));
  ASSERT_TRUE(run_until([&] { return api.count("create", "clusterdeployments") == 2; }));
  stop_app();
  ASSERT_TRUE(run_until([&] { return call->done(); }));
  EXPECT_NE(call->body.find("cannot know whether this was made"), std::string::npos) << call->body;
  EXPECT_NE(call->body.find("look at clusterdeployments.k0rdent.mirantis.com kcm-system/new"),
            std::string::npos)
      << call->body;
}

TEST_F(ActingEnd, AWriteThatWasNotSentIsSaidToBeNotMade) {
  sim::AnswerFault held;
  held.match = {.verb = "create", .path = "clusterdeployments"};
  held.never = true;
  api.faults().add(std::move(held));
  start_app(writing());
  auto session = connect();
  auto call = session->send("tools/call",
                            call_of("k0rdent.mgmt.clusterDeployments.deploy", "{" + kWish + "}"));
  ASSERT_TRUE(run_until([&] { return api.count("create", "clusterdeployments") == 1; }));
  stop_app();
  ASSERT_TRUE(run_until([&] { return call->done(); }));
  EXPECT_NE(call->body.find("not made: the server is shutting down; nothing was written: make this "
                            "call again later"),
            std::string::npos)
      << call->body;
}

TEST_F(ActingEnd, WithoutAllowWritesACallSaysWhatToDoAndLeavesALine) {
  app::Settings settings;
  settings.audit_file = dir.path("audit.log");
  start_app(settings);
  auto session = connect();
  session->ask("tools/call", call_of("k0rdent_mgmt_objects_delete", R"({"kind":"pods"})"));
  EXPECT_EQ(session->result()["content"].at(0)["text"].str(),
            "k0rdent.mgmt.objects.delete is not available: writes are off: start the server with "
            "--allow-writes");
  EXPECT_TRUE(session->result()["isError"].bool_or(false));
  session->ask("tools/list", "{}");
  for (const base::json::Value each : session->result()["tools"].array())
    EXPECT_TRUE(each["annotations"]["readOnlyHint"].bool_or(false)) << each["name"].str();
  const std::string lines = dir.read("audit.log");
  EXPECT_NE(lines.find(R"("stage":"refused")"), std::string::npos) << lines;
  EXPECT_NE(lines.find(R"("tool":"k0rdent.mgmt.objects.delete","verb":"call")"), std::string::npos)
      << lines;
  EXPECT_NE(lines.find("writes are off"), std::string::npos) << lines;
}

TEST_F(ActingEnd, AToolOfAToolsetThatIsNotChosenSaysSo) {
  app::Settings settings;
  settings.toolsets = {"core"};
  start_app(settings);
  auto session = connect();
  session->ask("tools/call", call_of("k0rdent.mgmt.graph.snapshot", "{}"));
  const std::string text(session->result()["content"].at(0)["text"].str());
  EXPECT_NE(text.find("its toolset is not among those of --toolsets"), std::string::npos) << text;
}

TEST_F(ActingEnd, ByItselfASecretIsNotReadThroughTheGeneralVerbs) {
  cluster.add_namespace("team-a");
  api.store().put(api.store().find("", "v1", "secrets"),
                  R"({"metadata":{"name":"s","namespace":"team-a"},"data":{"k":"dg=="}})");
  start_app();
  auto session = connect();
  for (
      const char* call :
      {R"({"name":"k0rdent.mgmt.objects.get","arguments":{"kind":"secret","namespace":"team-a","name":"s"}})",
       R"({"name":"k0rdent.mgmt.objects.list","arguments":{"kind":"secrets","namespace":"team-a"}})",
       R"({"name":"k0rdent.mgmt.objects.wait_for","arguments":{"kind":"secret","namespace":"team-a",)"
       R"("name":"s","for":".data.k=dg==","timeout":"1s"}})"}) {
    session->ask("tools/call", call);
    EXPECT_TRUE(session->result()["isError"].bool_or(false)) << call;
    EXPECT_NE(session->result().to_json().find("Secrets are read only if a rule names them"),
              std::string::npos)
        << session->result().to_json();
  }
  session->ask("resources/read", R"({"uri":"k0rdent://objects/core/v1/secrets/team-a/s"})");
  EXPECT_NE(session->error().to_json().find("Secrets are read only if a rule names them"),
            std::string::npos)
      << session->error().to_json();
  EXPECT_FALSE(session->subscribe("k0rdent://objects/core/v1/secrets/team-a"));
}

}  // namespace
