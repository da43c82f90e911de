// A call that waits for its cluster: progress, its end, its deadline, a client that gives up, and the
// same as a task.
#include <string>

#include "support/story_world.h"

namespace {

using test::SimCall;
using test::StoryWorld;

const std::string kTool = "k0rdent.mgmt.clusterDeployments.deploy";

struct Waiting : StoryWorld {
  Waiting() {
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    app::Settings settings;
    settings.allow_writes = true;
    settings.confirm = change::Confirm::never;
    start_app(settings);
  }
  static std::string call_of(const std::string& more, const std::string& meta = {}) {
    return call_with(
        R"("template":"aws-standalone-cp-1-0-43","credential":"aws-cred","config":{"region":"r",)"
        R"("controlPlane":{"instanceType":"a"},"worker":{"instanceType":"b"}})" +
            more,
        meta);
  }
  static std::string call_with(const std::string& arguments, const std::string& meta) {
    return R"({"name":")" + kTool + R"(","arguments":{"name":"new","wait":true,)" + arguments +
           "}" + meta + "}";
  }
  sim::View deployments() {
    return api.store().find("k0rdent.mirantis.com", "v1beta1", "clusterdeployments");
  }
  bool is_made() { return api.store().get(deployments(), "kcm-system/new") != nullptr; }
  // What k0rdent's controller says of it.
  void say(const std::string& ready, const std::string& reason, const std::string& status = {}) {
    const sim::View view = deployments();
    if (made_.empty()) made_ = view.json(*api.store().get(view, "kcm-system/new"));
    std::string object = made_;
    object.resize(object.rfind('}'));
    std::string conditions;
    for (const std::string type :
         {"CredentialReady", "HelmReleaseReady", "CAPIClusterSummary", "Ready"}) {
      if (type == "CAPIClusterSummary" && !status.empty()) continue;  // it is adopted
      conditions += std::string(conditions.empty() ? "" : ",") + R"({"type":")" + type +
                    R"(","status":")" + ready + R"(","reason":")" + reason +
                    R"(","message":"","lastTransitionTime":"2026-08-21T07:05:00Z"})";
    }
    api.store().put(view, object + R"(,"status":{"observedGeneration":1)" + status +
                              R"(,"conditions":[)" + conditions + "]}}");
    if (ready == "True" && status.empty()) make_cluster();
  }
  // Of Cluster API, as that of aws-prod is: ready.
  void make_cluster() {
    const sim::View view = api.store().find("cluster.x-k8s.io", "v1beta2", "clusters");
    std::string object = view.json(*api.store().get(view, "kcm-system/aws-prod"));
    for (std::size_t at = 0; (at = object.find("aws-prod", at)) != object.npos;)
      object.replace(at, 8, "new");
    api.store().put(view, object);
  }
  bool is_watched() { return api.open_streams("/clusterdeployments") > 0; }

 private:
  std::string made_;  // as it was before it had a status
};

TEST_F(Waiting, ProgressIsToldUntilTheClusterIsReady) {
  auto session = connect();
  auto call = session->send("tools/call", call_of("", R"(,"_meta":{"progressToken":"p"})"));
  ASSERT_TRUE(run_until([&] { return is_made() && is_watched(); }));
  say("Unknown", "Progressing");
  ASSERT_TRUE(
      run_until([&] { return call->body.find("notifications/progress") != std::string::npos; }));
  EXPECT_NE(call->body.find(R"("progressToken":"p")"), std::string::npos) << call->body;
  EXPECT_FALSE(call->done());
  say("True", "Succeeded");
  ASSERT_TRUE(run_until([&] { return call->done(); }));
  EXPECT_NE(call->body.find(R"("waited":"ready (waited)"), std::string::npos) << call->body;
  EXPECT_NE(call->body.find(R"("reached":true)"), std::string::npos) << call->body;
  EXPECT_TRUE(run_until([&] { return !is_watched(); }));
}

// Its SveltosCluster is in the Region's cluster, which is not read: that will not be known later either.
TEST_F(Waiting, AnAdoptedClusterInARegionIsReadyAsFarAsIsKnown) {
  auto session = connect();
  auto call = session->send(
      "tools/call",
      call_with(R"("template":"adopted-cluster-1-0-2","credential":"adopted-cred","config":{})",
                R"(,"_meta":{"progressToken":"p"})"));
  ASSERT_TRUE(run_until([&] { return is_made() && is_watched(); })) << call->body;
  say("True", "Succeeded", R"(,"region":"eu")");
  ASSERT_TRUE(run_until([&] { return call->done(); }));
  EXPECT_NE(call->body.find(R"("waited":"ready, as far as is known: Ready: KCM says)"),
            std::string::npos)
      << call->body;
  EXPECT_NE(call->body.find(R"("reached":true)"), std::string::npos) << call->body;
}

TEST_F(Waiting, AtTheDeadlineTheAnswerSaysThatTheWorkGoesOn) {
  auto session = connect();
  session->ask("tools/call", call_of(R"(,"waitTimeout":"2m")"));
  const std::string text(session->result()["structuredContent"]["waited"].str());
  EXPECT_TRUE(text.starts_with("the time limit of 2m passed, the work goes on; last seen "))
      << text;
  EXPECT_EQ(session->result()["structuredContent"]["status"].str(), "created");
  EXPECT_FALSE(session->result()["structuredContent"]["reached"].bool_or(true));
}

TEST_F(Waiting, AClientThatGivesUpLeavesTheClusterAndNoWatch) {
  auto session = connect();
  auto call = session->send("tools/call", call_of(""));
  ASSERT_TRUE(run_until([&] { return is_made() && is_watched(); }));
  session->send("notifications/cancelled", R"({"requestId":2,"reason":"enough"})");
  call.reset();
  EXPECT_TRUE(run_until([&] { return !is_watched(); }));
  EXPECT_TRUE(is_made());
}

// The modern era: the client may go, and asks later.
TEST_F(Waiting, AsATaskItIsAnsweredAtOnceAndItsEndIsFetched) {
  const auto modern = [&](const std::string& method, const std::string& name, std::string params) {
    params.pop_back();
    params +=
        R"(,"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
        R"("io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}}})";
    SimCall call(*front, "POST", "/mcp",
                 R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}",
                 "", "application/json",
                 {{"Accept", "application/json, text/event-stream"},
                  {"MCP-Protocol-Version", "2026-07-28"},
                  {"Mcp-Method", method},
                  {"Mcp-Name", name}},
                 base::kForever);
    EXPECT_TRUE(run_until([&] { return call.done(); }));
    return call.json()["result"].to_json();
  };
  base::json::Document doc;
  const std::string begun = modern("tools/call", kTool, call_of(""));
  const std::string id((*doc.parse(begun))["taskId"].str());
  ASSERT_FALSE(id.empty()) << begun;
  ASSERT_TRUE(run_until([&] { return is_made() && is_watched(); }));
  const auto ask = [&] { return modern("tasks/get", id, R"({"taskId":")" + id + "\"}"); };
  EXPECT_NE(ask().find(R"("status":"working")"), std::string::npos);
  say("True", "Succeeded");
  std::string over;
  EXPECT_TRUE(run_until([&] { return !is_watched(); }));
  over = ask();
  EXPECT_NE(over.find(R"("status":"completed")"), std::string::npos) << over;
  EXPECT_NE(over.find(R"("waited":"ready (waited)"), std::string::npos) << over;
}

}  // namespace
