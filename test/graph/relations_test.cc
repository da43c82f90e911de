// Relations that the sample has none of: each with its target there, missing, and gone.
#include <gtest/gtest.h>

#include "support/graph_world.h"

namespace {

using graph::model::KindState;
using graph::model::Labels;
using graph::model::LabelSelector;
using test::GraphWorld;
using Rows = std::set<std::string>;

constexpr const char* kK0rdent = "k0rdent.mirantis.com/v1beta1";

// `rest`: members after metadata, each with its comma before it.
std::string object(const std::string& api, const std::string& kind, const std::string& ns,
                   const std::string& name, const std::string& rest = "",
                   const std::string& labels = "") {
  return R"({"apiVersion":")" + api + R"(","kind":")" + kind + R"(","metadata":{"name":")" + name +
         "\"" + (ns.empty() ? "" : R"(,"namespace":")" + ns + "\"") + R"(,"uid":")" + kind + ns +
         name + R"(","labels":{)" + labels + "}}" + rest + "}";
}
std::string k0rdent(const std::string& kind, const std::string& ns, const std::string& name,
                    const std::string& rest = "", const std::string& labels = "") {
  return object(kK0rdent, kind, ns, name, rest, labels);
}

struct GraphRelation : ::testing::Test {
  // The edge while both ends are there, without `to` (nothing or the edge unresolved), and again.
  void expect_edge(const std::string& type, const std::string& to, const std::string& row,
                   bool dangles) {
    world.put(to);
    EXPECT_EQ(world.edges({type}).count(row), 1u) << row;
    world.remove(to);
    world.settle();
    const Rows without = world.edges({type});
    EXPECT_EQ(without.count(row), 0u);
    std::string broken = row;
    broken.replace(broken.find(" yes "), 5, " no ");
    EXPECT_EQ(without.count(broken), dangles ? 1u : 0u) << broken;
    world.put(to);
    EXPECT_EQ(world.edges({type}).count(row), 1u);
  }
  GraphWorld world;
};

TEST_F(GraphRelation, AMultiClusterServiceNeedsItsTemplatesWhereItsClustersAre) {
  world.put(
      k0rdent("MultiClusterService", "", "m",
              R"(,"spec":{"serviceSpec":{"services":[{"template":"t"}]}},"status":{)"
              R"("matchingClusters":[{"kind":"ClusterDeployment","namespace":"a","name":"x"},)"
              R"({"kind":"ClusterDeployment","namespace":"a","name":"y"},)"
              R"({"kind":"SveltosCluster","namespace":"mgmt","name":"mgmt"}]})"));
  expect_edge("deploys", k0rdent("ServiceTemplate", "a", "t"),
              "MultiClusterService/m deploys ServiceTemplate/a/t yes "
              ".spec.serviceSpec.services[0].template",
              true);
  EXPECT_EQ(world.edges({"deploys"}).size(), 2u) << "that one, and the system namespace's";
  world.put(k0rdent("MultiClusterService", "", "m",
                    R"(,"spec":{"serviceSpec":{"services":[{"template":"t"}]}})"));
  EXPECT_EQ(world.edges({"deploys"}),
            (Rows{"MultiClusterService/m deploys ServiceTemplate/kcm-system/t no "
                  ".spec.serviceSpec.services[0].template"}));
}

TEST_F(GraphRelation, WhatAMultiClusterServiceTakesValuesFromIsBesideEachCluster) {
  world.put(k0rdent(
      "MultiClusterService", "", "m",
      R"(,"spec":{"serviceSpec":{"services":[{"valuesFrom":[{"kind":"ConfigMap","name":"v"}]}],)"
      R"("policyRefs":[{"kind":"Secret","name":"p"},)"
      R"({"kind":"Secret","name":"q","namespace":"z"}]}},)"
      R"("status":{"matchingClusters":[{"kind":"ClusterDeployment","namespace":"a","name":"x"},)"
      R"({"kind":"SveltosCluster","namespace":"mgmt","name":"mgmt"}]})"));
  world.answer_lookups({object("v1", "ConfigMap", "a", "v"), object("v1", "Secret", "a", "p"),
                        object("v1", "Secret", "z", "q")});
  EXPECT_EQ(world.edges({"values-from", "policy"}),
            (Rows{"MultiClusterService/m policy Secret/a/p yes .spec.serviceSpec.policyRefs[0]",
                  "MultiClusterService/m policy Secret/kcm-system/p no "
                  ".spec.serviceSpec.policyRefs[0]",
                  "MultiClusterService/m policy Secret/z/q yes .spec.serviceSpec.policyRefs[1]",
                  "MultiClusterService/m values-from ConfigMap/a/v yes "
                  ".spec.serviceSpec.services[0].valuesFrom[0]",
                  "MultiClusterService/m values-from ConfigMap/kcm-system/v no "
                  ".spec.serviceSpec.services[0].valuesFrom[0]"}));
}

