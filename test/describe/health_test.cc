// What management.health says of a k0rdent that is neither well nor broken: changed, installed, paused,
// removed.
#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "describe/tools.h"
#include "support/tools_world.h"

namespace {

using base::json::Value;
using test::TestReply;
using test::ToolsWorld;

struct Health : ToolsWorld {
  Health() {
    for (std::unique_ptr<mcp::Tool>& each : describe::make_tools(*context)) {
      if (each->info().name == "k0rdent.mgmt.management.health") tool = std::move(each);
    }
    for (const char* kind :
         {"Management", "Release", "Region", "AccessManagement", "StateManagementProvider"}) {
      api.store().define({.group = "k0rdent.mirantis.com",
                          .version = "v1beta1",
                          .plural = sim::plural_of(kind),
                          .kind = kind,
                          .namespaced = false,
                          .custom = true});
    }
    api.store().define({.group = "apps",
                        .version = "v1",
                        .plural = "deployments",
                        .kind = "Deployment",
                        .namespaced = true});
    put("releases", R"({"metadata":{"name":"kcm-2"},"status":{"ready":true}})");
  }
  void put(std::string_view plural, const std::string& json) {
    api.store().put(api.store().find("k0rdent.mirantis.com", "v1beta1", plural), json);
  }
  void run(const std::string& name, const std::string& spec, const std::string& status) {
    api.store().put(
        api.store().find("apps", "v1", "deployments"),
        R"({"metadata":{"name":")" + name +
            R"(","namespace":"kcm-system"},"spec":{"selector":{"matchLabels":{"app":")" + name +
            R"("}},)" + spec + R"(},"status":{)" + status + "}}");
  }
  void pod(const std::string& name, const std::string& app, const std::string& container) {
    api.store().put(api.store().find("", "v1", "pods"),
                    R"({"metadata":{"name":")" + name +
                        R"(","namespace":"kcm-system","labels":{"app":")" + app +
                        R"("}},"spec":{"containers":[{"name":"manager"}]},"status":{"phase":)"
                        R"("Running","containerStatuses":[{"name":"manager","ready":false,)" +
                        container + "}]}}");
  }
  static std::string ready(const std::string& status, const std::string& reason = {}) {
    return R"("conditions":[{"type":"Ready","status":")" + status + R"(","reason":")" + reason +
           R"("}],)";
  }
  void management(const std::string& metadata, const std::string& status,
                  const std::string& providers = {}) {
    put("managements", R"({"metadata":{"name":"kcm")" + metadata +
                           R"(},"spec":{"release":"kcm-2","providers":[)" + providers +
                           R"(]},"status":{)" + status +
                           R"("components":{"capi":{"success":true}}}})");
  }
  Value ask() {
    reply = std::make_unique<TestReply>(call(*tool, "{}"));
    const auto root = doc.parse(reply->text);
    EXPECT_TRUE(root) << reply->text;
    return root ? *root : Value();
  }
  // "state: [problems]"
  std::string is() {
    const Value a = ask();
    return std::string(a["state"].str()) + ": " + a["problems"].to_json();
  }
  static constexpr const char* kReleased = R"("release":"kcm-2",)";

  std::unique_ptr<mcp::Tool> tool;
  std::unique_ptr<TestReply> reply;
  base::json::Document doc;
};

// "healthy" while the controller crashed and a provider could not be started: no Deployment was read.
TEST_F(Health, ADeploymentThatDoesNotRunIsAProblemWithItsPodsWords) {
  management({}, kReleased + ready("True"));
  run("capi", R"("replicas":1)", R"("replicas":1,"availableReplicas":1)");
  run("idle", R"("replicas":0)", {});
  EXPECT_EQ(is(), "healthy: []");
  EXPECT_EQ(api.count("list", "/pods"), 0);
  run("kcm-controller-manager", R"("replicas":1)", R"("replicas":1,"unavailableReplicas":1)");
  pod("kcm-controller-manager-7d9f-x2x4b", "kcm-controller-manager",
      R"("state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off 5m0s"}},)"
      R"("restartCount":22,"lastState":{"terminated":{"exitCode":1,"message":"no PEM data"}})");
  run("capg-controller-manager", R"("replicas":0)",
      R"("conditions":[{"type":"Available","status":"True"}])");
  run("capz-controller-manager", R"("replicas":1)", R"("replicas":1,"unavailableReplicas":1)");
  pod("capz-controller-manager-z", "capz-controller-manager",
      R"("state":{"waiting":{"reason":"ImagePullBackOff","message":"Back-off pulling image"}})");
  EXPECT_EQ(
      is(),
      R"(degraded: ["Deployment capg-controller-manager has 0 replicas: what it does is not done",)"
      R"("Deployment capz-controller-manager: 0 of 1 available; pod capz-controller-manager-z )"
      R"(ImagePullBackOff: Back-off pulling image",)"
      R"("Deployment kcm-controller-manager: 0 of 1 available; pod )"
      R"(kcm-controller-manager-7d9f-x2x4b CrashLoopBackOff (22 restarts): back-off 5m0s; it ended )"
      R"(before: no PEM data"])");
}

TEST_F(Health, AComponentThatFailsWithoutAWordIsNamed) {
  put("managements", R"({"metadata":{"name":"kcm"},"spec":{"release":"kcm-2"},"status":{)" +
                         std::string(kReleased) + ready("False", "NotAllComponentsHealthy") +
                         R"("components":{"capi":{"success":true},"capz":{"template":"z"}}}})");
  EXPECT_EQ(is(), R"(degraded: ["component capz: not ready yet"])");
}

