// The tools around one ClusterDeployment on the simulated API server, with the sample objects.
#include "deployments/tools.h"

#include <map>
#include <memory>

#include <gtest/gtest.h>

#include "base/json.h"
#include "support/tools_world.h"

namespace {

using base::json::Value;
using test::TestReply;
using test::ToolsWorld;

struct DeploymentTools : ToolsWorld {
  DeploymentTools() {
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    define(kCapi, "v1beta2", "Machine");
    define(kCapi, "v1beta2", "MachineSet");
    make();
  }
  void make() {
    for (auto& tool : deployments::make_tools(*context))
      tools[tool->info().name] = std::move(tool);
  }

  struct Answer {
    TestReply reply;
    std::shared_ptr<base::json::Document> doc = std::make_shared<base::json::Document>();
    Value root = {};
    Value operator[](std::string_view key) const { return root[key]; }
    const std::string& text() const { return reply.text; }
    const std::string& shown() const { return reply.shown; }
    std::string notes() const { return root["notes"].to_json(); }
  };
  Answer ask(const std::string& name, const std::string& arguments,
             const mcp::Caller& caller = self()) {
    Answer out{.reply = call(*tools.at(name), arguments, caller)};
    if (out.reply.text.starts_with("error: ")) return out;
    const auto root = out.doc->parse(out.reply.text);
    EXPECT_TRUE(root.has_value()) << out.reply.text;
    if (root) out.root = *root;
    check_schema(name, out.root);
    return out;
  }
  // Every member of the answer is declared, with its type.
  void check_schema(const std::string& name, Value root) {
    base::json::Document doc;
    const auto schema = doc.parse(tools.at(name)->output()->output_json());
    ASSERT_TRUE(schema.has_value());
    for (const auto [key, value] : root.object()) {
      const Value declared = (*schema)["properties"][key];
      EXPECT_TRUE(declared.present()) << name << " does not declare " << key;
      EXPECT_EQ(declared["type"].str(), value.type_name()) << key;
    }
  }
  static std::string of(const std::string& ns, const std::string& name,
                        const std::string& more = {}) {
    return R"({"namespace":")" + ns + R"(","name":")" + name + "\"" + more + "}";
  }
  Answer get(const std::string& ns, const std::string& name) { return ask(kGet, of(ns, name)); }
  Answer detail(const std::string& name) { return ask(kDetail, of("kcm-system", name)); }
  Answer state(const std::string& ns, const std::string& name) { return ask(kState, of(ns, name)); }

  sim::View view(const std::string& group, const std::string& version, const std::string& plural) {
    return api.store().find(group, version, plural);
  }
  void put(const std::string& group, const std::string& version, const std::string& plural,
           const std::string& json) {
    api.store().put(view(group, version, plural), json);
  }
  void define(const std::string& group, const std::string& version, const std::string& kind) {
    api.store().define({.group = group,
                        .version = version,
                        .plural = sim::plural_of(kind),
                        .kind = kind,
                        .custom = true});
  }
  void machine(const std::string& name, const std::string& phase, bool ready, bool control_plane,
               const std::string& cluster = "aws-prod") {
    put("cluster.x-k8s.io", "v1beta2", "machines",
        R"({"metadata":{"namespace":"kcm-system","name":")" + name +
            R"(","labels":{"cluster.x-k8s.io/cluster-name":")" + cluster + "\"" +
            (control_plane ? R"(,"cluster.x-k8s.io/control-plane":"")" : "") +
            R"(}},"spec":{"version":"v1.32.8","infrastructureRef":{"kind":"AWSMachine","name":")" +
            name + R"("}},"status":{"phase":")" + phase +
            R"(","addresses":[{"type":"InternalIP","address":"10.0.0.7"}],"conditions":[{)" +
            R"("type":"Ready","reason":"NotReady","message":"* NodeHealthy: no node","status":")" +
            (ready ? "True" : "False") + "\"}]}}");
  }

  static constexpr const char* kGet = "k0rdent.mgmt.clusterDeployments.get";
  static constexpr const char* kDetail = "k0rdent.mgmt.clusterDeployments.detail";
  static constexpr const char* kState = "k0rdent.mgmt.clusterDeployments.getState";
  static constexpr const char* kCapi = "cluster.x-k8s.io";
  static constexpr const char* kInfra = "infrastructure.cluster.x-k8s.io";
  std::map<std::string, std::unique_ptr<mcp::Tool>> tools;
};

