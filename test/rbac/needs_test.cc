// What each tool and resource asks the API server for is what it declares (mcp/need.h): each is called in a
// server of its own, on the simulated API server, and every request is compared. The real API server's audit
// log is compared in test/e2e/rbac.test.mjs.
#include <algorithm>
#include <map>
#include <set>

#include "app/offered.h"
#include "base/text.h"
#include "kube/request_info.h"
#include "rbac/preset.h"
#include "support/story_world.h"
#include "support/watchdog.h"

namespace {

using base::json::Document;
using base::json::Value;
using test::SimCall;

using Calls = std::vector<std::string>;  // arguments

constexpr const char* kAwsProd = R"({"namespace":"kcm-system","name":"aws-prod"})";
constexpr const char* kWrong = R"({"namespace":"kcm-system","name":"aws-pord"})";
constexpr const char* kConfig =
    R"("config":{"region":"eu-west-1","controlPlane":{"instanceType":"m5.large"},)"
    R"("worker":{"instanceType":"m5.large"}})";
constexpr const char* kVelero = R"("app":"velero","template":"velero","version":"10.1.0")";
constexpr const char* kService =
    R"({"clusterNamespace":"kcm-system","clusterName":"aws-prod","templateName":)"
    R"("ingress-nginx-4-14-3","serviceName":"web"})";

std::string with(std::string_view members) {
  return "{" + std::string(members) + "}";
}

// Tools without arguments are not here. A second call has a name that is not there, or waits.
const std::map<std::string, Calls, std::less<>>& calls() {
  static const std::string map =
      R"("kind":"configmaps","namespace":"kcm-system","name":"settings")";
  static const std::map<std::string, Calls, std::less<>> all = {
      {"k0rdent.mgmt.events.list", {R"({"namespace":"kcm-system"})"}},
      {"k0rdent.mgmt.podLogs.get",
       {R"({"namespace":"kcm-system","pod":"web","container":"app"})",
        R"({"namespace":"kcm-system","pod":"wbe"})"}},
      {"k0rdent.mgmt.graph.snapshot", {"{}", R"({"kinds":["Machine","Secret","ConfigMap"]})"}},
      {"k0rdent.mgmt.objects.get",
       {with(map), R"({"kind":"pods","namespace":"kcm-system","name":"wbe"})"}},
      {"k0rdent.mgmt.objects.list", {R"({"kind":"secrets"})", R"({"kind":"events"})"}},
      {"k0rdent.mgmt.objects.wait_for", {with(map + R"(,"for":"create","timeout":"1s")")}},
      {"k0rdent.pods.inspect", {R"({"namespace":"kcm-system","name":"web"})", R"({"name":"wbe"})"}},
      {"k0rdent.mgmt.clusterDeployments.get", {kAwsProd, kWrong}},
      {"k0rdent.mgmt.clusterDeployments.detail", {kAwsProd, kWrong}},
      {"k0rdent.mgmt.clusterDeployments.getState", {kAwsProd}},
      {"k0rdent.provider.aws.clusterDeployments.detail", {kAwsProd}},
      {"k0rdent.provider.azure.clusterDeployments.detail",
       {R"({"namespace":"team-a","name":"azure-lost"})"}},
      {"k0rdent.provider.gcp.clusterDeployments.detail", {kAwsProd}},
      {"k0rdent.mgmt.clusterTemplates.describe",
       {R"({"name":"aws-standalone-cp-1-0-43"})", kWrong}},
      {"k0rdent.mgmt.serviceTemplates.describe", {R"({"name":"ingress-nginx-4-14-3"})", kWrong}},
      {"k0rdent.mgmt.credentials.describe", {R"({"name":"aws-cred"})", kWrong}},
      {"k0rdent.mgmt.multiClusterServices.describe",
       {R"({"name":"platform-baseline"})", R"({"name":"none"})"}},
      // ---- writes
      {"k0rdent.mgmt.objects.apply",
       {R"({"manifest":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"made","namespace":)"
        R"("kcm-system"},"data":{"a":"b"}}})"}},
      {"k0rdent.mgmt.objects.patch", {with(map + R"(,"patch":{"data":{"x":"1"}})")}},
      {"k0rdent.mgmt.objects.delete",
       {R"({"kind":"configmaps","namespace":"kcm-system","name":"spare"})",
        R"({"kind":"namespaces","name":"kcm-system","dryRun":true})",
        R"({"kind":"credentials","namespace":"kcm-system","name":"aws-cred","dryRun":true})"}},
      {"k0rdent.mgmt.objects.scale",
       {R"({"kind":"deployments","namespace":"kcm-system","name":"d","replicas":2})"}},
      {"k0rdent.mgmt.objects.restart",
       {R"({"kind":"deployments","namespace":"kcm-system","name":"d"})"}},
      {"k0rdent.mgmt.objects.annotate", {with(map + R"(,"annotations":{"a":"b"})")}},
      {"k0rdent.mgmt.objects.label", {with(map + R"(,"labels":{"a":"b"})")}},
      {"k0rdent.mgmt.clusterDeployments.deploy",
       {with(R"("name":"new","template":"aws-standalone-cp-1-0-43","credential":"aws-cred",)" +
             std::string(kConfig)),
        with(R"("name":"two","template":"aws-standalone-cp-1-0-43","credential":"aws-cred",)" +
             std::string(kConfig) + R"(,"wait":true,"waitTimeout":"1s")")}},
      {"k0rdent.provider.aws.clusterDeployments.deploy",
       {R"({"name":"three","credential":"aws-cred","region":"eu-west-1","controlPlane":)"
        R"({"instanceType":"m5.large"},"worker":{"instanceType":"m5.large"}})"}},
      {"k0rdent.provider.azure.clusterDeployments.deploy",
       {R"({"name":"three","credential":"aws-cred","location":"west","subscriptionID":"s",)"
        R"("controlPlane":{"vmSize":"v"},"worker":{"vmSize":"v"}})"}},
      {"k0rdent.provider.gcp.clusterDeployments.deploy",
       {R"({"name":"three","credential":"aws-cred","project":"p","region":"r","network":)"
        R"({"name":"n"},"controlPlane":{"instanceType":"i"},"worker":{"instanceType":"i"}})"}},
      {"k0rdent.mgmt.clusterDeployments.update",
       {R"({"name":"aws-prod","config":{"workersNumber":5}})",
        R"({"name":"aws-prod","config":{"workersNumber":6},"wait":true,"waitTimeout":"1s"})"}},
      {"k0rdent.mgmt.clusterDeployments.upgrade",
       {R"({"name":"aws-prod","template":"aws-standalone-cp-1-0-44"})"}},
      {"k0rdent.mgmt.clusterDeployments.delete",
       {R"({"name":"aws-pord"})", R"({"name":"aws-dev"})",
        R"({"name":"adopted-edge","wait":true,"deletionTimeout":"1s"})"}},
      {"k0rdent.mgmt.clusterDeployments.services.apply", {kService}},
      {"k0rdent.mgmt.clusterDeployments.services.remove",
       {R"({"clusterNamespace":"kcm-system","clusterName":"aws-prod","serviceName":"ingress-nginx"})"}},
      {"k0rdent.mgmt.multiClusterServices.apply",
       {R"({"name":"all","clusterSelector":{"matchLabels":{"env":"prod"}},"services":[{"name":"web",)"
        R"("namespace":"web","template":"ingress-nginx-4-14-3"}]})"}},
      {"k0rdent.mgmt.multiClusterServices.delete", {R"({"name":"podinfo-rollout"})"}},
      {"k0rdent.mgmt.credentials.create",
       {R"({"name":"c","identityKind":"Secret","identityName":"none"})",
        R"({"name":"c","identityKind":"Secret","identityName":"there"})"}},
      {"k0rdent.mgmt.serviceTemplates.install_from_catalog",
       {with(kVelero), with(std::string(kVelero) + R"(,"all_namespaces":true)")}},
      {"k0rdent.mgmt.serviceTemplates.delete",
       {with(kVelero), R"({"app":"ingress-nginx","template":"ingress-nginx","version":"4.14.3"})"}},
  };
  return all;
}

// A template's URI to read and to subscribe to.
const std::map<std::string, Calls, std::less<>> kUris = {
    {"k0rdent://events/{namespace}", {"k0rdent://events/kcm-system"}},
    {"k0rdent://podlogs/{namespace}/{pod}/{container}", {"k0rdent://podlogs/kcm-system/web/app"}},
    {"k0rdent://graph{?namespace,kinds}", {"k0rdent://graph"}},
    {"k0rdent://cluster-monitor/{namespace}/{name}",
     {"k0rdent://cluster-monitor/kcm-system/aws-prod",
      "k0rdent://cluster-monitor/kcm-system/none"}},
    {"k0rdent://objects/{group}/{version}/{resource}/{namespace}/{name}",
     {"k0rdent://objects/core/v1/configmaps/kcm-system/settings"}},
    {"k0rdent://objects/{group}/{version}/{resource}/{namespace}",
     {"k0rdent://objects/core/v1/secrets/-"}},
    {"k0rdent://watches", {"k0rdent://watches"}},
};

bool has(std::string_view verbs, std::string_view verb) {
  const auto all = base::split(verbs, ',');
  return std::find(all.begin(), all.end(), verb) != all.end();
}

bool declares(const mcp::Needs& needs, const kube::RequestInfo& asked) {
  const std::string resource =
      asked.subresource.empty() ? asked.resource : asked.resource + "/" + asked.subresource;
  return std::any_of(needs.begin(), needs.end(), [&](const mcp::Need& each) {
    const bool there = each.any() || (each.group == asked.group &&
                                      (each.resource == "*" || each.resource == resource));
    return there && has(each.verbs, asked.verb);
  });
}

// What every call may ask (rbac::common_rules()).
bool is_common(const kube::RequestInfo& asked, std::string_view path) {
  for (const rbac::Rule& rule : rbac::common_rules()) {
    for (const std::string& url : rule.urls)
      if (!asked.is_resource &&
          (path == url || (url.ends_with('*') &&
                           path.starts_with(std::string_view(url).substr(0, url.size() - 1)))))
        return true;
    for (std::size_t i = 0; i < rule.resources.size(); ++i)
      if (asked.is_resource && rule.groups[0] == asked.group &&
          rule.resources[i] == asked.resource && rule.verbs[0] == asked.verb)
        return true;
  }
  return false;
}

std::string method_of(std::string_view verb) {
  if (verb == "create") return "POST";
  if (verb == "update") return "PUT";
  if (verb == "patch") return "PATCH";
  return verb == "delete" ? "DELETE" : "GET";
}

class Needs : public test::StoryWorld {
 protected:
  Needs() {
    for (const char* folder : {"test/fixtures/k0rdent", "test/fixtures/k0rdent/external"})
      EXPECT_TRUE(api.store().load_folder(folder).has_value());
    cluster.add_namespace("kcm-system");
    cluster.set_pod({.ns = "kcm-system", .name = "web"});
    cluster.emit({.ns = "kcm-system", .message = "first"});
    for (
        const char* each :
        {"{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: kcm-system}, data: {a: b}}",
         "{apiVersion: v1, kind: ConfigMap, metadata: {name: spare, namespace: kcm-system}}",
         "{apiVersion: v1, kind: Secret, metadata: {name: there, namespace: kcm-system}}",
         "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: kcm-system}, spec: "
         "{replicas: 1, template: {spec: {containers: [{name: a}]}}}}"})
      EXPECT_TRUE(api.store().load(each).has_value()) << each;
  }