TEST_F(GraphRelation, ATemplateNeedsWhoeverOffersItsProviders) {
  const std::string both =
      R"(,"status":{"availableProviders":["infrastructure-aws","bootstrap-k0smotron"]})";
  world.put(k0rdent("ClusterTemplate", "a", "t",
                    R"(,"status":{"providers":["infrastructure-aws","bootstrap-k0smotron"]})"));
  world.put(k0rdent("ClusterTemplate", "a", "free", R"(,"status":{"providers":[]})"));
  expect_edge("needs-provider", k0rdent("Management", "", "kcm", both),
              "ClusterTemplate/a/t needs-provider Management/kcm yes .status.providers", false);
  world.put(k0rdent("Management", "", "kcm",
                    R"(,"status":{"availableProviders":["infrastructure-aws"]})"));
  EXPECT_EQ(world.edges({"needs-provider"}), Rows()) << "one of the two is not offered";
  expect_edge("needs-provider", k0rdent("Region", "", "eu", both),
              "ClusterTemplate/a/t needs-provider Region/eu yes .status.providers", false);
  world.put(
      k0rdent("ClusterTemplate", "a", "t", R"(,"status":{"providers":["infrastructure-gcp"]})"));
  EXPECT_EQ(world.edges({"needs-provider"}), Rows());
}

TEST_F(GraphRelation, AccessManagementDistributesByNameByLabelsAndAll) {
  const auto rule = [](const std::string& resource) {
    return k0rdent("AccessManagement", "", "kcm",
                   R"(,"spec":{"accessRules":[{"targetNamespaces":{"list":["n"]},"resources":[)" +
                       resource + "]}]}");
  };
  const std::string at = "yes .spec.accessRules[0].resources[0]";
  const std::string gold = k0rdent("Credential", "kcm-system", "k", "", R"("tier":"gold")");
  world.put(k0rdent("Credential", "kcm-system", "plain"));
  world.put(k0rdent("Credential", "a", "elsewhere", "", R"("tier":"gold")"));

  world.put(rule(R"({"kind":"Credential","selector":{"matchLabels":{"tier":"gold"}}})"));
  expect_edge("distributes", gold, "AccessManagement/kcm distributes Credential/kcm-system/k " + at,
              false);
  EXPECT_EQ(world.edges({"distributes"}).size(), 1u);
  world.put(k0rdent("Credential", "kcm-system", "k", "", R"("tier":"iron")"));
  EXPECT_EQ(world.edges({"distributes"}), Rows()) << "its label is another";
  world.put(gold);

  world.put(rule(R"({"kind":"Credential","stringSelector":"tier in (gold,silver),tier!=x"})"));
  EXPECT_EQ(world.edges({"distributes"}),
            (Rows{"AccessManagement/kcm distributes Credential/kcm-system/k " + at}));
  world.put(rule(R"({"kind":"Credential"})"));
  EXPECT_EQ(world.edges({"distributes"}).size(), 2u) << "all of the system namespace";
  world.put(rule(R"({"kind":"Credential","names":["k","gone"]})"));
  EXPECT_EQ(world.edges({"distributes"}),
            (Rows{"AccessManagement/kcm distributes Credential/kcm-system/k " + at + ".names[0]",
                  "AccessManagement/kcm distributes Credential/kcm-system/gone no "
                  ".spec.accessRules[0].resources[0].names[1]"}));
}

TEST_F(GraphRelation, AccessManagementDistributesKindsThatOnlyItNames) {
  world.put(k0rdent("AccessManagement", "", "kcm",
                    R"(,"spec":{"accessRules":[{"resources":[{"apiGroup":"example.com","kind":)"
                    R"("Widget","stringSelector":"!private"},{"kind":"Secret"}]}]})"));
  const graph::model::KindId widget = world.kinds.find("Widget");
  ASSERT_NE(widget, graph::model::kNoKind);
  world.kinds[widget].state = KindState::known;
  expect_edge("distributes", object("example.com/v1", "Widget", "kcm-system", "w"),
              "AccessManagement/kcm distributes Widget/kcm-system/w yes "
              ".spec.accessRules[0].resources[0]",
              false);
  world.put(object("example.com/v1", "Widget", "kcm-system", "w", "", R"("private":"")"));
  EXPECT_EQ(world.edges({"distributes"}), Rows());
  EXPECT_EQ(world.store.blind_selections(),
            (std::vector<graph::model::KindId>{world.kinds.find("Secret")}));
}

