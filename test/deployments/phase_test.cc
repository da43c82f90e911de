// The phase of a cluster, from the objects alone: a row a rule, in the order of
// deployments/phase.h.
#include "deployments/phase.h"

#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/json.h"

namespace {

using deployments::Assessment;
using deployments::Phase;

// "Type=Status/Reason/message" → a condition.
// With a time after "@" its last change is then.
std::string conditions(const std::vector<std::string>& all, int generation = 2) {
  std::string out;
  for (const std::string& each : all) {
    const std::size_t equals = each.find('=');
    const std::string rest = each.substr(equals + 1) + "//";
    const std::size_t first = rest.find('/'), second = rest.find('/', first + 1);
    std::string message = rest.substr(second + 1), since = "2026-01-01T00:00:00Z";
    while (message.ends_with('/'))
      message.pop_back();
    if (const std::size_t at = message.find('@'); at != message.npos) {
      since = message.substr(at + 1);
      message.resize(at);
    }
    if (!out.empty()) out += ',';
    base::json::Writer w(out);
    w.begin_object().field("type", each.substr(0, equals)).field("status", rest.substr(0, first));
    w.field("reason", rest.substr(first + 1, second - first - 1)).field("message", message);
    w.field("lastTransitionTime", since);
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
  std::string status, stale;  // stale: the condition whose generation is one less
  std::string release, cluster, sveltos, sets, provider;
  std::string control_plane, infrastructure, machine_deployments, credential;
  bool cluster_known = true, sveltos_known = true, credential_absent = false;
  base::json::Document docs[10];

  base::json::Value parsed(int i, const std::string& text) {
    if (text.empty()) return {};
    const auto out = docs[i].parse(text);
    EXPECT_TRUE(out.has_value()) << text;
    return out ? *out : base::json::Value();
  }
  Assessment assess() {
    std::string all = conditions(own, of_conditions);
    if (!stale.empty()) {
      const std::string is = "\"observedGeneration\":" + std::to_string(of_conditions);
      const std::size_t at = all.find(is, all.find("\"type\":\"" + stale));
      all.replace(at, is.size(), "\"observedGeneration\":" + std::to_string(of_conditions - 1));
    }
    const std::string deployment =
        R"({"kind":"ClusterDeployment","metadata":{"name":"prod","namespace":"a",)" + metadata +
        R"(},"spec":)" + spec + R"(,"status":{)" + status + R"("observedGeneration":)" +
        std::to_string(observed) + R"(,"services":)" + services + R"(,"conditions":)" + all + "}}";
    return deployments::assess({.deployment = parsed(0, deployment),
                                .release = parsed(1, release),
                                .cluster = parsed(2, cluster),
                                .sveltos = parsed(3, sveltos),
                                .service_sets = parsed(4, sets),
                                .provider = parsed(5, provider),
                                .control_plane = parsed(6, control_plane),
                                .infrastructure = parsed(7, infrastructure),
                                .machine_deployments = parsed(8, machine_deployments),
                                .credential = parsed(9, credential),
                                .credential_absent = credential_absent,
                                .cluster_known = cluster_known,
                                .sveltos_known = sveltos_known},
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
  w.metadata += R"(,"deletionTimestamp":"2026-01-01T00:56:00Z")";
  EXPECT_EQ(line(w.assess()), "Deleting - Deleting info");
  w.set("Deleting", "True/WaitingForHelmReleaseDeletion/waiting");
  EXPECT_EQ(line(w.assess()), "Deleting - WaitingForHelmReleaseDeletion info");
  w.set("Deleting", "True/Failed/no");
  EXPECT_EQ(line(w.assess()), "Deleting - Failed error");
  w.set("CredentialReady", "False/Failed/not found");
  EXPECT_EQ(w.assess().message, "the deletion cannot go on: CredentialReady: not found");
}

// Bug: a Credential that is there and not ready was said to stop a deletion.
TEST(DeploymentPhase, ADeletionNeedsTheCredentialToBeThereAndNoMore) {
  World w;
  w.metadata += R"(,"deletionTimestamp":"2026-01-01T00:50:00Z")";
  w.set("Deleting", "True/WaitingForClusterDeletion/waiting");
  w.set("CredentialReady", "False/Failed/the Credential a/c is not ready");
  EXPECT_EQ(line(w.assess()), "Deleting - WaitingForClusterDeletion info");
  w.set("CredentialReady", "False/Failed/failed to get Credential a/c: \"c\" not found");
  EXPECT_EQ(line(w.assess()), "Deleting - Failed error");
  w.credential = R"({"kind":"Credential"})";
  EXPECT_EQ(line(w.assess()), "Deleting - WaitingForClusterDeletion info") << "it is there again";
  w.credential.clear();
  w.credential_absent = true;
  w.spec = R"({"credential":"c"})";
  w.set("CredentialReady", "True");
  EXPECT_EQ(line(w.assess()), "Deleting - WaitingForClusterDeletion warning") << "gone since";
  EXPECT_EQ(w.assess().message,
            "Deleting: waiting; Credential c was not found, without which KCM does not end it");
}

// Bug: a deletion that hung for hours was told as one that had just begun, and one of a paused
// Cluster without a word of the pause.
TEST(DeploymentPhase, ADeletionThatHangsIsAWarning) {
  World w;
  w.metadata += R"(,"deletionTimestamp":"2026-01-01T00:50:00Z")";
  EXPECT_EQ(line(w.assess()), "Deleting - Deleting warning") << "KCM begins within seconds";
  EXPECT_EQ(w.assess().message,
            "deletion was asked for at 2026-01-01T00:50:00Z; KCM has not begun with it");
  w.set("Deleting", "True/WaitingForClusterDeletion/waiting");
  EXPECT_EQ(line(w.assess()), "Deleting - WaitingForClusterDeletion info") << "a cloud is slow";
  w.metadata = R"("generation":2,"deletionTimestamp":"2026-01-01T00:29:00Z")";
  EXPECT_EQ(line(w.assess()), "Deleting - WaitingForClusterDeletion warning");
  EXPECT_EQ(w.assess().message,
            "Deleting: waiting; deletion was asked for at 2026-01-01T00:29:00Z");
  w.capi({"Paused=True/Paused/"}, R"({"paused":true})");
  EXPECT_EQ(line(w.assess()), "Deleting - Paused warning");
  EXPECT_TRUE(w.assess().message.starts_with("the Cluster is paused")) << w.assess().message;
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
  EXPECT_EQ(line(w.assess()), "Unknown - Outdated warning");
  // A Region that cannot be reached: the status has the new generation, no condition but Ready has.
  w.observed = 2;
  EXPECT_EQ(line(w.assess()), "Unknown - Outdated warning");
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
  w.services = R"([{"name":"a","namespace":"a","template":"a-1","state":"Failed",)"
               R"("failureMessage":"conflict"},{"name":"a","namespace":"a","state":"Deployed"},)"
               R"({"name":"b","namespace":"b","state":"Pending"}])";
  EXPECT_EQ(w.assess().message, "1 of 2 services are deployed") << "the conflict is no failure";
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

// KCM's Ready knows nothing of these: the subscription ended while machines were being replaced.
TEST(DeploymentPhase, MachinesThatAreReplacedAreNotTheEnd) {
  World w;
  const std::vector<std::string> good = {
      "InfrastructureReady=True",   "ControlPlaneInitialized=True",
      "ControlPlaneAvailable=True", "WorkersAvailable=True",
      "RollingOut=False",           "ScalingUp=False",
      "ScalingDown=False",          "Remediating=False",
      "WorkerMachinesUpToDate=True"};
  w.capi(good);
  EXPECT_EQ(line(w.assess()), "Ready 100 Succeeded terminal info");
  for (const char* each : {"RollingOut=True/RollingOut/x", "ScalingUp=True/ScalingUp/x",
                           "ScalingDown=True/ScalingDown/x", "Remediating=True/Remediating/x",
                           "WorkerMachinesUpToDate=False/NotUpToDate/x",
                           "ControlPlaneMachinesUpToDate=False/NotUpToDate/x"}) {
    std::vector<std::string> all = good;
    std::string type(each);
    type.resize(type.find('='));
    std::erase_if(all, [&](const std::string& one) { return one.starts_with(type + "="); });
    all.emplace_back(each);
    w.capi(all);
    const Assessment is = w.assess();
    EXPECT_EQ(is.phase, Phase::scaling) << each;
    EXPECT_EQ(is.progress, 85) << each;
    EXPECT_EQ(is.message, type + ": x");
    EXPECT_FALSE(is.terminal) << each;
  }
  // Machines of a cluster that was up are not those of one that comes up.
  w.capi({"InfrastructureReady=True", "ControlPlaneInitialized=True", "ControlPlaneAvailable=True",
          "ControlPlaneMachinesReady=False/NotReady/x", "RollingOut=True/RollingOut/x"});
  EXPECT_EQ(line(w.assess()), "Scaling 85 RollingOut info");
  // What is not known is no evidence.
  w.capi({"InfrastructureReady=True", "RollingOut=Unknown//", "WorkerMachinesUpToDate=Unknown//"});
  EXPECT_EQ(line(w.assess()), "Ready 100 Succeeded terminal info");
}

TEST(DeploymentPhase, AChangeThatClusterApiHasNotSeenIsNotReady) {
  World w;
  const auto cluster = [&](const char* spec, int generation) {
    w.cluster = R"({"kind":"Cluster","metadata":{"name":"prod","generation":)" +
                std::to_string(generation) + R"(},"spec":)" + spec +
                R"(,"status":{"observedGeneration":2,"conditions":)" +
                conditions({"InfrastructureReady=True"}) + "}}";
  };
  cluster("{}", 3);
  EXPECT_EQ(line(w.assess()), "Scaling 85 ClusterOutdated info");
  cluster("{}", 2);
  EXPECT_EQ(line(w.assess()), "Ready 100 Succeeded terminal info");
  cluster(R"({"paused":true})", 3);
  EXPECT_EQ(line(w.assess()), "Ready 100 Paused warning") << "pausing is the change";
}

// KCM can end in the middle: the first conditions are of this generation, the rest of the last one.
TEST(DeploymentPhase, AHalfReadChangeIsNotReady) {
  World w;
  w.capi({"InfrastructureReady=True", "ControlPlaneInitialized=True"});
  w.metadata = R"("generation":3)";
  w.observed = w.of_conditions = 3;
  EXPECT_EQ(line(w.assess()), "Ready 100 Succeeded terminal info");
  w.stale = "HelmReleaseReady";
  const Assessment is = w.assess();
  EXPECT_EQ(line(is), "Scaling 85 Outdated info");
  EXPECT_NE(is.message.find("HelmReleaseReady is of generation 2, the spec is generation 3"),
            std::string::npos)
      << is.message;
}

// The last minute of every creation: 50 % → Unknown, 0 % with an old message → Ready.
TEST(DeploymentPhase, WhatKcmHasNotReadYetIsAlmostReady) {
  World w;
  w.capi({"InfrastructureReady=True", "ControlPlaneInitialized=True"});
  w.set("CAPIClusterSummary", "False/IssuesReported/* InfrastructureReady: x");
  for (const char* ready : {"False/Progressing/old", "Unknown/Progressing/old",
                            // After 30 minutes KCM calls the same a failure.
                            "False/Failed/old"}) {
    w.set("Ready", ready);
    const Assessment is = w.assess();
    EXPECT_EQ(line(is), "Installing 95 NotReadYet info") << ready;
    EXPECT_NE(is.message.find("KCM has not read that yet"), std::string::npos) << is.message;
    EXPECT_TRUE(is.message.ends_with("its last word is Ready: old")) << is.message;
  }
  w.set("TemplateReady", "False/Failed/x");
  EXPECT_EQ(line(w.assess()), "Failed 0 Failed error") << "another failure is one";
}

TEST(DeploymentPhase, AnUnknownConditionIsNamed) {
  World w;
  w.capi({"InfrastructureReady=True"});
  w.set("Ready", "Unknown/Progressing/x");
  w.set("NewReady", "Unknown/Waiting/for something new");
  const Assessment is = w.assess();
  EXPECT_EQ(line(is), "Unknown - Waiting info");
  EXPECT_EQ(is.message, "NewReady: for something new");
}

TEST(DeploymentPhase, AnUpgradeOfARunningClusterIsNotItsBeginning) {
  World w;
  w.set("HelmReleaseReady", "Unknown/Progressing/Running 'upgrade' action");
  w.set("Ready", "Unknown/Progressing/x");
  w.capi({"InfrastructureReady=True", "ControlPlaneInitialized=False/NotInitialized/x"});
  EXPECT_EQ(line(w.assess()), "Initializing 5 Progressing info");
  w.capi({"InfrastructureReady=True", "ControlPlaneInitialized=True"});
  const Assessment is = w.assess();
  EXPECT_EQ(line(is), "Scaling 85 Progressing info");
  EXPECT_EQ(is.message,
            "an upgrade or another change of the running cluster is under way: HelmReleaseReady: "
            "Running 'upgrade' action");
  // Elsewhere, or not to be seen: KCM has seen it up.
  w.cluster.clear();
  w.cluster_known = false;
  w.set("CAPIClusterSummary", "True/InfoReported/");
  EXPECT_EQ(line(w.assess()), "Scaling 85 Progressing info");
}

TEST(DeploymentPhase, AClusterThatIsGoneIsAFailure) {
  World w;
  w.set("Ready", "False/Progressing/x");
  w.set("CAPIClusterSummary",
        "False/CAPIClusterMissing/Underlying CAPI Cluster object is missing@2026-01-01T00:55:00Z");
  EXPECT_EQ(line(w.assess()), "Failed 0 CAPIClusterMissing error");
  w.cluster_known = false;
  EXPECT_EQ(line(w.assess()), "Failed 0 CAPIClusterMissing error");
  // Bug: "the Cluster object is gone; KCM has not read that yet" of clusters that KCM sees. It is
  // looked for by a label here.
  w.set("Ready", "True/Succeeded");
  w.set("CAPIClusterSummary", "True/InfoReported/");
  EXPECT_EQ(line(w.assess()), "Ready 100 Succeeded terminal info") << "it may not be seen";
  w.cluster_known = true;
  EXPECT_EQ(line(w.assess()), "Ready 100 Succeeded warning");
  EXPECT_EQ(w.assess().message,
            "the cluster is ready; no Cluster of namespace a with the label "
            "helm.toolkit.fluxcd.io/name=prod was found, so this is KCM's word alone");
  w.set("Ready", "False/Progressing/x");
  w.set("CAPIClusterSummary", "False/IssuesReported/* InfrastructureReady: x@2026-01-01T00:55:00Z");
  EXPECT_EQ(line(w.assess()), "Provisioning 25 IssuesReported warning");
  w.set("Ready", "True/Succeeded");
  w.set("CAPIClusterSummary", "True/InfoReported/");
  w.status = R"("region":"eu",)";
  EXPECT_EQ(line(w.assess()), "Ready 100 Succeeded terminal info")
      << "it is in the Region's cluster";
  w.status.clear();
  w.cluster =
      R"({"kind":"Cluster","metadata":{"name":"prod","deletionTimestamp":"2026-01-01T00:00:00Z")"
      R"(},"status":{"conditions":)" +
      conditions({"InfrastructureReady=True", "Deleting=True/WaitingForWorkers/* a"}) + "}}";
  const Assessment is = w.assess();
  EXPECT_EQ(line(is), "Failed 0 ClusterDeleting error");
  EXPECT_TRUE(is.message.ends_with("; Deleting: * a")) << is.message;
}

TEST(DeploymentPhase, ALostClusterIsNoClusterThatComesUp) {
  World w;
  w.set("Ready", "False/Progressing/x");
  w.capi({"InfrastructureReady=True", "ControlPlaneInitialized=True",
          "ControlPlaneMachinesReady=Unknown/ReadyUnknown/x",
          "RemoteConnectionProbe=False/ProbeFailed/Remote connection probe failed"});
  EXPECT_EQ(line(w.assess()), "Failed 0 ProbeFailed error");
  // One that comes up has the same reason.
  w.capi({"InfrastructureReady=True", "ControlPlaneInitialized=True",
          "ControlPlaneAvailable=False/NotAvailable/x",
          "RemoteConnectionProbe=False/ProbeFailed/Remote connection not established yet"});
  EXPECT_EQ(line(w.assess()), "Bootstrapping 60 NotAvailable info");
  w.capi({"InfrastructureReady=True", "ControlPlaneInitialized=True",
          "ControlPlaneAvailable=False/NotAvailable/no quorum@2026-01-01T00:50:00Z"});
  const Assessment is = w.assess();
  EXPECT_EQ(line(is), "Bootstrapping 60 NotAvailable error");
  EXPECT_EQ(is.message,
            "the control plane was available before, and is not now: ControlPlaneAvailable: no "
            "quorum");
}

// Bug: seconds without an answer, and a machine that is replaced, were an outage.
TEST(DeploymentPhase, AControlPlaneThatIsAwayForAMomentIsNoOutage) {
  World w;
  w.set("Ready", "False/Progressing/x");
  const auto control_plane = [&](const char* is, const char* rolling = "False") {
    w.capi({"InfrastructureReady=True", "ControlPlaneInitialized=True",
            std::string("ControlPlaneAvailable=") + is, std::string("RollingOut=") + rolling});
    return line(w.assess());
  };
  EXPECT_EQ(control_plane("Unknown/ConnectionDown/x@2026-01-01T00:59:40Z"),
            "Bootstrapping 60 ConnectionDown info");
  EXPECT_EQ(w.assess().message,
            "the control plane was available before, and may still be: ControlPlaneAvailable: x");
  EXPECT_EQ(control_plane("Unknown/ConnectionDown/x@2026-01-01T00:50:00Z"),
            "Bootstrapping 60 ConnectionDown warning");
  EXPECT_EQ(control_plane("False/NotAvailable/x@2026-01-01T00:56:00Z"),
            "Bootstrapping 60 NotAvailable warning");
  EXPECT_EQ(control_plane("False/NotAvailable/x@2026-01-01T00:50:00Z"),
            "Bootstrapping 60 NotAvailable error");
  EXPECT_EQ(control_plane("False/NotAvailable/x@2026-01-01T00:50:00Z", "True"),
            "Bootstrapping 60 NotAvailable warning");
}

// Bug: the Cluster's own pause alone was known; what these hold up was called failed.
TEST(DeploymentPhase, APartThatIsPausedIsNamedWhereItHoldsTheClusterUp) {
  const std::string paused =
      R"("metadata":{"name":"x","annotations":{"cluster.x-k8s.io/paused":""}}})";
  World w;
  w.set("Ready", "False/Failed/x");
  w.set("CAPIClusterSummary", "False/IssuesReported/x");
  w.infrastructure = R"({"kind":"GCPCluster",)" + paused;
  w.capi({"InfrastructureReady=False/NotReady/x"});
  EXPECT_EQ(line(w.assess()), "Provisioning 25 Paused warning");
  EXPECT_TRUE(w.assess().message.starts_with(
      "GCPCluster x is paused (annotation cluster.x-k8s.io/paused): its controller does nothing"))
      << w.assess().message;
  w.capi({"InfrastructureReady=True", "ControlPlaneInitialized=False/NotInitialized/x"});
  EXPECT_EQ(line(w.assess()), "Failed 0 NotInitialized error") << "it does not wait for that";
  w.control_plane = R"({"kind":"K0sControlPlane",)" + paused;
  EXPECT_EQ(line(w.assess()), "Bootstrapping 50 Paused warning");
  w.capi({"InfrastructureReady=True", "WorkersAvailable=False/NotAvailable/x"});
  w.control_plane.clear();
  w.machine_deployments = R"([{"kind":"MachineDeployment","metadata":{"name":"md"}}])";
  EXPECT_EQ(line(w.assess()), "Failed 0 NotAvailable error");
  w.machine_deployments =
      R"([{"kind":"MachineDeployment","metadata":{"name":"md"},"spec":{"paused":true}}])";
  EXPECT_EQ(line(w.assess()), "Scaling 75 Paused warning");
  w.cluster.clear();
  w.own.resize(5);
  w.set("Ready", "True/Succeeded");
  w.sveltos = R"({"kind":"SveltosCluster","spec":{"paused":true},"status":{"ready":true}})";
  EXPECT_EQ(line(w.assess()), "Ready 100 Paused warning");
}

// Bug: services that no provider takes were "Waiting", and nothing said for what.
TEST(DeploymentPhase, AProviderThatIsNotReadyOrSelectsOthersIsNamed) {
  World w;
  w.capi({"InfrastructureReady=True"});
  w.spec = R"({"serviceSpec":{"services":[{"name":"a","namespace":"a","template":"a-1"}]}})";
  const auto provider = [&](const char* ready) {
    w.provider = std::string(R"({"kind":"StateManagementProvider","metadata":{"name":"ksm"},)") +
                 R"("spec":{"selector":{"matchLabels":{"by":"ksm"}}},"status":{"ready":)" + ready +
                 R"(,"conditions":[{"type":"AdapterReady","status":"False","message":"gone"}]}})";
  };
  provider("false");
  EXPECT_EQ(line(w.assess()), "Installing 90 NotReady warning");
  EXPECT_TRUE(w.assess().message.starts_with(
      "StateManagementProvider ksm is not ready: services stay as they are; AdapterReady: gone"))
      << w.assess().message;
  provider("true");
  const auto set = [&](const std::string& label, const std::string& status) {
    w.sets = R"([{"kind":"ServiceSet","metadata":{"name":"prod","labels":{"by":")" + label +
             R"("}},"status":)" + status + "}]";
    return line(w.assess());
  };
  EXPECT_EQ(set("other", "{}"), "Installing 90 NotSelected warning");
  EXPECT_EQ(set("ksm", "{}"), "Installing 90 ServicesNotReady info");
  EXPECT_EQ(set("other", R"({"deployed":false})"), "Installing 90 ServicesNotReady info")
      << "what has a status was selected";
}

