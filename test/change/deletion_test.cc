// What the confirmation of a deletion says, in words that fit what there is.
#include "change/deletion.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "deploy/config_checks.h"
#include "deploy/tools.h"
#include "objects/write_tools.h"
#include "support/change_world.h"

namespace {

using test::ChangeWorld;

constexpr const char* kK0rdent = "k0rdent.mirantis.com";
const std::string kDelete = "k0rdent.mgmt.objects.delete";
const std::string kDeleteCluster = "k0rdent.mgmt.clusterDeployments.delete";

struct Deletions : ChangeWorld {
  Deletions() {
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    add(objects::make_write_tools(change));
    add(deploy::make_write_tools(change));
    change.checks = &checks;
  }
  deploy::ConfigChecks checks{*context};
  static std::string of(const std::string& kind, const std::string& name) {
    return R"({"kind":")" + kind + R"(","namespace":"kcm-system","name":")" + name + R"("})";
  }
};

TEST_F(Deletions, OneIsNotSaidAsSeveral) {
  const Answer one = ask(kDelete, of("credential", "adopted-cred"));
  EXPECT_TRUE(one.says("  1 cluster uses it: adopted-edge\n")) << one.text();
  const Answer two = ask(kDelete, of("credential", "aws-cred"));
  EXPECT_TRUE(two.says("  2 clusters use it: aws-dev, aws-prod\n")) << two.text();
}

TEST_F(Deletions, FinalizersAreSaidLastAndNotOfWhatIsGone) {
  const Answer shown = ask(kDelete, of("credential", "aws-cred"));
  const std::size_t users = shown.text().find("2 clusters use it"),
                    finalizers = shown.text().find("It goes when its finalizers");
  ASSERT_NE(finalizers, std::string::npos) << shown.text();
  EXPECT_LT(users, finalizers);
  const Answer going = confirmed(kDelete, of("credential", "aws-cred"));
  EXPECT_EQ(going.status(), "deleting") << going.text();
  EXPECT_TRUE(going.says("It goes when its finalizers")) << going.text();
}

TEST_F(Deletions, OfAClusterTheServicesOfMultiClusterServicesAreSaid) {
  const Answer shown = ask(kDeleteCluster, R"({"name":"aws-prod"})");
  EXPECT_TRUE(shown.says("  1 MultiClusterService selects it: podinfo-rollout\n")) << shown.text();
}

TEST_F(Deletions, OfAClusterItIsSaidWhetherVolumesStay) {
  EXPECT_TRUE(
      ask(kDeleteCluster, R"({"name":"aws-prod"})").says("can stay and keep costing, unless"));
  put(kK0rdent, "v1beta1", "clusterdeployments",
      R"({"metadata":{"name":"tidy","namespace":"kcm-system"},"spec":{"cleanupOnDeletion":true}})");
  const Answer tidy = ask(kDeleteCluster, R"({"name":"tidy"})");
  EXPECT_TRUE(tidy.says("are deleted first (spec.cleanupOnDeletion)")) << tidy.text();
  EXPECT_FALSE(tidy.says("keep costing")) << tidy.text();
}

// Bug: the deletion of an adopted cluster said that the cluster and its machines go.
TEST_F(Deletions, OfAnAdoptedClusterAndOfADryRunItIsSaidWhatStays) {
  put(kK0rdent, "v1beta1", "clusterdeployments",
      R"({"metadata":{"name":"edge","namespace":"kcm-system"},"spec":{
          "template":"adopted-cluster-1-0-2","serviceSpec":{"services":[{"name":"a"}]}}})");
  put(kK0rdent, "v1beta1", "clusterdeployments",
      R"({"metadata":{"name":"trial","namespace":"kcm-system"},"spec":{"dryRun":true,
          "template":"aws-standalone-cp-1-0-43","serviceSpec":{"services":[{"name":"a"}]}}})");
  for (const std::string& tool : {kDelete, kDeleteCluster}) {
    const std::string kind = tool == kDelete ? R"("kind":"clusterdeployment",)" : "";
    const auto asked = [&](const std::string& name) {
      return ask(tool, "{" + kind + R"("namespace":"kcm-system","name":")" + name + R"("})");
    };
    const Answer edge = asked("edge"), trial = asked("trial");
    EXPECT_TRUE(edge.says("The cluster itself stays, with its machines")) << edge.text();
    EXPECT_TRUE(edge.says("1 service runs in it")) << edge.text();
    for (const char* untrue : {"deletes the cluster", "keep costing"}) {
      EXPECT_FALSE(edge.says(untrue)) << edge.text();
      EXPECT_FALSE(trial.says(untrue)) << trial.text();
    }
    EXPECT_TRUE(trial.says("no cluster was made, and no machine is deleted")) << trial.text();
    EXPECT_FALSE(trial.says("runs in it")) << trial.text();
  }
  // It became a dry run later: what was made is there.
  load("helm.toolkit.fluxcd.io/v2", "HelmRelease", "name: trial, namespace: kcm-system", "{}");
  const Answer made = ask(kDeleteCluster, R"({"name":"trial"})");
  EXPECT_TRUE(made.says("deletes the cluster with its machines")) << made.text();
  // The template's providers say it, whatever its name is.
  put(kK0rdent, "v1beta1", "clustertemplates",
      R"({"metadata":{"name":"own-1-0-0","namespace":"kcm-system"},
          "status":{"providers":["infrastructure-internal"]}})");
  put(kK0rdent, "v1beta1", "clusterdeployments",
      R"({"metadata":{"name":"own","namespace":"kcm-system"},"spec":{"template":"own-1-0-0"}})");
  const Answer own = ask(kDeleteCluster, R"({"name":"own"})");
  EXPECT_TRUE(own.says("The cluster itself stays")) << own.text();
}

