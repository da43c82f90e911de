// Whether an answer with HTTP 200 is what was requested.
#include "kube/answer_kind.h"

#include <gtest/gtest.h>

#include "kube/list_call.h"

namespace {

const kube::Resource kClusters{"k0rdent.mirantis.com", "v1beta1", "clusterdeployments"};

bool is_list(const kube::Resource& of, const std::string& kind, const std::string& version,
             std::string_view accept = "application/json") {
  base::json::Document doc;
  const auto root = doc.parse("{\"kind\":\"" + kind + "\",\"apiVersion\":\"" + version + "\"}");
  return !kube::why_not_list_of(of, accept, *root);
}

TEST(AnswerKind, AListIsOfItsCollection) {
  EXPECT_TRUE(is_list(kube::kPods, "PodList", "v1"));
  EXPECT_TRUE(is_list(kube::kPods, "PodList", ""));
  EXPECT_TRUE(is_list(kube::kPods, "List", "v1"));
  EXPECT_TRUE(is_list(kube::kNamespaces, "NamespaceList", "v1"));
  EXPECT_TRUE(is_list(kube::kEventsV1, "EventList", "events.k8s.io/v1"));
  EXPECT_TRUE(is_list(kClusters, "ClusterDeploymentList", "k0rdent.mirantis.com/v1beta1"));
  EXPECT_TRUE(
      is_list({"metrics.k8s.io", "v1beta1", "pods"}, "PodMetricsList", "metrics.k8s.io/v1beta1"));
  for (const char* plural : {"endpoints", "componentstatuses", "limitranges", "secrets"})
    EXPECT_FALSE(is_list({"", "v1", plural}, "PodList", "v1")) << plural;
  EXPECT_TRUE(is_list({"", "v1", "endpoints"}, "EndpointsList", "v1"));
  EXPECT_TRUE(is_list({"", "v1", "componentstatuses"}, "ComponentStatusList", "v1"));
  EXPECT_TRUE(is_list({"", "v1", "limitranges"}, "LimitRangeList", "v1"));
  // A CustomResourceDefinition names its own (spec.names.listKind).
  EXPECT_TRUE(is_list(kClusters, "Fleet", "k0rdent.mirantis.com/v1beta1"));
}

TEST(AnswerKind, WhatIsOfAnotherKindIsRefused) {
  EXPECT_FALSE(is_list(kube::kPods, "ConfigMapList", "v1"));
  EXPECT_FALSE(is_list(kube::kPods, "Pod", "v1"));
  EXPECT_FALSE(is_list(kube::kPods, "Status", "v1"));
  EXPECT_FALSE(is_list(kube::kPods, "", ""));
  EXPECT_FALSE(is_list(kClusters, "ConfigMapList", "v1"));
  EXPECT_FALSE(is_list(kClusters, "Status", ""));
  EXPECT_FALSE(is_list(kClusters, "ClusterDeploymentList", "k0rdent.mirantis.com/v1alpha1"));
}

TEST(AnswerKind, AFormIsTakenWhereItWasAskedFor) {
  EXPECT_TRUE(is_list(kClusters, "Table", "meta.k8s.io/v1", kube::kTableAccept));
  EXPECT_FALSE(is_list(kClusters, "Table", "meta.k8s.io/v1"));
  EXPECT_TRUE(is_list(kClusters, "PartialObjectMetadataList", "meta.k8s.io/v1",
                      "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"));
  EXPECT_FALSE(is_list(kClusters, "PartialObjectMetadataList", "meta.k8s.io/v1"));
  EXPECT_TRUE(is_list(kClusters, "ClusterDeploymentList", "k0rdent.mirantis.com/v1beta1",
                      kube::kTableAccept));
}

TEST(AnswerKind, AnObjectHasTheNameThatWasAskedFor) {
  base::json::Document doc;
  EXPECT_TRUE(kube::is_object_named(*doc.parse(R"({"kind":"Pod","metadata":{"name":"a"}})"), "a"));
  EXPECT_FALSE(kube::is_object_named(*doc.parse(R"({"kind":"Pod","metadata":{"name":"b"}})"), "a"));
  EXPECT_FALSE(kube::is_object_named(
      *doc.parse(R"({"kind":"Status","status":"Success","metadata":{"name":"a"}})"), "a"));
  EXPECT_FALSE(kube::is_object_named(*doc.parse(R"({"status":"ok","metadata":{}})"), "a"));
  EXPECT_FALSE(kube::is_object_named(*doc.parse("[1]"), "a"));
}

}  // namespace
