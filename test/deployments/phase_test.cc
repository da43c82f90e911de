// The phase of a cluster, from the objects alone: a row a rule, in the order of deployments/phase.h.
#include "deployments/phase.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/json.h"

namespace {

using deployments::Assessment;
using deployments::Phase;

// "Type=Status/Reason/message" → a condition.
std::string conditions(const std::vector<std::string>& all, int generation = 2) {
  std::string out;
  for (const std::string& each : all) {
    const std::size_t equals = each.find('=');
    const std::string rest = each.substr(equals + 1) + "//";
    const std::size_t first = rest.find('/'), second = rest.find('/', first + 1);
    std::string message = rest.substr(second + 1);
    while (message.ends_with('/'))
      message.pop_back();
    if (!out.empty()) out += ',';
    base::json::Writer w(out);
    w.begin_object().field("type", each.substr(0, equals)).field("status", rest.substr(0, first));
    w.field("reason", rest.substr(first + 1, second - first - 1)).field("message", message);
    w.field("lastTransitionTime", "2026-01-01T00:00:00Z");
    w.field("observedGeneration", generation).end_object();
  }
  return "[" + out + "]";
}

struct World {
  std::string spec = R"({"template":"aws-standalone-cp-1-0-43"})", services = "[]",
              metadata = R"("generation":2)";
  std::vector<std::string> own = {"CredentialReady=True",
                                  "TemplateReady=True",
                                  "HelmChartReady=True",
                                  "HelmReleaseReady=True",
                                  "ServicesInReadyState=True//0/0",
                                  "Ready=True/Succeeded"};
  int observed = 2, of_conditions = 2;
  std::string release, cluster, sveltos;
  bool cluster_known = true;
  base::json::Document docs[4];

