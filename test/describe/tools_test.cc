// The describe tools and management.health on the simulated API server.
#include "describe/tools.h"

#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "answer/list_tool.h"
#include "pods/list.h"
#include "support/tools_world.h"

namespace {

using base::json::Value;
using test::TestReply;
using test::ToolsWorld;

struct Describe : ToolsWorld {
  Describe() {
    for (std::unique_ptr<mcp::Tool>& each : describe::make_tools(*context)) {
      const std::string name = each->info().name;
      tools[name] = std::move(each);
    }
    for (const char* kind : {"ClusterDeployment", "ClusterTemplate", "ClusterTemplateChain",
                             "ServiceTemplate", "ServiceTemplateChain", "Credential", "ServiceSet"})
      define(kind, true);
    for (const char* kind : {"MultiClusterService", "Management", "Release", "Region",
                             "AccessManagement", "StateManagementProvider", "ProviderInterface"})
      define(kind, false);
  }
  void define(const char* kind, bool namespaced) {
    api.store().define({.group = "k0rdent.mirantis.com",
                        .version = "v1beta1",
                        .plural = sim::plural_of(kind),
                        .kind = kind,
                        .namespaced = namespaced,
                        .custom = true});
  }
  void put(std::string_view plural, const std::string& json,
           std::string_view group = "k0rdent.mirantis.com", std::string_view version = "v1beta1") {
    api.store().put(api.store().find(group, version, plural), json);
  }
  // A kind of identities, and Secrets.
  void identity(const char* kind, const char* plural, bool namespaced) {
    api.store().define({.group = "infrastructure.cluster.x-k8s.io",
                        .version = "v1beta2",
                        .plural = plural,
                        .kind = kind,
                        .namespaced = namespaced,
                        .custom = true});
    api.store().define(
        {.group = "", .version = "v1", .plural = "secrets", .kind = "Secret", .namespaced = true});
  }
  void put_identity(const char* plural, const std::string& kind, const std::string& name,
                    const std::string& metadata, const std::string& spec) {
    put(plural,
        R"({"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta2","kind":")" + kind +
            R"(","metadata":{"name":")" + name + "\"" + metadata + R"(},"spec":{)" + spec + "}}",
        "infrastructure.cluster.x-k8s.io", "v1beta2");
  }
  void labelled(const std::string& name, const std::string& labels,
                const std::string& metadata = {}, const std::string& config = {}) {
    put("clusterdeployments", R"({"metadata":{"namespace":"team-a","name":")" + name + "\"" +
                                  metadata + R"(,"labels":{)" + labels +
                                  R"(}},"spec":{"config":{)" + config + "}}}");
  }
  mcp::Tool& tool(const std::string& name) { return *tools.at("k0rdent." + name); }

  Value ask(const std::string& name, const std::string& arguments) {
    reply = std::make_unique<TestReply>(call(tool(name), arguments));
    const auto root = doc.parse(reply->text);
    EXPECT_TRUE(root) << reply->text;
    return root ? *root : Value();
  }
  std::string error(const std::string& name, const std::string& arguments) {
    return call(tool(name), arguments).text;
  }

  std::map<std::string, std::unique_ptr<mcp::Tool>> tools;
  std::unique_ptr<TestReply> reply;
  base::json::Document doc;
};

TEST_F(Describe, ATemplateSaysWhatItTakes) {
  put("clustertemplates",
      R"({"metadata":{"name":"aws-standalone-cp-1-0-43","namespace":"kcm-system"},"spec":{"helm":)"
      R"({"chartSpec":{"chart":"aws-standalone-cp","version":"1.0.43"}}},"status":{"valid":true,)"
      R"("chartVersion":"1.0.43","description":"AWS","providers":["infrastructure-aws"],)"
      R"("config":{"region":"","workersNumber":2,"controlPlane":{"instanceType":""},)"
      R"("worker":{"instanceType":""}}}})");
  put("clustertemplatechains",
      R"({"metadata":{"name":"aws","namespace":"kcm-system"},"spec":{"supportedTemplates":[)"
      R"({"name":"aws-standalone-cp-1-0-43","availableUpgrades":[{"name":"aws-standalone-cp-1-0-44"}]},)"
      R"({"name":"other","availableUpgrades":[{"name":"nothing"}]}]}})");
  put("clustertemplates", R"({"metadata":{"name":"aws-standalone-cp-1-0-44","namespace":)"
                          R"("kcm-system"},"status":{"valid":true}})");
  const Value a = ask("mgmt.clusterTemplates.describe", R"({"name":"aws-standalone-cp-1-0-43"})");
  EXPECT_EQ(a["valid"].as_bool(), true);
  EXPECT_EQ(a["upgrades"].to_json(), R"(["aws-standalone-cp-1-0-44"])");
  EXPECT_EQ(a["chains"].to_json(), R"(["aws"])");
  EXPECT_EQ(a["inferred"].as_bool(), true);
  EXPECT_EQ(a["example"].to_json(),
            R"({"controlPlane":{"instanceType":"<string>"},"region":"<string>",)"
            R"("worker":{"instanceType":"<string>"}})");
  EXPECT_EQ(a["values"].at(0).to_json(),
            R"({"path":"region","type":"string","required":true,"default":""})");
  EXPECT_EQ(a["values"].size(), 4u);
  EXPECT_NE(reply->shown.find("Upgrades:      aws-standalone-cp-1-0-44\n"), std::string::npos)
      << reply->shown;
}

