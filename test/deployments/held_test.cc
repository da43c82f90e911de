// Clusters that are held up, or are not what their ClusterDeployment says: what get, detail and
// getState say of them.
#include <map>
#include <memory>

#include <gtest/gtest.h>

#include "base/json.h"
#include "deployments/tools.h"
#include "support/tools_world.h"

namespace {

using base::json::Value;
using test::TestReply;
using test::ToolsWorld;

struct HeldDeployments : ToolsWorld {
  HeldDeployments() {
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    for (const char* kind : {"Machine", "MachineDeployment"}) {
      api.store().define({.group = kCapi,
                          .version = "v1beta2",
                          .plural = sim::plural_of(kind),
                          .kind = kind,
                          .custom = true});
    }
    for (auto& tool : deployments::make_tools(*context))
      tools[tool->info().name] = std::move(tool);
  }

  struct Answer {
    TestReply reply;
    std::shared_ptr<base::json::Document> doc = std::make_shared<base::json::Document>();
    Value root = {};
    Value operator[](std::string_view key) const { return root[key]; }
    const std::string& shown() const { return reply.shown; }
    bool shows(std::string_view text) const { return shown().find(text) != std::string::npos; }
    std::string reasons() const { return root["update"]["reasons"].to_json(); }
    std::string message() const { return std::string(root["update"]["message"].str()); }
  };
  Answer ask(const std::string& name, const std::string& deployment) {
    Answer out{.reply = call(*tools.at("k0rdent.mgmt.clusterDeployments." + name),
                             R"({"namespace":"team-a","name":")" + deployment + "\"}")};
    const auto root = out.doc->parse(out.reply.text);
    EXPECT_TRUE(root.has_value()) << out.reply.text;
    if (root) out.root = *root;
    return out;
  }

  void put(const std::string& group, const std::string& version, const std::string& plural,
           const std::string& json) {
    api.store().put(api.store().find(group, version, plural), json);
  }
  static std::string condition(const std::string& type, const std::string& status,
                               const std::string& reason = {}, const std::string& message = {},
                               int generation = 1) {
    std::string out;
    base::json::Writer w(out);
    w.begin_object().field("type", type).field("status", status).field("reason", reason);
    w.field("message", message).field("lastTransitionTime", "2025-12-31T00:00:00Z");
    w.field("observedGeneration", generation).end_object();
    return out;
  }
  // Ready, with these members of metadata, spec and status more.
  void deployment(const std::string& metadata, const std::string& spec, const std::string& status,
                  const std::string& conditions = condition("Ready", "True", "Succeeded",
                                                            "Object is ready")) {
    put("k0rdent.mirantis.com", "v1beta1", "clusterdeployments",
        R"({"kind":"ClusterDeployment","metadata":{"name":"held","namespace":"team-a")" + metadata +
            R"(},"spec":{)" + spec + R"(},"status":{)" + status + R"("conditions":[)" +
            condition("CredentialReady", "True") + "," + condition("HelmReleaseReady", "True") +
            "," + conditions + "]}}");
  }
  void capi(const std::string& kind, const std::string& name, const std::string& metadata,
            const std::string& status) {
    put(kCapi, "v1beta2", sim::plural_of(kind),
        R"({"kind":")" + kind + R"(","metadata":{"name":")" + name +
            R"(","namespace":"team-a","labels":{"helm.toolkit.fluxcd.io/name":"held",)" +
            R"("cluster.x-k8s.io/cluster-name":"held"})" + metadata + R"(},"spec":{},"status":{)" +
            status + "}}");
  }

  static constexpr const char* kCapi = "cluster.x-k8s.io";
  static constexpr const char* kDeleted = R"(,"deletionTimestamp":"2025-12-31T23:00:00Z")";
  std::map<std::string, std::unique_ptr<mcp::Tool>> tools;
};