// ---- get

TEST_F(DeploymentTools, GetShowsTheWholeDeployment) {
  const Answer a = get("kcm-system", "aws-prod");
  EXPECT_EQ(a["name"].str(), "aws-prod");
  EXPECT_EQ(a["phase"].str(), "ready");
  EXPECT_EQ(a["ready"].as_bool(), true);
  EXPECT_EQ(a["cloudProvider"].str(), "aws");
  EXPECT_EQ(a["template"]["version"].str(), "1.0.43");
  EXPECT_EQ(a["template"]["valid"].as_bool(), true);
  EXPECT_EQ(a["credential"]["ready"].as_bool(), true);
  EXPECT_EQ(a["credential"]["identity"]["kind"].str(), "AWSClusterStaticIdentity");
  EXPECT_EQ(a["config"]["region"].str(), "eu-central-1");
  ASSERT_EQ(a["services"].size(), 2u);
  EXPECT_EQ(a["services"].at(1)["name"].str(), "ingress-nginx");
  EXPECT_EQ(a["services"].at(1)["state"].str(), "Deployed");
  EXPECT_EQ(a["services"].at(1)["dependsOn"].to_json(), R"(["cert-manager/cert-manager"])");
  EXPECT_EQ(a["services"].at(1)["upgrades"].to_json(), R"(["ingress-nginx-4-15-1"])");
  EXPECT_EQ(a["conditions"].at(0)["type"].str(), "Ready");
  EXPECT_FALSE(a["notes"].present()) << a.notes();
  EXPECT_NE(a.shown().find("Services:      2/2 deployed\n"), std::string::npos) << a.shown();
  EXPECT_NE(a.shown().find("Template:      aws-standalone-cp-1-0-43 (valid)\n"), std::string::npos)
      << a.shown();
}

TEST_F(DeploymentTools, WithoutANamespaceItIsK0rdentsOwn) {
  EXPECT_EQ(ask(kGet, R"({"name":"aws-prod"})")["namespace"].str(), "kcm-system");
}

// What is wrong comes first, after the condition that sums up.
TEST_F(DeploymentTools, ConditionsComeByWeight) {
  const Answer a = get("team-a", "azure-lost");
  EXPECT_EQ(a["conditions"].at(0)["type"].str(), "Ready");
  EXPECT_EQ(a["conditions"].at(1)["type"].str(), "CredentialReady");
  EXPECT_EQ(a["credential"]["exists"].as_bool(), false);
  EXPECT_NE(a.shown().find("team-a-azure (does not exist)"), std::string::npos) << a.shown();
  EXPECT_NE(a.notes().find("Credential: get credentials.k0rdent.mirantis.com team-a/team-a-azure"),
            std::string::npos)
      << a.notes();
}

TEST_F(DeploymentTools, AMissingNameIsAnsweredWithTheNearest) {
  EXPECT_EQ(get("kcm-system", "aws-prd").text(),
            "error: there is no ClusterDeployment kcm-system/aws-prd; the nearest that are there: "
            "aws-prod, aws-dev, team-a/azure-lost");
  EXPECT_TRUE(get("kcm-system", "azure-lost")
                  .text()
                  .starts_with("error: there is no ClusterDeployment kcm-system/azure-lost; the "
                               "nearest that are there: team-a/azure-lost, "));
}

// Names that the caller may not list are no advice.
TEST_F(DeploymentTools, NamesThatMayNotBeListedAreNotNamed) {
  deny("list", "clusterdeployments");
  EXPECT_EQ(get("kcm-system", "aws-prd").text(),
            "error: there is no ClusterDeployment kcm-system/aws-prd");
}