// Bug: its Credentials alone were counted.
TEST_F(Deletions, OfARegionItsClustersAreSaid) {
  load("k0rdent.mirantis.com/v1beta1", "Region", "name: south", "{}");
  put(kK0rdent, "v1beta1", "clusterdeployments",
      R"({"metadata":{"name":"there","namespace":"team-b"},"status":{"region":"south"}})");
  put(kK0rdent, "v1beta1", "credentials",
      R"({"metadata":{"name":"key","namespace":"team-b"},"spec":{"region":"south"}})");
  const Answer shown = ask(kDelete, R"({"kind":"region","name":"south"})");
  EXPECT_TRUE(shown.says("  1 credential in this region: team-b/key\n")) << shown.text();
  EXPECT_TRUE(shown.says("  1 cluster is managed in it: team-b/there\n")) << shown.text();
}

// By the general verb, too: the status may be older than the clusters.
TEST_F(Deletions, OfAMultiClusterServiceTheClustersAreSaidThatItSelects) {
  const Answer shown = ask(kDelete, R"({"kind":"multiclusterservice","name":"podinfo-rollout"})");
  EXPECT_TRUE(shown.says("1 service is uninstalled from each cluster that it selects"))
      << shown.text();
  EXPECT_TRUE(shown.says("  1 cluster: kcm-system/aws-prod\n")) << shown.text();
  const std::string token(shown["confirm"].str());
  put(kK0rdent, "v1beta1", "clusterdeployments",
      R"({"metadata":{"name":"more","namespace":"team-b","labels":{"env":"prod"}}})");
  const Answer stale =
      ask(kDelete, with_token(R"({"kind":"multiclusterservice","name":"podinfo-rollout"})", token));
  EXPECT_EQ(stale.status(), "confirmation_required") << stale.text();
  EXPECT_TRUE(stale.says("2 clusters: kcm-system/aws-prod, team-b/more")) << stale.text();
  const Answer own =
      ask("k0rdent.mgmt.multiClusterServices.delete", R"({"name":"podinfo-rollout"})");
  EXPECT_TRUE(
      own.says("1 service is uninstalled from each cluster that it selects.\n  2 clusters: "))
      << own.text();
}

// Bug: "clusters that match: none", and what k0rdent runs on lost its services.
TEST_F(Deletions, OfAMultiClusterServiceTheManagementClusterIsSaid) {
  put(kK0rdent, "v1beta1", "multiclusterservices",
      R"({"metadata":{"name":"own"},"spec":{"serviceSpec":{"provider":{"selfManagement":true},
          "services":[{"name":"a"},{"name":"b"}]}}})");
  for (const Answer& each : {ask(kDelete, R"({"kind":"multiclusterservice","name":"own"})"),
                             ask("k0rdent.mgmt.multiClusterServices.delete", R"({"name":"own"})")})
    EXPECT_TRUE(
        each.says("2 services are uninstalled from each cluster that it selects, and from "
                  "the management cluster"))
        << each.text();
}