// Bug: where no value is required the example was empty, and of inferred values there was no schema.
TEST_F(Describe, ValuesThatAreInferredHaveASchemaAndAnExample) {
  put("servicetemplates",
      R"({"metadata":{"name":"nginx","namespace":"team-a"},"spec":{"helm":{"chartSpec":{)"
      R"("chart":"nginx","version":"4.11"}}},"status":{"valid":true,"config":{"replicas":1,"empty":"",)"
      R"("nothing":null,"image":{"tag":"1.2"}}}})");
  const Value a = ask("mgmt.serviceTemplates.describe", R"({"namespace":"team-a","name":"nginx"})");
  EXPECT_EQ(a["inferred"].as_bool(), true);
  EXPECT_EQ(a["example"].to_json(), R"({"image":{"tag":"1.2"},"replicas":1})");
  EXPECT_EQ(a["schema"].to_json(),
            R"({"type":"object","properties":{"replicas":{"type":"integer","default":1},)"
            R"("empty":{"type":"string","default":""},"nothing":{},"image":{"type":"object",)"
            R"("properties":{"tag":{"type":"string","default":"1.2"}}}}})");
  EXPECT_NE(reply->shown.find("Chart:         nginx 4.11\n"), std::string::npos) << reply->shown;
}

TEST_F(Describe, TheChartsSchemaIsReadWhereThereIsOne) {
  put("servicetemplates",
      R"({"metadata":{"name":"nginx","namespace":"team-a"},"spec":{"helm":{"chartSpec":{}}},)"
      R"("status":{"valid":false,"validationError":"no chart","schemaConfigMapName":"s",)"
      R"("config":{"replicas":1}}})");
  api.store().define({.group = "",
                      .version = "v1",
                      .plural = "configmaps",
                      .kind = "ConfigMap",
                      .namespaced = true});
  put("configmaps",
      R"({"metadata":{"name":"s","namespace":"team-a"},"data":{"schema":)"
      R"("{\"required\":[\"replicas\"],\"properties\":{\"replicas\":{\"type\":\"integer\",)"
      R"(\"enum\":[1,3],\"description\":\"how many\"}}}"}})",
      "", "v1");
  const Value a = ask("mgmt.serviceTemplates.describe", R"({"namespace":"team-a","name":"nginx"})");
  EXPECT_EQ(a["inferred"].as_bool(), false);
  EXPECT_EQ(a["validationError"].str(), "no chart");
  EXPECT_EQ(a["values"].to_json(),
            R"([{"path":"replicas","type":"integer","required":true,"default":1,"enum":[1,3],)"
            R"("description":"how many"}])");
  EXPECT_EQ(a["example"].to_json(), R"({"replicas":1})");
  EXPECT_TRUE(a["schema"]["properties"].present());
  EXPECT_NE(reply->shown.find("Valid:         no: no chart\n"), std::string::npos) << reply->shown;
}

TEST_F(Describe, ACredentialNamesItsIdentityAndUsersAndNothingSecret) {
  put("credentials", R"({"metadata":{"name":"aws","namespace":"team-a"},"spec":{"identityRef":{)"
                     R"("apiVersion":"v1","kind":"Secret","name":"key","namespace":"team-a"}},)"
                     R"("status":{"ready":false,"conditions":[{"type":"CredentialReady",)"
                     R"("status":"False","reason":"Failed","message":"no such\nidentity"}]}})");
  put("clusterdeployments",
      R"({"metadata":{"name":"one","namespace":"team-a"},"spec":{"credential":"aws"}})");
  put("clusterdeployments",
      R"({"metadata":{"name":"two","namespace":"team-a"},"spec":{"credential":"other"}})");
  api.store().define(
      {.group = "", .version = "v1", .plural = "secrets", .kind = "Secret", .namespaced = true});
  const std::string arguments = R"({"namespace":"team-a","name":"aws"})";
  EXPECT_EQ(ask("mgmt.credentials.describe", arguments)["identity"]["exists"].as_bool(), false);
  put("secrets",
      R"({"metadata":{"name":"key","namespace":"team-a"},"data":{"password":"aHVudGVy"}})", "",
      "v1");
  const Value a = ask("mgmt.credentials.describe", arguments);
  EXPECT_EQ(a["ready"].as_bool(), false);
  // Bug: a line's end was shown as "?", in the structured answer, too.
  EXPECT_EQ(a["message"].str(), "no such\nidentity");
  EXPECT_EQ(a["conditions"].at(0)["message"].str(), "no such\nidentity");
  EXPECT_NE(reply->shown.find("Ready:         no: no such identity\n"), std::string::npos)
      << reply->shown;
  EXPECT_EQ(a["identity"].to_json(),
            R"({"kind":"Secret","name":"key","namespace":"team-a","exists":true})");
  EXPECT_EQ(a["usedBy"].to_json(), R"(["one"])");
  EXPECT_EQ(reply->text.find("aHVudGVy"), std::string::npos);
  EXPECT_NE(reply->shown.find("Identity:      Secret team-a/key (exists)\n"), std::string::npos)
      << reply->shown;
}

