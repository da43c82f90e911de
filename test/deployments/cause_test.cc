// What getState names as the cause of a cluster that is not as it should be, and what it does not
// name: reasons of all objects behind a ClusterDeployment, the nearest to the cause first.
#include <map>
#include <memory>

#include <gtest/gtest.h>

#include "base/json.h"
#include "deployments/tools.h"
#include "deployments/update.h"
#include "support/tools_world.h"

namespace {

using base::json::Value;
using test::TestReply;
using test::ToolsWorld;

constexpr const char* kCapi = "cluster.x-k8s.io";
constexpr const char* kInfra = "infrastructure.cluster.x-k8s.io";
constexpr const char* kK0rdent = "k0rdent.mirantis.com";
constexpr const char* kOld = "2025-12-31T22:00:00Z";     // two hours ago
constexpr const char* kRecent = "2025-12-31T23:50:00Z";  // ten minutes ago

struct DeploymentCauses : ToolsWorld {
  DeploymentCauses() {
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    for (const char* kind : {"Machine", "MachineDeployment", "MachineSet"})
      define(kCapi, "v1beta2", kind);
    for (const char* kind : {"AWSMachine", "AzureMachine"})
      define(kInfra, "v1beta2", kind);
    for (auto& tool : deployments::make_tools(*context))
      tools[tool->info().name] = std::move(tool);
  }
  void define(const char* group, const char* version, const char* kind, bool namespaced = true) {
    api.store().define({.group = group,
                        .version = version,
                        .plural = sim::plural_of(kind),
                        .kind = kind,
                        .namespaced = namespaced,
                        .custom = true});
  }
  void put(const std::string& group, const std::string& version, const std::string& kind,
           const std::string& name, const std::string& rest, const std::string& labels = {},
           const std::string& metadata = {}) {
    const bool wide = kind == "Region" || kind == "StateManagementProvider";
    api.store().put(api.store().find(group, version, sim::plural_of(kind)),
                    R"({"apiVersion":")" + group + "/" + version + R"(","kind":")" + kind +
                        R"(","metadata":{"name":")" + name + "\"" +
                        (wide ? "" : R"(,"namespace":"team-a")") + R"(,"labels":{)" + labels + "}" +
                        metadata + "}" + rest + "}");
  }
  static std::string condition(const std::string& type, const std::string& status,
                               const std::string& reason = {}, const std::string& message = {},
                               const char* since = kOld, const std::string& severity = {}) {
    std::string out;
    base::json::Writer w(out);
    w.begin_object().field("type", type).field("status", status).field("reason", reason);
    w.field("message", message).field("lastTransitionTime", since).field_if("severity", severity);
    w.end_object();
    return out;
  }
  static std::string conditions(const std::string& all, const std::string& more = {}) {
    return R"(,"status":{)" + more + R"("conditions":[)" + all + "]}";
  }
  // The ClusterDeployment "c" whose Cluster KCM calls not ready since then.
  void deployment(const char* since, const std::string& spec = {}, const std::string& more = {}) {
    put(kK0rdent, "v1beta1", "ClusterDeployment", "c",
        R"(,"spec":{)" + spec + "}" +
            conditions(condition("HelmReleaseReady", "True") + "," +
                           condition("CAPIClusterSummary", since ? "False" : "True", "x",
                                     "* WorkersAvailable: x", since ? since : kOld) +
                           "," + condition("ServicesInReadyState", "True", "Succeeded", "0/0") +
                           "," +
                           condition("Ready", since ? "False" : "True",
                                     !since          ? "Succeeded"
                                     : since == kOld ? "Failed"
                                                     : "Progressing"),
                       more));
  }
  void cluster(const std::string& all) {
    put(kCapi, "v1beta2", "Cluster", "c", R"(,"spec":{})" + conditions(all),
        R"("helm.toolkit.fluxcd.io/name":"c")");
  }
  void not_available(const char* since = kOld, bool up = true) {
    cluster(condition("InfrastructureReady", "True") + "," +
            condition("ControlPlaneInitialized", up ? "True" : "False", "NotInitialized", "wait",
                      since) +
            "," +
            condition("WorkersAvailable", "False", "NotAvailable", "* c-md: 0 replicas", since));
  }
  void behind(const std::string& kind, const std::string& name, const std::string& rest,
              const std::string& metadata = {}) {
    put(kCapi, "v1beta2", kind, name, rest, R"("cluster.x-k8s.io/cluster-name":"c")", metadata);
  }
  void machine(const std::string& kind, const std::string& status,
               const std::string& metadata = {}) {
    behind(
        "Machine", "c-a",
        R"(,"spec":{"infrastructureRef":{"apiGroup":"infrastructure.cluster.x-k8s.io","kind":")" +
            kind + R"(","name":"c-a"}})" + status,
        metadata);
  }

  struct Answer {
    TestReply reply;
    std::shared_ptr<base::json::Document> doc = std::make_shared<base::json::Document>();
    Value update = {};
    const std::string& shown() const { return reply.shown; }
    std::string message() const { return std::string(update["message"].str()); }
    std::string line() const {
      return std::string(update["phase"].str()) + " " + std::string(update["severity"].str());
    }
    std::string all() const { return update["reasons"].to_json(); }
    // "error AWSMachine team-a/c-a InstanceReady".
    std::string reason(int i) const {
      const Value each = update["reasons"].at(static_cast<std::size_t>(i));
      std::string out(each["severity"].str());
      out.append(" ").append(each["object"].str());
      if (!each["type"].str().empty()) out.append(" ").append(each["type"].str());
      return out;
    }
    std::size_t count() const { return update["reasons"].size(); }
  };
  Answer state(const std::string& name = "c") {
    Answer out{.reply = call(*tools.at("k0rdent.mgmt.clusterDeployments.getState"),
                             R"({"namespace":"team-a","name":")" + name + "\"}")};
    const auto root = out.doc->parse(out.reply.text);
    EXPECT_TRUE(root.has_value()) << out.reply.text;
    if (root) out.update = (*root)["update"];
    return out;
  }
  std::map<std::string, std::unique_ptr<mcp::Tool>> tools;
};