TEST_F(DeploymentTools, ForbiddenNamesTheRule) {
  deny("get", "clusterdeployments");
  const std::string text = get("team-a", "azure-lost").text();
  EXPECT_TRUE(
      text.starts_with("error: get clusterdeployments.k0rdent.mirantis.com "
                       "team-a/azure-lost: "))
      << text;
  EXPECT_TRUE(
      text.ends_with("; the RBAC rule that would allow it, in a Role of namespace team-a: "
                     "{apiGroups: [k0rdent.mirantis.com], resources: [clusterdeployments], "
                     "verbs: [get]}"))
      << text;
}

TEST_F(DeploymentTools, APartThatIsForbiddenIsANote) {
  deny("get", "credentials");
  const Answer a = get("kcm-system", "aws-prod");
  EXPECT_EQ(a["credential"].to_json(), R"({"name":"aws-cred"})");
  EXPECT_NE(a.notes().find("resources: [credentials], verbs: [get]"), std::string::npos)
      << a.notes();
}

TEST_F(DeploymentTools, TheFilterRefusesBeforeAnyRequest) {
  filter = *cluster::NamespaceFilter::parse("team-.*");
  const std::size_t before = api.seen().size();
  EXPECT_NE(get("kcm-system", "aws-prod").text().find("not allowed"), std::string::npos);
  EXPECT_EQ(api.seen().size(), before);
  // Nor does it name what it hides.
  const std::string text = get("team-a", "aws-prod").text();
  EXPECT_EQ(text,
            "error: there is no ClusterDeployment team-a/aws-prod; the nearest that are there: "
            "azure-lost");
}

TEST_F(DeploymentTools, ArgumentsAreRefusedByName) {
  EXPECT_NE(ask(kGet, "{}").text().find("'name'"), std::string::npos);
  EXPECT_NE(ask(kGet, R"({"name":"A_b"})").text().find("'name'"), std::string::npos);
  EXPECT_NE(ask(kGet, R"({"name":"a","namespace":"../x"})").text().find("'namespace'"),
            std::string::npos);
  EXPECT_NE(ask(kGet, R"({"name":"a","maxBytes":1})").text().find("'maxBytes'"), std::string::npos);
  EXPECT_NE(ask(kGet, R"({"name":"a","cluster":"b"})").text().find("'cluster'"), std::string::npos);
}

TEST_F(DeploymentTools, AHugeDeploymentStaysWithinItsBytes) {
  std::string services, statuses, config;
  for (int i = 0; i < 500; ++i) {
    const std::string n = std::to_string(i);
    services += (i ? "," : "") + (R"({"name":"s)" + n + R"(","namespace":"n","template":"t"})");
    statuses +=
        (i ? "," : "") + (R"({"name":"s)" + n + R"(","namespace":"n","template":"t","state":")" +
                          (i == 499 ? "Failed" : "Deployed") + R"(","failureMessage":"\"why\""})");
    config += (i ? ",\"k" : "\"k") + n + "\":\"" + std::string(100, 'v') + "\"";
  }
  put("k0rdent.mirantis.com", "v1beta1", "clusterdeployments",
      R"({"metadata":{"name":"huge","namespace":"team-a"},"spec":{"template":"t","config":{)" +
          config + R"(},"serviceSpec":{"services":[)" + services +
          R"(]}},"status":{"conditions":[],"services":[)" + statuses + "]}}");
  for (const char* tool : {kGet, kDetail, kState}) {
    const Answer a = ask(tool, of("team-a", "huge"));
    std::string escaped;
    base::json::append_string(escaped, a.shown());
    EXPECT_LE(a.text().size() + escaped.size(), 32u * 1024) << tool;
  }
  const Answer a = get("team-a", "huge");
  EXPECT_EQ(a["services"].at(0)["name"].str(), "s499") << "what failed comes first";
  EXPECT_FALSE(a["config"].present());
  EXPECT_NE(a.notes().find("of 500 services were left out"), std::string::npos) << a.notes();
}