TEST(DeploymentPhase, AnAdoptedClusterNeedsItsSveltosCluster) {
  World w;
  w.spec = R"({"template":"adopted-cluster-1-0-2"})";
  const Assessment is = w.assess();
  EXPECT_EQ(line(is), "Failed 0 NoSveltosCluster error");
  w.set("Ready", "True/Succeeded/@2026-01-01T00:59:30Z");
  EXPECT_EQ(line(w.assess()), "Provisioning 25 NoSveltosCluster info") << "it is just installed";
  w.sveltos_known = false;
  // Bug: one whose SveltosCluster may not be seen was ready for good.
  EXPECT_EQ(line(w.assess()), "Ready 100 ReachUnknown warning");
  EXPECT_TRUE(w.assess().message.ends_with("its SveltosCluster could not be read"));
  w.status = R"("region":"eu",)";
  w.sveltos_known = true;
  EXPECT_EQ(line(w.assess()), "Ready 100 ReachUnknown warning");
  EXPECT_TRUE(w.assess().message.ends_with("in the cluster of Region eu, which is not read"));
  w.status.clear();
  // A template may make no cluster at all.
  w.sveltos_known = true;
  w.spec = R"({"template":"own-thing-1-0-0"})";
  EXPECT_EQ(line(w.assess()), "Ready 100 Succeeded terminal info");
}