// Bug: clusters that are being deleted were counted, which k0rdent leaves out.
TEST_F(Deletions, AClusterThatIsBeingDeletedIsNotSelected) {
  put(kK0rdent, "v1beta1", "clusterdeployments",
      R"({"metadata":{"name":"going","namespace":"team-b","labels":{"env":"prod"},
          "deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":["a/b"]}})");
  for (const Answer& each :
       {ask(kDelete, R"({"kind":"multiclusterservice","name":"podinfo-rollout"})"),
        ask("k0rdent.mgmt.multiClusterServices.delete", R"({"name":"podinfo-rollout"})"),
        ask("k0rdent.mgmt.multiClusterServices.apply",
            R"({"name":"more","clusterSelector":{"matchLabels":{"env":"prod"}},"services":[
                {"name":"web","template":"ingress-nginx-4-14-3"}],"dryRun":true})")}) {
    EXPECT_TRUE(each.says("1 cluster: kcm-system/aws-prod") ||
                each.says("would match: 1: kcm-system/aws-prod\n"))
        << each.text();
    EXPECT_FALSE(each.says("team-b")) << each.text();
  }
}

// Bug: nothing was said, and deleting the HelmRelease uninstalls the whole cluster.
TEST_F(Deletions, OfWhatAClusterIsMadeOfItIsSaidWhatGoes) {
  load("helm.toolkit.fluxcd.io/v2", "HelmRelease",
       R"(name: aws-prod, namespace: kcm-system, labels: {k0rdent.mirantis.com/managed: "true"})",
       "{}");
  load("cluster.x-k8s.io/v1beta2", "Cluster", "name: aws-prod, namespace: kcm-system",
       "{paused: true, infrastructureRef: {kind: AWSCluster, name: aws-prod}}");
  load("infrastructure.cluster.x-k8s.io/v1beta2", "AWSCluster",
       "name: aws-prod, namespace: kcm-system", "{}");
  load("cluster.x-k8s.io/v1beta2", "MachineDeployment", "name: md, namespace: kcm-system", "{}");
  load("controlplane.cluster.x-k8s.io/v1beta2", "K0sControlPlane",
       "name: cp, namespace: kcm-system, uid: c", "{}");
  load("cluster.x-k8s.io/v1beta2", "Machine",
       "name: m, namespace: kcm-system, labels: {cluster.x-k8s.io/cluster-name: aws-prod, "
       "cluster.x-k8s.io/deployment-name: md}, ownerReferences: [{apiVersion: a/v1, kind: "
       "K0sControlPlane, name: cp, uid: c}]",
       "{}");
  const struct {
    const char *kind, *name;
    std::vector<const char*> says;
  } rows[] = {
      {"helmrelease",
       "aws-prod",
       {"uninstalls all that it installed.\n",
        "  1 ClusterDeployment is installed by it: KCM makes the HelmRelease, and so a new cluster, "
        "again: aws-prod\n",
        "  1 machine: m\n", "  1 Cluster goes with it: aws-prod\n"}},
      {"cluster",
       "aws-prod",
       {"Deleting a Cluster deletes its machines", "Cluster API deletes nothing, and the deletion",
        "  1 machine: m\n", "  1 ClusterDeployment is of it, and stays: aws-prod\n"}},
      {"awscluster",
       "aws-prod",
       {"its network and load balancers", "  1 Cluster is on it: aws-prod"}},
      {"machinedeployment", "md", {"Its machines are deleted at the provider", "  1 machine: m\n"}},
      {"k0scontrolplane", "cp", {"API server and its data (etcd)", "  1 machine: m\n"}},
      {"machine", "m", {"The machine is deleted at the provider"}},
  };
  for (const auto& row : rows) {
    const Answer shown = ask(kDelete, of(row.kind, row.name));
    for (const char* each : row.says)
      EXPECT_TRUE(shown.says(each)) << each << "\n" << shown.text();
  }
}