TEST_F(DeploymentTools, ACancelledCallAsksNoMore) {
  TestReply reply(self());
  base::json::Document doc;
  std::unique_ptr<mcp::ToolRun> run =
      tools.at(kDetail)->begin(*doc.parse(of("kcm-system", "aws-prod")), reply);
  const auto asked = [&] { return api.seen().size(); };
  const std::size_t before = asked();
  EXPECT_TRUE(run_until([&] { return asked() > before + 2; }));
  run.reset();
  settle();
  const std::size_t after = asked();
  pass(base::seconds(60));
  EXPECT_EQ(asked(), after);
  EXPECT_EQ(reply.text, "");
}

// ---- detail

TEST_F(DeploymentTools, DetailJoinsWhatTheClusterIsMadeOf) {
  machine("aws-prod-cp-0", "Running", true, true);
  machine("aws-prod-md-a", "Running", true, false);
  machine("aws-prod-md-b", "Provisioning", false, false);
  machine("other-0", "Running", true, false, "other");
  const Answer a = detail("aws-prod");
  EXPECT_EQ(a["provider"].str(), "aws");
  EXPECT_EQ(a["state"].str(), "ready");
  EXPECT_EQ(a["cluster"]["name"].str(), "aws-prod");
  EXPECT_EQ(a["controlPlane"]["kind"].str(), "K0sControlPlane");
  EXPECT_EQ(a["infrastructure"]["kind"].str(), "AWSCluster");
  EXPECT_EQ(a["machines"].to_json(),
            R"({"total":3,"ready":2,"byState":{"Provisioning":1,"Running":2},)"
            R"("byVersion":{"v1.32.8":3}})");
  EXPECT_EQ(a["addresses"].to_json(), R"-(["10.0.0.7 (InternalIP)"])-");
  ASSERT_EQ(a["machinesNotReady"].size(), 1u);
  EXPECT_EQ(a["machinesNotReady"].at(0)["name"].str(), "aws-prod-md-b");
  EXPECT_EQ(a["machineDeployments"].size(), 1u) << a.text();
  EXPECT_EQ(a["helmRelease"]["ready"].as_bool(), true);
  EXPECT_EQ(a["services"].size(), 2u);
  EXPECT_NE(a.shown().find("Machines:      3: 1 Provisioning, 2 Running, 2 ready\n"),
            std::string::npos)
      << a.shown();
}

TEST_F(DeploymentTools, AnAdoptedClusterHasItsConnection) {
  const Answer a = detail("adopted-edge");
  EXPECT_EQ(a["provider"].str(), "adopted");
  EXPECT_EQ(a["sveltosCluster"]["connectionStatus"].str(), "Healthy");
  EXPECT_EQ(a["kubeconfigSecret"]["name"].str(), "adopted-edge-kubeconfig");
  EXPECT_FALSE(a["cluster"].present());
  EXPECT_TRUE(a["deletionTimestamp"].present());
}

TEST_F(DeploymentTools, WhatMayNotBeListedIsANoteAndTheRestIsThere) {
  deny("list", "machines", kCapi);
  deny("get", "awsclusters", kInfra);
  const Answer a = detail("aws-prod");
  EXPECT_EQ(a["controlPlane"]["kind"].str(), "K0sControlPlane");
  EXPECT_FALSE(a["machines"].present()) << "a count that is not known must not be zero";
  EXPECT_FALSE(a["infrastructure"].present());
  EXPECT_EQ(a["provider"].str(), "aws") << "by the Cluster's reference";
  EXPECT_NE(a.notes().find("Machines: list machines.cluster.x-k8s.io of namespace kcm-system: "),
            std::string::npos)
      << a.notes();
  EXPECT_NE(a.notes().find("resources: [awsclusters], verbs: [get]"), std::string::npos);
}