// "Ready: yes", identity "exists", and not a word of the Secret that the identity names and that is not
// there: nothing in the cluster says it.
TEST_F(Describe, ACredentialWhoseSecretIsMissingOrLacksAKeySaysSo) {
  identity("AWSClusterStaticIdentity", "awsclusterstaticidentities", false);
  put("credentials", R"({"metadata":{"name":"aws","namespace":"team-a"},"spec":{"identityRef":{)"
                     R"("apiVersion":"infrastructure.cluster.x-k8s.io/v1beta2","kind":)"
                     R"("AWSClusterStaticIdentity","name":"id"}},"status":{"ready":true}})");
  put_identity("awsclusterstaticidentities", "AWSClusterStaticIdentity", "id", "",
               R"("secretRef":"key","allowedNamespaces":{})");
  const std::string arguments = R"({"namespace":"team-a","name":"aws"})";
  const Value a = ask("mgmt.credentials.describe", arguments);
  EXPECT_EQ(a["ready"].as_bool(), true);
  EXPECT_EQ(a["identity"]["exists"].as_bool(), true);
  EXPECT_EQ(a["needs"].to_json(),
            R"([{"kind":"Secret","namespace":"kcm-system","name":"key","exists":false}])");
  EXPECT_EQ(a["problem"].str(),
            "Secret kcm-system/key, which the identity needs, does not exist: the provider cannot "
            "log in");
  EXPECT_NE(reply->shown.find("Ready:         yes: k0rdent looks at the identity alone\n"
                              "Problem:       Secret kcm-system/key, which the identity needs, "
                              "does not exist: the provider cannot log in\n"),
            std::string::npos)
      << reply->shown;
  EXPECT_NE(reply->shown.find("Needs:\n  Secret kcm-system/key (does not exist)\n"),
            std::string::npos)
      << reply->shown;
  put("secrets",
      R"({"kind":"Secret","metadata":{"name":"key","namespace":"kcm-system"},"data":{)"
      R"("AccessKeyID":"aHVudGVy"}})",
      "", "v1");
  const Value b = ask("mgmt.credentials.describe", arguments);
  EXPECT_EQ(b["problem"].str(),
            "Secret kcm-system/key, which the identity needs, lacks the key SecretAccessKey: the "
            "provider cannot log in");
  EXPECT_EQ(b["needs"].at(0)["missingKeys"].to_json(), R"(["SecretAccessKey"])");
  EXPECT_EQ((reply->text + reply->shown).find("aHVudGVy"), std::string::npos) << reply->text;
  put("secrets",
      R"({"kind":"Secret","metadata":{"name":"key","namespace":"kcm-system"},"data":{)"
      R"("AccessKeyID":"aHVudGVy","SecretAccessKey":"aHVudGVy"}})",
      "", "v1");
  const Value c = ask("mgmt.credentials.describe", arguments);
  EXPECT_FALSE(c["problem"].present()) << reply->text;
  EXPECT_NE(reply->shown.find("Ready:         yes\n"), std::string::npos) << reply->shown;
  // What may not be read is no problem.
  deny("get", "secrets");
  const Value d = ask("mgmt.credentials.describe", arguments);
  EXPECT_FALSE(d["problem"].present()) << reply->text;
  EXPECT_FALSE(d["needs"].at(0)["exists"].present()) << reply->text;
  EXPECT_EQ(d["notes"].size(), 1u) << reply->text;
}

// The cluster's ProviderInterfaces say where an identity names its objects; and an identity may name
// another one.
TEST_F(Describe, WhatAnIdentityNeedsIsFollowed) {
  identity("AWSClusterRoleIdentity", "awsclusterroleidentities", false);
  identity("AWSClusterStaticIdentity", "awsclusterstaticidentities", false);
  identity("OwnIdentity", "ownidentities", true);
  const auto credential = [&](const char* kind, const char* more) {
    put("credentials", R"({"metadata":{"name":"c","namespace":"team-a"},"spec":{"identityRef":{)"
                       R"("apiVersion":"infrastructure.cluster.x-k8s.io/v1beta2","kind":")" +
                           std::string(kind) + R"(","name":"id")" + more +
                           R"(}},"status":{"ready":true}})");
  };
  const auto needs = [&] {
    return ask("mgmt.credentials.describe", R"({"namespace":"team-a","name":"c"})")["needs"]
        .to_json();
  };
  put_identity("awsclusterroleidentities", "AWSClusterRoleIdentity", "id", "",
               R"("sourceIdentityRef":{"kind":"AWSClusterStaticIdentity","name":"base"})");
  put_identity("awsclusterstaticidentities", "AWSClusterStaticIdentity", "base", "",
               R"("secretRef":"key")");
  credential("AWSClusterRoleIdentity", "");
  EXPECT_EQ(needs(), R"([{"kind":"AWSClusterStaticIdentity","name":"base","exists":true},)"
                     R"({"kind":"Secret","namespace":"kcm-system","name":"key","exists":false}])");
  put("providerinterfaces",
      R"({"metadata":{"name":"own"},"spec":{"clusterIdentities":[{"group":)"
      R"("infrastructure.cluster.x-k8s.io","version":"v1beta2","kind":"OwnIdentity","references":[{)"
      R"("group":"","version":"v1","kind":"Secret","nameFieldPath":"spec.login.name",)"
      R"("namespaceFieldPath":"spec.login.namespace"}]}]}})");
  put_identity("ownidentities", "OwnIdentity", "id", R"(,"namespace":"team-a")",
               R"("login":{"name":"key","namespace":"team-b"})");
  credential("OwnIdentity", R"(,"namespace":"team-a")");
  EXPECT_EQ(needs(), R"([{"kind":"Secret","namespace":"team-b","name":"key","exists":false}])");
}

// Its identity was looked up here, where another of that name may be.
TEST_F(Describe, ACredentialOfARegionHasItsIdentityThere) {
  identity("AWSClusterStaticIdentity", "awsclusterstaticidentities", false);
  put("credentials",
      R"({"metadata":{"name":"aws","namespace":"team-a"},"spec":{"region":"eu-west","identityRef":{)"
      R"("apiVersion":"infrastructure.cluster.x-k8s.io/v1beta2","kind":"AWSClusterStaticIdentity",)"
      R"("name":"id"}},"status":{"ready":false}})");
  put_identity("awsclusterstaticidentities", "AWSClusterStaticIdentity", "id", "",
               R"("secretRef":"key")");
  const Value a = ask("mgmt.credentials.describe", R"({"namespace":"team-a","name":"aws"})");
  EXPECT_EQ(a["identity"].to_json(), R"({"kind":"AWSClusterStaticIdentity","name":"id"})");
  EXPECT_FALSE(a["problem"].present());
  EXPECT_NE(
      reply->shown.find("Identity:      AWSClusterStaticIdentity id (in Region eu-west, which "
                        "is not read)\n"),
      std::string::npos)
      << reply->shown;
}