// Bug: a machine's infrastructure object was not read: of a quota there was "1 of 2 completed".
TEST_F(DeploymentCauses, ACloudsRefusalIsReadFromTheMachinesInfrastructure) {
  deployment(kOld);
  not_available();
  const std::string page = "PUT https://management.example.com/" + std::string(700, 'x');
  const std::string quota = "Current Limit: 10, Current Usage: 8, Additional Required: 4";
  machine("AzureMachine", conditions(condition("Ready", "False", "NotReady", "1 of 2 completed"),
                                     R"("phase":"Provisioning",)"));
  put(kInfra, "v1beta2", "AzureMachine", "c-a",
      conditions(condition("VMRunning", "False", "Failed", page + quota, kOld, "Warning") + "," +
                 condition("Ready", "False", "Failed", "no VM", kOld, "Error")));
  const Answer a = state();
  EXPECT_EQ(a.line(), "Failed error");
  EXPECT_EQ(a.reason(0), "error AzureMachine team-a/c-a VMRunning") << a.all();
  EXPECT_EQ(a.reason(1), "error Cluster team-a/c WorkersAvailable") << a.all();
  EXPECT_NE(a.all().find(page + quota), std::string::npos) << "the whole of it fits";
  EXPECT_NE(a.shown().find(quota), std::string::npos) << a.shown();
  EXPECT_TRUE(a.message().starts_with("AzureMachine team-a/c-a VMRunning Failed: PUT https"))
      << a.message();
  EXPECT_NE(a.message().find(quota + "; the Cluster says: WorkersAvailable"), std::string::npos)
      << a.message();
}

// Bug: the words of a machine that is given up were not read.
TEST_F(DeploymentCauses, AFailureReasonOfAMachineIsTheCause) {
  deployment(kOld);
  not_available();
  for (const char* where : {R"("deprecated":{"v1beta1":{"failureReason":"CreateError",)"
                            R"("failureMessage":"no capacity"}},)",
                            R"("failureReason":"CreateError","failureMessage":"no capacity",)"}) {
    machine("AWSMachine", conditions(condition("Ready", "False", "NotReady", "0 of 2 completed"),
                                     std::string(R"("phase":"Failed",)") + where));
    const Answer a = state();
    EXPECT_EQ(a.reason(0), "error Machine team-a/c-a failureReason") << a.all();
    EXPECT_TRUE(a.message().starts_with(
        "Machine team-a/c-a failureReason CreateError: no capacity; the Cluster says"))
        << a.message();
  }
}

