// What a change means for services is said in the same words by whichever tool it is made.
#include "deploy/service_changes.h"

#include <string>

#include <gtest/gtest.h>

#include "deploy/config_checks.h"
#include "deploy/tools.h"
#include "objects/write_tools.h"
#include "support/change_world.h"

namespace {

using test::ChangeWorld;

constexpr const char* kK0rdent = "k0rdent.mirantis.com";
const std::string kPatch = "k0rdent.mgmt.objects.patch";
const std::string kApplyMany = "k0rdent.mgmt.multiClusterServices.apply";
const std::string kRemove = "k0rdent.mgmt.clusterDeployments.services.remove";
const std::string kService = "k0rdent.mgmt.clusterDeployments.services.apply";

struct ServiceChanges : ChangeWorld {
  ServiceChanges() {
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    add(objects::make_write_tools(change));
    add(deploy::make_write_tools(change));
    change.checks = &checks;
    put_many(R"("provider":{"selfManagement":true},)");
    put(kK0rdent, "v1beta1", "clusterdeployments",
        R"({"metadata":{"name":"own","namespace":"team-b"},"spec":{"serviceSpec":{"services":[
            {"name":"cert","namespace":"cert","template":"t"},
            {"name":"web","namespace":"web","template":"t"}]}}})");
  }
  void put_many(const std::string& provider, const std::string& more = {}) {
    put(kK0rdent, "v1beta1", "multiclusterservices",
        R"({"metadata":{"name":"many"},"spec":{)" + more +
            R"("clusterSelector":{"matchLabels":{"env":"prod"}},"serviceSpec":{)" + provider +
            R"("services":[{"name":"a","namespace":"x","template":"ingress-nginx-4-14-3"},)" +
            R"({"name":"b","namespace":"x","template":"ingress-nginx-4-14-3"}]}}})");
  }
  Answer patch_many(const std::string& spec) {
    return ask(kPatch,
               R"({"kind":"multiclusterservice","name":"many","patch":{"spec":)" + spec + "}}");
  }
  Answer patch_own(const std::string& services) {
    return ask(kPatch, R"({"kind":"clusterdeployment","namespace":"team-b","name":"own","patch":)" +
                           std::string(R"({"spec":{"serviceSpec":{"services":)") + services +
                           "}}}}");
  }
  Answer remove_cert() {
    return ask(kRemove,
               R"({"clusterNamespace":"team-b","clusterName":"own","serviceName":"cert"})");
  }
  void suspend(const char* spec, const char* status) {
    put(kK0rdent, "v1beta1", "statemanagementproviders",
        R"({"metadata":{"name":"ksm-projectsveltos"},"spec":)" + std::string(spec) +
            R"(,"status":)" + status + "}");
  }
  deploy::ConfigChecks checks{*context};
};

// Bug: a patch said nothing of what multiClusterServices.apply says.
TEST_F(ServiceChanges, ASelectorSaysTheClustersByWhicheverTool) {
  const std::string selector = R"({"matchLabels":{"env":"none"}})";
  const Answer patched = patch_many(R"({"clusterSelector":)" + selector + "}");
  const Answer applied =
      ask(kApplyMany, R"({"name":"many","force":true,"clusterSelector":)" + selector +
                          R"(,"services":[{"name":"a","namespace":"x","template":)" +
                          R"("ingress-nginx-4-14-3"},{"name":"b","namespace":"x","template":)" +
                          R"("ingress-nginx-4-14-3"}]})");
  for (const Answer& each : {patched, applied}) {
    EXPECT_EQ(each.status(), "confirmation_required") << each.text();
    EXPECT_TRUE(
        each.says("clusters that match now: 1: kcm-system/aws-prod\n"
                  "clusters that would match: none\n"
                  "clusters from which services are uninstalled: 1: kcm-system/aws-prod\n"))
        << each.text();
  }
}

TEST_F(ServiceChanges, ServicesMayStayWhereASelectorNoLongerSelects) {
  put_many("", R"("keepServicesOnSelectorMismatch":true,)");
  const Answer kept = patch_many(R"({"clusterSelector":{"matchLabels":{"env":"none"}}})");
  EXPECT_TRUE(kept.says("clusters that keep the services, but get no updates: 1: kcm"))
      << kept.text();
  EXPECT_FALSE(kept.says("uninstalled")) << kept.text();
}