  void begin() {
    app::Settings settings;
    settings.allow_writes = true;
    settings.policy_file =
        dir.write("policy.yaml", "rules: [{effect: allow, kinds: ['*', secrets]}]\n");
    start_app(settings);
    session_ = connect();
    pass(base::seconds(1));
    api.forget_seen();
  }
  // The server ends, so that nothing of this call is seen in the next.
  void end(const std::string& what, const mcp::Needs& needs) {
    pass(base::seconds(2));
    session_.reset();
    stop_app();
    for (const auto& each : api.seen()) {
      const std::string_view path = std::string_view(each.path).substr(0, each.path.find('?'));
      const auto info = kube::request_info(method_of(each.verb), each.path, each.query);
      if (is_common(info, path)) continue;
      EXPECT_TRUE(declares(needs, info)) << what << " asks for " << info.verb << " of "
                                         << info.resource_text() << " and does not declare it";
      asked_.insert(info.verb + " " + info.resource_text());
    }
    app.reset();
  }

  void call(const std::string& tool, const std::string& arguments) {
    const auto send = [&](const std::string& with) {
      session_->ask("tools/call", R"({"name":")" + tool + R"(","arguments":)" + with + "}");
    };
    send(arguments);
    const std::string token(session_->result()["structuredContent"]["confirm"].str());
    if (!token.empty())
      send(arguments.substr(0, arguments.size() - 1) + (arguments == "{}" ? "" : ",") +
           R"("confirm":")" + token + "\"}");
    const bool error = !session_->result() || session_->result()["isError"].bool_or(false);
    ++(error ? errors_ : answers_);
    said_.append(tool).append(" ").append(arguments).append(error ? ": failed\n" : ": answered\n");
  }