TEST_F(GraphRelation, AccessManagementDistributesIntoNamespacesByNameByLabelsAndAll) {
  const auto into = [](const std::string& target) {
    return k0rdent("AccessManagement", "", "kcm", R"(,"spec":{"accessRules":[{)" + target + "}]}");
  };
  const auto ns = [](const std::string& name, const std::string& labels = "") {
    return object("v1", "Namespace", "", name, "", labels);
  };
  world.put(ns("plain"));
  world.put(into(R"("targetNamespaces":{"selector":{"matchLabels":{"team":"x"}}})"));
  expect_edge("into", ns("x1", R"("team":"x")"),
              "AccessManagement/kcm into Namespace/x1 yes .spec.accessRules[0].targetNamespaces",
              false);
  EXPECT_EQ(world.edges({"into"}).size(), 1u);
  world.put(into(R"("targetNamespaces":{"stringSelector":"!team"})"));
  EXPECT_EQ(world.edges({"into"}), (Rows{"AccessManagement/kcm into Namespace/plain yes "
                                         ".spec.accessRules[0].targetNamespaces"}));
  world.put(into(R"("credentials":["k"])"));
  EXPECT_EQ(world.edges({"into"}).size(), 2u) << "no target: all namespaces";
  world.put(into(R"("targetNamespaces":{"list":["gone"]})"));
  EXPECT_EQ(world.edges({"into"}), (Rows{"AccessManagement/kcm into Namespace/gone no "
                                         ".spec.accessRules[0].targetNamespaces.list[0]"}));
}

TEST_F(GraphRelation, OfNamespacesTheServersFilterShowsItsOwn) {
  GraphWorld narrow(KindState::known, "a");
  narrow.put(k0rdent("AccessManagement", "", "kcm",
                     R"(,"spec":{"accessRules":[{"targetNamespaces":{"list":["b"]}},{}]})"));
  narrow.put(object("v1", "Namespace", "", "a"));
  narrow.put(object("v1", "Namespace", "", "b"));
  EXPECT_EQ(narrow.edges({"into"}), (Rows{"AccessManagement/kcm into Namespace/a yes "
                                          ".spec.accessRules[1].targetNamespaces"}));
  EXPECT_TRUE(narrow.store.hides());
}

TEST_F(GraphRelation, ABackupIsItsSchedulesByNameOrByLabel) {
  const std::string label = R"("k0rdent.mirantis.com/management-backup":"daily")";
  const auto backup = [&](const std::string& name, const std::string& labels) {
    return object("velero.io/v1", "Backup", "kcm-system", name, "", labels);
  };
  world.put(k0rdent("ManagementBackup", "", "daily", R"(,"status":{"lastBackupName":"two"})"));
  expect_edge("backup", backup("two", label),
              "ManagementBackup/daily backup Backup/kcm-system/two yes .status.lastBackupName",
              true);
  expect_edge("backup", backup("one", label),
              "ManagementBackup/daily backup Backup/kcm-system/one yes label "
              "k0rdent.mirantis.com/management-backup",
              false);
  EXPECT_EQ(world.edges({"backup"}).size(), 2u) << "each once, however often it is told";
  world.put(k0rdent("ManagementBackup", "", "daily", R"(,"status":{"lastBackupName":"one"})"));
  EXPECT_EQ(world.edges({"backup"}),
            (Rows{"ManagementBackup/daily backup Backup/kcm-system/one yes .status.lastBackupName",
                  "ManagementBackup/daily backup Backup/kcm-system/two yes label "
                  "k0rdent.mirantis.com/management-backup"}));
  world.put(backup("two", ""));
  world.put(backup("other", R"("k0rdent.mirantis.com/management-backup":"weekly")"));
  EXPECT_EQ(world.edges({"backup"}).size(), 1u);
}

