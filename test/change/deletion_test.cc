// What the confirmation of a deletion says, in words that fit what there is.
#include "change/deletion.h"

#include <string>

#include <gtest/gtest.h>

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
  }
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
  EXPECT_TRUE(shown.says("  1 MultiClusterService has services in it: podinfo-rollout\n"))
      << shown.text();
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
  EXPECT_TRUE(own.says("1 service is uninstalled; clusters that match: 2: kcm-system/aws-prod"))
      << own.text();
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
