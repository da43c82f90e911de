// The stand-in for k0rdent's controllers: what a ClusterDeployment goes through after a write.
#include "sim/kcm.h"

#include <algorithm>
#include <vector>

#include "support/sim_world.h"

namespace {

using base::seconds;
using base::json::Value;
using test::SimWorld;

constexpr const char* kMerge = "application/merge-patch+json";
constexpr const char* kPath =
    "/apis/k0rdent.mirantis.com/v1beta1/namespaces/team-a/clusterdeployments";

struct SimKcm : SimWorld {
  SimKcm() {
    put("Credential",
        R"({"metadata":{"name":"cred","namespace":"team-a"},"status":{"ready":true}})");
    for (const char* name : {"t-1", "t-2"}) {
      put("ClusterTemplate", R"({"metadata":{"name":")" + std::string(name) +
                                 R"(","namespace":"team-a"},"status":{"valid":true}})");
    }
    put("ClusterTemplateChain",
        R"({"metadata":{"name":"chain","namespace":"team-a"},"spec":{"supportedTemplates":[)"
        R"({"name":"t-1","availableUpgrades":[{"name":"t-2"}]},{"name":"t-2"}]}})");
    kcm.start(seconds(2));
  }
  void put(const char* kind, const std::string& json) {
    api.store().put({&api.store().of(kind), 0}, json);
  }
  void create(const std::string& credential = "cred") {
    auto made =
        ask("POST", kPath,
            R"({"metadata":{"name":"c"},"spec":{"template":"t-1","credential":")" + credential +
                R"(","config":{"n":1},"serviceSpec":{"services":[)"
                R"({"name":"s","namespace":"n","template":"x"}]}}})");
    EXPECT_EQ(made->status, 201);
  }
  std::string condition(std::string_view type) {
    auto call = get(std::string(kPath) + "/c");
    for (const Value one : call->json()["status"]["conditions"].array()) {
      if (one["type"].str() != type) continue;
      return std::string(one["status"].str()) + " " + std::string(one["reason"].str()) + " " +
             std::string(one["message"].str());
    }
    return "none";
  }
  void settle_down() {
    for (int i = 0; i < 20 && !kcm.idle(); ++i)
      pass(seconds(2));
    EXPECT_TRUE(kcm.idle());
  }
  bool there(const char* kind) {
    return api.store().get({&api.store().of(kind), 0}, "team-a/c") != nullptr;
  }

  sim::Kcm kcm{loop, api, cluster};
};

TEST_F(SimKcm, AClusterBecomesReadyStepByStep) {
  create();
  EXPECT_EQ(condition("Ready"), "none");
  pass(seconds(2));
  EXPECT_EQ(condition("CredentialReady"), "True Succeeded ");
  EXPECT_EQ(condition("HelmReleaseReady"), "none");
  pass(seconds(2));
  EXPECT_EQ(condition("Ready"), "Unknown Progressing Object is not ready yet");
  pass(seconds(2));
  EXPECT_TRUE(there("HelmRelease"));
  EXPECT_EQ(condition("CAPIClusterSummary").substr(0, 20), "False IssuesReported");
  EXPECT_EQ(condition("Ready").substr(0, 17), "False Progressing");
  pass(seconds(4));
  EXPECT_EQ(condition("ServicesInReadyState"), "False Failed 0/1");
  EXPECT_EQ(condition("Ready"), "False Progressing 0/1 Services are ready.");
  pass(seconds(2));
  EXPECT_EQ(condition("Ready"), "True Succeeded Object is ready");
  EXPECT_TRUE(kcm.idle());
  auto now = get(std::string(kPath) + "/c");
  EXPECT_EQ(now->json()["status"]["observedGeneration"].int_or(0), 1);
  EXPECT_EQ(now->json()["status"]["availableUpgrades"].at(0).str(), "t-2");
  EXPECT_EQ(now->json()["status"]["services"].at(0)["state"].str(), "Deployed");
  EXPECT_NE(now->body.find(R"("manager":"kcm-controller-manager")"), std::string::npos);
}

