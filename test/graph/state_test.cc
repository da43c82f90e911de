// The short state of each kind of node, from its own status alone: a row a rule.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/json.h"
#include "graph/model/kinds.h"
#include "graph/model/node.h"

namespace {

struct Row {
  const char* type;
  const char* object;
  const char* state;
};

std::string state_of(const Row& row) {
  static const graph::model::Kinds kinds;
  const graph::model::KindId kind = kinds.find(row.type);
  if (kind == graph::model::kNoKind) return "no such kind";
  base::json::Document doc;
  const auto object = doc.parse(row.object);
  return object ? graph::model::node_state(kinds[kind], *object) : "not JSON";
}

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows)
    EXPECT_EQ(state_of(row), row.state) << row.type << " " << row.object;
}

// A condition with a status, as status.conditions[0] and maybe more.
#define CONDITIONS(list) R"({"status":{"conditions":[)" list R"(]}})"
#define IS(type, status) R"({"type":")" type R"(","status":")" status R"("})"
#define FOR(type, status, reason) \
  R"({"type":")" type R"(","status":")" status R"(","reason":")" reason R"("})"

TEST(GraphState, WhatIsBeingDeleted) {
  constexpr const char* kPlain = R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"}})";
  check({
      {"ClusterDeployment", kPlain, "deleting"},
      {"Credential", kPlain, "deleting"},
      {"ClusterDeployment",
       R"({"metadata":{"deletionTimestamp":"t"},"status":{"conditions":[)" FOR("Deleting", "False",
                                                                               "Failed") "]}}",
       "stuck-deleting"},
      {"ClusterDeployment",
       R"({"metadata":{"deletionTimestamp":"t"},"status":{"conditions":[{"type":"CredentialReady",)"
       R"("status":"False","message":"failed to get Credential a/b: \"b\" not found"}]}})",
       "stuck-deleting"},
      // Bug: this was called stuck, too.
      {"ClusterDeployment",
       R"({"metadata":{"deletionTimestamp":"t"},"status":{"conditions":[{"type":"CredentialReady",)"
       R"("status":"False","message":"the Credential a/b is not ready"}]}})",
       "deleting"},
      {"ClusterDeployment",
       R"({"metadata":{"deletionTimestamp":"t"},"status":{"conditions":[)" IS("CredentialReady",
                                                                              "True") "]}}",
       "deleting"},
      {"MultiClusterService",
       R"({"metadata":{"deletionTimestamp":"t"},"status":{"conditions":[)" IS("CredentialReady",
                                                                              "False") "]}}",
       "deleting"},
  });
}

TEST(GraphState, OfAClusterDeployment) {
  check({
      {"ClusterDeployment", "{}", "pending"},
      {"ClusterDeployment", R"({"status":{}})", "pending"},
      {"ClusterDeployment",
       R"({"metadata":{"generation":3},"status":{"observedGeneration":2,"conditions":[)" IS(
           "Ready", "True") "]}}",
       "pending"},
      {"ClusterDeployment",
       R"({"metadata":{"generation":3},"status":{"observedGeneration":3,"conditions":[)" IS(
           "Ready", "True") "]}}",
       "ready"},
      // A Region that cannot be reached: the status has the new generation, no condition but Ready
      // has.
      {"ClusterDeployment",
       R"({"metadata":{"generation":3},"status":{"observedGeneration":3,"conditions":[)"
       R"({"type":"Ready","status":"True","observedGeneration":3},)"
       R"({"type":"TemplateReady","status":"True","observedGeneration":2}]}})",
       "pending"},
      {"ClusterDeployment", CONDITIONS(IS("Ready", "True") "," IS("Paused", "True")), "paused"},
      {"ClusterDeployment", CONDITIONS(IS("Ready", "True") "," IS("Paused", "False")), "ready"},
      {"ClusterDeployment",
       R"({"spec":{"dryRun":true},"status":{"conditions":[)" IS("Ready", "True") "]}}", "dry-run"},
      {"ClusterDeployment", CONDITIONS(FOR("Ready", "False", "Failed")), "failed"},
      {"ClusterDeployment", CONDITIONS(FOR("Ready", "False", "Progressing")), "progressing"},
      {"ClusterDeployment", CONDITIONS(FOR("Ready", "Unknown", "Failed")), "progressing"},
  });
}