// A provider that cannot log in writes nothing; "it merely takes time" is then a wrong guess.
TEST_F(DeploymentCauses, AProviderThatSaysNothingIsNamed) {
  deployment(kRecent);
  machine("AWSMachine",
          conditions(condition("Ready", "False", "NotReady", "x"), R"("phase":"Provisioning",)"));
  not_available(kRecent, false);
  const std::string made = R"(,"creationTimestamp":"2025-12-31T23:50:00Z")";
  put(kInfra, "v1beta2", "AWSMachine", "c-a", R"(,"status":{"ready":false})", "", made);
  const Answer a = state();
  EXPECT_EQ(a.reason(0), "warning AWSMachine team-a/c-a") << a.all();
  EXPECT_NE(a.all().find("no condition since it was made at 2025-12-31T23:50:00Z"),
            std::string::npos)
      << a.all();
  put(kInfra, "v1beta2", "AWSMachine", "c-a", R"(,"status":{"ready":true})", "", made);
  EXPECT_EQ(state().all().find("AWSMachine"), std::string::npos);
}

// Bug: while the phase was info, and no one but time was to blame, its reasons were errors.
TEST_F(DeploymentCauses, AClusterThatIsMerelySlowHasNoErrors) {
  deployment(kRecent);
  not_available(kRecent, false);
  machine("AWSMachine", conditions(condition("Ready", "Unknown", "ReadyUnknown", "no node"),
                                   R"("phase":"Provisioned",)"));
  behind("MachineDeployment", "c-md",
         conditions(condition("Available", "False", "NotAvailable", "0 replicas", kRecent)));
  Answer a = state();
  EXPECT_EQ(a.line(), "Bootstrapping info");
  ASSERT_EQ(a.count(), 4u) << a.all();
  EXPECT_EQ(a.reason(0), "info Machine team-a/c-a") << a.all();
  EXPECT_EQ(a.all().find("\"error\""), std::string::npos) << a.all();
  EXPECT_EQ(a.all().find("\"warning\""), std::string::npos) << a.all();
  EXPECT_NE(a.shown().find("For information:"), std::string::npos) << a.shown();
  // KCM's thirty minutes are over.
  deployment(kOld);
  a = state();
  EXPECT_EQ(a.line(), "Failed error");
  EXPECT_EQ(a.reason(0), "error MachineDeployment team-a/c-md Available") << a.all();
  // What the provider calls an error is worth a look at once.
  deployment(kRecent);
  put(kInfra, "v1beta2", "AWSMachine", "c-a",
      conditions(condition("InstanceReady", "False", "Failed", "limit", kRecent, "Error")));
  EXPECT_EQ(state().reason(0), "warning AWSMachine team-a/c-a InstanceReady");
}

// Bug: v1beta1 has it among its conditions; and a MachineSet that waits for its control plane is
// none.
TEST_F(DeploymentCauses, AMachineSetThatCannotCreateIsTheCause) {
  deployment(kOld);
  not_available();
  behind("MachineSet", "c-ms",
         conditions(condition("MachinesCreated", "False", "MachineCreationFailed", "refused")));
  const Answer a = state();
  EXPECT_EQ(a.reason(0), "error MachineSet team-a/c-ms MachinesCreated") << a.all();
  EXPECT_TRUE(
      a.message().starts_with("MachineSet team-a/c-ms MachinesCreated"
                              " MachineCreationFailed: refused; the Cluster says"))
      << a.message();
}

// Bug: events of a former object of the same name stood beside a healthy one, and so did a conflict
// that every controller tries again, and what had gone well since.
TEST_F(DeploymentCauses, EventsThatSayNothingOfTheObjectAsItIsAreLeftOut) {
  const auto event = [&](const std::string& name, const std::string& kind, const std::string& uid,
                         const char* at, const std::string& message) {
    api.store().put(
        api.store().find("", "v1", "events"),
        R"({"apiVersion":"v1","kind":"Event","metadata":{"namespace":"team-a","name":")" + name +
            R"("},"type":"Warning","reason":"Bad","involvedObject":{"kind":")" + kind +
            R"(","name":"c","namespace":"team-a","uid":")" + uid + R"("},"message":")" + message +
            R"(","lastTimestamp":")" + at + "\"}");
  };
  deployment(nullptr);
  const auto up = [&](const char* available) {
    put(kCapi, "v1beta2", "Cluster", "c",
        R"(,"spec":{})" + conditions(condition("Available", "True", "", "", available)),
        R"("helm.toolkit.fluxcd.io/name":"c")",
        R"(,"uid":"new","creationTimestamp":"2025-12-31T23:30:00Z")");
  };
  up("2025-12-31T23:35:00Z");
  event("a", "Cluster", "old", "2025-12-31T23:40:00Z", "of a former object");
  event("b", "Cluster", "", "2025-12-31T23:20:00Z", "from before it was made");
  event("c", "Cluster", "new", "2025-12-31T23:34:00Z", "from before it was available");
  event("d", "Cluster", "new", "2025-12-31T23:40:00Z",
        "Operation cannot be fulfilled on x: the object has been modified; please apply your "
        "changes to the latest version and try again");
  EXPECT_EQ(state().count(), 0u) << state().all();
  event("e", "Cluster", "new", "2025-12-31T23:36:00Z", "this one");
  const Answer a = state();
  EXPECT_EQ(a.count(), 1u) << a.all();
  EXPECT_NE(a.all().find("this one"), std::string::npos) << a.all();
}

