// What goes wrong with the question what is served: parts that are down, servers that speak only
// the older way, and resources that cannot be watched.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "kube/api_catalog.h"
#include "support/story_world.h"
#include "support/tools_world.h"

namespace {

using sim::AnswerFault;

constexpr const char* kAggregated =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

class FaultDiscovery : public test::ToolsWorld {
 protected:
  kube::ApiCatalog ask() {
    outcome.reset();
    kube::ApiCatalogCall call(*client, told());
    call.start(kube::config::Credentials::configured());
    EXPECT_TRUE(run_until([&] { return outcome.has_value(); }));
    EXPECT_FALSE(call.active());
    EXPECT_FALSE(outcome->failure) << outcome->failure->message;
    return outcome->catalog;
  }
  // The server speaks aggregated discovery: these are the items of /api and of /apis.
  void speaks_aggregated(const std::string& core, const std::string& groups,
                         const std::string& type = kAggregated) {
    api.faults().clear();
    const auto put = [&](const char* path, const std::string& items, int skip) {
      AnswerFault one;
      one.match = {.path = path, .skip = skip, .count = -1};
      one.answer = sim::Answer{};
      one.answer->type = type;
      one.answer->body =
          R"({"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},)"
          R"("items":[)" +
          items + "]}";
      api.faults().add(one);
    };
    put("/apis", groups, 0);
    put("/api", core, 0);
  }
  static std::string group(const std::string& name, const std::string& version,
                           const std::string& resource, const std::string& freshness = "Current") {
    return R"({"metadata":{"name":")" + name + R"("},"versions":[{"version":")" + version +
           R"(","freshness":")" + freshness + R"(","resources":[{"resource":")" + resource +
           R"(","responseKind":{"group":")" + name + R"(","version":")" + version +
           R"(","kind":"Thing"},"scope":"Namespaced","singularResource":"thing",)"
           R"("verbs":["get","list","watch"],"subresources":[{"subresource":"status",)"
           R"("verbs":["get"]}]}]}]})";
  }
  void on_catalog(kube::ApiCatalogCall::Outcome out) { outcome = std::move(out); }
  kube::ApiCatalogCall::Fn told() {
    return kube::ApiCatalogCall::Fn::bind<&FaultDiscovery::on_catalog>(this);
  }
  int asked() const { return api.count("", "/api"); }

  std::optional<kube::ApiCatalogCall::Outcome> outcome;
};

TEST_F(FaultDiscovery, S11AStaleGroupIsSaidAndTheRestIsTaken) {
  speaks_aggregated(group("", "v1", "pods"),
                    group("apps", "v1", "deployments") + "," +
                        R"({"metadata":{"name":"metrics.k8s.io"},"versions":[{"version":"v1beta1",)"
                        R"("freshness":"Stale"}]})");
  const kube::ApiCatalog stale = ask();
  EXPECT_TRUE(stale.aggregated);
  EXPECT_EQ(asked(), 2) << "two requests say it all";
  ASSERT_NE(stale.find("", "v1"), nullptr);
  EXPECT_TRUE(stale.find("", "v1")->find("pods")->can("watch"));
  EXPECT_TRUE(stale.find("apps", "v1")->problem.empty());
  const kube::CatalogEntry* metrics = stale.find("metrics.k8s.io", "v1beta1");
  ASSERT_NE(metrics, nullptr);
  EXPECT_FALSE(metrics->problem.empty());
  EXPECT_TRUE(metrics->resources.empty());
  // What was known of it before it went down is kept.
  kube::ApiCatalog before;
  before.entries.push_back(
      {"metrics.k8s.io", "v1beta1", {{"nodes", "NodeMetrics", false, {}}}, ""});
  kube::ApiCatalog kept = stale;
  kept.keep_known(before);
  EXPECT_NE(kept.find("metrics.k8s.io", "v1beta1")->find("nodes"), nullptr);
  EXPECT_FALSE(kept.find("metrics.k8s.io", "v1beta1")->problem.empty());
}