TEST_F(GraphRelation, ARegionsComponentsAreReleasesOfItsLabelBeforeItsStatusSaysSo) {
  const std::string release = object("helm.toolkit.fluxcd.io/v2", "HelmRelease", "kcm-system",
                                     "eu-capi", "", R"("k0rdent.mirantis.com/region":"eu")");
  world.put(k0rdent("Region", "", "eu"));
  expect_edge("component-release", release,
              "Region/eu component-release HelmRelease/kcm-system/eu-capi yes label "
              "k0rdent.mirantis.com/region",
              false);
  world.put(k0rdent("Region", "", "eu", R"(,"status":{"components":{"capi":{}}})"));
  expect_edge("component-release", release,
              "Region/eu component-release HelmRelease/kcm-system/eu-capi yes "
              ".status.components.capi",
              false);
  EXPECT_EQ(world.edges({"component-release"}).size(), 1u);
  world.remove(k0rdent("Region", "", "eu"));
  EXPECT_EQ(world.edges({"component-release"}), Rows());
}

TEST_F(GraphRelation, AddressesComeFromThePoolOfTheirName) {
  world.put(k0rdent("ClusterIPAM", "a", "c", R"(,"spec":{"provider":"in-cluster"})"));
  expect_edge("pool", object("ipam.cluster.x-k8s.io/v1alpha2", "InClusterIPPool", "a", "c"),
              "ClusterIPAM/a/c pool InClusterIPPool/a/c yes same namespace and name", false);
  world.put(k0rdent("ClusterIPAM", "a", "i", R"(,"spec":{"provider":"ipam-infoblox"})"));
  expect_edge("pool", object("ipam.cluster.x-k8s.io/v1alpha1", "InfobloxIPPool", "a", "i"),
              "ClusterIPAM/a/i pool InfobloxIPPool/a/i yes same namespace and name", false);
  world.put(
      k0rdent("ClusterIPAM", "a", "i",
              R"(,"spec":{"provider":"in-cluster"},"status":{"providerData":[{"config":{)"
              R"("apiGroup":"ipam.cluster.x-k8s.io","kind":"InClusterIPPool","name":"p"}}]})"));
  EXPECT_TRUE(world.edges({"pool"}).count(
      "ClusterIPAM/a/i pool InClusterIPPool/a/p no .status.providerData[0].config"));
}

TEST_F(GraphRelation, WhatATemplatesControllerMakesIsItsEvenBeforeItsStatusSaysSo) {
  world.put(k0rdent("ServiceTemplate", "a", "t",
                    R"(,"spec":{"helm":{"chartSpec":{"chart":"x","sourceRef":{"kind":)"
                    R"("HelmRepository","name":"r"}}}})"));
  expect_edge("chart", object("source.toolkit.fluxcd.io/v1", "HelmChart", "a", "t"),
              "ServiceTemplate/a/t chart HelmChart/a/t yes name convention", false);
  world.put(
      k0rdent("ProviderTemplate", "", "p", R"(,"spec":{"helm":{"chartSpec":{"chart":"x"}}})"));
  expect_edge("chart", object("source.toolkit.fluxcd.io/v1", "HelmChart", "kcm-system", "p"),
              "ProviderTemplate/p chart HelmChart/kcm-system/p yes name convention", false);
  for (const auto& [member, kind] :
       {std::pair("git", "GitRepository"), std::pair("bucket", "Bucket"),
        std::pair("oci", "OCIRepository")}) {
    world.put(k0rdent("ServiceTemplate", "a", "s",
                      R"(,"spec":{"resources":{"remoteSourceSpec":{")" + std::string(member) +
                          R"(":{"url":"x"}}}})"));
    expect_edge(
        "source", object("source.toolkit.fluxcd.io/v1", kind, "a", "s"),
        "ServiceTemplate/a/s source " + std::string(kind) + "/a/s yes same namespace and name",
        false);
  }
}

TEST_F(GraphRelation, ALocalSourceOfAnotherNamespaceIsFluxsAlone) {
  world.put(k0rdent("ServiceTemplate", "a", "t",
                    R"(,"spec":{"kustomize":{"localSourceRef":{"kind":"ConfigMap","name":"c",)"
                    R"("namespace":"b"}}})"));
  world.put(k0rdent("ServiceTemplate", "a", "g",
                    R"(,"spec":{"kustomize":{"localSourceRef":{"kind":"GitRepository","name":"c",)"
                    R"("namespace":"b"}}})"));
  world.answer_lookups();
  EXPECT_EQ(world.edges({"source"}),
            (Rows{"ServiceTemplate/a/t source ConfigMap/a/c no .spec.kustomize.localSourceRef",
                  "ServiceTemplate/a/g source GitRepository/b/c no "
                  ".spec.kustomize.localSourceRef"}));
}

