// clusterDeployments.detail of each kind of cluster, from objects as its provider writes them.
#include <map>
#include <memory>

#include <gtest/gtest.h>

#include "deployments/tools.h"
#include "support/tools_world.h"

namespace {

using base::json::Value;

struct Expected {
  const char *name, *provider, *control_plane, *infrastructure, *endpoint, *version;
  bool ready;  // the infrastructure
  // The provider's own words, and the tool that has them; "": none.
  const char *words = "", *tool = "";
};

constexpr Expected kClusters[] = {
    {"eks", "aws", "AWSManagedControlPlane", "AWSManagedCluster", "eks.example.com:443", "v1.33",
     true,
     R"({"region":"eu-west-1","vpc":{"id":"vpc-7","cidr":"10.0.0.0/16"},"subnets":[{)"
     R"("id":"subnet-7","cidr":"10.0.0.0/20","availabilityZone":"eu-west-1a",)"
     R"("isPublic":false}],"natGateways":[],)"
     R"("loadBalancers":[],"securityGroups":[],"eks":{"clusterName":"eks","version":"v1.33",)"
     R"("oidcProvider":"arn:aws:iam::123456789012:oidc-provider/eks","addons":[{"name":"coredns",)"
     R"("version":"v1.11.4","status":"ACTIVE"}]},"iamRoles":[{"name":"eks-controlplane",)"
     R"("role":"control-plane"}]})",
     "aws"},
    {"aks", "azure", "AzureASOManagedControlPlane", "AzureASOManagedCluster", "aks.example.com:443",
     "v1.33.1", true,
     R"({"resourceGroup":"aks-group","subscriptionID":"s-1","location":"westeurope","subnets":[],)"
     R"("securityGroups":[],"loadBalancers":[],"aks":{"clusterName":"aks-prod",)"
     R"("version":"v1.33.1"}})",
     "azure"},
    {"gke", "gcp", "GCPManagedControlPlane", "GCPManagedCluster", "gke.example.com:443",
     "1.33.1-gke.100", true,
     R"({"project":"p-1","region":"europe-west3","network":{"name":"default",)"
     R"("selfLink":"https://compute/global/networks/default"},"subnets":[],"firewallRules":[],)"
     R"("routers":[],"gke":{"clusterName":"gke-prod","location":"europe-west3",)"
     R"("version":"1.33.1-gke.100","releaseChannel":"regular","autopilot":false}})",
     "gcp"},
    {"openstack", "openstack", "K0sControlPlane", "OpenStackCluster", "openstack.example.com:6443",
     "v1.33.1+k0s.0", false},
    {"vsphere", "vsphere", "K0sControlPlane", "VSphereCluster", "vsphere.example.com:6443",
     "v1.33.1+k0s.0", true},
    {"hosted", "aws", "K0smotronControlPlane", "AWSCluster", "hosted.example.com:30443",
     "v1.33.1-k0s.0", true,
     R"({"region":"eu-central-1","vpc":{"id":"vpc-9"},"subnets":[],"natGateways":[],)"
     R"("loadBalancers":[],"securityGroups":[]})",
     "aws"},
};

struct ProviderDetail : test::ToolsWorld {
  ProviderDetail() {
    EXPECT_TRUE(api.store().load_folder("test/fixtures/providers").has_value());
    for (const char* kind : {"MachineDeployment", "MachineSet"}) {
      api.store().define({.group = "cluster.x-k8s.io",
                          .version = "v1beta2",
                          .plural = sim::plural_of(kind),
                          .kind = kind,
                          .custom = true});
    }
    for (auto& tool : deployments::make_tools(*context))
      tools[tool->info().name] = std::move(tool);
  }
  Value ask(const std::string& tool, const std::string& name) {
    reply = call(*tools.at(tool), R"({"namespace":"team-a","name":")" + name + "\"}");
    const auto root = doc.parse(reply.text);
    EXPECT_TRUE(root.has_value()) << reply.text;
    return root ? *root : Value();
  }
  static constexpr const char* kDetail = "k0rdent.mgmt.clusterDeployments.detail";
  std::map<std::string, std::unique_ptr<mcp::Tool>> tools;
  test::TestReply reply{self()};
  base::json::Document doc;
};

