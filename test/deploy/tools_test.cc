// The tools that write k0rdent's objects, on the simulated API server with the sample objects.
#include "deploy/tools.h"

#include <string>

#include <gtest/gtest.h>

#include "base/limits.h"
#include "deploy/config_checks.h"
#include "support/change_world.h"

namespace {

using test::ChangeWorld;

constexpr const char* kK0rdent = "k0rdent.mirantis.com";
const std::string kDeploy = "k0rdent.mgmt.clusterDeployments.deploy";
const std::string kAws = "k0rdent.provider.aws.clusterDeployments.deploy";
const std::string kUpdate = "k0rdent.mgmt.clusterDeployments.update";
const std::string kUpgrade = "k0rdent.mgmt.clusterDeployments.upgrade";
const std::string kDelete = "k0rdent.mgmt.clusterDeployments.delete";
const std::string kService = "k0rdent.mgmt.clusterDeployments.services.apply";
const std::string kNoService = "k0rdent.mgmt.clusterDeployments.services.remove";
const std::string kMany = "k0rdent.mgmt.multiClusterServices.apply";
const std::string kManyGone = "k0rdent.mgmt.multiClusterServices.delete";
const std::string kCredential = "k0rdent.mgmt.credentials.create";

const std::string kConfig =
    R"({"region":"eu-west-1","controlPlane":{"instanceType":"m5.large"},"worker":{"instanceType":"m5.large"}})";
const std::string kWish =
    R"({"name":"new","template":"aws-standalone-cp-1-0-43","credential":"aws-cred","config":)" +
    kConfig + "}";

struct Deploys : ChangeWorld {
  Deploys() {
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    add(deploy::make_write_tools(change));
    change.checks = &checks;
  }
  deploy::ConfigChecks checks{*context};
  sim::View deployments() { return view(kK0rdent, "v1beta1", "clusterdeployments"); }
  std::string deployment(std::string_view key) { return stored(deployments(), key); }
  // An object as the store has it, parsed.
  base::json::Value of(std::string_view key) {
    const auto root = doc_.parse(deployment(key));
    return root ? *root : base::json::Value();
  }
  std::string wish(const std::string& name, const std::string& tmpl, const std::string& credential,
                   const std::string& config) {
    return R"({"name":")" + name + R"(","template":")" + tmpl + R"(","credential":")" + credential +
           R"(","config":)" + config + "}";
  }

 private:
  base::json::Document doc_;
};

TEST_F(Deploys, AClusterIsMadeAfterItIsConfirmed) {
  const std::string before = now_version();
  const Answer shown = ask(kDeploy, kWish);
  EXPECT_EQ(shown.status(), "confirmation_required") << shown.text();
  EXPECT_TRUE(shown.says("costs money")) << shown.text();
  EXPECT_EQ(now_version(), before);
  const Answer made = confirmed(kDeploy, kWish);
  EXPECT_EQ(made.status(), "created") << made.text();
  EXPECT_TRUE(made.says("this answer says nothing of the cluster itself")) << made.text();
  EXPECT_EQ(made["name"].str(), "new");
  EXPECT_EQ(made["namespace"].str(), "kcm-system");
  EXPECT_EQ(of("kcm-system/new")["spec"]["template"].str(), "aws-standalone-cp-1-0-43");
  EXPECT_EQ(of("kcm-system/new")["spec"]["config"]["region"].str(), "eu-west-1");
}

TEST_F(Deploys, ACallThatIsRepeatedFindsItsClusterThere) {
  ASSERT_EQ(confirmed(kDeploy, kWish).status(), "created");
  const std::string before = now_version();
  const Answer again = ask(kDeploy, kWish);
  EXPECT_EQ(again.status(), "unchanged") << again.text();
  EXPECT_TRUE(again.says("is there already, as it is asked for")) << again.text();
  const std::string other =
      wish("new", "aws-standalone-cp-1-0-43", "aws-cred",
           R"({"region":"eu-west-2","controlPlane":{"instanceType":"m5.large"},)"
           R"("worker":{"instanceType":"m5.large"}})");
  const Answer differs = ask(kDeploy, other);
  EXPECT_TRUE(differs.failed());
  EXPECT_TRUE(
      differs.says("is there already with another config.region, nothing was written: "
                   "change it with clusterDeployments.update"))
      << differs.text();
  EXPECT_EQ(now_version(), before);
}