  test::QuietWatchdog quiet_;
  std::unique_ptr<test::McpSession> session_;
  std::set<std::string> asked_;  // by all so far
  int errors_ = 0, answers_ = 0;
  std::string said_;
  const app::Offered offered_;
};

TEST_F(Needs, NoToolAsksForWhatItDoesNotDeclare) {
  offered_.registry().each_tool([&](const mcp::Tool& tool) {
    const std::string& name = tool.info().name;
    const auto known = calls().find(name);
    begin();
    for (const std::string& each : known == calls().end() ? Calls{"{}"} : known->second)
      call(name, each);
    end(name, tool.info().needs);
  });
  EXPECT_GT(answers_, 2 * errors_) << "most calls must come to their end:\n" << said_;
  for (const char* each : {"create clusterdeployments.k0rdent.mirantis.com", "get pods/log",
                           "watch clusters.cluster.x-k8s.io", "patch configmaps",
                           "delete clusterdeployments.k0rdent.mirantis.com"})
    EXPECT_TRUE(asked_.contains(each)) << each << " was not tried";
}

TEST_F(Needs, NoResourceAsksForWhatItDoesNotDeclare) {
  offered_.registry().each_family([&](const mcp::ResourceFamily& family) {
    const mcp::ResourceInfo& info = family.info();
    const std::string name = info.uri_template.empty() ? info.uri : info.uri_template;
    const auto known = kUris.find(name);
    ASSERT_NE(known, kUris.end()) << "needs_test.cc has no URI for " << name << ": add it";
    begin();
    for (const std::string& uri : known->second) {
      session_->ask("resources/read", R"({"uri":")" + uri + "\"}");
      session_->subscribe(uri);
      pass(base::seconds(5));
    }
    for (const char* variable : {"namespace", "pod", "container", "name", "resource"}) {
      if (name.find(variable) == name.npos) continue;
      session_->ask(
          "completion/complete",
          R"({"ref":{"type":"ref/resource","uri":")" + name + R"("},"argument":{"name":")" +
              variable +
              R"(","value":""},"context":{"arguments":{"namespace":"kcm-system","pod":"web",)"
              R"("group":"core","version":"v1","resource":"configmaps"}}})");
    }
    end(name, info.needs);
  });
  for (const char* each : {"watch clusterdeployments.k0rdent.mirantis.com", "get pods/log",
                           "watch events.events.k8s.io", "watch secrets"})
    EXPECT_TRUE(asked_.contains(each)) << each << " was not tried";
}

}  // namespace