// The Machine's Ready has the stage only; its Deleting names the pod and the budget that hold it.
TEST_F(HeldDeployments, ADrainNamesThePodAndItsBudget) {
  const std::string drain =
      "Drain not completed yet (started at 2025-12-31T23:01:00Z):\n* Pod shop/web-0: cannot evict "
      "pod as it would violate the pod's disruption budget. The disruption budget web needs 1 "
      "healthy pods and has 1 currently";
  deployment(kDeleted, "", "",
             condition("Ready", "False", "Deleting") + "," +
                 condition("CAPIClusterSummary", "False", "Deleting", "* Deleting: x") + "," +
                 condition("Deleting", "True", "WaitingForClusterDeletion",
                           "Waiting for Cluster to be deleted"));
  capi("Cluster", "held", kDeleted,
       R"("phase":"Deleting","conditions":[)" +
           condition("Deleting", "True", "WaitingForWorkersDeletion", "* Worker Machines: held-a") +
           "]");
  capi("Machine", "held-a", kDeleted,
       R"("phase":"Deleting","conditions":[)" +
           condition("Ready", "False", "NotReady",
                     "* Deleting: Machine deletion in progress since more than 15m, stage: "
                     "DrainingNode") +
           "," + condition("Deleting", "True", "DrainingNode", drain) + "]");
  const Answer state = ask("getState", "held");
  EXPECT_EQ(state.message(),
            "Deleting: Waiting for Cluster to be deleted; Cluster: * Worker Machines: held-a; "
            "deletion was asked for at 2025-12-31T23:00:00Z");
  EXPECT_NE(state.reasons().find("DrainingNode"), std::string::npos) << state.reasons();
  EXPECT_NE(state.reasons().find("The disruption budget web needs 1"), std::string::npos)
      << state.reasons();
  EXPECT_NE(state.reasons().find(R"("object":"Cluster team-a/held","type":"Deleting")"),
            std::string::npos)
      << state.reasons();
  EXPECT_TRUE(state.shows("Pod shop/web-0: cannot evict pod")) << state.shown();
  const Answer detail = ask("detail", "held");
  EXPECT_EQ(detail["machinesNotReady"].at(0)["reason"].str(), "DrainingNode");
  EXPECT_TRUE(detail.shows("The disruption budget web needs 1 healthy pods")) << detail.shown();
  EXPECT_TRUE(detail.shows("Deleting: * Worker Machines: held-a")) << detail.shown();
}

// v1beta1 has no condition Deleting.
TEST_F(HeldDeployments, ADrainInTheOldConditionsIsNamedToo) {
  deployment("", "", "");
  capi("Cluster", "held", "", R"("conditions":[)" + condition("InfrastructureReady", "True") + "]");
  capi("Machine", "held-a", kDeleted,
       R"("phase":"Deleting","conditions":[)" + condition("Ready", "False", "Draining", "x") + "," +
           condition("DrainingSucceeded", "False", "Draining", "Pod shop/web-0: cannot evict") +
           "]");
  const Answer detail = ask("detail", "held");
  EXPECT_EQ(detail["machinesNotReady"].at(0)["message"].str(), "Pod shop/web-0: cannot evict");
}

// Ready is of the time before: it is the worst that could be said of these.
TEST_F(HeldDeployments, GetDoesNotSayThatWhatIsDeletedIsReady) {
  deployment(kDeleted, "", "");
  Answer a = ask("get", "held");
  EXPECT_TRUE(
      a.shows("State:         deleting: deletion was asked for at 2025-12-31T23:00:00Z; KCM has "
              "not begun with it\n"))
      << a.shown();
  EXPECT_EQ(a["message"].str(),
            "deletion was asked for at 2025-12-31T23:00:00Z; KCM has not begun with it");
  deployment(kDeleted, "", "",
             condition("Ready", "True", "Succeeded", "Object is ready") + "," +
                 condition("Deleting", "True", "Failed", "no such cluster"));
  EXPECT_TRUE(
      ask("get", "held").shows("State:         stuck-deleting: Deleting: no such cluster\n"));
}

// The Region cannot be reached: status and Ready have the new generation, nothing else has.
TEST_F(HeldDeployments, GetSaysThatAllConditionsAreOld) {
  deployment(R"(,"generation":2)", "", R"("region":"eu","observedGeneration":2,)",
             condition("Ready", "True", "Succeeded", "Object is ready", 2));
  const Answer a = ask("get", "held");
  EXPECT_TRUE(
      a.shows("State:         pending: all conditions but Ready are of an older generation "
              "than 2: KCM could not look at the cluster"))
      << a.shown();
  EXPECT_TRUE(a.shows("Outdated:      all conditions but Ready are")) << a.shown();
  EXPECT_EQ(a["generation"].as_int(), 2);
  EXPECT_FALSE(a.shows("State:         pending: Object is ready"));
}

// Ready of an adopted cluster says that its HelmRelease is installed.
TEST_F(HeldDeployments, AnAdoptedClusterIsNotReadyWhenSveltosDoesNotReachIt) {
  deployment("", R"("template":"adopted-cluster-1-0-2")", "");
  const auto sveltos = [&](const char* status) {
    put("lib.projectsveltos.io", "v1beta1", "sveltosclusters",
        std::string(R"({"metadata":{"name":"held","namespace":"team-a"},"status":)") + status +
            "}");
  };
  for (const char* tool : {"get", "detail"}) {
    const Answer a = ask(tool, "held");
    EXPECT_TRUE(a.shows("State:         failed: there is no SveltosCluster")) << a.shown();
    if (std::string(tool) == "detail") continue;
    EXPECT_EQ(a["phase"].str(), "failed");
    EXPECT_EQ(a["ready"].as_bool(), false);
  }
  sveltos(R"({"ready":true,"connectionStatus":"Down","failureMessage":"no route"})");
  EXPECT_TRUE(
      ask("get", "held").shows("State:         failed: the cluster cannot be reached: no route"));
  EXPECT_EQ(ask("detail", "held")["state"].str(), "failed");
  sveltos(R"({"ready":false,"failureMessage":"Unauthorized"})");
  EXPECT_EQ(ask("detail", "held")["state"].str(), "progressing");
  sveltos(R"({"ready":true,"connectionStatus":"Healthy"})");
  EXPECT_TRUE(ask("get", "held").shows("State:         ready: Object is ready"));
  deny("get", "sveltosclusters", "lib.projectsveltos.io");
  const Answer unseen = ask("get", "held");
  EXPECT_EQ(unseen["phase"].str(), "ready");
  EXPECT_TRUE(
      unseen.shows("State:         ready: Object is ready; whether the cluster can be "
                   "reached is not known: its SveltosCluster could not be read"))
      << unseen.shown();
  EXPECT_EQ(ask("getState", "held")["update"]["reason"].str(), "ReachUnknown");
  EXPECT_FALSE(ask("getState", "held")["update"]["terminal"].bool_or(false));
}