TEST_F(Deploys, WhatIsWrongIsSaidBeforeAnythingIsSent) {
  struct {
    std::string arguments;
    const char* says;
  } const rows[] = {
      {wish("new", "aws-standalone-cp-1-0-44", "aws-cred", kConfig),
       "did you mean aws-standalone-cp-1-0-43?"},
      {wish("new", "aws-standalone-cp-1-0-43", "aws-crd", kConfig), "did you mean aws-cred?"},
      {wish("new", "adopted-cluster-1-0-2", "aws-cred", "{}"), "is for aws, but template"},
      {wish("new", "aws-standalone-cp-1-0-43", "other/aws-cred", kConfig), "own namespace"},
      {R"({"name":"new","credential":"aws-cred"})", "either 'template', or 'provider'"},
      {R"({"name":"new","credential":"aws-cred","provider":"gcp"})",
       "no valid ClusterTemplate of provider gcp"},
      {wish("aws-prod", "aws-standalone-cp-1-0-43", "aws-cred", kConfig), "is there already"},
  };
  const std::string before = now_version();
  for (const auto& row : rows) {
    const Answer answer = ask(kDeploy, row.arguments);
    EXPECT_TRUE(answer.failed()) << row.arguments;
    EXPECT_TRUE(answer.says(row.says)) << answer.text();
  }
  EXPECT_EQ(now_version(), before);
}

TEST_F(Deploys, TheNewestValidTemplateIsTaken) {
  for (const char* version : {"1-0-9", "1-0-100"})
    put(kK0rdent, "v1beta1", "clustertemplates",
        R"({"metadata":{"name":"aws-standalone-cp-)" + std::string(version) +
            R"(","namespace":"kcm-system"},"status":{"valid":)" +
            (std::string(version) == "1-0-100" ? "false" : "true") + "}}");
  put(kK0rdent, "v1beta1", "clustertemplates",
      R"({"metadata":{"name":"aws-standalone-cp-2-0-0-rc1","namespace":"kcm-system"},"status":)"
      R"({"valid":true,"chartVersion":"2.0.0-rc1"}})");
  const Answer shown =
      ask(kAws, R"({"name":"new","credential":"aws-cred","region":"eu-west-1",)"
                R"("controlPlane":{"instanceType":"a"},"worker":{"instanceType":"b"}})");
  EXPECT_EQ(shown["template"].str(), "aws-standalone-cp-1-0-43") << shown.text();
}

// Bug: 5,000 templates and credentials were kept, and then searched.
TEST_F(Deploys, ATemplateAndACredentialBehindManyOthersAreFound) {
  for (int i = 10000; i < 15100; ++i)
    for (const char* plural : {"clustertemplates", "credentials"})
      put(kK0rdent, "v1beta1", plural,
          R"({"metadata":{"name":"a-)" + std::to_string(i) + R"(","namespace":"kcm-system"}})");
  EXPECT_EQ(ask(kDeploy, kWish).status(), "confirmation_required");
  const Answer unknown = ask(kDeploy, wish("new", "aws-standalone-cp-1", "aws-cred", kConfig));
  EXPECT_TRUE(unknown.says("there are: a-10000 (not valid)")) << unknown.text();
}

TEST_F(Deploys, AProvidersArgumentsBecomeItsConfig) {
  const Answer made = confirmed(
      kAws,
      R"({"name":"new","credential":"aws-cred","region":"eu-west-1","workersNumber":0,)"
      R"("controlPlane":{"instanceType":"a"},"worker":{"instanceType":"b","rootVolumeSize":80}})");
  EXPECT_EQ(made.status(), "created") << made.text();
  const base::json::Value config = of("kcm-system/new")["spec"]["config"];
  EXPECT_EQ(config["controlPlaneNumber"].int_or(-1), 3);
  EXPECT_EQ(config["workersNumber"].int_or(-1), 0);
  EXPECT_EQ(config["controlPlane"]["rootVolumeSize"].int_or(-1), 32);
  EXPECT_EQ(config["worker"]["rootVolumeSize"].int_or(-1), 80);
  EXPECT_EQ(config["worker"]["instanceType"].str(), "b");
}

TEST_F(Deploys, AServiceIsAddedAndTheOthersStay) {
  const std::string add =
      R"({"clusterNamespace":"kcm-system","clusterName":"aws-prod","templateName":"ingress-nginx-4-15-1",)"
      R"("serviceName":"second","serviceNamespace":"web","values":{"replicas":2}})";
  const Answer made = ask(kService, add);
  EXPECT_EQ(made.status(), "updated") << made.text();
  const base::json::Value services = of("kcm-system/aws-prod")["spec"]["serviceSpec"]["services"];
  ASSERT_EQ(services.size(), 3u);
  EXPECT_EQ(services.at(2)["values"].str(), "replicas: 2\n");
  EXPECT_EQ(services.at(1)["templateChain"].str(), "ingress-nginx-chain");
  const Answer same = ask(kService, add);
  EXPECT_EQ(same.status(), "unchanged") << same.text();
  const Answer gone = confirmed(
      kNoService,
      R"({"clusterNamespace":"kcm-system","clusterName":"aws-prod","serviceName":"second"})");
  EXPECT_EQ(gone.status(), "updated") << gone.text();
  EXPECT_EQ(gone["removedService"]["namespace"].str(), "web");
  EXPECT_EQ(of("kcm-system/aws-prod")["spec"]["serviceSpec"]["services"].size(), 2u);
  const Answer not_there =
      ask(kNoService,
          R"({"clusterNamespace":"kcm-system","clusterName":"aws-prod","serviceName":"second"})");
  EXPECT_EQ(not_there.status(), "not_found") << not_there.text();
}