TEST_F(GraphRelation, ACopyOfAnIdentityOrItsSecretLeadsToTheOriginal) {
  const std::string managed = R"("k0rdent.mirantis.com/managed":"true")";
  const std::string api = "infrastructure.cluster.x-k8s.io/v1beta1";
  world.put(object(api, "AzureClusterIdentity", "a", "i", "", managed));
  expect_edge(
      "copy-of", object(api, "AzureClusterIdentity", "kcm-system", "i"),
      "AzureClusterIdentity/a/i copy-of AzureClusterIdentity/kcm-system/i yes same namespace "
      "and name",
      false);
  world.put(object("source.toolkit.fluxcd.io/v1", "HelmRepository", "a", "r", "", managed));
  world.put(
      object("source.toolkit.fluxcd.io/v1", "HelmRepository", "kcm-system", "r", "", managed));
  EXPECT_EQ(world.edges({"copy-of"}).size(), 1u) << "Flux' objects have the label, too";
}

TEST_F(GraphRelation, AMachinePoolIsPartOfItsClusterAndHasItsBootstrap) {
  const std::string pool = object(
      "cluster.x-k8s.io/v1beta2", "MachinePool", "a", "mp",
      R"(,"spec":{"clusterName":"c","template":{"spec":{"bootstrap":{"configRef":{"apiGroup":)"
      R"("bootstrap.cluster.x-k8s.io","kind":"EKSConfig","name":"e"}}}}})");
  world.put(pool);
  world.kinds[world.kinds.find("EKSConfig")].state = KindState::known;
  expect_edge("part-of", object("cluster.x-k8s.io/v1beta2", "Cluster", "a", "c"),
              "MachinePool/a/mp part-of Cluster/a/c yes .spec.clusterName", true);
  expect_edge("bootstrap", object("bootstrap.cluster.x-k8s.io/v1beta2", "EKSConfig", "a", "e"),
              "MachinePool/a/mp bootstrap EKSConfig/a/e yes "
              ".spec.template.spec.bootstrap.configRef",
              true);
}

TEST_F(GraphRelation, AMachineHangsBetweenItsOwnersAndWhatItIsMadeOf) {
  const auto owned = [](const std::string& api, const std::string& kind, const std::string& name,
                        const std::string& owner_kind, const std::string& owner,
                        const std::string& spec = "{}") {
    return R"({"apiVersion":")" + api + R"(","kind":")" + kind + R"(","metadata":{"name":")" +
           name + R"(","namespace":"a","uid":")" + kind + "a" + name +
           R"(","ownerReferences":[{"apiVersion":"cluster.x-k8s.io/v1beta2","kind":")" +
           owner_kind + R"(","name":")" + owner + R"(","uid":")" + owner_kind + "a" + owner +
           R"("}]},"spec":)" + spec + "}";
  };
  const std::string capi = "cluster.x-k8s.io/v1beta2";
  const std::string infra = "infrastructure.cluster.x-k8s.io/v1beta2";
  const std::string boot = "bootstrap.cluster.x-k8s.io/v1beta2";
  const std::string set =
      owned(capi, "MachineSet", "s", "MachineDeployment", "d", R"({"clusterName":"c"})");
  world.put(owned(capi, "Machine", "m", "MachineSet", "s",
                  R"({"clusterName":"c","bootstrap":{"configRef":{"apiGroup":)"
                  R"("bootstrap.cluster.x-k8s.io","kind":"K0sWorkerConfig","name":"b"}},)"
                  R"("infrastructureRef":{"apiGroup":"infrastructure.cluster.x-k8s.io",)"
                  R"("kind":"AWSMachine","name":"i"}})"));
  expect_edge("owns", set,
              "MachineSet/a/s owns Machine/a/m yes Machine/a/m "
              ".metadata.ownerReferences[0]",
              true);
  expect_edge("owns", object(capi, "MachineDeployment", "a", "d"),
              "MachineDeployment/a/d owns MachineSet/a/s yes MachineSet/a/s "
              ".metadata.ownerReferences[0]",
              true);
  expect_edge("infrastructure", owned(infra, "AWSMachine", "i", "Machine", "m"),
              "Machine/a/m infrastructure AWSMachine/a/i yes .spec.infrastructureRef", true);
  expect_edge("bootstrap", owned(boot, "K0sWorkerConfig", "b", "Machine", "m"),
              "Machine/a/m bootstrap K0sWorkerConfig/a/b yes .spec.bootstrap.configRef", true);
  expect_edge("part-of", object(capi, "Cluster", "a", "c"),
              "Machine/a/m part-of Cluster/a/c yes .spec.clusterName", true);
  EXPECT_EQ(world.edges({"owns"}).size(), 4u);
  EXPECT_EQ(world.edges({"part-of"}).size(), 2u) << "the MachineSet's, too";
  EXPECT_EQ(world.store.take_named(), std::vector<graph::model::KindId>())
      << "none is watched for it";

  const auto shown = [&](std::string_view kinds) {
    const auto filter = graph::model::Filter::parse("", kinds, world.filter);
    const graph::model::View view = test::view_of(world.store, *filter);
    std::string text;
    for (const std::string& delta : test::snapshot_of(world.store, view))
      text += delta;
    return text;
  };
  EXPECT_EQ(shown("").find("achine:a/m"), std::string::npos) << "it was not asked for";
  EXPECT_NE(shown("").find("MachineDeployment:a/d"), std::string::npos);
  EXPECT_NE(shown("Machine,Cluster").find("Machine:a/m-[part-of]->Cluster:a/c"), std::string::npos);
}