TEST_F(Describe, AMultiClusterServiceShowsEachClustersState) {
  put("multiclusterservices",
      R"({"metadata":{"name":"base"},"spec":{"clusterSelector":{"matchLabels":{"env":"prod"}},)"
      R"("serviceSpec":{"services":[{"name":"cm","template":"cert-manager-1"}]}},"status":{)"
      R"("matchingClusters":[{"kind":"ClusterDeployment","name":"one","namespace":"team-a",)"
      R"("deployed":false},{"kind":"ClusterDeployment","name":"two","namespace":"team-a",)"
      R"("deployed":true}],"conditions":[{"type":"Ready","status":"False","message":"1/2"}]}})");
  put("servicesets",
      R"({"metadata":{"name":"one-x","namespace":"team-a"},"spec":{"cluster":"one",)"
      R"("multiClusterService":"base"},"status":{"services":[{"name":"cm","state":"Failed",)"
      R"("failureMessage":"no quota"}]}})");
  put("servicesets",
      R"({"metadata":{"name":"one","namespace":"team-a"},"spec":{"cluster":"one"},"status":{)"
      R"("services":[{"name":"own","state":"Deployed"}]}})");
  labelled("one", R"("env":"prod")");
  labelled("two", R"("env":"prod")");
  const Value a = ask("mgmt.multiClusterServices.describe", R"({"name":"base"})");
  EXPECT_EQ(a["ready"].as_bool(), false);
  EXPECT_EQ(a["clusters"].at(0)["services"].to_json(),
            R"([{"name":"cm","state":"Failed","failureMessage":"no quota"}])");
  EXPECT_EQ(a["clusters"].at(1)["deployed"].as_bool(), true);
  EXPECT_NE(reply->shown.find("Clusters:      1/2 deployed\n"
                              "  team-a/one  not deployed; cm Failed (no quota)\n"),
            std::string::npos)
      << reply->shown;
}

// Bug: the text did not say what it waits for.
TEST_F(Describe, AMultiClusterServiceSaysWhatItDependsOn) {
  put("multiclusterservices",
      R"({"metadata":{"name":"base"},"spec":{"dependsOn":["first","second"],"serviceSpec":{)"
      R"("services":[{"name":"cm","template":"cm-1"},{"name":"app","template":"app-1",)"
      R"("dependsOn":[{"namespace":"cm","name":"cm"}]}]}},"status":{"conditions":[)"
      R"({"type":"Ready","status":"True"}]}})");
  const Value a = ask("mgmt.multiClusterServices.describe", R"({"name":"base"})");
  EXPECT_EQ(a["dependsOn"].size(), 2u);
  EXPECT_EQ(a["services"].at(1)["dependsOn"].at(0)["name"].str(), "cm");
  EXPECT_NE(reply->shown.find("Depends on:    first, second\n"), std::string::npos) << reply->shown;
  EXPECT_NE(reply->shown.find("  app  app-1  after cm/cm\n"), std::string::npos);
  EXPECT_EQ(reply->shown.find("Conditions:"), std::string::npos) << reply->shown;
}

// "0/0 deployed", or the numbers of before: a reconcile that ends early leaves them in the status.
TEST_F(Describe, AMultiClusterServiceWhoseValidationFailedShowsWhatItMatchesNow) {
  labelled("one", R"("env":"prod")");
  labelled("off", R"("env":"test")");
  labelled("going", R"("env":"prod")", R"(,"deletionTimestamp":"2026-01-01T00:00:00Z")");
  const auto service = [&](const std::string& matching) {
    put("multiclusterservices",
        R"({"metadata":{"name":"base"},"spec":{"clusterSelector":{"matchLabels":{"env":"prod"}}},)"
        R"("status":{"conditions":[{"type":"ServicesReferencesValidation","status":"False",)"
        R"("reason":"Failed","message":"invalid templates"}])" +
            matching + "}}");
  };
  service({});
  const Value a = ask("mgmt.multiClusterServices.describe", R"({"name":"base"})");
  EXPECT_EQ(a["asOfBefore"].str(), "ServicesReferencesValidation");
  EXPECT_FALSE(a["problem"].present());
  EXPECT_NE(
      reply->shown.find("Clusters:      0/1 deployed as of before ServicesReferencesValidation "
                        "failed: nothing is done since\n  team-a/one  not deployed: matches, "
                        "and is not in the status yet\n"),
      std::string::npos)
      << reply->shown;
  service(R"(,"matchingClusters":[{"kind":"ClusterDeployment","name":"one","namespace":"team-a",)"
          R"("deployed":true},{"kind":"ClusterDeployment","name":"off","namespace":"team-a",)"
          R"("deployed":true},{"kind":"ClusterDeployment","name":"going","namespace":"team-a",)"
          R"("deployed":true}])");
  const Value b = ask("mgmt.multiClusterServices.describe", R"({"name":"base"})");
  EXPECT_NE(
      reply->shown.find("3/3 deployed as of before ServicesReferencesValidation failed: nothing is "
                        "done since\n  team-a/one  deployed\n  team-a/off  deployed, the selector "
                        "does not match it any more\n  team-a/going  deployed\n"),
      std::string::npos)
      << reply->shown;
  EXPECT_EQ(b["clusters"].at(1)["matches"].as_bool(), false);
}

// Bug: of one for the management cluster it was a problem.
TEST_F(Describe, AServiceForTheManagementClusterNeedsNoOther) {
  const char* describe = "mgmt.multiClusterServices.describe";
  for (const char* selector : {R"({"matchLabels":{"tier":"none"}})", "{}"}) {
    put("multiclusterservices",
        R"({"metadata":{"name":"own"},"spec":{"serviceSpec":{"provider":{"selfManagement":true}},)"
        R"("clusterSelector":)" +
            std::string(selector) + "}}");
    const Value a = ask(describe, R"({"name":"own"})");
    EXPECT_FALSE(a["problem"]) << reply->shown;
    EXPECT_NE(reply->shown.find("its services are in the management cluster only"),
              std::string::npos)
        << reply->shown;
  }
}