TEST_F(DeploymentTools, AKindThatIsNotServedIsSaid) {
  put(kCapi, "v1beta2", "clusters",
      R"({"metadata":{"name":"vs","namespace":"team-a","labels":{)"
      R"("helm.toolkit.fluxcd.io/name":"vs"}},"spec":{"infrastructureRef":{)"
      R"("apiGroup":"infrastructure.cluster.x-k8s.io","kind":"VSphereCluster","name":"vs"}}})");
  put("k0rdent.mirantis.com", "v1beta1", "clusterdeployments",
      R"({"metadata":{"name":"vs","namespace":"team-a"},"spec":{"template":"vsphere-x-1-0-0"}})");
  const Answer a = ask(kDetail, of("team-a", "vs"));
  EXPECT_EQ(a["provider"].str(), "vsphere");
  EXPECT_NE(a.notes().find("infrastructure: get vsphereclusters.infrastructure.cluster.x-k8s.io "
                           "team-a/vs: this cluster does not serve"),
            std::string::npos)
      << a.notes();
}

TEST_F(DeploymentTools, ARegionsClusterIsElsewhere) {
  put("k0rdent.mirantis.com", "v1beta1", "clusterdeployments",
      R"({"metadata":{"name":"far","namespace":"team-a"},"spec":{"template":"aws-x-1-0-0"},)"
      R"("status":{"region":"eu"}})");
  const Answer a = ask(kDetail, of("team-a", "far"));
  EXPECT_EQ(a["k0rdentRegion"].str(), "eu");
  EXPECT_NE(a.notes().find("in the cluster of Region eu, which is not read"), std::string::npos);
}

TEST_F(DeploymentTools, AnotherProvidersToolIsNamed) {
  EXPECT_EQ(
      ask("k0rdent.provider.azure.clusterDeployments.detail", of("kcm-system", "aws-prod")).text(),
      "error: ClusterDeployment kcm-system/aws-prod is of provider aws: use "
      "k0rdent.provider.aws.clusterDeployments.detail");
  EXPECT_EQ(ask("k0rdent.provider.gcp.clusterDeployments.detail", of("kcm-system", "adopted-edge"))
                .text(),
            "error: ClusterDeployment kcm-system/adopted-edge is of provider adopted: use "
            "k0rdent.mgmt.clusterDeployments.detail");
}

// The fields of CAPA v1beta2, where the original read others.
TEST_F(DeploymentTools, AwsInItsOwnWords) {
  put(kInfra, "v1beta2", "awsclusters",
      R"({"metadata":{"name":"aws-prod","namespace":"kcm-system"},"spec":{"region":"eu-central-1",)"
      R"("controlPlaneEndpoint":{"host":"lb.example.com","port":6443},"network":{"vpc":{)"
      R"("id":"vpc-1","cidrBlock":"10.0.0.0/16","internetGatewayId":"igw-1"},"subnets":[{)"
      R"("id":"x","resourceID":"subnet-1","cidrBlock":"10.0.0.0/20","isPublic":true,)"
      R"("availabilityZone":"eu-central-1a","natGatewayId":"nat-1"}]}},"status":{"ready":true,)"
      R"("conditions":[{"type":"Ready","status":"True"},{"type":"VpcReady","status":"False",)"
      R"("severity":"Error","reason":"VpcFailed","message":"limit"}],"networkStatus":{)"
      R"("apiServerElb":{"name":"lb","dnsName":"lb.example.com","loadBalancerType":"nlb",)"
      R"("arn":"arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/lb"},)"
      R"("securityGroups":{"node":{"id":"sg-1","name":"n"}}}}})");
  const Answer a =
      ask("k0rdent.provider.aws.clusterDeployments.detail", of("kcm-system", "aws-prod"));
  EXPECT_EQ(
      a["aws"].to_json(),
      R"({"accountID":"123456789012","region":"eu-central-1","vpc":{"id":"vpc-1",)"
      R"("cidr":"10.0.0.0/16"},"internetGateway":{"id":"igw-1"},"subnets":[{"id":"subnet-1",)"
      R"("cidr":"10.0.0.0/20","availabilityZone":"eu-central-1a","isPublic":true}],)"
      R"("natGateways":[{"id":"nat-1","subnetID":"subnet-1","availabilityZone":"eu-central-1a"}],)"
      R"("loadBalancers":[{"arn":"arn:aws:elasticloadbalancing:eu-central-1:123456789012:)"
      R"(loadbalancer/lb","name":"lb","type":"nlb","dnsName":"lb.example.com"}],)"
      R"("securityGroups":[{"id":"sg-1","name":"n","role":"node"}]})");
  EXPECT_EQ(a["controlPlaneEndpoint"].to_json(), R"({"host":"lb.example.com","port":6443})");
  EXPECT_EQ(a["conditions"].at(1)["type"].str(), "VpcReady");
  EXPECT_EQ(a["deploymentConditions"].at(0)["type"].str(), "Ready");
}

