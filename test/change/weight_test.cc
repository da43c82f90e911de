// What is confirmed, whichever tool does it: an agent finds another way to the same end.
#include "change/weight.h"

#include <string>

#include <gtest/gtest.h>

#include "objects/write_tools.h"
#include "support/change_world.h"

namespace {

using test::ChangeWorld;

const std::string kPatch = "k0rdent.mgmt.objects.patch";

struct Weights : ChangeWorld {
  Weights() {
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    add(objects::make_write_tools(change));
    put("apps", "v1", "deployments",
        R"({"metadata":{"name":"d","namespace":"team-a"},"spec":{"replicas":2}})");
  }
  static std::string patch(const std::string& kind, const std::string& ns, const std::string& name,
                           const std::string& patch) {
    return R"({"kind":")" + kind + R"(","namespace":")" + ns + R"(","name":")" + name +
           R"(","patch":)" + patch + "}";
  }
  static std::string annotations(int n) {
    std::string out;
    for (int i = 0; i < n; ++i)
      out += (i == 0 ? "\"a" : ",\"a") + std::to_string(i) + "\":\"\"";
    return R"("annotations":{)" + out + "}";
  }
};

TEST_F(Weights, NoReplicasByAPatchAreWhatTheyAreByAScale) {
  for (const Answer& shown :
       {ask(kPatch, patch("deployment", "team-a", "d", R"({"spec":{"replicas":0}})")),
        ask("k0rdent.mgmt.objects.scale",
            R"({"kind":"deployment","namespace":"team-a","name":"d","replicas":0})")}) {
    EXPECT_EQ(shown.status(), "confirmation_required") << shown.text();
    EXPECT_TRUE(shown.says("No pod of deployments.apps team-a/d will run any more.\n"))
        << shown.text();
  }
  EXPECT_EQ(ask(kPatch, patch("deployment", "team-a", "d", R"({"spec":{"replicas":1}})")).status(),
            "updated");
}

// The garbage collector deletes an object whose owner is not there.
TEST_F(Weights, AnOwnerIsAWayToDelete) {
  const Answer shown = ask(
      kPatch, patch("clusterdeployment", "kcm-system", "aws-dev",
                    R"({"metadata":{"ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"x",)"
                    R"("uid":"no-such"}]}})"));
  EXPECT_EQ(shown.status(), "confirmation_required") << shown.text();
  EXPECT_TRUE(shown.says("is deleted with its owner, and at once if that owner is not there"))
      << shown.text();
}

// The list of changes is cut, and the change that costs was behind the cut.
TEST_F(Weights, WhatIsHiddenBehindManyChangesIsConfirmed) {
  const Answer hidden = ask(kPatch, patch("clusterdeployment", "kcm-system", "aws-dev",
                                          R"({"metadata":{)" + annotations(450) +
                                              R"(},"spec":{"config":{"workersNumber":9}}})"));
  EXPECT_EQ(hidden.status(), "confirmation_required") << hidden.text();
  const Answer harmless =
      ask(kPatch, patch("deployment", "team-a", "d", R"({"metadata":{)" + annotations(50) + "}}"));
  EXPECT_EQ(harmless.status(), "updated") << harmless.text();
}

// An agent that may write bindings could make itself an administrator with one ordinary call.
TEST_F(Weights, RightsAreConfirmed) {
  api.store().define({"rbac.authorization.k8s.io", "v1", "clusterrolebindings",
                      "ClusterRoleBinding", /*namespaced=*/false});
  const std::string binding =
      R"({"manifest":{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding",)"
      R"("metadata":{"name":"x"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io",)"
      R"("kind":"ClusterRole","name":"cluster-admin"},"subjects":[]}})";
  const Answer shown = ask("k0rdent.mgmt.objects.apply", binding);
  EXPECT_EQ(shown.status(), "confirmation_required") << shown.text();
  EXPECT_TRUE(shown.says("Rights in this cluster change by ")) << shown.text();
}