TEST_F(SimKcm, AChangeIsFollowedAndObserved) {
  create();
  settle_down();
  ask("PATCH", std::string(kPath) + "/c", R"({"metadata":{"labels":{"l":"1"}}})",
      sim::ApiServer::kAdminToken, kMerge);
  EXPECT_TRUE(kcm.idle()) << "nothing of its spec";
  ask("PATCH", std::string(kPath) + "/c", R"({"spec":{"template":"t-2"}})",
      sim::ApiServer::kAdminToken, kMerge);
  EXPECT_FALSE(kcm.idle());
  settle_down();
  auto now = get(std::string(kPath) + "/c");
  EXPECT_EQ(now->json()["status"]["observedGeneration"].int_or(0), 2);
  EXPECT_EQ(now->json()["status"]["availableUpgrades"].size(), 0U);
  EXPECT_EQ(condition("HelmReleaseReady").substr(0, 21), "True UpgradeSucceeded");
  EXPECT_EQ(condition("Ready"), "True Succeeded Object is ready");
}

TEST_F(SimKcm, AnUpgradeOutsideItsPathIsRefusedAndTheReasonIsAWarning) {
  api.admissions().add(sim::upgrade_path());
  create();
  settle_down();
  const auto to = [&](const char* name) {
    return ask("PATCH", std::string(kPath) + "/c",
               R"({"spec":{"template":")" + std::string(name) + R"("}})",
               sim::ApiServer::kAdminToken, kMerge);
  };
  auto refused = to("t-9");
  EXPECT_EQ(refused->status, 403);
  EXPECT_NE(refused->json()["message"].str().find("cluster upgrade is forbidden"),
            std::string_view::npos);
  EXPECT_EQ(to("t-2")->status, 200);
  EXPECT_TRUE(get(std::string(kPath) + "/c")->json()["spec"]["template"].str() == "t-2");
}

TEST_F(SimKcm, ADeletionGoesInStepsAndEndsWithTheFinalizer) {
  create();
  settle_down();
  EXPECT_TRUE(
      ask("DELETE", std::string(kPath) + "/c")->json()["metadata"]["deletionTimestamp"].present());
  pass(seconds(2));
  EXPECT_EQ(condition("Deleting").substr(0, 30), "True WaitingForClusterDeletion");
  EXPECT_EQ(condition("Ready").substr(0, 14), "False Deleting");
  EXPECT_TRUE(there("Cluster"));
  pass(seconds(2));
  EXPECT_FALSE(there("Cluster"));
  EXPECT_TRUE(there("HelmRelease"));
  pass(seconds(6));
  EXPECT_FALSE(there("ClusterDeployment"));
  EXPECT_FALSE(there("HelmRelease"));
  EXPECT_FALSE(there("ServiceSet"));
  EXPECT_TRUE(kcm.idle());
}

TEST_F(SimKcm, WhatIsMissingOrHeldStopsItUntilItChanges) {
  create("other");
  settle_down();
  EXPECT_EQ(condition("Ready").substr(0, 12), "False Failed");
  EXPECT_EQ(condition("CredentialReady"),
            "False Failed failed to get Credential team-a/other: not found");
  kcm.hold("HelmReleaseReady", "Helm install failed: quota");
  put("Credential",
      R"({"metadata":{"name":"other","namespace":"team-a"},"status":{"ready":true}})");
  settle_down();
  EXPECT_EQ(condition("Ready"), "False Failed Helm install failed: quota");
  kcm.let_go();
  settle_down();
  EXPECT_EQ(condition("Ready"), "True Succeeded Object is ready");
  // Without its Credential a deletion never ends.
  api.store().remove({&api.store().of("Credential"), 0}, "team-a/other");
  ask("DELETE", std::string(kPath) + "/c");
  settle_down();
  EXPECT_TRUE(there("ClusterDeployment"));
  EXPECT_EQ(condition("Deleting"), "none");
}

}  // namespace