// Bug: the text of detail had no upgrades; and k0rdent offers templates that are not valid.
TEST_F(HeldDeployments, DetailHasTheUpgradesInItsTextToo) {
  deployment("", "", R"("availableUpgrades":["aws-1-1","aws-1-2","aws-1-3"],)");
  const auto template_is = [&](const std::string& name, const std::string& status) {
    put("k0rdent.mirantis.com", "v1beta1", "clustertemplates",
        R"({"kind":"ClusterTemplate","metadata":{"name":")" + name +
            R"(","namespace":"team-a"},"status":{)" + status + "}}");
  };
  template_is("aws-1-1", R"("valid":true)");
  template_is("aws-1-2", R"("valid":false,"validationError":"no such chart")");
  for (const char* tool : {"get", "detail"}) {
    const Answer a = ask(tool, "held");
    EXPECT_TRUE(
        a.shows("Upgrades:      aws-1-1, aws-1-2 (not valid: no such chart), aws-1-3 "
                "(there is no such template)\n"))
        << a.shown();
    EXPECT_EQ(a["availableUpgrades"].size(), 3u);
    EXPECT_EQ(a["upgradesNotValid"].to_json(),
              R"([{"name":"aws-1-2","message":"not valid: no such chart"},)"
              R"({"name":"aws-1-3","message":"there is no such template"}])");
  }
  deny("get", "clustertemplates", "k0rdent.mirantis.com");
  const Answer unseen = ask("detail", "held");
  EXPECT_TRUE(unseen.shows("Upgrades:      aws-1-1, aws-1-2, aws-1-3\n")) << unseen.shown();
  EXPECT_FALSE(unseen["upgradesNotValid"].present());
}

// Bug: detail said that a HelmRelease is ready whose change Flux had not applied yet.
TEST_F(HeldDeployments, AHelmReleaseThatFluxHasNotAppliedIsNotReady) {
  deployment("", "", "");
  const auto release = [&](int observed) {
    put("helm.toolkit.fluxcd.io", "v2", "helmreleases",
        R"({"kind":"HelmRelease","metadata":{"name":"held","namespace":"team-a","generation":3},)"
        R"("status":{"observedGeneration":)" +
            std::to_string(observed) + R"(,"conditions":[)" + condition("Ready", "True") + "]}}");
    return ask("detail", "held");
  };
  const Answer applied = release(3), not_yet = release(2);
  EXPECT_EQ(applied["helmRelease"]["ready"].as_bool(), true);
  EXPECT_TRUE(applied.shows("HelmRelease:   ready")) << applied.shown();
  EXPECT_EQ(not_yet["helmRelease"]["ready"].as_bool(), false);
  EXPECT_TRUE(
      not_yet.shows("HelmRelease:   not ready: Flux has not applied its last change yet "
                    "(generation 3, observed 2)"))
      << not_yet.shown();
  EXPECT_EQ(ask("getState", "held")["update"]["reason"].str(), "HelmReleaseOutdated");
}

TEST_F(HeldDeployments, WhatIsSuspendedIsAReason) {
  put("k0rdent.mirantis.com", "v1beta1", "statemanagementproviders",
      R"({"kind":"StateManagementProvider","metadata":{"name":"own-ksm"},"spec":{"suspend":true}})");
  put("helm.toolkit.fluxcd.io", "v2", "helmreleases",
      R"({"kind":"HelmRelease","metadata":{"name":"held","namespace":"team-a"},)"
      R"("spec":{"suspend":true},"status":{"conditions":[]}})");
  deployment("",
             R"("serviceSpec":{"provider":{"name":"own-ksm"},"services":[{"name":"a",)"
             R"("namespace":"a","template":"a-1"}]})",
             "");
  const Answer state = ask("getState", "held");
  EXPECT_TRUE(state.message().starts_with("the HelmRelease is suspended (spec.suspend)"))
      << state.message();
  EXPECT_NE(state.reasons().find("StateManagementProvider own-ksm is suspended"), std::string::npos)
      << state.reasons();
  EXPECT_NE(state.reasons().find("the HelmRelease is suspended"), std::string::npos);
}

}  // namespace
