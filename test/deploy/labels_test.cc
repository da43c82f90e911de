// What labels of a cluster mean for the services that it gets.
#include <string>

#include <gtest/gtest.h>

#include "deploy/config_checks.h"
#include "deploy/tools.h"
#include "objects/write_tools.h"
#include "support/change_world.h"

namespace {

using test::ChangeWorld;

constexpr const char* kK0rdent = "k0rdent.mirantis.com";
const std::string kDeploy = "k0rdent.mgmt.clusterDeployments.deploy";
const std::string kAws = "k0rdent.provider.aws.clusterDeployments.deploy";

struct DeployLabels : ChangeWorld {
  DeployLabels() {
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    add(deploy::make_write_tools(change));
    add(objects::make_write_tools(change));
    change.checks = &checks;
  }
  deploy::ConfigChecks checks{*context};
  void service(const std::string& name, const std::string& selector) {
    put(kK0rdent, "v1beta1", "multiclusterservices",
        R"({"metadata":{"name":")" + name + R"("},"spec":{"clusterSelector":)" + selector + "}}");
  }
  static std::string wish(const std::string& more = {}) {
    return R"({"name":"new","template":"aws-standalone-cp-1-0-43","credential":"aws-cred",)"
           R"("config":{"region":"eu-west-1","controlPlane":{"instanceType":"a"},)"
           R"("worker":{"instanceType":"b"}})" +
           more + "}";
  }
};

TEST_F(DeployLabels, ADryRunSaysWhichServicesTheClusterWillGet) {
  for (const std::string& call :
       {wish(R"(,"labels":{"env":"prod"})"), wish(R"(,"labels":{"env":"prod"},"dryRun":true)")}) {
    const Answer shown = ask(kDeploy, call);
    EXPECT_TRUE(
        shown.says("kcm-system/new gets the services of MultiClusterServices podinfo-rollout\n"))
        << shown.text();
    EXPECT_FALSE(shown.says("platform-baseline")) << shown.text();
  }
  const Answer other = ask(kDeploy, wish(R"(,"labels":{"team":"a"})"));
  EXPECT_TRUE(other.says("kcm-system/new gets no MultiClusterService by its labels"))
      << other.text();
  EXPECT_FALSE(ask(kDeploy, wish()).says("MultiClusterService"));
}

TEST_F(DeployLabels, AProvidersToolSaysItToo) {
  const Answer shown =
      ask(kAws, R"({"name":"new","credential":"aws-cred","region":"r","labels":{"env":"prod"},)"
                R"("controlPlane":{"instanceType":"a"},"worker":{"instanceType":"b"}})");
  EXPECT_TRUE(shown.says("gets the services of MultiClusterServices podinfo-rollout"))
      << shown.text();
}

TEST_F(DeployLabels, ASelectorMayAskForALabelThatIsNotThere) {
  service("of-the-rest", R"({"matchExpressions":[{"key":"env","operator":"DoesNotExist"}]})");
  EXPECT_TRUE(ask(kDeploy, wish()).says("gets the services of MultiClusterServices of-the-rest"));
  const Answer applied =
      ask("k0rdent.mgmt.objects.apply",
          R"({"manifest":{"apiVersion":"k0rdent.mirantis.com/v1beta1","kind":"ClusterDeployment",)"
          R"("metadata":{"name":"new","namespace":"kcm-system"},"spec":{"template":)"
          R"("aws-standalone-cp-1-0-43","credential":"aws-cred","config":{"region":"eu-west-1",)"
          R"("controlPlane":{"instanceType":"a"},"worker":{"instanceType":"b"}}}}})");
  EXPECT_TRUE(applied.says("gets the services of MultiClusterServices of-the-rest"))
      << applied.text();
}

TEST_F(DeployLabels, TheControllersOwnLabelCounts) {
  service("of-all", R"({"matchLabels":{"k0rdent.mirantis.com/component":"kcm"}})");
  EXPECT_TRUE(ask(kDeploy, wish()).says("gets the services of MultiClusterServices of-all"));
}

TEST_F(DeployLabels, AConfirmationHoldsForTheServicesThatWereShown) {
  const std::string call = wish(R"(,"labels":{"env":"prod"})");
  const std::string token(ask(kDeploy, call)["confirm"].str());
  service("another", R"({"matchLabels":{"env":"prod"}})");
  const Answer stale = ask(kDeploy, with_token(call, token));
  EXPECT_EQ(stale.status(), "confirmation_required") << stale.text();
  EXPECT_TRUE(stale.says("another, podinfo-rollout")) << stale.text();
  const Answer made = ask(kDeploy, with_token(call, stale["confirm"].str()));
  EXPECT_EQ(made.status(), "created") << made.text();
}

// Bug: 200 MultiClusterServices were kept, and then those whose selectors match were looked for: "gets
// no MultiClusterService by its labels".
TEST_F(DeployLabels, AServiceBehindManyOthersIsFound) {
  for (int i = 100; i < 350; ++i)
    service("a-" + std::to_string(i), R"({"matchLabels":{"no":"such"}})");
  service("z", R"({"matchLabels":{"team":"a"}})");
  const Answer shown = ask(kDeploy, wish(R"(,"labels":{"team":"a"})"));
  EXPECT_TRUE(shown.says("kcm-system/new gets the services of MultiClusterServices z\n"))
      << shown.text();
}

TEST_F(DeployLabels, ServicesThatCannotBeReadAreSaidToBeUnknown) {
  deny("list", "multiclusterservices");
  const Answer shown = ask(kDeploy, wish(R"(,"labels":{"env":"prod"})"));
  EXPECT_EQ(shown.status(), "confirmation_required") << shown.text();
  EXPECT_TRUE(shown.says("MultiClusterServices cannot be read: kcm-system/new may get services"))
      << shown.text();
}

}  // namespace