TEST_F(Deploys, OfAServiceOnlyWhatIsGivenChanges) {
  const Answer made = confirmed(
      kService,
      R"({"clusterNamespace":"kcm-system","clusterName":"aws-prod","templateName":"ingress-nginx-4-15-1",)"
      R"("serviceName":"ingress-nginx"})");
  EXPECT_FALSE(made.failed()) << made.text();
  const base::json::Value services = of("kcm-system/aws-prod")["spec"]["serviceSpec"]["services"];
  ASSERT_EQ(services.size(), 2u);
  EXPECT_EQ(services.at(1)["template"].str(), "ingress-nginx-4-15-1") << services.to_json();
  EXPECT_EQ(services.at(1)["templateChain"].str(), "ingress-nginx-chain");
}

TEST_F(Deploys, ADependencyWithoutANamespaceIsTheServiceOfThatName) {
  const Answer made = ask(
      kService,
      R"({"clusterNamespace":"kcm-system","clusterName":"aws-prod","templateName":"ingress-nginx-4-15-1",)"
      R"("serviceName":"second","dependsOn":[{"name":"cert-manager"}]})");
  EXPECT_EQ(made.status(), "updated") << made.text();
  EXPECT_EQ(made["service"]["dependsOn"].at(0)["namespace"].str(), "cert-manager");
  const Answer elsewhere = ask(
      kService,
      R"({"clusterNamespace":"kcm-system","clusterName":"aws-prod","templateName":"ingress-nginx-4-15-1",)"
      R"("templateNamespace":"team-a"})");
  EXPECT_TRUE(elsewhere.failed());
  EXPECT_TRUE(elsewhere.says("'templateNamespace'")) << elsewhere.text();
}

TEST_F(Deploys, ClustersThatAreHiddenMayMatchToo) {
  const std::string arguments =
      R"({"name":"new","clusterSelector":{"matchLabels":{"no":"such"}},"services":)"
      R"([{"name":"i","template":"ingress-nginx-4-15-1"}]})";
  filter = *cluster::NamespaceFilter::parse("team-a");
  const Answer shown = ask(kMany, arguments);
  EXPECT_EQ(shown.status(), "confirmation_required") << shown.text();
  EXPECT_TRUE(shown.says("Not all clusters can be seen")) << shown.text();
  filter = *cluster::NamespaceFilter::parse("");
  EXPECT_EQ(ask(kMany, arguments).status(), "created");
}

// k0rdent said it later, in a condition.
TEST_F(Deploys, ValuesAreOneMapping) {
  for (const char* values : {"just text", "- a\\n- b", "a: 1\\n---\\nb: 2", "a: ["}) {
    const Answer one =
        ask(kService, R"({"clusterNamespace":"kcm-system","clusterName":"aws-prod","templateName":)"
                      R"("ingress-nginx-4-14-3","serviceName":"s","values":")" +
                          std::string(values) + "\"}");
    EXPECT_TRUE(one.failed() && one.says("'values'")) << values << one.text();
    const Answer many = ask(
        kMany, R"({"name":"n","clusterSelector":{"matchLabels":{"a":"b"}},"services":[{"name":"i",)"
               R"("template":"ingress-nginx-4-15-1","values":")" +
                   std::string(values) + "\"}]}");
    EXPECT_TRUE(many.failed() && many.says("values of default/i")) << values << many.text();
  }
}

// Bug: 200,000 values in each text, of many texts in one call, took 200 ms of one turn each.
TEST_F(Deploys, ValuesAsTextHoldNoMoreThanAMessage) {
  std::string values = "a: [1";
  for (std::size_t i = 0; i < base::limits::kBodyValues / 2; ++i)
    values += ",1";
  values += "]";
  const auto service = [&](const std::string& name) {
    return R"({"name":")" + name + R"(","template":"ingress-nginx-4-15-1","values":")" + values +
           "\"}";
  };
  const auto many = [&](const std::string& services) {
    return ask(kMany, R"({"name":"n","clusterSelector":{"matchLabels":{"a":"b"}},"services":[)" +
                          services + "]}");
  };
  EXPECT_FALSE(many(service("i")).says("more than"));
  const Answer two = many(service("i") + "," + service("j"));
  EXPECT_TRUE(two.failed() && two.says("values of default/j: line 1:") &&
              two.says("more than 5000 nodes, aliases counted in full; put them into a ConfigMap, "
                       "and that into valuesFrom"))
      << two.text();
}