// Ready, "0/0", and nothing said that nothing is done.
TEST_F(Describe, ASelectorThatMatchesNothingNamesTheNearest) {
  put("multiclusterservices",
      R"({"metadata":{"name":"obs"},"spec":{"clusterSelector":{"matchExpressions":[{"key":"tier",)"
      R"("operator":"In","values":["production"]}]}},"status":{"matchingClusters":[],"conditions":[)"
      R"({"type":"Ready","status":"True"}]}})");
  const char* describe = "mgmt.multiClusterServices.describe";
  EXPECT_EQ(ask(describe, R"({"name":"obs"})")["problem"].str(),
            "the selector matches no ClusterDeployment");
  labelled("lab", R"("tier":"laboratory")");
  labelled("shop", R"("tier":"prod")", {}, R"("clusterLabels":{"tier":"production"})");
  labelled("zoo", R"("env":"prod")");
  const Value a = ask(describe, R"({"name":"obs"})");
  EXPECT_EQ(a["nearest"].to_json(),
            R"({"namespace":"team-a","name":"shop","misses":[{"label":"tier","is":"prod",)"
            R"("wanted":"production","inClusterLabels":true}]})");
  EXPECT_NE(
      reply->shown.find(
          "Problem:       the selector matches no ClusterDeployment; the nearest is team-a/shop: "
          "label tier is prod, wanted production (spec.config.clusterLabels has it, which the "
          "selector does not look at)\n"),
      std::string::npos)
      << reply->shown;
  labelled("new", R"("tier":"production")");
  EXPECT_FALSE(ask(describe, R"({"name":"obs"})")["problem"].present()) << reply->text;
  deny("list", "clusterdeployments");
  EXPECT_FALSE(ask(describe, R"({"name":"obs"})")["problem"].present()) << reply->text;
}

// "not deployed", and the ServiceSet's own words were left out.
TEST_F(Describe, AServiceSetThatCannotBeBuiltSaysWhy) {
  labelled("one", R"("env":"prod")");
  put("multiclusterservices",
      R"({"metadata":{"name":"cert"},"spec":{"clusterSelector":{"matchLabels":{"env":"prod"}}},)"
      R"("status":{"matchingClusters":[{"kind":"ClusterDeployment","name":"one","namespace":)"
      R"("team-a","deployed":false}]}})");
  const auto set = [&](const std::string& annotations, const std::string& status) {
    put("servicesets", R"({"metadata":{"name":"one-aaeb","namespace":"team-a","annotations":{)" +
                           annotations +
                           R"(}},"spec":{"cluster":"one","multiClusterService":)"
                           R"("cert"},"status":{)" +
                           status + "}}");
  };
  const auto problem = [&] {
    return std::string(ask("mgmt.multiClusterServices.describe", R"({"name":"cert"})")["clusters"]
                           .at(0)["problem"]
                           .str());
  };
  set({},
      R"("conditions":[{"type":"ServicesInReadyState","status":"False","reason":"x"},{)"
      R"("type":"ServiceSetProfile","status":"False","reason":"ServiceSetHelmChartsBuildFailed",)"
      R"("message":"ServiceTemplate team-a/cm-1 not found"}])");
  EXPECT_EQ(problem(), "ServiceSetHelmChartsBuildFailed: ServiceTemplate team-a/cm-1 not found");
  EXPECT_NE(reply->shown.find("  team-a/one  not deployed; ServiceSet one-aaeb: "
                              "ServiceSetHelmChartsBuildFailed: ServiceTemplate team-a/cm-1 not "
                              "found\n"),
            std::string::npos)
      << reply->shown;
  set({}, R"("provider":{"suspended":true})");
  EXPECT_EQ(problem(), "its StateManagementProvider is suspended");
  set(R"("k0rdent.mirantis.com/service-set-paused":"true")", {});
  EXPECT_EQ(problem(), "it is paused");
}

// Bug: of a namespace's ClusterDeployments 200 were kept, and then those that use the Credential were
// looked for: "Used by: 0 cluster deployments" of one in use.
TEST_F(Describe, ACredentialIsUsedByClustersBehindManyOthers) {
  put("credentials", R"({"metadata":{"name":"aws","namespace":"team-a"},"spec":{}})");
  const auto cluster_of = [&](const std::string& name, const char* credential) {
    put("clusterdeployments", R"({"metadata":{"namespace":"team-a","name":")" + name +
                                  R"("},"spec":{"credential":")" + credential + R"("}})");
  };
  for (int i = 100; i < 350; ++i)
    cluster_of("a-" + std::to_string(i), "other");
  cluster_of("b-1", "aws");
  cluster_of("b-2", "aws");
  const std::string arguments = R"({"namespace":"team-a","name":"aws"})";
  const Value a = ask("mgmt.credentials.describe", arguments);
  EXPECT_EQ(a["usedBy"].to_json(), R"(["b-1","b-2"])");
  EXPECT_FALSE(a["notes"].present()) << reply->text;
  EXPECT_NE(reply->shown.find("Used by:       2 cluster deployments\n  b-1\n  b-2\n"),
            std::string::npos)
      << reply->shown;
  // What cannot be read is no number.
  deny("list", "clusterdeployments");
  EXPECT_FALSE(ask("mgmt.credentials.describe", arguments)["usedBy"].present()) << reply->text;
  EXPECT_NE(reply->shown.find("Used by:       not known\n"), std::string::npos) << reply->shown;
  EXPECT_NE(reply->shown.find("Note: cluster deployments: "), std::string::npos) << reply->shown;
}