TEST_F(GraphRelation, AnOwnerOfAProvidersOwnKindIsFoundWhicheverComesFirst) {
  const std::string api = "controlplane.cluster.x-k8s.io/v1beta2";
  world.put(
      R"({"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta2","kind":"AWSMachine","metadata":{)"
      R"("name":"i","namespace":"a","uid":"i","ownerReferences":[{"apiVersion":")" +
      api + R"(","kind":"OddControlPlane","name":"p","uid":"OddControlPlaneap"}]}})");
  const graph::model::KindId odd = world.kinds.find("OddControlPlane");
  ASSERT_NE(odd, graph::model::kNoKind);
  EXPECT_EQ(world.store.take_named(), std::vector<graph::model::KindId>{odd});
  world.kinds[odd].state = KindState::known;
  expect_edge("owns", object(api, "OddControlPlane", "a", "p"),
              "OddControlPlane/a/p owns AWSMachine/a/i yes AWSMachine/a/i "
              ".metadata.ownerReferences[0]",
              true);
}

TEST_F(GraphRelation, AMachineOfAnUnknownProviderMakesNoKind) {
  const std::size_t before = world.kinds.size();
  world.put(object("cluster.x-k8s.io/v1beta2", "Machine", "a", "m",
                   R"(,"spec":{"infrastructureRef":{"apiGroup":"infrastructure.cluster.x-k8s.io",)"
                   R"("kind":"OddMachine","name":"i"}})"));
  EXPECT_EQ(world.kinds.size(), before);
}

TEST_F(GraphRelation, AManagedControlPlaneNamesItsIdentity) {
  world.put(object("controlplane.cluster.x-k8s.io/v1beta2", "AWSManagedControlPlane", "a", "c",
                   R"(,"spec":{"identityRef":{"kind":"AWSClusterStaticIdentity","name":"i"}})"));
  expect_edge(
      "identity",
      object("infrastructure.cluster.x-k8s.io/v1beta2", "AWSClusterStaticIdentity", "", "i"),
      "AWSManagedControlPlane/a/c identity AWSClusterStaticIdentity/i yes .spec.identityRef", true);
}

TEST(GraphSelectorText, MeansWhatKubernetesMeans) {
  const auto matches = [](std::string_view selector, std::string_view key, std::string_view value) {
    Labels labels;
    if (!key.empty()) labels.add(key, value);
    return LabelSelector::parse(selector).matches(labels);
  };
  for (const char* yes : {"", "a", "a=1", "a==1", "a in (1,2)", "a notin (2)", "a!=2", "!b", "a>0",
                          "a<2", "a in (1), !b", "b notin (1),a"})
    EXPECT_TRUE(matches(yes, "a", "1")) << yes;
  for (const char* no : {"b", "a=2", "a in (2,3)", "a notin (1)", "a!=1", "!a", "a>1", "a<1", "a,b",
                         "a ===", "(", "x/"})
    EXPECT_FALSE(matches(no, "a", "1")) << no;
  EXPECT_TRUE(matches("a!=1,a notin (1)", "", "")) << "what is absent is no value";
}

}  // namespace
