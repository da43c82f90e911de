// Which kind a name means, among those that a cluster serves.
#include "cluster/kind_name.h"

#include <gtest/gtest.h>

namespace {

kube::ApiCatalog catalog() {
  const auto kind = [](const char* plural, const char* name, std::vector<std::string> shorts = {},
                       const char* singular = "") {
    return kube::ServedResource{plural, name, true, {"get", "list"}, singular, std::move(shorts)};
  };
  kube::ApiCatalog out;
  out.entries = {
      {"", "v1", {kind("pods", "Pod", {"po"}, "pod"), kind("events", "Event", {"ev"})}, {}},
      {"apps", "v1", {kind("deployments", "Deployment", {"deploy"}, "deployment")}, {}},
      {"events.k8s.io", "v1", {kind("events", "Event", {"ev"})}, {}},
      {"k0rdent.mirantis.com",
       "v1beta1",
       {kind("clusterdeployments", "ClusterDeployment", {"cd"})},
       {}},
      {"k0rdent.mirantis.com",
       "v1alpha1",
       {kind("clusterdeployments", "ClusterDeployment"), kind("olds", "Old")},
       {}},
      {"cluster.x-k8s.io", "v1beta2", {kind("clusters", "Cluster", {"cl"}, "cluster")}, {}},
      {"other.io", "v1", {kind("clusters", "Cluster"), kind("widgets", "Widget", {"deploy"})}, {}},
      {"metrics.k8s.io", "v1beta1", {}, "the API server behind it cannot be reached"},
  };
  return out;
}

std::string named(std::string_view name) {
  const kube::ApiCatalog all = catalog();
  const auto kind = cluster::find_kind(all, name);
  return kind ? kind->resource.plural + "/" + kind->version + "/" + kind->group
              : "error: " + std::string(kind.error().what());
}

// Bug: the description of objects.list named a short name that no cluster serves.
TEST(KindName, CdIsAClusterDeploymentWhereNothingElseIsCalledSo) {
  kube::ApiCatalog all = catalog();
  all.entries[3].resources[0].short_names = {"cld", "clusterd"};
  for (const char* name : {"cd", "CD", "cd.k0rdent.mirantis.com", "cld"}) {
    const auto kind = cluster::find_kind(all, name);
    ASSERT_TRUE(kind) << name << ": " << kind.error().what();
    EXPECT_EQ(kind->resource.plural, "clusterdeployments") << name;
  }
  EXPECT_FALSE(cluster::find_kind(all, "cd.apps"));
  all.entries[1].resources[0].short_names = {"cd"};
  EXPECT_EQ(cluster::find_kind(all, "cd")->resource.plural, "deployments");
}

TEST(KindName, IsAnythingThatKubectlTakes) {
  const std::string deployment = "clusterdeployments/v1beta1/k0rdent.mirantis.com";
  for (const char* name :
       {"clusterdeployments", "ClusterDeployment", "clusterdeployment", "cd", "CD", " cd ",
        "clusterdeployments.k0rdent.mirantis.com", "cd.v1beta1.k0rdent.mirantis.com",
        "k0rdent.mirantis.com/v1beta1/ClusterDeployment"}) {
    EXPECT_EQ(named(name), deployment) << name;
  }
  EXPECT_EQ(named("cd.v1alpha1.k0rdent.mirantis.com").substr(0, 6), "error:")
      << "that version has no short names";
  EXPECT_EQ(named("clusterdeployments.v1alpha1.k0rdent.mirantis.com"),
            "clusterdeployments/v1alpha1/k0rdent.mirantis.com");
  EXPECT_EQ(named("olds"), "olds/v1alpha1/k0rdent.mirantis.com");
  EXPECT_EQ(named("deploy.apps"), "deployments/v1/apps");
  EXPECT_EQ(named("apps/v1/deployments"), "deployments/v1/apps");
  EXPECT_EQ(named("pods.core"), named("pods"));
  EXPECT_EQ(named("core/v1/pods"), named("pods"));
  EXPECT_EQ(named("v1/Pod"), "pods/v1/");
  EXPECT_EQ(named("pod"), "pods/v1/");
}

TEST(KindName, AWholeNameCountsBeforeAShortOne) {
  kube::ApiCatalog all = catalog();
  all.entries[1].resources[0].short_names = {"olds"};
  EXPECT_EQ(cluster::find_kind(all, "olds")->resource.plural, "olds");
}

TEST(KindName, TheCoreGroupCountsFirst) {
  EXPECT_EQ(named("events"), "events/v1/");
  EXPECT_EQ(named("ev"), "events/v1/");
  EXPECT_EQ(named("events.events.k8s.io"), "events/v1/events.k8s.io");
}

TEST(KindName, OfSeveralGroupsOneHasToBeNamed) {
  EXPECT_EQ(named("clusters"),
            "error: 'clusters' names several kinds: give one of clusters.cluster.x-k8s.io, "
            "clusters.other.io");
  EXPECT_EQ(named("clusters.other.io"), "clusters/v1/other.io");
  EXPECT_EQ(named("cl"), "clusters/v1beta2/cluster.x-k8s.io");
  EXPECT_EQ(named("deploy"),
            "error: 'deploy' names several kinds: give one of deployments.apps, widgets.other.io");
}

TEST(KindName, OfAnEventCountsInAnyGroup) {
  const kube::ApiCatalog all = catalog();
  const auto any = [&](std::string_view name) {
    const auto kind = cluster::find_kind(all, name, cluster::KindsIn::any_group);
    return kind ? kind->resource.kind : "error: " + std::string(kind.error().what());
  };
  EXPECT_EQ(any("clusters"), "Cluster");
  EXPECT_EQ(any("Cluster"), "Cluster");
  EXPECT_EQ(any("pods"), "Pod");
  EXPECT_TRUE(any("deploy").starts_with("error: 'deploy' names several kinds")) << any("deploy");
  EXPECT_EQ(cluster::nearest_kinds(all, "pdos"), std::vector<std::string_view>{"pods"});
  EXPECT_TRUE(cluster::nearest_kinds(all, "nothinglikeit").empty());
}

TEST(KindName, AnUnknownOneIsAnsweredWithTheNearestAndWhatCouldNotBeRead) {
  EXPECT_EQ(named("clusterdeploymets"),
            "error: this cluster does not serve a kind 'clusterdeploymets'; objects.kinds lists "
            "those that it serves (nearest: clusterdeployments); metrics.k8s.io/v1beta1 could not "
            "be read: the API server behind it cannot be reached");
  EXPECT_TRUE(named("x").starts_with("error: this cluster does not serve a kind 'x';"));
  for (const char* name : {"", ".", "/", "//", "pods.", "pods.v1", "pods.v1.", "/pods", "..",
                           "pods.v1.apps", "pods.apps", "v1/", "a/b/c/d"}) {
    const std::string answer = named(name);
    EXPECT_TRUE(answer.starts_with("error: ") || answer == "pods/v1/") << name << ": " << answer;
  }
  EXPECT_EQ(named(std::string(5000, 'x')), "error: 'kind' is longer than any kind's name");
}

}  // namespace