// Early in its life an AWSCluster has no VPC yet (B2).
TEST_F(DeploymentTools, AnAwsClusterWithoutAVpcIsShown) {
  const Answer a =
      ask("k0rdent.provider.aws.clusterDeployments.detail", of("kcm-system", "aws-dev"));
  EXPECT_EQ(a["aws"]["region"].str(), "eu-central-1") << a.text();
  EXPECT_FALSE(a["aws"]["vpc"].present());
}

TEST_F(DeploymentTools, AzureAndGoogleInTheirOwnWords) {
  define(kInfra, "v1beta1", "AzureCluster");
  define(kInfra, "v1beta1", "GCPCluster");
  const auto cluster = [&](const std::string& name, const std::string& kind) {
    put(kCapi, "v1beta2", "clusters",
        R"({"metadata":{"name":")" + name + R"(","namespace":"team-a","labels":{)" +
            R"("helm.toolkit.fluxcd.io/name":")" + name +
            R"("}},"spec":{"infrastructureRef":{"apiGroup":"infrastructure.cluster.x-k8s.io",)" +
            R"("kind":")" + kind + R"(","name":")" + name + "\"}}}");
    put("k0rdent.mirantis.com", "v1beta1", "clusterdeployments",
        R"({"metadata":{"name":")" + name + R"(","namespace":"team-a"},"spec":{}})");
  };
  cluster("az", "AzureCluster");
  put(kInfra, "v1beta1", "azureclusters",
      R"({"metadata":{"name":"az","namespace":"team-a"},"spec":{"resourceGroup":"rg",)"
      R"("subscriptionID":"s","location":"westeurope","networkSpec":{"vnet":{"name":"v",)"
      R"("cidrBlocks":["10.0.0.0/8"]},"subnets":[{"name":"n","role":"node","cidrBlocks":)"
      R"(["10.1.0.0/16"],"securityGroup":{"name":"nsg"},"natGateway":{"name":"nat"}}],)"
      R"("apiServerLB":{"name":"lb","type":"Public","frontendIPs":[{"publicIP":{)"
      R"("name":"ip","dnsName":"az.example.com"}}]}}}})");
  EXPECT_EQ(ask("k0rdent.provider.azure.clusterDeployments.detail", of("team-a", "az"))["azure"]
                .to_json(),
            R"({"resourceGroup":"rg","subscriptionID":"s","location":"westeurope","vnet":{)"
            R"("name":"v","cidr":"10.0.0.0/8"},"subnets":[{"name":"n","cidr":"10.1.0.0/16",)"
            R"("role":"node"}],"securityGroups":[{"name":"nsg"}],"natGateway":{"name":"nat"},)"
            R"("loadBalancers":[{"name":"lb","type":"Public","publicIP":"ip",)"
            R"("dnsName":"az.example.com"}]})");
  cluster("gc", "GCPCluster");
  put(kInfra, "v1beta1", "gcpclusters",
      R"({"metadata":{"name":"gc","namespace":"team-a"},"spec":{"project":"p","region":"r",)"
      R"("network":{"name":"default","subnets":[{"name":"s","cidrBlock":"10.0.0.0/20",)"
      R"("purpose":"PRIVATE"}]}},"status":{"network":{"selfLink":"l/default","router":"l/r1",)"
      R"("firewallRules":{"allow":"l/allow"}}}})");
  EXPECT_EQ(
      ask("k0rdent.provider.gcp.clusterDeployments.detail", of("team-a", "gc"))["gcp"].to_json(),
      R"({"project":"p","region":"r","network":{"name":"default","selfLink":"l/default"},)"
      R"("subnets":[{"name":"s","cidr":"10.0.0.0/20","role":"PRIVATE"}],"firewallRules":[{)"
      R"("name":"allow","selfLink":"l/allow"}],"routers":[{"name":"r1",)"
      R"("selfLink":"l/r1"}]})");
}