// Bug: machines were made and deleted by one ordinary call, and clusters stopped.
TEST_F(Weights, WhatClusterApiAndFluxDoIsConfirmed) {
  const std::string here = "name: c, namespace: kcm-system";
  load("cluster.x-k8s.io/v1beta2", "Cluster", here, "{paused: false}");
  load("cluster.x-k8s.io/v1beta2", "MachineDeployment", here, "{replicas: 3}");
  load("controlplane.cluster.x-k8s.io/v1beta2", "K0sControlPlane", here, "{replicas: 3}");
  load("controlplane.cluster.x-k8s.io/v1beta2", "K0smotronControlPlane", here, "{replicas: 3}");
  load("helm.toolkit.fluxcd.io/v2", "HelmRelease",
       here + R"(, labels: {k0rdent.mirantis.com/managed: "true"})", "{suspend: false}");
  load("infrastructure.cluster.x-k8s.io/v1beta2", "AWSClusterStaticIdentity", "name: c",
       "{secretRef: a}");
  const struct {
    const char *kind, *patch, *says;
  } rows[] = {
      {"machinedeployment", R"({"spec":{"replicas":50}})",
       "More machines of machinedeployments.cluster.x-k8s.io kcm-system/c cost more: there were 3, "
       "there will be 50.\n"},
      {"machinedeployment", R"({"spec":{"replicas":1}})",
       "Machines of machinedeployments.cluster.x-k8s.io kcm-system/c are deleted: there were 3, 1 "
       "stay.\n"},
      {"machinedeployment", R"({"spec":{"replicas":0}})",
       "All machines of machinedeployments.cluster.x-k8s.io kcm-system/c are deleted: there were 3."},
      {"machinedeployment", R"({"spec":{"template":{"spec":{"version":"v2"}}}})",
       "machines can be made or replaced"},
      {"k0scontrolplane", R"({"spec":{"replicas":1}})", "there were 3, 1 stay."},
      {"k0smotroncontrolplane", R"({"spec":{"replicas":1}})", "Pods of k0smotroncontrolplanes"},
      {"cluster", R"({"spec":{"paused":true}})", "Cluster API does nothing for clusters.cluster"},
      {"cluster", R"({"metadata":{"annotations":{"cluster.x-k8s.io/paused":""}}})",
       "Cluster API does nothing for clusters.cluster"},
      {"helmrelease", R"({"spec":{"suspend":true}})", "would leave behind what it installed."},
      {"helmrelease", R"({"spec":{"values":{"workersNumber":9}}})", "installs a cluster or a"},
      {"credential", R"({"spec":{"identityRef":{"name":"x"}}})",
       "can neither change nor be deleted"},
  };
  for (const auto& row : rows) {
    const std::string name = row.kind == std::string("credential") ? "aws-cred" : "c";
    const Answer shown = ask(kPatch, patch(row.kind, "kcm-system", name, row.patch));
    EXPECT_EQ(shown.status(), "confirmation_required") << row.patch << shown.text();
    EXPECT_TRUE(shown.says(row.says)) << shown.text();
  }
  for (
      const char* call :
      {R"({"kind":"awsclusterstaticidentity","name":"c","patch":{"spec":{"secretRef":"b"}}})",
       R"({"kind":"statemanagementprovider","name":"ksm-projectsveltos","patch":{"spec":{"suspend":true}}})"}) {
    const Answer shown = ask(kPatch, call);
    EXPECT_EQ(shown.status(), "confirmation_required") << shown.text();
    EXPECT_TRUE(shown.says("lusters")) << shown.text();
  }
}

TEST_F(Weights, WhatCanBeSetBackIsNotConfirmed) {
  load("helm.toolkit.fluxcd.io/v2", "HelmRelease", "name: own, namespace: team-a", "{values: {}}");
  load("cluster.x-k8s.io/v1beta2", "Cluster", "name: c, namespace: kcm-system", "{}");
  for (const std::string& call :
       {patch("helmrelease", "team-a", "own", R"({"spec":{"values":{"a":1}}})"),
        patch("cluster", "kcm-system", "c", R"({"metadata":{"annotations":{"a":"b"}}})"),
        patch("deployment", "team-a", "d", R"({"spec":{"replicas":5}})")})
    EXPECT_EQ(ask(kPatch, call).status(), "updated") << call;
}

}  // namespace