TEST(DeploymentPhase, ASuspendedHelmReleaseIsNamed) {
  World w;
  w.release = R"({"kind":"HelmRelease","metadata":{"name":"prod"},"spec":{"suspend":true}})";
  w.set("HelmReleaseReady", "Unknown/Progressing/x");
  w.set("Ready", "Unknown/Progressing/x");
  const Assessment is = w.assess();
  EXPECT_EQ(line(is), "Initializing 5 Suspended warning");
  EXPECT_TRUE(is.message.starts_with("the HelmRelease is suspended (spec.suspend)")) << is.message;
  EXPECT_EQ(is.about["kind"].str(), "HelmRelease");
}

TEST(DeploymentPhase, ServicesThatAreHeldBackAreNamed) {
  World w;
  w.capi({"InfrastructureReady=True"});
  w.provider =
      R"({"kind":"StateManagementProvider","metadata":{"name":"ksm"},"spec":{"suspend":true}})";
  EXPECT_EQ(line(w.assess()), "Ready 100 Succeeded terminal info") << "it has no services";
  w.spec = R"({"serviceSpec":{"services":[{"name":"a","namespace":"a","template":"a-1"}]}})";
  EXPECT_EQ(line(w.assess()), "Installing 90 Suspended warning");
  EXPECT_TRUE(w.assess().message.starts_with(
      "StateManagementProvider ksm is suspended (spec.suspend): services stay as they are"))
      << w.assess().message;
  w.provider.clear();
  w.sets = R"([{"kind":"ServiceSet","metadata":{"name":"prod"},"spec":{"provider":{"name":"ksm"}},)"
           R"("status":{"provider":{"ready":true,"suspended":true}}}])";
  EXPECT_EQ(line(w.assess()), "Installing 90 Suspended warning");
  EXPECT_TRUE(w.assess().message.starts_with("StateManagementProvider ksm of ServiceSet prod is"))
      << w.assess().message;
  w.sets = R"([{"kind":"ServiceSet","metadata":{"name":"prod","annotations":{)"
           R"("k0rdent.mirantis.com/service-set-paused":""}}}])";
  EXPECT_EQ(line(w.assess()), "Installing 90 Paused warning");
  // All is green and old: the next change of a service does nothing.
  w.services = R"([{"name":"a","namespace":"a","template":"a-1","state":"Deployed"}])";
  EXPECT_EQ(line(w.assess()), "Ready 100 Paused warning");
  // What comes before services goes on.
  w.set("Ready", "False/Progressing/x");
  w.capi({"InfrastructureReady=False/NotReady/x"});
  EXPECT_EQ(line(w.assess()), "Provisioning 25 NotReady info");
}