  base::json::Value parsed(int i, const std::string& text) {
    if (text.empty()) return {};
    const auto out = docs[i].parse(text);
    EXPECT_TRUE(out.has_value()) << text;
    return out ? *out : base::json::Value();
  }
  Assessment assess() {
    const std::string deployment =
        R"({"kind":"ClusterDeployment","metadata":{"name":"prod","namespace":"a",)" + metadata +
        R"(},"spec":)" + spec + R"(,"status":{"observedGeneration":)" + std::to_string(observed) +
        R"(,"services":)" + services + R"(,"conditions":)" + conditions(own, of_conditions) + "}}";
    return deployments::assess({.deployment = parsed(0, deployment),
                                .release = parsed(1, release),
                                .cluster = parsed(2, cluster),
                                .sveltos = parsed(3, sveltos),
                                .cluster_known = cluster_known},
                               {1767229200'000'000'000});  // 2026-01-01T01:00:00Z
  }
  void set(const std::string& type, const std::string& rest) {
    for (std::string& each : own) {
      if (!each.starts_with(type + "=")) continue;
      each = type + "=" + rest;
      return;
    }
    own.push_back(type + "=" + rest);
  }
  void capi(const std::vector<std::string>& all, const std::string& more = "{}") {
    cluster = R"({"kind":"Cluster","metadata":{"name":"prod","namespace":"a","uid":"u1"},"spec":)" +
              more + R"(,"status":{"conditions":)" + conditions(all) + "}}";
  }
};

std::string line(const Assessment& is) {
  return std::string(to_string(is.phase)) + " " +
         (is.progress ? std::to_string(*is.progress) : "-") + " " + is.reason +
         (is.terminal ? " terminal" : "") + " " + std::string(to_string(is.severity));
}

TEST(DeploymentPhase, ReadyIsTerminal) {
  World w;
  w.capi({"InfrastructureReady=True", "ControlPlaneInitialized=True", "WorkersAvailable=True"});
  EXPECT_EQ(line(w.assess()), "Ready 100 Succeeded terminal info");
}

TEST(DeploymentPhase, DeletionComesFirst) {
  World w;
  w.metadata += R"(,"deletionTimestamp":"2026-01-01T00:00:00Z")";
  EXPECT_EQ(line(w.assess()), "Deleting - Deleting info");
  w.set("Deleting", "True/WaitingForHelmReleaseDeletion/waiting");
  EXPECT_EQ(line(w.assess()), "Deleting - WaitingForHelmReleaseDeletion info");
  w.set("Deleting", "True/Failed/no");
  EXPECT_EQ(line(w.assess()), "Deleting - Failed error");
  w.set("CredentialReady", "False/Failed/not found");
  EXPECT_EQ(w.assess().message, "the deletion cannot go on: CredentialReady: not found");
}

TEST(DeploymentPhase, WhatKcmHasNotLookedAtIsInitializing) {
  World w;
  w.own.clear();
  EXPECT_EQ(line(w.assess()), "Initializing 5 NotReconciled info");
  w.own = {"Ready=Unknown/Progressing/"};
  EXPECT_EQ(line(w.assess()), "Initializing 5 NotReconciled info");
}

// Ready True about generation 1 says nothing about generation 2.
TEST(DeploymentPhase, AnOldStatusIsNotReady) {
  World w;
  w.observed = w.of_conditions = 1;
  EXPECT_EQ(line(w.assess()), "Unknown 0 Outdated warning");
  // A Region that cannot be reached: the status has the new generation, no condition but Ready has.
  w.observed = 2;
  EXPECT_EQ(line(w.assess()), "Unknown 0 Outdated warning");
}

TEST(DeploymentPhase, AStalledHelmReleaseIsTheEnd) {
  World w;
  w.set("HelmReleaseReady", "False/InstallFailed/no");
  w.set("Ready", "False/Failed/no");
  w.release = R"({"kind":"HelmRelease","metadata":{"name":"prod","generation":1},"status":{)"
              R"("observedGeneration":1,"conditions":)" +
              conditions({"Stalled=True/RetriesExceeded/failed to install after 1 attempt(s)",
                          "Ready=False/InstallFailed/no quota"}) +
              "}}";
  const Assessment is = w.assess();
  EXPECT_EQ(line(is), "Failed 0 RetriesExceeded terminal error");
  EXPECT_EQ(is.message, "Stalled: failed to install after 1 attempt(s); Ready: no quota");
}

// The word "failed" in a message ends nothing, nor does a failure that is tried again.
TEST(DeploymentPhase, AFailureThatIsTriedAgainIsNotTerminal) {
  World w;
  w.set("HelmReleaseReady", "Unknown/Progressing/failed to fetch; retrying");
  w.set("Ready", "Unknown/Progressing/failed to fetch; retrying");
  EXPECT_EQ(line(w.assess()), "Initializing 5 Progressing info");
  w.set("HelmReleaseReady", "False/ArtifactFailed/failed");
  w.set("Ready", "False/Failed/failed");
  EXPECT_EQ(line(w.assess()), "Failed 0 ArtifactFailed error");
}

TEST(DeploymentPhase, ClusterApisFailureReasonIsTerminal) {
  World w;
  w.set("Ready", "False/Failed/x");
  // Older than 30 minutes: KCM counts it as a failure.
  w.set("CAPIClusterSummary", "False/IssuesReported/* InfrastructureReady: x");
  w.cluster = R"({"kind":"Cluster","metadata":{"name":"prod"},"status":{"failureReason":"Invalid",)"
              R"("conditions":)" +
              conditions({"InfrastructureReady=False/NotReady/x"}) + "}}";
  EXPECT_EQ(line(w.assess()), "Failed 0 NotReady terminal error");
}

TEST(DeploymentPhase, APausedClusterIsNoFailure) {
  World w;
  w.set("Ready", "False/Failed/Check the provider logs");
  w.set("CAPIClusterSummary", "False/IssuesReported/* InfrastructureReady: x");
  w.capi({"InfrastructureReady=False/NotReady/x", "Paused=True/Paused/"}, R"({"paused":true})");
  const Assessment is = w.assess();
  EXPECT_EQ(line(is), "Provisioning 25 Paused warning");
  EXPECT_EQ(is.about["kind"].str(), "Cluster");
  // What is paused may go on.
  w.set("Ready", "True/Succeeded");
  w.set("CAPIClusterSummary", "True");
  w.capi({"InfrastructureReady=True", "Paused=True/Paused/"}, R"({"paused":true})");
  EXPECT_EQ(line(w.assess()), "Ready 100 Paused warning");
}

TEST(DeploymentPhase, TheClusterTellsHowFarItIs) {
  World w;
  w.set("Ready", "False/Progressing/x");
  const struct {
    const char* condition;
    const char* is;
  } rows[] = {
      {"InfrastructureReady=False/NotReady/no VPC", "Provisioning 25 NotReady info"},
      {"ControlPlaneInitialized=False/NotInitialized/x", "Bootstrapping 50 NotInitialized info"},
      {"ControlPlaneAvailable=Unknown/Unknown/x", "Bootstrapping 60 Unknown info"},
      {"WorkersAvailable=False/NotAvailable/x", "Scaling 75 NotAvailable info"},
      {"WorkerMachinesReady=False/NotReady/x", "Scaling 85 NotReady info"},
  };
  std::vector<std::string> all;
  for (const auto& row : rows) {
    all.emplace_back(row.condition);
    w.capi(all);
    EXPECT_EQ(line(w.assess()), row.is) << row.condition;
    all.back().replace(all.back().find('='), std::string::npos, "=True");
  }
  w.capi({});
  EXPECT_EQ(line(w.assess()), "Provisioning 25 NoConditions info");
}

// The Cluster may not be seen, or is in another Region's cluster: KCM's summary names the
// conditions. Text below a bullet is no bullet.
TEST(DeploymentPhase, WithoutTheClusterTheSummaryTells) {
  World w;
  w.cluster_known = false;
  w.set("Ready", "False/Progressing/x");
  w.set("CAPIClusterSummary",
        "False/IssuesReported/* WorkersAvailable:\n  * InfrastructureReady: of a machine");
  EXPECT_EQ(line(w.assess()), "Scaling 75 IssuesReported info");
}

TEST(DeploymentPhase, AnAdoptedClusterIsAsItsConnection) {
  World w;
  w.sveltos = R"({"kind":"SveltosCluster","metadata":{"name":"prod"},"status":{"ready":true,)"
              R"("connectionStatus":"Healthy"}})";
  EXPECT_EQ(line(w.assess()), "Ready 100 Succeeded terminal info");
  w.sveltos = R"({"kind":"SveltosCluster","metadata":{"name":"prod"},"status":{"ready":true,)"
              R"("connectionStatus":"Down","failureMessage":"no route"}})";
  EXPECT_EQ(line(w.assess()), "Failed 0 ConnectionDown error");
  w.sveltos = R"({"kind":"SveltosCluster","metadata":{"name":"prod"}})";
  EXPECT_EQ(line(w.assess()), "Provisioning 25 NotReady info");
}

// KCM counts only services that have a status: right after creation 0/0 is True.
TEST(DeploymentPhase, AServiceWithoutAStatusIsNotInstalled) {
  World w;
  w.capi({"InfrastructureReady=True"});
  w.spec = R"({"serviceSpec":{"services":[{"name":"a","namespace":"a","template":"a-1"},)"
           R"({"name":"off","template":"b-1","disable":true}]}})";
  EXPECT_EQ(line(w.assess()), "Installing 90 ServicesNotReady info");
  w.services = R"([{"name":"a","namespace":"a","template":"a-1","state":"Failed",)"
               R"("failureMessage":"conflict"},{"name":"b","namespace":"b","state":"Deployed"}])";
  const Assessment is = w.assess();
  EXPECT_EQ(line(is), "Installing 95 ServicesFailed warning");
  EXPECT_EQ(is.message, "1 of 2 services are deployed; a/a: conflict");
  // Deployed by the MultiClusterService is deployed.
  w.services = R"([{"name":"a","namespace":"a","template":"a-1","state":"Failed"},)"
               R"({"name":"a","namespace":"a","template":"a-1","state":"Deployed"}])";
  EXPECT_EQ(line(w.assess()), "Ready 100 Succeeded terminal info");
}

TEST(DeploymentPhase, ADryRunMakesNothing) {
  World w;
  w.spec = R"({"dryRun":true})";
  EXPECT_EQ(line(w.assess()), "Initializing 5 DryRun info");
}

TEST(DeploymentPhase, AnUpgradeThatFluxHasNotSeenIsNotReady) {
  World w;
  w.capi({"InfrastructureReady=True"});
  w.release = R"({"kind":"HelmRelease","metadata":{"generation":3},"status":{)"
              R"("observedGeneration":2}})";
  EXPECT_EQ(line(w.assess()), "Initializing 5 HelmReleaseOutdated info");
}

}  // namespace