// ---- getState

TEST_F(DeploymentTools, StateHasTheOriginalsFields) {
  const Answer a = state("kcm-system", "aws-prod");
  const Value update = a["update"];
  EXPECT_EQ(update["timestamp"].str(), "2026-01-01T00:00:00Z");
  EXPECT_EQ(update["phase"].str(), "Ready") << update.to_json();
  EXPECT_EQ(update["progress"].as_int(), 100);
  EXPECT_EQ(update["terminal"].as_bool(), true);
  EXPECT_EQ(update["source"].str(), "condition");
  EXPECT_EQ(update["severity"].str(), "info");
  EXPECT_EQ(update["metadata"]["templateRef"]["version"].str(), "1.0.43");
  EXPECT_EQ(update["metadata"]["provider"].str(), "aws");
  EXPECT_EQ(update["services"].at(0)["state"].str(), "Deployed");
  EXPECT_TRUE(update["services"].at(0)["lastTransitionTime"].present());
}

TEST_F(DeploymentTools, StateSaysWhatIsWrong) {
  const Answer a = state("team-a", "azure-lost");
  const Value update = a["update"];
  EXPECT_EQ(update["phase"].str(), "Failed");
  EXPECT_FALSE(update["terminal"].present()) << "KCM tries it again";
  EXPECT_EQ(update["reasons"].at(0)["object"].str(), "ClusterDeployment team-a/azure-lost");
  EXPECT_EQ(update["reasons"].at(0)["type"].str(), "CredentialReady");
  EXPECT_NE(a.shown().find("Phase:         Failed, 0 %\n"), std::string::npos) << a.shown();
}

// Bug: only the reasons were cut; conditions and services were given whatever their number.
TEST_F(DeploymentTools, StateFitsIntoItsBytes) {
  std::string conditions, services;
  for (int i = 0; i < 120; ++i) {
    const std::string n = std::to_string(i), comma = i > 0 ? "," : "";
    conditions += comma + R"({"type":"T)" + n + R"(","status":"False","reason":"R","message":")" +
                  std::string(1000, 'm') + R"("})";
    services += comma + R"({"name":"s)" + n + R"(","namespace":"n","template":"t","type":"Helm",)" +
                R"("state":"Failed","failureMessage":")" + std::string(1000, 'f') + R"("})";
  }
  put("k0rdent.mirantis.com", "v1beta1", "clusterdeployments",
      R"({"metadata":{"name":"big","namespace":"team-a"},"spec":{"template":"t","credential":"c"},)"
      R"("status":{"conditions":[)" +
          conditions + R"(],"services":[)" + services + "]}}");
  for (const std::size_t max : {4096U, 16384U, 32768U, 1048576U}) {
    const Answer a = ask(kState, of("team-a", "big", R"(,"maxBytes":)" + std::to_string(max)));
    EXPECT_LE(a.text().size() + a.shown().size(), max);
    EXPECT_EQ(a["update"]["metadata"]["name"].str(), "big");
    EXPECT_NE(a.notes().find(" of 120 conditions were left out"), std::string::npos) << a.notes();
    EXPECT_EQ(a.notes().find("give a larger maxBytes") == std::string::npos, max == 1048576U)
        << a.notes();
  }
}