TEST(DeploymentPhase, ADeletionSaysWhatTheClusterWaitsFor) {
  World w;
  w.metadata += R"(,"deletionTimestamp":"2026-01-01T00:50:00Z")";
  w.set("Deleting", "True/WaitingForClusterDeletion/Waiting for Cluster to be deleted");
  w.capi({"Deleting=True/WaitingForWorkersDeletion/* Worker Machines: a, b"});
  EXPECT_EQ(w.assess().message,
            "Deleting: Waiting for Cluster to be deleted; Cluster: * Worker Machines: a, b");
}

// Through a whole life no step falls back.
TEST(DeploymentPhase, ProgressNeverFallsInAHealthySequence) {
  World w;
  int last = 0;
  const auto step = [&](const char* what) {
    const Assessment is = w.assess();
    ASSERT_TRUE(is.progress.has_value()) << what;
    EXPECT_GE(*is.progress, last) << what;
    last = *is.progress;
  };
  w.spec = R"({"serviceSpec":{"services":[{"name":"a","namespace":"a","template":"a-1"}]}})";
  w.set("Ready", "Unknown/Progressing/x");
  w.set("HelmReleaseReady", "Unknown/Progressing/x");
  step("helm");
  w.set("HelmReleaseReady", "True");
  step("no cluster yet");
  w.set("Ready", "False/Progressing/x");
  w.set("CAPIClusterSummary", "False/IssuesReported/* InfrastructureReady: x");
  const char* parts[] = {"InfrastructureReady", "ControlPlaneInitialized", "ControlPlaneAvailable",
                         "WorkersAvailable", "WorkerMachinesReady"};
  for (std::size_t ready = 0; ready <= std::size(parts); ++ready) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < std::size(parts); ++i)
      all.push_back(std::string(parts[i]) + (i < ready ? "=True" : "=False/No/x"));
    all.emplace_back(ready < std::size(parts) ? "ScalingUp=True/ScalingUp/x" : "ScalingUp=False");
    w.capi(all);
    step("cluster");
  }
  w.services = R"([{"name":"a","namespace":"a","template":"a-1","state":"Deployed"}])";
  step("services, and KCM is behind");
  EXPECT_EQ(last, 95);
  w.set("CAPIClusterSummary", "True");
  w.set("Ready", "True/Succeeded");
  step("ready");
  EXPECT_EQ(last, 100);
}

}  // namespace