TEST_F(Deploys, ASelectorThatK0rdentWouldRefuseIsRefused) {
  const struct {
    const char *selector, *says;
  } rows[] = {
      {R"({"matchLabels":{"a":"b"},"matchExpression":[]})", "matchExpression is not known"},
      {R"({"matchExpressions":[{"key":"env","operator":"Inn","values":["x"]}]})", "got Inn"},
      {R"({"matchExpressions":[{"key":"env","operator":"In"}]})", "In needs values"},
      {R"({"matchExpressions":[{"key":"env","operator":"Exists","values":["x"]}]})",
       "Exists takes no values"},
      {R"({"matchExpressions":[{"operator":"Exists"}]})", "has no key"},
  };
  for (const auto& row : rows) {
    const Answer refused =
        ask(kMany, R"({"name":"n","clusterSelector":)" + std::string(row.selector) +
                       R"(,"services":[{"name":"i","template":"ingress-nginx-4-15-1"}]})");
    EXPECT_TRUE(refused.failed() && refused.says(row.says)) << refused.text();
  }
}

TEST_F(Deploys, TwoServicesOfOneNameAreRefused) {
  const Answer refused = ask(
      kMany, R"({"name":"new","clusterSelector":{"matchLabels":{"no":"such"}},"services":)"
             R"([{"name":"i","template":"a"},{"name":"i","namespace":"default","template":"b"}]})");
  EXPECT_TRUE(refused.failed());
  EXPECT_TRUE(refused.says("two of name and namespace default/i")) << refused.text();
}

TEST_F(Deploys, AnInvalidServiceTemplateIsRefused) {
  const Answer refused = ask(
      kService,
      R"({"clusterNamespace":"kcm-system","clusterName":"aws-prod","templateName":"podinfo-6-9-1"})");
  EXPECT_TRUE(refused.failed());
  EXPECT_TRUE(refused.says("ServiceTemplate podinfo-6-9-1 is not valid")) << refused.text();
}

TEST_F(Deploys, AnUpgradeGoesAlongTheChainOnly) {
  const Answer none = ask(kUpgrade, R"({"name":"aws-prod"})");
  EXPECT_TRUE(none.failed());
  EXPECT_TRUE(none.says("no chain of this namespace allows any upgrade")) << none.text();
}

TEST_F(Deploys, AnUpgradeIsShownWithItsVersion) {
  for (const char* name : {"aws-standalone-cp-1-0-44", "aws-standalone-cp-1-0-45"})
    put(kK0rdent, "v1beta1", "clustertemplates",
        R"({"metadata":{"name":")" + std::string(name) +
            R"(","namespace":"kcm-system"},"status":{"valid":true}})");
  std::string object = deployment("kcm-system/aws-dev");
  const std::size_t at = object.find(R"("status":{)");
  ASSERT_NE(at, std::string::npos);
  object.insert(at + 10, R"("availableUpgrades":["aws-standalone-cp-1-0-44"],)");
  put(kK0rdent, "v1beta1", "clusterdeployments", object);
  const Answer other = ask(kUpgrade, R"({"name":"aws-dev","template":"aws-standalone-cp-1-0-45"})");
  EXPECT_TRUE(other.failed()) << other.text();
  EXPECT_TRUE(other.says("available upgrades: aws-standalone-cp-1-0-44")) << other.text();
  const Answer made =
      confirmed(kUpgrade, R"({"name":"aws-dev","template":"aws-standalone-cp-1-0-44"})");
  EXPECT_EQ(made.status(), "updated") << made.text();
  EXPECT_EQ(of("kcm-system/aws-dev")["spec"]["template"].str(), "aws-standalone-cp-1-0-44");
}