// Bug: EKS and GKE leave these False for ever, and a bastion that is not wanted, too.
TEST_F(DeploymentCauses, WhatAProviderHasDoneIsNoFault) {
  deployment(nullptr);
  define(kInfra, "v1beta2", "AWSManagedCluster");
  put(kCapi, "v1beta2", "Cluster", "c",
      R"(,"spec":{"infrastructureRef":{"apiGroup":"infrastructure.cluster.x-k8s.io",)"
      R"("kind":"AWSManagedCluster","name":"c"}})" +
          conditions(condition("InfrastructureReady", "True") + "," +
                     condition("ControlPlaneInitialized", "True")),
      R"("helm.toolkit.fluxcd.io/name":"c")");
  const auto infrastructure = [&](const char* ready) {
    put(kInfra, "v1beta2", "AWSManagedCluster", "c",
        conditions(condition("Ready", ready) + "," +
                   condition("EKSControlPlaneCreating", "False", "created", "", kOld, "Info") +
                   "," + condition("GKEControlPlaneUpdating", "False", "updated") + "," +
                   condition("BastionHostReady", "False", "Waiting", "", kOld, "Info")));
  };
  infrastructure("True");
  EXPECT_EQ(state().count(), 0u) << state().all();
  infrastructure("False");
  const Answer a = state();
  ASSERT_EQ(a.count(), 1u) << a.all();
  EXPECT_EQ(a.reason(0), "warning AWSManagedCluster team-a/c BastionHostReady");
}

constexpr const char* kTwoEntries =
    R"("services":[{"name":"a","namespace":"a","template":"a-1","state":"Failed",)"
    R"("failureMessage":"cannot manage chart a/a. ClusterSummary x managing it."},)"
    R"({"name":"a","namespace":"a","template":"a-2","state":"Deployed"}],)";