// Bug: of a namespace's chains 200 were kept, and then those that name the template were looked for:
// "Upgrades: none that a chain allows".
TEST_F(Describe, ATemplateFindsItsChainBehindManyOthers) {
  put("servicetemplates", R"({"metadata":{"name":"nginx-1","namespace":"team-a"},"spec":{}})");
  const auto chain_of = [&](const std::string& name, const std::string& of) {
    put("servicetemplatechains", R"({"metadata":{"namespace":"team-a","name":")" + name +
                                     R"("},"spec":{"supportedTemplates":[{"name":")" + of +
                                     R"(-1","availableUpgrades":[{"name":")" + of + R"(-2"}]}]}})");
  };
  for (int i = 100; i < 350; ++i)
    chain_of("a-" + std::to_string(i), "other");
  chain_of("b", "nginx");
  const std::string arguments = R"({"namespace":"team-a","name":"nginx-1"})";
  const Value a = ask("mgmt.serviceTemplates.describe", arguments);
  EXPECT_EQ(a["chains"].to_json(), R"(["b"])");
  EXPECT_EQ(a["upgrades"].to_json(), R"(["nginx-2"])");
  deny("list", "servicetemplatechains");
  EXPECT_FALSE(ask("mgmt.serviceTemplates.describe", arguments)["upgrades"].present());
  EXPECT_NE(reply->shown.find("Upgrades:      not known\n"), std::string::npos) << reply->shown;
}

// A chain offers what it lists, valid or not.
TEST_F(Describe, AnUpgradeThatIsNotValidIsMarked) {
  put("clustertemplates", R"({"metadata":{"name":"aws-1","namespace":"team-a"},"spec":{}})");
  put("clustertemplates", R"({"metadata":{"name":"aws-2","namespace":"team-a"},"status":{)"
                          R"("valid":false,"validationError":"no such host"}})");
  put("clustertemplates",
      R"({"metadata":{"name":"aws-3","namespace":"team-a"},"status":{"valid":true}})");
  put("clustertemplatechains",
      R"({"metadata":{"namespace":"team-a","name":"aws"},"spec":{"supportedTemplates":[{"name":)"
      R"("aws-1","availableUpgrades":[{"name":"aws-2"},{"name":"aws-3"},{"name":"aws-4"}]}]}})");
  const Value a = ask("mgmt.clusterTemplates.describe", R"({"namespace":"team-a","name":"aws-1"})");
  EXPECT_EQ(a["upgrades"].to_json(), R"(["aws-2","aws-3","aws-4"])");
  EXPECT_EQ(a["unusableUpgrades"].to_json(), R"([{"name":"aws-2","why":"not valid: no such host"},)"
                                             R"({"name":"aws-4","why":"does not exist"}])");
  EXPECT_NE(reply->shown.find("Upgrades:      aws-2 (not valid: no such host), aws-3, aws-4 (does "
                              "not exist)\n"),
            std::string::npos)
      << reply->shown;
}

// Bug: of all ServiceSets 1,000 were kept, and then those of the service were looked for: clusters
// without services.
TEST_F(Describe, AMultiClusterServiceFindsItsSetsBehindManyOthers) {
  put("multiclusterservices",
      R"({"metadata":{"name":"base"},"status":{"matchingClusters":[{"name":"one",)"
      R"("namespace":"team-a","deployed":true},{"kind":"SveltosCluster","name":"mgmt",)"
      R"("namespace":"mgmt","deployed":true}]}})");
  const auto set_of = [&](const std::string& name, const std::string& spec) {
    put("servicesets", R"({"metadata":{"namespace":"team-a","name":")" + name + R"("},"spec":{)" +
                           spec +
                           R"("multiClusterService":"base"},"status":{"services":[{"name":")" +
                           name + R"(","state":"Deployed","version":"1.2"}]}})");
  };
  for (int i = 1000; i < 2001; ++i)
    put("servicesets", R"({"metadata":{"namespace":"team-a","name":"a-)" + std::to_string(i) +
                           R"("},"spec":{"cluster":"one"}})");
  set_of("b", R"("cluster":"one",)");
  set_of("c", "");
  const Value a = ask("mgmt.multiClusterServices.describe", R"({"name":"base"})");
  EXPECT_EQ(a["clusters"].at(0)["services"].to_json(),
            R"([{"name":"b","state":"Deployed","version":"1.2"}])");
  EXPECT_EQ(a["clusters"].at(1)["services"].at(0)["name"].str(), "c");
  EXPECT_FALSE(a["notes"].present()) << reply->text;
  deny("list", "servicesets");
  const Value b = ask("mgmt.multiClusterServices.describe", R"({"name":"base"})");
  EXPECT_FALSE(b["clusters"].at(0)["services"].present()) << reply->text;
}

// A MultiClusterService and a Region are in no namespace, but name clusters that are: those of hidden
// namespaces were shown.
TEST_F(Describe, WhatNamesClustersOfHiddenNamespacesLeavesThemOut) {
  put("multiclusterservices",
      R"({"metadata":{"name":"base"},"status":{"matchingClusters":[)"
      R"({"kind":"ClusterDeployment","name":"one","namespace":"team-a","deployed":true},)"
      R"({"kind":"ClusterDeployment","name":"two","namespace":"hidden","deployed":false}]}})");
  put("managements", R"({"metadata":{"name":"kcm"},"spec":{},"status":{}})");
  put("regions", R"({"metadata":{"name":"eu"},"spec":{"clusterDeployment":{"name":"two",)"
                 R"("namespace":"hidden"}}})");
  filter = *cluster::NamespaceFilter::parse("team-.*");
  const Value a = ask("mgmt.multiClusterServices.describe", R"({"name":"base"})");
  EXPECT_EQ(a["clusters"].size(), 1u);
  EXPECT_NE(reply->shown.find("Clusters:      1/1 deployed\n"), std::string::npos) << reply->shown;
  EXPECT_NE(reply->shown.find("Note: 1 cluster in namespaces that the server's filter hides"),
            std::string::npos)
      << reply->shown;
  EXPECT_EQ((reply->text + reply->shown).find("two"), std::string::npos) << reply->text;
  EXPECT_EQ(ask("mgmt.management.health", "{}")["regions"].at(0).to_json(),
            R"({"name":"eu","ready":false,"notReady":[]})");
}