// One that starts, or is replaced, is none yet.
TEST_F(Health, ADeploymentThatStartsIsWaitedFor) {
  management({}, kReleased + ready("True"));
  const auto run_since = [&](base::Duration ago) {
    run("kcm-controller-manager", R"("replicas":1)",
        R"("replicas":1,"unavailableReplicas":1,"conditions":[{"type":"Available","status":)"
        R"("False","lastTransitionTime":")" +
            base::format_rfc3339({loop.wall_now().ns - ago.count()}, 0) + R"("}])");
  };
  run_since(base::seconds(30));
  pod("kcm-controller-manager-x", "kcm-controller-manager",
      R"("state":{"waiting":{"reason":"ContainerCreating"}})");
  const char* text =
      R"(["Deployment kcm-controller-manager: 0 of 1 available; pod kcm-controller-manager-x )"
      R"(ContainerCreating"])";
  EXPECT_EQ(is(), std::string("progressing: ") + text);
  run_since(base::minutes(10));
  EXPECT_EQ(is(), std::string("degraded: ") + text);
}

// A caller that may not see it is told so.
TEST_F(Health, DeploymentsThatMayNotBeListedAreANote) {
  management({}, kReleased + ready("True"));
  deny("list", "deployments");
  const Value a = ask();
  EXPECT_EQ(a["state"].str(), "healthy");
  EXPECT_EQ(a["notes"].size(), 1u) << reply->text;
}

TEST_F(Health, AChangeThatIsNotActedOnIsNotHealthy) {
  management(R"(,"generation":3)", kReleased + ready("True") + R"("observedGeneration":3,)");
  EXPECT_EQ(is(), "healthy: []");
  management(R"(,"generation":3)", kReleased + ready("True") + R"("observedGeneration":2,)");
  EXPECT_EQ(is(),
            R"(progressing: ["Management: status is of generation 2, spec is 3: k0rdent has not )"
            R"(acted on the last change"])");
  management("", kReleased + ready("True"), R"({"name":"capi"},{"name":"aws"})");
  EXPECT_EQ(is(), R"(progressing: ["component aws: wanted, and not reported yet"])");
}

TEST_F(Health, TheFirstInstallationIsNoUpgrade) {
  management("", ready("False", "NotAllComponentsHealthy"));
  const Value a = ask();
  EXPECT_EQ(a["state"].str(), "installing");
  EXPECT_EQ(a["upgrading"].as_bool(), false);
  EXPECT_FALSE(a["appliedRelease"].present()) << "words are no data";
  EXPECT_NE(reply->shown.find("Applied:       none yet\n"), std::string::npos) << reply->shown;
}

// Bug: "degraded", and not a word why.
TEST_F(Health, AReadyThatIsNotTrueIsNamed) {
  management("", kReleased + ready("Unknown", "Progressing"));
  EXPECT_EQ(is(), R"(progressing: ["Management: Ready is Unknown, Progressing"])");
  management("", kReleased);
  EXPECT_EQ(is(), R"(progressing: ["Management: there is no condition Ready yet"])");
  management("", kReleased + ready("False", "HasIncompatibleContracts"));
  EXPECT_EQ(is(), R"(degraded: ["Management: Ready is False, HasIncompatibleContracts"])");
  management("", kReleased + ready("False", "NotAllComponentsHealthy"));
  EXPECT_EQ(is(), R"(degraded: ["Management: Ready is False, NotAllComponentsHealthy"])");
}

TEST_F(Health, WhatIsBeingRemovedIsSaid) {
  management(R"(,"deletionTimestamp":"2026-01-01T00:00:00Z")", kReleased + ready("True"));
  EXPECT_EQ(is(),
            R"(deleting: ["the Management is being deleted: k0rdent is removed, and all that it )"
            R"(manages"])");
  management("", kReleased + ready("True"));
  put("regions", R"({"metadata":{"name":"eu","deletionTimestamp":"2026-01-01T00:00:00Z"},)"
                 R"("status":{"conditions":[{"type":"Ready","status":"True"}]}})");
  EXPECT_EQ(is(), R"(degraded: ["Region eu is being deleted"])");
  EXPECT_EQ(ask()["regions"].at(0)["deletionTimestamp"].str(), "2026-01-01T00:00:00Z");
}

TEST_F(Health, ARegionThatIsPausedOrLacksAComponentIsNotHealthy) {
  management("", kReleased + ready("True"));
  put("regions", R"({"metadata":{"name":"eu","generation":2,"annotations":{)"
                 R"("k0rdent.mirantis.com/region-pause":""}},"status":{"observedGeneration":1,)"
                 R"("components":{"aws":{"success":false,"error":"no chart"}},)"
                 R"("conditions":[{"type":"Ready","status":"True"}]}})");
  EXPECT_EQ(
      is(),
      R"(degraded: ["Region eu is paused (annotation k0rdent.mirantis.com/region-pause): )"
      R"(nothing is done for its ClusterDeployments","Region eu: component aws: no chart",)"
      R"("Region eu: status is of generation 1, spec is 2: k0rdent has not acted on the last )"
      R"(change"])");
  EXPECT_EQ(ask()["regions"].at(0)["paused"].as_bool(), true);
}

// Bug: "Region eu is not ready: ", and nothing after it.
TEST_F(Health, ARegionWithoutAStatusIsSaidSo) {
  management("", kReleased + ready("True"));
  put("regions", R"({"metadata":{"name":"eu"}})");
  EXPECT_EQ(is(), R"(progressing: ["Region eu is not ready: k0rdent has not looked at it yet"])");
  put("regions", R"({"metadata":{"name":"eu"},"status":{"conditions":[{"type":"Ready",)"
                 R"("status":"False"}]}})");
  EXPECT_EQ(is(), R"(degraded: ["Region eu is not ready"])");
}

}  // namespace