TEST_F(Deletions, OfWhatManyClustersHangOnItIsSaidWhoUsesIt) {
  load("infrastructure.cluster.x-k8s.io/v1beta2", "AWSClusterStaticIdentity",
       "name: aws-cluster-identity", "{}");
  load("k0rdent.mirantis.com/v1beta1", "ClusterTemplateChain", "name: aws, namespace: kcm-system",
       "{supportedTemplates: [{name: aws-standalone-cp-1-0-43}]}");
  load("k0rdent.mirantis.com/v1beta1", "Release", "name: kcm-1-0-0", "{}");
  load("k0rdent.mirantis.com/v1beta1", "Management", "name: kcm", "{release: kcm-1-0-0}");
  const struct {
    std::string call;
    const char* says;
  } rows[] = {
      {R"({"kind":"awsclusterstaticidentity","name":"aws-cluster-identity"})",
       "  1 credential has it: kcm-system/aws-cred\n"},
      {of("clustertemplatechain", "aws"), "clusters get their upgrades by it: aws-dev, aws-prod\n"},
      {of("servicetemplatechain", "ingress-nginx-chain"),
       "  1 cluster has services of it: aws-prod\n"},
      {R"({"kind":"release","name":"kcm-1-0-0"})", "  1 Management is of it: kcm\n"},
      {R"({"kind":"statemanagementprovider","name":"ksm-projectsveltos"})",
       "ServiceSets are its: "},
  };
  for (const auto& row : rows) {
    const Answer shown = ask(kDelete, row.call);
    EXPECT_TRUE(shown.says(row.says)) << row.says << "\n" << shown.text();
  }
}

// Bug: nothing was said of what holds the deletion, or lets machines stay.
TEST_F(Deletions, OfAClusterItIsSaidWhatHoldsOrOrphansIt) {
  EXPECT_FALSE(ask(kDeleteCluster, R"({"name":"aws-prod"})").says("paused"));
  load("helm.toolkit.fluxcd.io/v2", "HelmRelease", "name: aws-prod, namespace: kcm-system",
       "{suspend: true}");
  load("cluster.x-k8s.io/v1beta2", "Cluster", "name: aws-prod, namespace: kcm-system",
       "{paused: true}");
  api.store().remove(view(kK0rdent, "v1beta1", "credentials"), "kcm-system/aws-cred");
  const Answer shown = ask(kDeleteCluster, R"({"name":"aws-prod"})");
  for (const char* each :
       {"Credential aws-cred is not there: without it KCM never ends the deletion.",
        "The Cluster is paused (spec.paused): until that ends Cluster API deletes nothing",
        "Flux lets go of it without uninstalling anything, so that machines can stay"})
    EXPECT_TRUE(shown.says(each)) << shown.text();
  const std::string token(shown["confirm"].str());
  load("cluster.x-k8s.io/v1beta2", "Cluster", "name: aws-prod, namespace: kcm-system", "{}");
  const Answer stale = ask(kDeleteCluster, with_token(R"({"name":"aws-prod"})", token));
  EXPECT_EQ(stale.status(), "confirmation_required") << stale.text();
}

TEST_F(Deletions, OfAChangeItIsSaidThatItHasNoEffect) {
  load("helm.toolkit.fluxcd.io/v2", "HelmRelease", "name: aws-prod, namespace: kcm-system",
       "{suspend: true}");
  load("cluster.x-k8s.io/v1beta2", "Cluster",
       R"(name: aws-prod, namespace: kcm-system, annotations: {cluster.x-k8s.io/paused: ""})",
       "{}");
  const Answer shown = ask("k0rdent.mgmt.clusterDeployments.update",
                           R"({"name":"aws-prod","config":{"workersNumber":7}})");
  EXPECT_TRUE(shown.says("The Cluster is paused (annotation cluster.x-k8s.io/paused)"))
      << shown.text();
  EXPECT_TRUE(shown.says("The HelmRelease is suspended (spec.suspend): until that ends Flux does"))
      << shown.text();
}

TEST_F(Deletions, NamesForgeNoLine) {
  put("", "v1", "configmaps",
      R"({"metadata":{"name":"a\nnote: all is well","namespace":"kcm-system"}})");
  const Answer shown = ask(kDelete, of("configmap", R"(a\nnote: all is well)"));
  EXPECT_EQ(shown.status(), "confirmation_required") << shown.text();
  EXPECT_FALSE(shown.says("\nnote: all")) << shown.text();
  const Answer missing = ask(kDelete, of("configmap", R"(b\nnote: all is well)"));
  EXPECT_FALSE(missing.says("\nnote: all")) << missing.text();
}

}  // namespace