// Bug: KCM counts it as ready; here it was two errors.
TEST_F(DeploymentCauses, AConflictWithTheOneThatDeployedItIsForInformation) {
  deployment(nullptr, R"("serviceSpec":{"services":[{"name":"a","namespace":"a"}]})", kTwoEntries);
  cluster(condition("InfrastructureReady", "True"));
  const auto summary = [&](const char* name, const char* type, const char* status) {
    put("config.projectsveltos.io", "v1beta1", "ClusterSummary", name,
        std::string(R"(,"spec":{"clusterName":"c","clusterType":")") + type + R"("},"status":)" +
            status,
        R"("projectsveltos.io/cluster-name":"c")");
  };
  summary("s", "Capi",
          R"({"featureSummaries":[{"featureID":"Helm","status":"Failed",)"
          R"("failureMessage":"cannot manage chart a/a"}],"helmReleaseSummaries":[)"
          R"({"releaseName":"a","releaseNamespace":"a","status":"Conflict"}]})");
  Answer a = state();
  EXPECT_EQ(a.line(), "Ready info");
  ASSERT_EQ(a.count(), 1u) << a.all();
  EXPECT_EQ(a.reason(0), "info service a/a");
  // Bug: a SveltosCluster may have the Cluster's name.
  summary("t", "Sveltos", R"({"featureSummaries":[{"featureID":"Helm","status":"Failed"}]})");
  EXPECT_EQ(state().count(), 1u);
  // Bug: what it waits for stood in members that were not read.
  summary("u", "Capi", R"({"failureMessage":"no values","dependencies":"profile p is not ready"})");
  a = state();
  EXPECT_EQ(a.reason(0), "error ClusterSummary team-a/u failureMessage") << a.all();
  EXPECT_EQ(a.reason(1), "warning ClusterSummary team-a/u dependencies") << a.all();
}

// Bug: a roll-out of services was an error of its ServiceSet, above the cause.
TEST_F(DeploymentCauses, ServicesThatAreNotReadyYetAreNoErrorAndNoCause) {
  deployment(kOld, R"("serviceSpec":{"services":[{"name":"a","namespace":"a","template":"a-1"}]})");
  put(kK0rdent, "v1beta1", "ServiceSet", "s",
      R"(,"spec":{"cluster":"c"})" +
          conditions(condition("ServicesInReadyState", "False", "Progressing", "0/1")));
  put(kK0rdent, "v1beta1", "StateManagementProvider", "ksm-projectsveltos",
      R"(,"spec":{"suspend":true})");
  const Answer a = state();
  std::size_t at = 0;
  while (at < a.count() && !a.reason(static_cast<int>(at)).ends_with("ServicesInReadyState"))
    ++at;
  ASSERT_LT(at, a.count()) << a.all();
  EXPECT_EQ(at, a.count() - 1) << a.all();
  EXPECT_EQ(a.reason(static_cast<int>(at)), "warning ServiceSet team-a/s ServicesInReadyState");
  EXPECT_NE(a.all().find("StateManagementProvider ksm-projectsveltos is suspended"),
            std::string::npos)
      << a.all();
}

// Bug: an adopted cluster's ClusterSummaries were not read at all.
TEST_F(DeploymentCauses, AnAdoptedClustersSummariesAreRead) {
  put(kK0rdent, "v1beta1", "ClusterDeployment", "c",
      R"(,"spec":{"template":"adopted-cluster-1-0-2"})" +
          conditions(condition("HelmReleaseReady", "True") + "," + condition("Ready", "True")));
  put("lib.projectsveltos.io", "v1beta1", "SveltosCluster", "c",
      R"(,"spec":{},"status":{"ready":true})");
  put("config.projectsveltos.io", "v1beta1", "ClusterSummary", "s",
      R"(,"spec":{"clusterType":"Sveltos"},"status":{"featureSummaries":[{"featureID":"Helm",)"
      R"("status":"FailedNonRetriable","failureMessage":"cannot be imported"}]})",
      R"("projectsveltos.io/cluster-name":"c")");
  const Answer a = state();
  EXPECT_EQ(a.reason(0), "error ClusterSummary team-a/s Helm") << a.all();
}

TEST_F(DeploymentCauses, ARegionAndAnAddressClaimSpeakForThemselves) {
  define(kK0rdent, "v1beta1", "ClusterIPAMClaim");
  define(kK0rdent, "v1beta1", "Region", false);
  deployment(nullptr, R"("ipamClaim":{"ref":"addresses"})", R"("region":"eu",)");
  put(kK0rdent, "v1beta1", "ClusterIPAMClaim", "addresses",
      R"(,"spec":{"cluster":"other"},"status":{"bound":false})");
  put(kK0rdent, "v1beta1", "Region", "eu",
      conditions(condition("Ready", "False", "NotAllComponentsHealthy", "x"),
                 R"("components":{"capi":{"success":false,"error":"i/o timeout"}},)"));
  const Answer a = state();
  EXPECT_EQ(a.reason(0), "error Region eu Ready") << a.all();
  EXPECT_EQ(a.reason(1), "error ClusterIPAMClaim team-a/addresses") << a.all();
  EXPECT_NE(a.all().find("it is for cluster other"), std::string::npos) << a.all();
  EXPECT_EQ(a.reason(2), "warning Region eu component capi") << a.all();
}

// A label has 63 bytes at most: the API server refuses the selector, and the Cluster was taken for
// gone.
TEST_F(DeploymentCauses, ANameThatNoLabelHoldsIsSaid) {
  const std::string name(64, 'n');
  put(kK0rdent, "v1beta1", "ClusterDeployment", name,
      R"(,"spec":{})" +
          conditions(condition("HelmReleaseReady", "True") + "," +
                     condition("CAPIClusterSummary", "True") + "," + condition("Ready", "True")));
  const Answer a = state(name);
  EXPECT_EQ(a.line(), "Ready info");
  EXPECT_NE(a.reply.text.find("its name is longer than a label's 63 bytes"), std::string::npos)
      << a.reply.text;
}

TEST(DeploymentUpdate, ALongTextKeepsItsBeginningAndItsEnd) {
  const std::string text = std::string(100, 'a') + std::string(100, 'z');
  EXPECT_EQ(deployments::cut_middle(text, 200), text);
  const std::string cut = deployments::cut_middle(text, 60);
  EXPECT_EQ(cut, std::string(17, 'a') + "…" + std::string(40, 'z'));
  const std::string wide =
      deployments::cut_middle("aaaaaaaaa" + std::string(40, '-') + "ééééé", 12);
  EXPECT_TRUE(wide.ends_with("…éééé")) << wide;
}

}  // namespace
