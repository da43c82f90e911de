// The presets of RBAC rules and the command that prints them.
#include "rbac/preset.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "app/offered.h"
#include "app/offline.h"
#include "base/json.h"
#include "base/yaml.h"

namespace {

using base::json::Value;
using rbac::Preset;
using rbac::Rule;

const mcp::Registry& registry() {
  static const app::Offered offered;
  return offered.registry();
}

bool holds(const std::vector<std::string>& list, std::string_view one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

bool allows(Preset preset, std::string_view verb, std::string_view group,
            std::string_view resource) {
  for (const Rule& rule : rbac::rules_of(preset, registry())) {
    const bool fits = (holds(rule.groups, group) || holds(rule.groups, "*")) &&
                      (holds(rule.resources, resource) || holds(rule.resources, "*"));
    if (fits && holds(rule.verbs, verb)) return true;
  }
  return false;
}

app::Printed run(const std::vector<std::string>& args) {
  auto printed = app::run_offline(args);
  EXPECT_TRUE(printed);
  return printed.value_or(app::Printed{});
}

constexpr std::string_view kK0rdent = "k0rdent.mirantis.com";

TEST(Presets, ViewReadsAndWritesNothing) {
  for (const Rule& rule : rbac::rules_of(Preset::view, registry())) {
    for (const std::string& verb : rule.verbs) {
      const bool reads = verb == "get" || verb == "list" || verb == "watch";
      EXPECT_TRUE(reads || rule.resources[0].starts_with("selfsubject")) << verb;
    }
    EXPECT_FALSE(holds(rule.resources, "*") && holds(rule.groups, "*"));
  }
  EXPECT_TRUE(allows(Preset::view, "watch", kK0rdent, "clusterdeployments"));
  EXPECT_TRUE(allows(Preset::view, "list", "events.k8s.io", "events"));
  EXPECT_TRUE(allows(Preset::view, "get", "", "configmaps"));
  EXPECT_FALSE(allows(Preset::view, "get", "rbac.authorization.k8s.io", "clusterroles"));
}

TEST(Presets, OnlyTheOneThatSaysSoHasSecrets) {
  for (const Preset each : {Preset::view, Preset::logs, Preset::operate, Preset::impersonate})
    for (const char* verb : {"get", "list", "watch", "create", "patch", "delete"})
      EXPECT_FALSE(allows(each, verb, "", "secrets")) << rbac::name_of(each) << " " << verb;
  EXPECT_TRUE(allows(Preset::view_with_secrets, "get", "", "secrets"));
  EXPECT_FALSE(allows(Preset::view_with_secrets, "patch", "", "secrets"));
}

TEST(Presets, LogsAreApartFromView) {
  EXPECT_FALSE(allows(Preset::view, "get", "", "pods/log"));
  EXPECT_TRUE(allows(Preset::logs, "get", "", "pods/log"));
  EXPECT_TRUE(allows(Preset::logs, "get", "", "pods"));
  EXPECT_FALSE(allows(Preset::logs, "list", kK0rdent, "clusterdeployments"));
  EXPECT_TRUE(allows(Preset::operate, "get", "", "pods/log"));
}

TEST(Presets, OperateWritesKindsOfK0rdentAndDeletesNothing) {
  EXPECT_TRUE(allows(Preset::operate, "create", kK0rdent, "clusterdeployments"));
  EXPECT_TRUE(allows(Preset::operate, "patch", kK0rdent, "multiclusterservices"));
  for (const Rule& rule : rbac::rules_of(Preset::operate, registry())) {
    EXPECT_FALSE(holds(rule.verbs, "delete"));
    const bool k0rdent =
        holds(rule.groups, kK0rdent) || holds(rule.groups, "source.toolkit.fluxcd.io");
    EXPECT_FALSE(holds(rule.verbs, "patch") && !k0rdent);
  }
}

TEST(Presets, AdminMayWriteAnyKindAndTakesNoOthersRights) {
  EXPECT_TRUE(allows(Preset::admin, "delete", "apps", "deployments"));
  for (const char* verb : {"impersonate", "bind", "escalate", "*"})
    EXPECT_FALSE(allows(Preset::admin, verb, "rbac.authorization.k8s.io", "clusterroles")) << verb;
}

TEST(Presets, ImpersonateHasNoRightsOfItsOwn) {
  EXPECT_TRUE(allows(Preset::impersonate, "impersonate", "", "users"));
  EXPECT_TRUE(allows(Preset::impersonate, "create", "authentication.k8s.io", "tokenreviews"));
  // Bug: it was granted, and is asked by nothing: what callers may see is asked as themselves.
  EXPECT_FALSE(
      allows(Preset::impersonate, "create", "authorization.k8s.io", "subjectaccessreviews"));
  for (const char* verb : {"get", "list", "watch", "patch", "delete"})
    EXPECT_FALSE(allows(Preset::impersonate, verb, "", "pods")) << verb;
}

TEST(Presets, EachToolDeclaresSomethingOrAsksForNothing) {
  registry().each_tool([](const mcp::Tool& tool) {
    const bool none = tool.info().name == "k0rdent.catalog.serviceTemplates.list" ||
                      tool.info().name == "k0rdent.mgmt.objects.kinds";
    EXPECT_EQ(tool.info().needs.empty(), none) << tool.info().name;
  });
}

TEST(RbacCommand, PrintsARoleAndItsBinding) {
  const app::Printed yaml = run({"rbac", "logs", "--service-account", "mcp/server"});
  EXPECT_EQ(yaml.code, 0) << yaml.err;
  EXPECT_EQ(yaml.out.find("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n"
                          "  name: k0rdent-mcp-logs\n"),
            0u)
      << yaml.out;
  EXPECT_NE(
      yaml.out.find("---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\n"),
      yaml.out.npos);
  EXPECT_NE(yaml.out.find("- kind: ServiceAccount\n  name: server\n  namespace: mcp\n"),
            yaml.out.npos)
      << yaml.out;
  base::json::Document doc;
  const app::Printed list =
      run({"rbac", "view", "-o", "json", "--name=x", "--service-account=a/b"});
  const auto root = doc.parse(list.out);
  ASSERT_TRUE(root.has_value()) << list.out;
  EXPECT_EQ((*root)["kind"].str(), "List");
  EXPECT_EQ((*root)["items"].at(1)["roleRef"]["name"].str(), "x");
  const app::Printed needs = run({"rbac", "needs", "-o=json"});
  ASSERT_TRUE(doc.parse(needs.out).has_value());
  EXPECT_NE(
      needs.out.find(R"({"name":"k0rdent.pods.list","kind":"tool","needs":[{"verbs":["list"])"),
      needs.out.npos);
}

TEST(RbacCommand, WrongUsageIsTwo) {
  EXPECT_EQ(run({"rbac"}).code, 2);
  EXPECT_EQ(run({"rbac", "--help"}).code, 0);
  EXPECT_EQ(run({"rbac", "veiw"}).code, 2);
  EXPECT_EQ(run({"rbac", "view", "-o", "xml"}).code, 2);
  EXPECT_EQ(run({"rbac", "view", "--service-account", "server"}).err,
            "k0rdent-mcp: --service-account must be NAMESPACE/NAME\n");
}

}  // namespace
