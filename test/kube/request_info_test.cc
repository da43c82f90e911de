// What a request asks for, read as the API server reads it (k8s.io/apiserver, RequestInfoFactory).
#include "kube/request_info.h"

#include <gtest/gtest.h>

namespace {

using kube::request_info;
using kube::RequestInfo;

// "VERB group/version resource/subresource ns name", "-" for what is empty.
std::string text(const RequestInfo& info) {
  const auto or_dash = [](const std::string& s) { return s.empty() ? std::string("-") : s; };
  if (!info.is_resource) return info.verb + " (no resource)";
  return info.verb + " " + or_dash(info.group) + " " + info.version + " " + or_dash(info.resource) +
         " " + or_dash(info.subresource) + " " + or_dash(info.ns) + " " + or_dash(info.name);
}

std::string read(std::string_view method, std::string_view path, std::string_view query = {}) {
  return text(request_info(method, path, query));
}

// The table of the API server's own test (TestGetAPIRequestInfo), with its paths and verbs.
TEST(RequestInfo, IsWhatTheApiServerReads) {
  EXPECT_EQ(read("GET", "/api/v1/namespaces"), "list - v1 namespaces - - -");
  EXPECT_EQ(read("GET", "/api/v1/namespaces/other"), "get - v1 namespaces - other other");
  EXPECT_EQ(read("GET", "/api/v1/namespaces/other/pods"), "list - v1 pods - other -");
  EXPECT_EQ(read("GET", "/api/v1/namespaces/other/pods/foo"), "get - v1 pods - other foo");
  EXPECT_EQ(read("HEAD", "/api/v1/namespaces/other/pods/foo"), "get - v1 pods - other foo");
  EXPECT_EQ(read("GET", "/api/v1/pods"), "list - v1 pods - - -");
  EXPECT_EQ(read("HEAD", "/api/v1/pods"), "list - v1 pods - - -");
  EXPECT_EQ(read("GET", "/api/v1/proxy/namespaces/other/pods/foo"), "proxy - v1 pods - other foo");
  EXPECT_EQ(read("GET", "/api/v1/proxy/namespaces/other/pods/foo/subpath/not/a/subresource"),
            "proxy - v1 pods - other foo");
  EXPECT_EQ(read("GET", "/api/v1/watch/pods"), "watch - v1 pods - - -");
  EXPECT_EQ(read("GET", "/api/v1/pods", "watch=true"), "watch - v1 pods - - -");
  EXPECT_EQ(read("GET", "/api/v1/pods", "watch=1"), "watch - v1 pods - - -");
  EXPECT_EQ(read("GET", "/api/v1/pods", "watch="), "watch - v1 pods - - -");
  EXPECT_EQ(read("GET", "/api/v1/pods", "watch=false"), "list - v1 pods - - -");
  EXPECT_EQ(read("GET", "/api/v1/pods", "watch=0"), "list - v1 pods - - -");
  EXPECT_EQ(read("GET", "/api/v1/watch/namespaces/other/pods"), "watch - v1 pods - other -");
  EXPECT_EQ(read("GET", "/api/v1/namespaces/other/pods", "fieldSelector=metadata.name%3Dfoo"),
            "list - v1 pods - other foo");
  EXPECT_EQ(
      read("GET", "/api/v1/namespaces/other/pods", "fieldSelector=a%3Db,metadata.name%3D%3Dfoo"),
      "list - v1 pods - other foo");
  EXPECT_EQ(read("GET", "/api/v1/namespaces/other/pods", "fieldSelector=metadata.name%3Da%2Fb"),
            "list - v1 pods - other -");
  EXPECT_EQ(read("GET", "/api/v1/namespaces/other/pods", "fieldSelector=metadata.name!%3Dfoo"),
            "list - v1 pods - other -");
  EXPECT_EQ(read("GET", "/api/v1/namespaces/other/pods/foo/status"),
            "get - v1 pods status other foo");
  EXPECT_EQ(read("PATCH", "/api/v1/namespaces/other/pods/foo/ephemeralcontainers/x/y"),
            "patch - v1 pods ephemeralcontainers other foo");
  EXPECT_EQ(read("PUT", "/api/v1/namespaces/other/status"),
            "update - v1 namespaces status other other");
  EXPECT_EQ(read("PUT", "/api/v1/namespaces/other/finalize"),
            "update - v1 namespaces finalize other other");
  EXPECT_EQ(read("POST", "/api/v1/namespaces/other/pods"), "create - v1 pods - other -");
  EXPECT_EQ(read("PUT", "/api/v1/nodes/n1"), "update - v1 nodes - - n1");
  EXPECT_EQ(read("DELETE", "/api/v1/namespaces/other/pods/foo"), "delete - v1 pods - other foo");
  EXPECT_EQ(read("DELETE", "/api/v1/namespaces/other/pods"),
            "deletecollection - v1 pods - other -");
  EXPECT_EQ(read("DELETE", "/api/v1/nodes"), "deletecollection - v1 nodes - - -");
  EXPECT_EQ(read("GET", "/apis/apps/v1/namespaces/a/deployments/b/scale"),
            "get apps v1 deployments scale a b");
  EXPECT_EQ(read("PATCH", "/apis/k0rdent.mirantis.com/v1beta1/namespaces/a/clusterdeployments/b"),
            "patch k0rdent.mirantis.com v1beta1 clusterdeployments - a b");
  EXPECT_EQ(read("OPTIONS", "/api/v1/pods"), " - v1 pods - - -");
}

TEST(RequestInfo, OtherPathsAreNoResources) {
  for (const char* path :
       {"/", "", "/version", "/healthz", "/api", "/apis", "/api/v1", "/apis/apps", "/apis/apps/v1",
        "/openapi/v3/apis/apps/v1", "/metrics", "/logs/x/y"}) {
    EXPECT_EQ(read("GET", path), "get (no resource)") << path;
    EXPECT_TRUE(request_info("GET", path, "").reads());
    EXPECT_FALSE(request_info("POST", path, "").reads());
  }
}

TEST(RequestInfo, AnEscapeHidesNoSegment) {
  EXPECT_EQ(read("DELETE", "/api/v1/namespaces/a/pods%2Fb"), "delete - v1 pods - a b");
  EXPECT_EQ(read("GET", "/api/v1/%73ecrets"), "list - v1 secrets - - -");
  EXPECT_EQ(read("PATCH", "/api/v1/namespaces/a/pods/b%2Fstatus"), "patch - v1 pods status a b");
  EXPECT_EQ(read("GET", "/api/v1/pods?watch=1", "limit=5"), "watch - v1 pods - - -");
  EXPECT_EQ(read("GET", "/api/v1/pods", "w%61tch=1"), "watch - v1 pods - - -");
}

TEST(RequestInfo, APathThatAProxyMayReadOtherwiseIsOdd) {
  for (const char* path : {"/api/v1/namespaces/a/../b/pods", "/api/v1//secrets", "/api/v1/./pods",
                           "/api/v1/pods/%2e%2e", "/api/v1/pods/%zz", "api/v1/pods",
                           "//api/v1/pods", "/api/v1/pods//", "/api/v1/watch"}) {
    EXPECT_TRUE(request_info("GET", path, "").odd_path) << path;
  }
  for (const char* path : {"/", "/version", "/api/v1/namespaces/a/pods/b", "/api/v1/pods/",
                           "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node"}) {
    EXPECT_FALSE(request_info("GET", path, "").odd_path) << path;
  }
}

TEST(RequestInfo, KnowsADryRun) {
  const auto dry = [](const char* method, const char* query, const char* body = "") {
    return request_info(method, "/api/v1/namespaces/a/pods/b", query, body).dry_run;
  };
  EXPECT_TRUE(dry("PATCH", "dryRun=All"));
  EXPECT_TRUE(dry("PATCH", "force=true&dryRun=All&fieldManager=x"));
  EXPECT_FALSE(dry("PATCH", "force=true"));
  EXPECT_FALSE(dry("PATCH", "dryRun=None"));
  EXPECT_FALSE(dry("PATCH", "", R"({"dryRun":["All"]})")) << "only a DELETE has DeleteOptions";
  EXPECT_TRUE(dry("DELETE", "", R"({"kind":"DeleteOptions","dryRun":["All"]})"));
  EXPECT_FALSE(dry("DELETE", "dryRun=All", R"({"kind":"DeleteOptions"})"))
      << "a body replaces the query";
  EXPECT_TRUE(dry("DELETE", "dryRun=All"));
}

TEST(RequestInfo, SaysWhetherItReads) {
  const auto reads = [](const char* method, const char* path) {
    return request_info(method, path, "").reads();
  };
  EXPECT_TRUE(reads("GET", "/api/v1/pods"));
  EXPECT_TRUE(reads("GET", "/api/v1/namespaces/a/pods/b"));
  EXPECT_TRUE(reads("GET", "/api/v1/watch/pods"));
  EXPECT_FALSE(reads("GET", "/api/v1/proxy/namespaces/a/pods/b")) << "it reaches the pod";
  EXPECT_FALSE(reads("POST", "/api/v1/namespaces"));
  EXPECT_FALSE(reads("TRACE", "/api/v1/pods"));
}

}  // namespace