TEST_F(ProviderDetail, EachKindOfClusterIsJoined) {
  for (const Expected& is : kClusters) {
    SCOPED_TRACE(is.name);
    const Value a = ask(kDetail, is.name);
    EXPECT_EQ(a["provider"].str(), is.provider);
    EXPECT_EQ(a["template"]["valid"].as_bool(), true);
    EXPECT_EQ(a["credential"]["ready"].as_bool(), true);
    EXPECT_EQ(a["cluster"]["phase"].str(), "Provisioned");
    EXPECT_EQ(a["controlPlane"]["kind"].str(), is.control_plane);
    EXPECT_EQ(a["controlPlane"]["version"].str(), is.version);
    EXPECT_EQ(a["controlPlane"]["ready"].as_bool(), true);
    EXPECT_EQ(a["infrastructure"]["kind"].str(), is.infrastructure);
    EXPECT_EQ(a["infrastructure"]["ready"].as_bool(), is.ready);
    EXPECT_EQ(a["machines"]["total"].int_or(0), 1);
    EXPECT_EQ(a["kubeconfigSecret"]["name"].str(), std::string(is.name) + "-kubeconfig");
    EXPECT_FALSE(a["notes"].present()) << a["notes"].to_json();
    EXPECT_NE(reply.shown.find(is.endpoint), std::string::npos) << reply.shown;
  }
}

TEST_F(ProviderDetail, ACloudsOwnControlPlaneIsInTheCloudsWords) {
  for (const Expected& is : kClusters) {
    const std::string provider = is.tool;
    if (provider.empty()) continue;
    SCOPED_TRACE(is.name);
    const Value a = ask("k0rdent.provider." + provider + ".clusterDeployments.detail", is.name);
    EXPECT_EQ(a[provider].to_json(), is.words);
  }
}

TEST_F(ProviderDetail, WhatIsWrongWithTheInfrastructureIsSaid) {
  const Value a = ask(kDetail, "openstack");
  EXPECT_EQ(a["infrastructure"]["conditions"].at(0)["reason"].str(), "QuotaExceeded");
  EXPECT_NE(reply.shown.find("OpenStackCluster openstack, not ready: no floating IPs left"),
            std::string::npos)
      << reply.shown;
}

// Bug: "ready": false, and "not reported", of healthy control planes, which have no condition Ready but
// Available.
TEST_F(ProviderDetail, AControlPlaneIsReadyWhenItIsAvailable) {
  const auto say = [&](const std::string& status) {
    api.store().put(
        api.store().find("controlplane.cluster.x-k8s.io", "v1beta1", "k0scontrolplanes"),
        R"({"metadata":{"name":"vsphere-cp","namespace":"team-a"},"status":)" + status + "}");
    return ask(kDetail, "vsphere")["controlPlane"]["ready"].to_json();
  };
  EXPECT_EQ(say(R"({"conditions":[{"type":"Available","status":"True"}]})"), "true");
  EXPECT_NE(reply.shown.find("K0sControlPlane vsphere-cp, ready"), std::string::npos);
  EXPECT_EQ(say(R"({"ready":true,"conditions":[{"type":"Available","status":"False",)"
                R"("message":"no quorum"}]})"),
            "false");
  EXPECT_NE(reply.shown.find("K0sControlPlane vsphere-cp, not ready: no quorum"),
            std::string::npos);
  // That the API server once answered says nothing about now.
  EXPECT_EQ(say(R"({"initialization":{"controlPlaneInitialized":true}})"), "");
  EXPECT_NE(reply.shown.find("K0sControlPlane vsphere-cp, not reported"), std::string::npos);
}

TEST_F(ProviderDetail, AHostedControlPlaneCountsItsPods) {
  const Value a = ask(kDetail, "hosted");
  EXPECT_EQ(a["controlPlane"]["replicas"].int_or(0), 2);
  EXPECT_EQ(a["controlPlane"]["readyReplicas"].int_or(0), 1);
}

TEST_F(ProviderDetail, AnAdoptedClusterHasNoPartsOfClusterApi) {
  const Value a = ask(kDetail, "adopted");
  EXPECT_EQ(a["provider"].str(), "adopted");
  EXPECT_EQ(a["sveltosCluster"]["version"].str(), "v1.31.4");
  EXPECT_EQ(a["kubeconfigSecret"]["name"].str(), "adopted-kubeconfig");
  for (const char* part : {"cluster", "controlPlane", "infrastructure", "machines"})
    EXPECT_FALSE(a[part].present()) << part;
}

}  // namespace