// Bug: of an adopted cluster, and of a dry run, it was said that machines are replaced.
TEST_F(Deploys, WhereK0rdentHasNoMachinesNoneIsSaidToBeReplaced) {
  for (const char* name : {"adopted-cluster-1-0-2", "adopted-cluster-1-0-3"})
    put(kK0rdent, "v1beta1", "clustertemplates",
        R"({"metadata":{"name":")" + std::string(name) +
            R"(","namespace":"kcm-system"},"status":{"valid":true}})");
  const struct {
    const char *name, *dry_run, *upgrade, *update;
  } rows[] = {
      {"edge", "false", "its Kubernetes and its machines stay", "has no machines of it to change"},
      {"trial", "true", "k0rdent only validates it", "k0rdent only validates it"},
  };
  for (const auto& row : rows) {
    const std::string name(row.name);
    put(kK0rdent, "v1beta1", "clusterdeployments",
        R"({"metadata":{"name":")" + name + R"(","namespace":"kcm-system"},"spec":{"dryRun":)" +
            row.dry_run + R"(,"template":"adopted-cluster-1-0-2","config":{}},"status":{)" +
            R"("availableUpgrades":["adopted-cluster-1-0-3"]}})");
    const Answer upgrade =
        ask(kUpgrade, R"({"name":")" + name + R"(","template":"adopted-cluster-1-0-3"})");
    EXPECT_TRUE(upgrade.says(row.upgrade)) << upgrade.text();
    EXPECT_FALSE(upgrade.says("replaced")) << upgrade.text();
    const Answer update =
        ask(kUpdate, R"({"name":")" + name + R"(","config":{"consecutiveFailureThreshold":5}})");
    EXPECT_TRUE(update.says(row.update)) << update.text();
    EXPECT_FALSE(update.says("replaced")) << update.text();
  }
}

// Bug: templates were proposed that upgrade then refused as not valid, and no way over several steps.
TEST_F(Deploys, UpgradesThatAreNotValidAreMarkedAndTheWayOverSeveralIsSaid) {
  const auto put_template = [&](const std::string& version, const char* status) {
    put(kK0rdent, "v1beta1", "clustertemplates",
        R"({"metadata":{"name":"aws-standalone-cp-)" + version +
            R"(","namespace":"kcm-system"},"status":)" + status + "}");
  };
  put_template("1-0-44", R"({"valid":true})");
  put_template("1-0-45", R"({"valid":false,"validationError":"no such chart"})");
  put_template("1-0-46", R"({"valid":true})");
  ASSERT_TRUE(
      api.store()
          .load(
              "{apiVersion: k0rdent.mirantis.com/v1beta1, kind: ClusterTemplateChain, metadata: {name: aws, "
              "namespace: kcm-system}, spec: {supportedTemplates: [{name: aws-standalone-cp-1-0-44, "
              "availableUpgrades: [{name: aws-standalone-cp-1-0-46}]}]}}")
          .has_value());
  std::string object = deployment("kcm-system/aws-dev");
  object.insert(object.find(R"("status":{)") + 10,
                R"("availableUpgrades":["aws-standalone-cp-1-0-44","aws-standalone-cp-1-0-45",)"
                R"("aws-standalone-cp-9"],)");
  put(kK0rdent, "v1beta1", "clusterdeployments", object);
  const Answer listed = ask(kUpgrade, R"({"name":"aws-dev"})");
  EXPECT_TRUE(
      listed.says("available upgrades: aws-standalone-cp-1-0-44, aws-standalone-cp-1-0-45 (not "
                  "valid: no such chart), aws-standalone-cp-9 (there is no such template)"))
      << listed.text();
  const Answer far = ask(kUpgrade, R"({"name":"aws-dev","template":"aws-standalone-cp-1-0-46"})");
  EXPECT_TRUE(
      far.says("upgrade to aws-standalone-cp-1-0-44 first, then to "
               "aws-standalone-cp-1-0-46; available upgrades"))
      << far.text();
  const Answer refused =
      ask(kUpgrade, R"({"name":"aws-dev","template":"aws-standalone-cp-1-0-45"})");
  EXPECT_TRUE(refused.says("is not valid: no such chart")) << refused.text();
  const Answer unknown = ask(kDeploy, wish("new", "aws-standalone-cp-7", "aws-cred", kConfig));
  EXPECT_TRUE(unknown.says("aws-standalone-cp-1-0-45 (not valid)")) << unknown.text();
}

TEST_F(Deploys, AConfigIsMergedAndShown) {
  const Answer made = confirmed(kUpdate, R"({"name":"aws-prod","config":{"workersNumber":7}})");
  EXPECT_EQ(made.status(), "updated") << made.text();
  EXPECT_EQ(of("kcm-system/aws-prod")["spec"]["config"]["workersNumber"].int_or(0), 7);
  EXPECT_NE(of("kcm-system/aws-prod")["spec"]["config"]["region"].str(), "");
  const Answer missing = ask(kUpdate, R"({"name":"aws-prd","config":{"workersNumber":7}})");
  EXPECT_TRUE(missing.says("aws-prod")) << missing.text();
}

TEST_F(Deploys, ADeletionSaysWhatGoes) {
  const Answer shown = ask(kDelete, R"({"name":"aws-prod"})");
  EXPECT_EQ(shown.status(), "confirmation_required") << shown.text();
  EXPECT_TRUE(shown.says("2 services run in it")) << shown.text();
  EXPECT_TRUE(shown.says("keep costing")) << shown.text();
  const Answer gone = confirmed(kDelete, R"({"name":"aws-prod"})");
  EXPECT_TRUE(gone.status() == "deleting" || gone.status() == "deleted") << gone.text();
  EXPECT_EQ(ask(kDelete, R"({"name":"nothing-like-it"})").status(), "not_found");
}