// Events are evidence beside the conditions: only about these objects, only recent ones, and they
// never decide (B12).
TEST_F(DeploymentTools, EventsOfOthersAndOldOnesSayNothing) {
  machine("aws-prod-md-b", "Running", true, false);
  const auto event = [&](const char* kind, const char* object, const char* message) {
    cluster.emit({.ns = "kcm-system",
                  .reason = "ProvisioningFailed",
                  .message = message,
                  .type = "Warning",
                  .kind = kind,
                  .object = object});
  };
  event("ClusterDeployment", "aws-prod", "an old one: failed");
  event("AWSMachine", "aws-prod-md-b", "its machine failed long ago");
  clock.step_wall(base::hours(2));
  event("ClusterDeployment", "aws-prod-2", "another cluster failed");
  event("AWSMachine", "aws-prod-md-b", "its machine failed");
  event("Pod", "aws-prod", "a pod of that name failed");
  const Answer a = state("kcm-system", "aws-prod");
  EXPECT_EQ(a["update"]["phase"].str(), "Ready");
  const std::string reasons = a["update"]["reasons"].to_json();
  EXPECT_EQ(a["update"]["reasons"].size(), 1u) << reasons;
  EXPECT_NE(reasons.find("its machine failed\""), std::string::npos) << reasons;
}

// Cluster API 1.13 says it nowhere else: no event, no condition of the new form.
TEST_F(DeploymentTools, AMachineSetThatCannotMakeMachinesIsSaid) {
  put(kCapi, "v1beta2", "machinesets",
      R"({"metadata":{"name":"aws-prod-md-x","namespace":"kcm-system","labels":{)"
      R"("cluster.x-k8s.io/cluster-name":"aws-prod"}},"status":{"deprecated":{"v1beta1":{)"
      R"("conditions":[{"type":"MachinesCreated","status":"False",)"
      R"("reason":"MachineCreationFailed","message":"webhook refused"}]}}}})");
  const Answer a = state("kcm-system", "aws-prod");
  const Value reasons = a["update"]["reasons"];
  ASSERT_EQ(reasons.size(), 1u) << reasons.to_json();
  EXPECT_EQ(reasons.at(0)["message"].str(), "webhook refused");
}

// Bug: the lists were read and sorted again for each limit that was tried, and each service was
// looked for by a text made of its name: 80 ms for 12,000. The watchdog sees it.
TEST_F(DeploymentTools, ThousandsOfServicesAndConditionsAreToldInOneTurn) {
  std::string wanted, reported, conditions;
  for (int i = 0; i < 7000; ++i) {
    const std::string comma = i > 0 ? "," : "";
    const std::string name = R"({"name":"s)" + std::to_string(i) + '"';
    wanted += comma + name + R"(,"namespace":"n","template":"t"})";
    reported += comma + R"({"name":"s)" + std::to_string(6999 - i) +
                R"(","namespace":"n","state":")" + (i % 2 ? "Deployed" : "Failed") + R"("})";
    conditions += comma + R"({"type":"T)" + std::to_string(i) +
                  R"(","status":"False","reason":"R","message":"m"})";
  }
  put("k0rdent.mirantis.com", "v1beta1", "clusterdeployments",
      R"({"metadata":{"name":"wide","namespace":"kcm-system"},"spec":{"serviceSpec":{"services":[)" +
          wanted + R"(]}},"status":{"services":[)" + reported + R"(],"conditions":[)" + conditions +
          "]}}");
  const Answer all = get("kcm-system", "wide");
  EXPECT_NE(all.shown().find("3500/7000 deployed, 3500 failed"), std::string::npos) << all.shown();
  EXPECT_EQ(all["services"].at(0)["state"].str(), "Failed");
  EXPECT_NE(all.notes().find(" of 7000 services were left out"), std::string::npos) << all.notes();
  EXPECT_NE(all.notes().find(" of 7000 conditions were left out"), std::string::npos);
  const Answer is = state("kcm-system", "wide");
  EXPECT_EQ(is["update"]["services"].at(0)["name"].str(), "s6999");
  EXPECT_NE(is.notes().find("of 10500 reasons were left out"), std::string::npos) << is.notes();
}

}  // namespace