TEST_F(FaultDiscovery, S11AServerOfTheOlderWayIsAskedGroupByGroup) {
  const kube::ApiCatalog catalog = ask();
  EXPECT_FALSE(catalog.aggregated);
  EXPECT_TRUE(catalog.find("", "v1")->find("pods")->namespaced);
  EXPECT_FALSE(catalog.find("", "v1")->find("namespaces")->namespaced);
  EXPECT_EQ(catalog.find("", "v1")->find("pods/log"), nullptr) << "a subresource";
  EXPECT_EQ(catalog.find("apps", "v1")->find("deployments")->kind, "Deployment");
  EXPECT_NE(catalog.find("coordination.k8s.io", "v1"), nullptr);
  // Only one of the two roots is aggregated: all of it the older way.
  AnswerFault one;
  one.match = {.path = "/api", .count = 1};
  one.answer = sim::Answer{};
  one.answer->type = kAggregated;
  one.answer->body = R"({"kind":"APIGroupDiscoveryList","items":[)" + group("", "v1", "x") + "]}";
  api.faults().add(one);
  const kube::ApiCatalog mixed = ask();
  EXPECT_FALSE(mixed.aggregated);
  EXPECT_NE(mixed.find("", "v1")->find("pods"), nullptr);
  EXPECT_EQ(mixed.find("", "v1")->find("x"), nullptr);
}

TEST_F(FaultDiscovery, S11OneGroupVersionThatFailsIsAPartAndNotTheWhole) {
  answer("", "/apis/apps/v1",
         {.code = 503, .reason = "ServiceUnavailable", .message = "no endpoints available"});
  const kube::ApiCatalog partial = ask();
  EXPECT_EQ(partial.find("apps", "v1")->problem, "no endpoints available");
  EXPECT_NE(partial.find("events.k8s.io", "v1")->find("events"), nullptr);
  // A root that may not be seen is no failure either; one that is down is.
  answer("", "/api", {.code = 403, .reason = "Forbidden", .message = "no"});
  EXPECT_EQ(ask().find("", "v1"), nullptr);
  answer("", "/api", {.code = 503, .reason = "ServiceUnavailable", .message = "shutting down"});
  kube::ApiCatalogCall call(*client, told());
  outcome.reset();
  call.start(kube::config::Credentials::configured());
  ASSERT_TRUE(run_until([&] { return outcome.has_value(); }));
  EXPECT_EQ(outcome->failure->status, 503);
}

TEST_F(FaultDiscovery, S12TheParametersOfItsTypeMayComeInAnyOrderAndQuoted) {
  for (const char* type :
       {kAggregated, "application/json; as=APIGroupDiscoveryList; v=v2; g=apidiscovery.k8s.io",
        "application/json;charset=utf-8;g=\"apidiscovery.k8s.io\";as=\"APIGroupDiscoveryList\";"
        "v=\"v2\"",
        "Application/JSON ; G=apidiscovery.k8s.io ; AS=APIGroupDiscoveryList ; V=v2"}) {
    SCOPED_TRACE(type);
    speaks_aggregated(group("", "v1", "pods"), group("apps", "v1", "deployments"), type);
    const kube::ApiCatalog catalog = ask();
    EXPECT_TRUE(catalog.aggregated);
    EXPECT_NE(catalog.find("apps", "v1"), nullptr);
  }
  for (const char* type :
       {"application/json", "",
        "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
        "application/json;g=apidiscovery.k8s.io;v=v2;as=Table",
        "text/html;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"}) {
    EXPECT_FALSE(kube::is_aggregated_discovery(type)) << type;
  }
}

// The whole server: events.k8s.io is served there, but cannot be watched.
struct FaultDiscoveryStory : test::StoryWorld {};

TEST_F(FaultDiscoveryStory, S13AResourceWithoutTheVerbIsNotWatched) {
  AnswerFault one;
  one.match = {.path = "/apis/events.k8s.io/v1", .count = -1};
  one.edit = [](std::string& body) {
    const std::size_t at = body.find(",\"watch\"");
    if (body.find("APIResourceList") != std::string::npos && at != std::string::npos)
      body.erase(at, 8);
  };
  api.faults().add(one);
  start_app();
  cluster.emit({.ns = "team-a", .name = "there", .message = "m"});
  auto session = connect();
  ASSERT_TRUE(session->subscribe("k0rdent://events/team-a"));
  ASSERT_TRUE(told(*session, 1));
  cluster.emit({.ns = "team-a", .name = "new", .message = "m"});
  ASSERT_TRUE(told(*session, 2));
  EXPECT_EQ(api.count("watch", "/apis/events.k8s.io"), 0);
  EXPECT_GE(api.count("watch", "/api/v1/namespaces/team-a/events"), 1);
}

}  // namespace