// Bug: any Status 404 was "not found, nothing was written".
TEST_F(Deploys, AClusterIsNotGoneBecauseSomethingElseIs) {
  sim::AnswerFault fault;
  fault.match = {.verb = "get", .path = "/clusterdeployments/aws-prod", .count = 1};
  fault.answer =
      sim::refuse({.code = 404, .reason = "NotFound", .message = "secrets \"aws-prod\" not found"});
  api.faults().add(fault);
  const Answer failed = ask(kDelete, R"({"name":"aws-prod"})");
  EXPECT_TRUE(failed.failed() && failed.says("secrets \"aws-prod\" not found")) << failed.text();
}

TEST_F(Deploys, ServicesForManyShowTheClustersThatMatch) {
  const Answer made = ask(
      kMany, R"({"name":"new","clusterSelector":{"matchLabels":{"no":"such"}},)"
             R"("services":[{"name":"i","template":"ingress-nginx-4-15-1","values":{"a":1}}]})");
  EXPECT_EQ(made.status(), "created") << made.text();
  EXPECT_TRUE(made.says("clusters that would match: none")) << made.text();
  const Answer gone = confirmed(kManyGone, R"({"name":"new"})");
  EXPECT_EQ(gone.status(), "deleted") << gone.text();
  const Answer held = ask(kManyGone, R"({"name":"platform-baseline"})");
  EXPECT_TRUE(held.failed());
  EXPECT_TRUE(held.says("podinfo-rollout depends on it")) << held.text();
}

TEST_F(Deploys, ACredentialNeedsAnIdentityThatExists) {
  const Answer refused =
      ask(kCredential, R"({"name":"c","identityKind":"Secret","identityName":"no-such"})");
  EXPECT_TRUE(refused.failed());
  put("", "v1", "secrets",
      R"({"metadata":{"name":"s","namespace":"kcm-system"},"data":{"k":"dg=="}})");
  const Answer made =
      ask(kCredential, R"({"name":"c","identityKind":"Secret","identityName":"s"})");
  EXPECT_EQ(made.status(), "created") << made.text();
  const auto stored_one = stored(view(kK0rdent, "v1beta1", "credentials"), "kcm-system/c");
  EXPECT_NE(
      stored_one.find(
          R"("identityRef":{"apiVersion":"v1","kind":"Secret","name":"s","namespace":"kcm-system"})"),
      std::string::npos)
      << stored_one;
}

TEST_F(Deploys, EmptyListsAreHonoured) {
  const std::string service =
      R"({"clusterNamespace":"kcm-system","clusterName":"aws-prod","templateName":)"
      R"("ingress-nginx-4-14-3","serviceName":"ingress-nginx")";
  const auto of_service = [this] {
    return of("kcm-system/aws-prod")["spec"]["serviceSpec"]["services"].at(1);
  };
  ASSERT_EQ(of_service()["dependsOn"].size(), 1u);
  EXPECT_EQ(ask(kService, service + "}").status(), "unchanged") << "what is not given stays";
  const Answer made =
      ask(kService, service + R"(,"valuesFrom":[{"kind":"ConfigMap","name":"m"}]})");
  EXPECT_EQ(made.status(), "updated") << made.text();
  EXPECT_EQ(of_service()["valuesFrom"].size(), 1u);
  EXPECT_EQ(of_service()["dependsOn"].size(), 1u);
  const Answer gone = confirmed(kService, service + R"(,"valuesFrom":[],"dependsOn":[]})");
  EXPECT_EQ(gone.status(), "updated") << gone.text();
  EXPECT_FALSE(of_service()["valuesFrom"].present());
  EXPECT_FALSE(of_service()["dependsOn"].present());
}

TEST_F(Deploys, AServiceMayDependOnSeveral) {
  const Answer made = ask(
      kService,
      R"({"clusterNamespace":"kcm-system","clusterName":"aws-prod","templateName":"ingress-nginx-4-15-1",)"
      R"("serviceName":"third","dependsOn":[{"name":"cert-manager"},{"name":"ingress-nginx"}]})");
  EXPECT_EQ(made.status(), "updated") << made.text();
  EXPECT_EQ(made["service"]["dependsOn"].at(1)["namespace"].str(), "ingress-nginx");
}