TEST_F(Describe, HealthSaysWhatIsWrongWithK0rdentItself) {
  EXPECT_EQ(ask("mgmt.management.health", "{}")["state"].str(), "not set up");
  put("managements",
      R"({"metadata":{"name":"kcm"},"spec":{"release":"kcm-2"},"status":{"release":"kcm-2",)"
      R"("components":{"capi":{"template":"capi-1","success":true}},"conditions":[)"
      R"({"type":"Ready","status":"True","reason":"AllComponentsHealthy"}]}})");
  put("releases",
      R"({"metadata":{"name":"kcm-2"},"spec":{"version":"2.0.0"},"status":{"ready":true}})");
  EXPECT_EQ(ask("mgmt.management.health", "{}")["state"].str(), "healthy");
  put("managements",
      R"({"metadata":{"name":"kcm"},"spec":{"release":"kcm-3"},"status":{"release":"kcm-2",)"
      R"("components":{"capi":{"template":"capi-1","success":false,"error":"no chart"}},)"
      R"("conditions":[{"type":"Ready","status":"False","reason":"NotAllComponentsHealthy"}]}})");
  put("regions", R"({"metadata":{"name":"eu"},"status":{"conditions":[{"type":"Ready","status":)"
                 R"("False","reason":"ConfigurationError","message":"no kubeconfig"}]}})");
  put("statemanagementproviders",
      R"({"metadata":{"name":"ksm"},"spec":{"suspend":true},"status":{"ready":true}})");
  put("accessmanagements", R"({"metadata":{"name":"kcm"},"status":{"error":"cannot copy"}})");
  const Value a = ask("mgmt.management.health", "{}");
  EXPECT_EQ(a["state"].str(), "degraded");
  EXPECT_EQ(a["upgrading"].as_bool(), true);
  EXPECT_EQ(
      a["problems"].to_json(),
      R"(["component capi: no chart","the Management wants Release kcm-3, which does not exist",)"
      R"("Region eu is not ready: ConfigurationError: no kubeconfig",)"
      R"("state management provider ksm is suspended: services stay as they are",)"
      R"("AccessManagement: cannot copy"])");
  EXPECT_EQ(a["components"].to_json(),
            R"([{"name":"capi","ready":false,"template":"capi-1","error":"no chart"}])");
  EXPECT_NE(reply->shown.find("Problems:\n  component capi: no chart\n"), std::string::npos)
      << reply->shown;
}

TEST_F(Describe, APodIsShownAsKubectlDescribesIt) {
  cluster.set_pod({.ns = "team-a", .name = "web"});
  const sim::View pods = api.store().find("", "v1", "pods");
  api.store().put(
      pods,
      R"({"metadata":{"name":"web","namespace":"team-a","ownerReferences":[{"kind":"ReplicaSet",)"
      R"("name":"web-1","controller":true}]},"spec":{"nodeName":"n1","containers":[{"name":"app",)"
      R"("image":"i","resources":{"limits":{"memory":"64Mi"}}}],"volumes":[{"name":"v","secret":{)"
      R"("secretName":"s"}}]},"status":{"phase":"Running","qosClass":"Burstable",)"
      R"("containerStatuses":[{"name":"app","restartCount":3,"ready":false,"state":{"waiting":{)"
      R"("reason":"CrashLoopBackOff","message":"back-off"}},"lastState":{"terminated":{)"
      R"("reason":"OOMKilled","exitCode":137,"finishedAt":"2025-12-31T23:50:00Z"}}}],)"
      R"("conditions":[{"type":"Ready","status":"False","reason":"ContainersNotReady"}]}})");
  const Value a = ask("pods.inspect", R"({"namespace":"team-a","name":"web"})");
  EXPECT_EQ(a["status"].str(), "CrashLoopBackOff");
  EXPECT_EQ(a["owner"].str(), "ReplicaSet/web-1");
  EXPECT_EQ(
      a["containers"].to_json(),
      R"([{"name":"app","type":"app","image":"i","ready":false,)"
      R"("state":"waiting: CrashLoopBackOff: back-off","restarts":3,)"
      R"("lastState":"terminated: OOMKilled, exit code 137, 10m ago","limits":"memory 64Mi"}])");
  EXPECT_EQ(a["volumes"].to_json(), R"([{"name":"v","type":"secret","secretName":"s"}])");
  EXPECT_NE(reply->shown.find("app (app)  waiting: CrashLoopBackOff: back-off; 3 restarts, last "
                              "terminated: OOMKilled, exit code 137, 10m ago; limits memory 64Mi"),
            std::string::npos)
      << reply->shown;
}

// "Deleting since" a moment to come: a pod's deletionTimestamp is the end of its grace.
TEST_F(Describe, APodIsDeletedSinceTheRequestNotSinceItsDeadline) {
  cluster.set_pod({.ns = "team-a", .name = "web"});
  const auto deleting = [&](const std::string& grace) {
    api.store().put(api.store().find("", "v1", "pods"),
                    R"({"metadata":{"name":"web","namespace":"team-a","deletionTimestamp":)"
                    R"("2026-01-01T00:10:00Z")" +
                        grace + R"(},"spec":{"containers":[{"name":"app"}]}})");
    return ask("pods.inspect", R"({"namespace":"team-a","name":"web"})")["deletionTimestamp"].str();
  };
  EXPECT_EQ(deleting(R"(,"deletionGracePeriodSeconds":600)"), "2026-01-01T00:10:00Z");
  EXPECT_NE(reply->shown.find("Deleting since: 2026-01-01T00:00:00Z, its grace of 10m ends at "
                              "2026-01-01T00:10:00Z\n"),
            std::string::npos)
      << reply->shown;
  deleting({});
  EXPECT_NE(reply->shown.find("Deleting since: 2026-01-01T00:10:00Z\n"), std::string::npos)
      << reply->shown;
}