// Bug: it was not confirmed, and nothing was said.
TEST_F(ServiceChanges, TheManagementClusterLosesItsServices) {
  const Answer off = patch_many(R"({"serviceSpec":{"provider":{"selfManagement":false}}})");
  EXPECT_EQ(off.status(), "confirmation_required") << off.text();
  EXPECT_TRUE(off.says("uninstalled from the management cluster")) << off.text();
  put_many("");
  const Answer on = ask(kPatch, R"({"kind":"multiclusterservice","name":"many","dryRun":true,)"
                                R"("patch":{"spec":{"serviceSpec":{"provider":{)"
                                R"("selfManagement":true}}}}})");
  EXPECT_TRUE(on.says("installed in the management cluster, too")) << on.text();
}

TEST_F(ServiceChanges, AServiceThatIsTakenOutIsSaidToGo) {
  const Answer many = patch_many(
      R"({"serviceSpec":{"services":[{"name":"a","namespace":"x","template":"ingress-nginx-4-14-3"}]}})");
  EXPECT_EQ(many.status(), "confirmation_required") << many.text();
  EXPECT_TRUE(many.says("Service x/b is uninstalled from each cluster that it selects, and from"))
      << many.text();
  for (const Answer& each :
       {patch_own(R"([{"name":"web","namespace":"web","template":"t"}])"), remove_cert()})
    EXPECT_TRUE(each.says("\nService cert/cert is uninstalled from the cluster.\n")) << each.text();
}

// Bug: it was said to be uninstalled.
TEST_F(ServiceChanges, AServiceThatAMultiClusterServiceHasTooStays) {
  load("k0rdent.mirantis.com/v1beta1", "ServiceSet", "name: own-1, namespace: team-b",
       "{cluster: own, multiClusterService: many, services: [{name: cert, namespace: cert}]}");
  load("k0rdent.mirantis.com/v1beta1", "ServiceSet", "name: own, namespace: team-b",
       "{cluster: own, services: [{name: web, namespace: web}]}");
  load("k0rdent.mirantis.com/v1beta1", "ServiceSet", "name: other-1, namespace: team-b",
       "{cluster: other, multiClusterService: other, services: [{name: cert, namespace: cert}]}");
  const Answer shown = remove_cert();
  EXPECT_TRUE(shown.says("has one of this name there, too: many\n")) << shown.text();
  EXPECT_FALSE(shown.says("uninstalled from the cluster")) << shown.text();
}

TEST_F(ServiceChanges, WhatCannotBeReadIsSaid) {
  deny("get", "statemanagementproviders");
  deny("list", "servicesets");
  const Answer shown = remove_cert();
  EXPECT_TRUE(shown.says("is uninstalled from the cluster.")) << shown.text();
  EXPECT_TRUE(shown.says("statemanagementproviders.k0rdent.mirantis.com \"ksm")) << shown.text();
  EXPECT_TRUE(shown.says("servicesets.k0rdent.mirantis.com is forbidden")) << shown.text();
}

// Bug: a plain diff, and nothing happened.
TEST_F(ServiceChanges, AProviderThatDoesNothingIsSaid) {
  const struct {
    const char *spec, *status, *says;
  } rows[] = {
      {R"({"suspend":true})", R"({"ready":true})", "ksm-projectsveltos is suspended"},
      {"{}", R"({"ready":false})", "ksm-projectsveltos is not ready"},
      {"{}", R"({"ready":true})", nullptr},
  };
  for (const auto& row : rows) {
    suspend(row.spec, row.status);
    const Answer shown[] = {
        ask(kService, R"({"clusterNamespace":"kcm-system","clusterName":"aws-prod",)"
                      R"("templateName":"ingress-nginx-4-14-3","serviceName":"w","dryRun":true})"),
        ask(kApplyMany, R"({"name":"new","clusterSelector":{"matchLabels":{"env":"prod"}},)"
                        R"("services":[{"name":"w","template":"ingress-nginx-4-14-3"}],)"
                        R"("dryRun":true})"),
        remove_cert(), patch_many(R"({"serviceSpec":{"services":[]}})")};
    for (const Answer& each : shown) {
      EXPECT_FALSE(each.failed()) << each.text();
      EXPECT_EQ(each.says("StateManagementProvider"), row.says != nullptr) << each.text();
      EXPECT_TRUE(each.says(row.says ? row.says : "")) << each.text();
    }
  }
}

}  // namespace