TEST_F(Deploys, TheTemplatesOfServicesForManyAreInK0rdentsOwnNamespaceAndValid) {
  put(kK0rdent, "v1beta1", "servicetemplates",
      R"({"metadata":{"name":"elsewhere-1","namespace":"team-a"},"status":{"valid":true}})");
  put(kK0rdent, "v1beta1", "servicetemplates",
      R"({"metadata":{"name":"fresh-1","namespace":"kcm-system"}})");
  const std::string before = now_version();
  const struct {
    const char *name, *says;
  } rows[] = {
      {"ingress-nginx-4-15-2",
       "service i: no ServiceTemplate ingress-nginx-4-15-2 in namespace kcm-system, where those of "
       "a MultiClusterService are; did you mean ingress-nginx-4-1"},
      {"elsewhere-1", "no ServiceTemplate elsewhere-1 in namespace kcm-system"},
      {"podinfo-6-9-1", "ServiceTemplate podinfo-6-9-1 is not valid"},
      {"fresh-1", "has not been processed by k0rdent yet"},
  };
  for (const auto& row : rows) {
    const Answer refused =
        ask(kMany, R"({"name":"new","clusterSelector":{"matchLabels":{"no":"such"}},"services":)"
                   R"([{"name":"i","template":")" +
                       std::string(row.name) + "\"}]}");
    EXPECT_TRUE(refused.failed()) << row.name;
    EXPECT_TRUE(refused.says(row.says)) << refused.text();
  }
  EXPECT_EQ(now_version(), before);
  deny("list", "servicetemplates");
  const Answer unseen =
      ask(kMany, R"({"name":"new","clusterSelector":{"matchLabels":{"no":"such"}},"services":)"
                 R"([{"name":"i","template":"ingress-nginx-4-15-1"}]})");
  EXPECT_EQ(unseen.status(), "created") << unseen.text();
  EXPECT_TRUE(unseen.says("note: service templates")) << unseen.text();
}

// Bug: only k0rdent's own namespace was looked at, and the service is installed from the cluster's.
TEST_F(Deploys, ATemplateThatAMatchedClustersNamespaceLacksIsSaid) {
  for (const char* ns : {"team-a", "team-b"})
    put(kK0rdent, "v1beta1", "clusterdeployments",
        R"({"metadata":{"name":"app","namespace":")" + std::string(ns) +
            R"(","labels":{"of":"teams"}}})");
  put(kK0rdent, "v1beta1", "servicetemplates",
      R"({"metadata":{"name":"ingress-nginx-4-15-1","namespace":"team-b"},"status":{"valid":true}})");
  const std::string call =
      R"({"name":"new","clusterSelector":{"matchLabels":{"of":"teams"}},"services":)"
      R"([{"name":"i","template":"ingress-nginx-4-15-1"}],"dryRun":true})";
  const Answer shown = ask(kMany, call);
  EXPECT_TRUE(
      shown.says("In namespace team-a (of team-a/app) there is no ServiceTemplate "
                 "ingress-nginx-4-15-1: service i is not installed there.\n"))
      << shown.text();
  EXPECT_FALSE(shown.says("In namespace team-b")) << shown.text();
}

// Bug: k0rdent took them, and never installed the services.
TEST_F(Deploys, ServicesDependOnOthersOfTheirListAndNotInACircle) {
  const auto many = [&](const std::string& first, const std::string& second) {
    const std::string of = R"({"namespace":"cm","template":"ingress-nginx-4-15-1","name":)";
    return ask(kMany, R"({"name":"n","dryRun":true,"clusterSelector":{"matchLabels":{"a":"b"}},)"
                      R"("services":[)" +
                          of + R"("a","dependsOn":[)" + first + "]}," + of +
                          R"("b","dependsOn":[)" + second + "]}]}");
  };
  const std::string a = R"({"name":"a","namespace":"cm"})", b = R"({"name":"b","namespace":"cm"})";
  EXPECT_EQ(many("", a).status(), "dry_run");
  EXPECT_TRUE(
      many(b, a).says("'services': services depend on each other in a circle: cm/a on cm/b "
                      "on cm/a"));
  EXPECT_TRUE(many(a, "").says("a service cannot depend on itself: cm/a"));
  const Answer missing = many(R"({"name":"zzz"})", "");
  EXPECT_TRUE(
      missing.says("service cm/a depends on default/zzz, which is not there; there are: "
                   "cm/a, cm/b"))
      << missing.text();
  // In the fixture ingress-nginx depends on cert-manager.
  const Answer circle = ask(
      kService,
      R"({"clusterNamespace":"kcm-system","clusterName":"aws-prod","templateName":)"
      R"("ingress-nginx-4-14-3","serviceName":"cert-manager","dependsOn":[{"name":"ingress-nginx"}]})");
  EXPECT_TRUE(circle.failed());
  EXPECT_TRUE(
      circle.says("in a circle: cert-manager/cert-manager on ingress-nginx/ingress-nginx on "
                  "cert-manager/cert-manager"))
      << circle.text();
}