TEST(GraphState, OfServices) {
  check({
      {"MultiClusterService", "{}", "pending"},
      {"MultiClusterService",
       R"({"metadata":{"generation":3},"status":{"observedGeneration":2,"conditions":[)" IS(
           "Ready", "True") "]}}",
       "pending"},
      {"MultiClusterService", CONDITIONS(IS("Ready", "True")), "ready"},
      {"MultiClusterService", CONDITIONS(IS("Ready", "Unknown")), "progressing"},
      {"MultiClusterService",
       CONDITIONS(IS("Ready", "False") "," IS("ClusterInReadyState", "False")), "progressing"},
      {"MultiClusterService", CONDITIONS(IS("Ready", "False") "," IS("Other", "False")), "failed"},
      {"ServiceSet", "{}", "pending"},
      {"ServiceSet", R"({"status":{"deployed":true,"services":[{"state":"Failed"}]}})", "ready"},
      {"ServiceSet", R"({"status":{"services":[{"state":"Deployed"},{"state":"Failed"}]}})",
       "failed"},
      {"ServiceSet", CONDITIONS(IS("ServiceSetProfile", "False")), "failed"},
      {"ServiceSet", CONDITIONS(IS("ServiceSetProfile", "True")), "progressing"},
  });
}

TEST(GraphState, OfWhatHasAFlag) {
  check({
      {"ClusterTemplate", "{}", "pending"},
      {"ClusterTemplate", R"({"status":{"valid":true}})", "valid"},
      {"ServiceTemplateChain", R"({"status":{"valid":false}})", "invalid"},
      {"Credential", R"({"status":{"ready":true}})", "ready"},
      {"Credential", R"({"status":{"ready":false}})", "failed"},
      {"StateManagementProvider", "{}", "pending"},
      {"ClusterIPAMClaim", R"({"status":{"bound":true}})", "bound"},
      {"ClusterIPAMClaim", R"({"status":{"bound":false}})", "pending"},
      {"SveltosCluster", R"({"status":{"ready":true}})", "ready"},
      {"SveltosCluster", R"({"status":{"ready":true,"connectionStatus":"Down"}})", "failed"},
      {"SveltosCluster", R"({"status":{"ready":false}})", "progressing"},
  });
}

TEST(GraphState, OfWhatTellsPhasesOrParts) {
  check({
      {"Cluster", R"({"status":{"phase":"Provisioned"}})", "provisioned"},
      {"Cluster", "{}", "pending"},
      {"ManagementBackup", R"({"status":{"lastBackup":{"phase":"Completed"}}})", "ready"},
      {"ManagementBackup", R"({"status":{"lastBackup":{"phase":"PartiallyFailed"}}})", "failed"},
      {"ManagementBackup", R"({"status":{"lastBackup":{"phase":"InProgress"}}})", "progressing"},
      {"ManagementBackup", "{}", "pending"},
      {"ClusterSummary", "{}", "pending"},
      {"ClusterSummary", R"({"status":{"featureSummaries":[{"status":"Provisioned"}]}})", "ready"},
      {"ClusterSummary",
       R"({"status":{"featureSummaries":[{"status":"Provisioned"},{"status":"Provisioning"}]}})",
       "progressing"},
      {"ClusterSummary",
       R"({"status":{"featureSummaries":[{"status":"Provisioned"},{"status":"FailedX"}]}})",
       "failed"},
  });
}

// Bug: Flux's Ready of an older generation was the state of the object as it is now.
TEST(GraphState, OfWhatFluxHasNotAppliedYet) {
#define AT(observed, list)                                                           \
  R"({"metadata":{"generation":3},"status":{"observedGeneration":)" #observed R"(,)" \
  R"("conditions":[)" list "]}}"
#define READY(status, of) \
  R"({"type":"Ready","status":")" status R"(","observedGeneration":)" #of "}"
  for (const char* kind :
       {"HelmRelease", "HelmChart", "HelmRepository", "GitRepository", "Bucket", "OCIRepository"}) {
    check({
        {kind, AT(3, READY("True", 3)), "ready"},
        {kind, AT(2, READY("True", 2)), "progressing"},
        {kind, AT(-1, IS("Ready", "True")), "progressing"},
        {kind, AT(-1, IS("Stalled", "False")), "pending"},
        {kind, AT(2, READY("False", 3)), "failed"},
        {kind, AT(2, READY("False", 2)), "progressing"},
        {kind, AT(2, IS("Ready", "False")), "failed"},
    });
  }
}

TEST(GraphState, OfWhatHasConditionsAlone) {
  check({
      {"Management", CONDITIONS(IS("Ready", "True")), "ready"},
      {"Management", CONDITIONS(IS("Ready", "False")), "failed"},
      {"Management", CONDITIONS(IS("Ready", "Unknown")), "progressing"},
      {"Management", "{}", "pending"},
      {"HelmRelease", CONDITIONS(IS("Ready", "False")), "failed"},
      {"HelmRepository", CONDITIONS(IS("Ready", "True")), "ready"},
      {"HelmRepository", R"({"status":{"observedGeneration":-1}})", "pending"},
      {"HelmRepository", "{}", ""},  // of OCI: it never gets a status
      {"HelmRepository", R"({"spec":{"type":"oci"},"status":{"observedGeneration":-1}})", ""},
      {"GitRepository", "{}", "pending"},
  });
}

}  // namespace