// The same for every tool that names an object.
TEST_F(Describe, WhatIsNotThereHiddenOrForbiddenIsSaid) {
  put("credentials", R"({"metadata":{"name":"aws","namespace":"team-a"},"spec":{}})");
  put("clustertemplates", R"({"metadata":{"name":"aws","namespace":"team-a"},"spec":{}})");
  put("servicetemplates", R"({"metadata":{"name":"aws","namespace":"team-a"},"spec":{}})");
  put("multiclusterservices", R"({"metadata":{"name":"aws"},"spec":{}})");
  cluster.set_pod({.ns = "team-a", .name = "aws"});
  for (const auto& [name, each] : tools) {
    if (name.ends_with(".health")) continue;
    const bool namespaced = !name.ends_with("multiClusterServices.describe");
    const std::string ns = namespaced ? R"("namespace":"team-a",)" : "";
    const std::string short_name = name.substr(8);
    EXPECT_EQ(error(short_name, "{" + ns + R"("name":"aws"})").find("error: "), std::string::npos)
        << name;
    const std::string absent = error(short_name, "{" + ns + R"("name":"awz"})");
    EXPECT_TRUE(absent.starts_with("error: ")) << name << absent;
    EXPECT_NE(absent.find("the nearest that are there: aws"), std::string::npos) << absent;
    EXPECT_TRUE(error(short_name, "{}").starts_with("error: missing required argument 'name'"));
    EXPECT_TRUE(error(short_name, R"({"name":"a","x":1})").starts_with("error: unknown argument"));
    EXPECT_TRUE(error(short_name, R"({"name":"a","maxBytes":1})").starts_with("error: 'maxBytes'"));
    EXPECT_TRUE(error(short_name, R"({"name":"A b"})").starts_with("error: 'name'")) << name;
  }
  deny("get", "credentials");
  const std::string denied =
      error("mgmt.credentials.describe", R"({"namespace":"team-a","name":"aws"})");
  EXPECT_NE(denied.find("the RBAC rule that would allow it"), std::string::npos) << denied;
  filter = *cluster::NamespaceFilter::parse("team-b");
  EXPECT_NE(error("mgmt.credentials.describe", R"({"namespace":"team-a","name":"aws"})")
                .find("namespace"),
            std::string::npos);
}

// Bug: the list called a sidecar "init".
TEST_F(Describe, APodsContainersHaveTheSameTypesInTheListAndInInspect) {
  put("pods",
      R"({"metadata":{"name":"p","namespace":"team-a"},"spec":{"initContainers":[{"name":"setup"},)"
      R"({"name":"proxy","restartPolicy":"Always"}],"containers":[{"name":"app"}]},"status":{)"
      R"("initContainerStatuses":[{"name":"setup"},{"name":"proxy"}],)"
      R"("containerStatuses":[{"name":"app"}]}})",
      "", "v1");
  const Value inspected = ask("pods.inspect", R"({"namespace":"team-a","name":"p"})")["containers"];
  const auto types = [](Value containers) {
    std::map<std::string, std::string> out;
    for (const Value each : containers.array())
      out[std::string(each["name"].str())] = each["type"].str();
    return out;
  };
  auto told = types(inspected);
  const auto list = answer::make_list_tool(pods::list_row(), *context);
  base::json::Document doc;
  const auto root = doc.parse(call(*list, R"({"namespace":"team-a"})").text);
  ASSERT_TRUE(root.has_value());
  auto listed = types((*root)["pods"].at(0)["containers"]);
  EXPECT_EQ(listed["proxy"], "sidecar");
  for (const char* each : {"setup", "proxy"})
    EXPECT_EQ(listed[each], told[each]) << each;
}

// Bug: the status of each container was looked for from the front: a second for 8,000. The watchdog
// sees it.
TEST_F(Describe, APodOfThousandsOfContainersIsToldInOneTurn) {
  std::string specs, statuses;
  for (int i = 0; i < 3000; ++i) {
    const std::string name = "c" + std::to_string(i), other = "c" + std::to_string(2999 - i);
    specs += (i > 0 ? R"(,{"name":")" : R"({"name":")") + name + R"("})";
    statuses += (i > 0 ? R"(,{"name":")" : R"({"name":")") + other + R"(","restartCount":)" +
                std::to_string(2999 - i) + R"(,"state":{"terminated":{"exitCode":0}}})";
  }
  std::string sidecars = specs;
  for (std::size_t at = 0; (at = sidecars.find("\"}", at)) != sidecars.npos; at += 26)
    sidecars.insert(at + 1, R"(,"restartPolicy":"Always")");
  put("pods",
      R"({"metadata":{"name":"wide","namespace":"team-a"},"spec":{"initContainers":[)" + sidecars +
          R"(],"containers":[)" + specs + R"(]},"status":{"initContainerStatuses":[)" + statuses +
          R"(],"containerStatuses":[)" + statuses + "]}}",
      "", "v1");
  const Value a = ask("pods.inspect", R"({"namespace":"team-a","name":"wide"})");
  EXPECT_EQ(a["containers"].at(7)["name"].str(), "c7");
  EXPECT_EQ(a["containers"].at(7)["type"].str(), "sidecar");
  EXPECT_EQ(a["containers"].at(7)["restarts"].as_int(), 7);
  EXPECT_EQ(reply->shown.find("Conditions:"), std::string::npos) << "a heading of nothing";
  EXPECT_NE(a["notes"].to_json().find(" of 6000 containers were left out"), std::string::npos)
      << a["notes"].to_json();
}

}  // namespace