// Bug: beside more than 200 MultiClusterServices none could be deleted: "cannot all be read".
TEST_F(Deploys, AServiceForManyIsDeletedAmongManyOthers) {
  const auto service_of = [&](const std::string& name, const char* spec) {
    put(kK0rdent, "v1beta1", "multiclusterservices",
        R"({"metadata":{"name":")" + name + R"("},"spec":{)" + spec + "}}");
  };
  for (int i = 100; i < 350; ++i)
    service_of("a-" + std::to_string(i), R"("clusterSelector":{})");
  service_of("y", R"("clusterSelector":{})");
  service_of("z", R"("clusterSelector":{},"dependsOn":["y"])");
  const Answer held = ask(kManyGone, R"({"name":"y"})");
  EXPECT_TRUE(held.says("MultiClusterService z depends on it")) << held.text();
  const Answer gone = confirmed(kManyGone, R"({"name":"z"})");
  EXPECT_EQ(gone.status(), "deleted") << gone.text();
}

TEST_F(Deploys, ACredentialThatIsThereForTheSameIdentityIsLeftAsItIs) {
  put("", "v1", "secrets", R"({"metadata":{"name":"s","namespace":"kcm-system"}})");
  put("", "v1", "secrets", R"({"metadata":{"name":"t","namespace":"kcm-system"}})");
  const std::string call = R"({"name":"c","identityKind":"Secret","identityName":"s"})";
  ASSERT_EQ(ask(kCredential, call).status(), "created");
  const std::string before = now_version();
  const Answer again = ask(kCredential, call);
  EXPECT_EQ(again.status(), "unchanged") << again.text();
  EXPECT_TRUE(again.says("is there already, for this identity, and not ready yet")) << again.text();
  const Answer other =
      ask(kCredential, R"({"name":"c","identityKind":"Secret","identityName":"t"})");
  EXPECT_TRUE(other.failed());
  EXPECT_TRUE(other.says("is there already, for Secret s, nothing was written")) << other.text();
  EXPECT_EQ(now_version(), before);
}

TEST_F(Deploys, AnIdentityIsMadeOfASecretThatIsThere) {
  for (const char* kind :
       {"v1beta2, kind: AWSClusterStaticIdentity, metadata: {name: i}",
        "v1beta2, kind: AWSClusterRoleIdentity, metadata: {name: i}",
        "v1beta1, kind: AzureClusterIdentity, metadata: {name: i, namespace: kcm-system}"})
    ASSERT_TRUE(api.store()
                    .load("{apiVersion: infrastructure.cluster.x-k8s.io/" + std::string(kind) + "}")
                    .has_value());
  put("", "v1", "secrets", R"({"metadata":{"name":"aws","namespace":"kcm-system"}})");
  const std::string aws = R"({"name":"c","identityKind":"AWSClusterStaticIdentity",)"
                          R"("identityName":"new-identity","secretName":")";
  const Answer none = ask(kCredential, aws + "awz\"}");
  EXPECT_TRUE(none.failed());
  EXPECT_TRUE(none.says("no Secret kcm-system/awz, where the provider looks for it"))
      << none.text();
  const Answer made = ask(kCredential, aws + "aws\"}");
  EXPECT_EQ(made.status(), "created") << made.text();
  EXPECT_EQ(made["objects"].size(), 2u);
  const std::string identity =
      stored(view("infrastructure.cluster.x-k8s.io", "v1beta2", "awsclusterstaticidentities"),
             "new-identity");
  EXPECT_NE(identity.find(R"("spec":{"secretRef":"aws","allowedNamespaces":{}})"),
            std::string::npos)
      << identity;
  EXPECT_EQ(ask(kCredential, aws + "aws\"}").status(), "unchanged");
  const Answer azure = ask(kCredential, R"({"name":"z","identityKind":"AzureClusterIdentity",)"
                                        R"("identityName":"a","secretName":"aws"})");
  EXPECT_TRUE(azure.failed());
  EXPECT_TRUE(azure.says("needs 'tenantID' and 'clientID'")) << azure.text();
  const Answer role = ask(kCredential, R"({"name":"z","identityKind":"AWSClusterRoleIdentity",)"
                                       R"("identityName":"a","secretName":"aws"})");
  EXPECT_TRUE(role.says("is not made of a Secret alone")) << role.text();
}

TEST_F(Deploys, OnlyIdentitiesAreIdentities) {
  put("", "v1", "configmaps", R"({"metadata":{"name":"m","namespace":"kcm-system"}})");
  const Answer refused =
      ask(kCredential, R"({"name":"c","identityKind":"ConfigMap","identityName":"m"})");
  EXPECT_TRUE(refused.failed());
  EXPECT_TRUE(
      refused.says("'identityKind': ConfigMap is no identity of a provider; there are: "
                   "AWSClusterStaticIdentity"))
      << refused.text();
}

}  // namespace
