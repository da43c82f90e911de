// Each tool that writes, in each case: good, dry run, another manager's fields, an object that
// changes in between, forbidden by RBAC, by policy and by admission, an API server that fails before,
// during and after the write, cancelled, bad input field by field, and the same call again.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "app/offered.h"
#include "catalog/write_tools.h"
#include "cluster/policy_gate.h"
#include "deploy/config_checks.h"
#include "deploy/tools.h"
#include "kube/client.h"
#include "objects/write_tools.h"
#include "support/change_world.h"

namespace {

using base::json::Member;
using base::json::Type;
using base::json::Value;
using test::ChangeWorld;

constexpr const char* kK0rdent = "k0rdent.mirantis.com";

// The object that a tool's first step writes.
struct Target {
  std::string group, version, plural, key;  // key: "namespace/name", or "name"
  std::string name() const { return key.substr(key.rfind('/') + 1); }
};

struct Row {
  std::string tool, arguments;
  Target target;
  std::string verb;    // of the write: "patch", "create", "delete"
  std::string status;  // of the answer
  std::string again;   // of the same call once more
  // What another manager applies to the object before, and owns then; "": nothing that the write
  // touches can be another's.
  std::string rival = {};
};

const Target kMap{"", "v1", "configmaps", "team-a/m"};
const Target kWeb{"apps", "v1", "deployments", "team-a/web"};
Target cluster_of(const std::string& name) {
  return {kK0rdent, "v1beta1", "clusterdeployments", "kcm-system/" + name};
}
std::string map_with(const std::string& more) {
  return R"({"kind":"configmap","name":"m","namespace":"team-a")" + more + "}";
}
std::string web_with(const std::string& more) {
  return R"({"kind":"deployment","name":"web","namespace":"team-a")" + more + "}";
}
std::string service_with(const std::string& more) {
  return R"({"clusterNamespace":"kcm-system","clusterName":"aws-prod")" + more + "}";
}

std::vector<Row> object_rows() {
  const std::string objects = "k0rdent.mgmt.objects.";
  return {
      {objects + "apply",
       R"({"manifest":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m",)"
       R"("namespace":"team-a"},"data":{"b":"9"}}})",
       kMap, "patch", "updated", "unchanged", R"({"data":{"b":"flux"}})"},
      {objects + "patch", map_with(R"(,"patch":{"data":{"a":"9"}})"), kMap, "patch", "updated",
       "unchanged", R"({"data":{"a":"flux"}})"},
      {objects + "delete", map_with(""), kMap, "delete", "deleted", "not_found"},
      {objects + "scale", web_with(R"(,"replicas":3)"), kWeb, "patch", "updated", "unchanged",
       R"({"spec":{"replicas":7}})"},
      {objects + "restart", web_with(""), kWeb, "patch", "updated", "unchanged",
       R"({"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"x"}}}}})"},
      {objects + "annotate", map_with(R"(,"annotations":{"x":"y"})"), kMap, "patch", "updated",
       "unchanged", R"({"metadata":{"annotations":{"x":"flux"}}})"},
      {objects + "label", map_with(R"(,"labels":{"x":"y"})"), kMap, "patch", "updated", "unchanged",
       R"({"metadata":{"labels":{"x":"flux"}}})"},
  };
}

std::vector<Row> cluster_rows() {
  const std::string clusters = "k0rdent.mgmt.clusterDeployments.";
  return {
      {clusters + "deploy",
       R"({"name":"new","template":"aws-standalone-cp-1-0-43","credential":"aws-cred","config":)"
       R"({"region":"r","controlPlane":{"instanceType":"a"},"worker":{"instanceType":"b"}}})",
       cluster_of("new"), "create", "created", "unchanged"},
      {"k0rdent.provider.aws.clusterDeployments.deploy",
       R"({"name":"new","credential":"aws-cred","region":"r","controlPlane":{"instanceType":"a"},)"
       R"("worker":{"instanceType":"b"}})",
       cluster_of("new"), "create", "created", "unchanged"},
      {"k0rdent.provider.azure.clusterDeployments.deploy",
       R"({"name":"new","credential":"azure-cred","location":"l","subscriptionID":"s",)"
       R"("controlPlane":{"vmSize":"a"},"worker":{"vmSize":"b"}})",
       cluster_of("new"), "create", "created", "unchanged"},
      {"k0rdent.provider.gcp.clusterDeployments.deploy",
       R"({"name":"new","credential":"gcp-cred","project":"p","region":"r","network":{"name":"n"},)"
       R"("controlPlane":{"instanceType":"a"},"worker":{"instanceType":"b"}})",
       cluster_of("new"), "create", "created", "unchanged"},
      {clusters + "update", R"({"name":"aws-prod","config":{"workersNumber":7}})",
       cluster_of("aws-prod"), "patch", "updated", "unchanged",
       R"({"spec":{"config":{"workersNumber":5}}})"},
      {clusters + "upgrade", R"({"name":"aws-dev","template":"aws-standalone-cp-1-0-44"})",
       cluster_of("aws-dev"), "patch", "updated", "unchanged",
       R"({"spec":{"template":"aws-standalone-cp-1-0-43"}})"},
      {clusters + "delete", R"({"name":"aws-prod"})", cluster_of("aws-prod"), "delete", "deleting",
       "deleting"},
      {clusters + "services.apply",
       service_with(R"(,"templateName":"ingress-nginx-4-15-1","serviceName":"web",)"
                    R"("serviceNamespace":"web","values":{"replicas":2})"),
       cluster_of("aws-prod"), "patch", "updated", "unchanged",
       R"({"spec":{"serviceSpec":{"services":[{"name":"web","namespace":"web","template":"t","values":"x"}]}}})"},
      {clusters + "services.remove", service_with(R"(,"serviceName":"ingress-nginx")"),
       cluster_of("aws-prod"), "patch", "updated", "not_found"},
  };
}

std::vector<Row> other_rows() {
  const std::string templates = "k0rdent.mgmt.serviceTemplates.";
  return {
      {"k0rdent.mgmt.multiClusterServices.apply",
       R"({"name":"many","clusterSelector":{"matchLabels":{"no":"such"}},"services":)"
       R"([{"name":"i","namespace":"i","template":"ingress-nginx-4-15-1"}]})",
       {kK0rdent, "v1beta1", "multiclusterservices", "many"},
       "patch",
       "created",
       "unchanged"},
      {"k0rdent.mgmt.multiClusterServices.delete",
       R"({"name":"podinfo-rollout"})",
       {kK0rdent, "v1beta1", "multiclusterservices", "podinfo-rollout"},
       "delete",
       "deleting",
       "deleting"},
      {"k0rdent.mgmt.credentials.create",
       R"({"name":"c","identityKind":"Secret","identityName":"s"})",
       {kK0rdent, "v1beta1", "credentials", "kcm-system/c"},
       "create",
       "created",
       "unchanged"},
      {templates + "install_from_catalog",
       R"({"app":"velero","template":"velero","version":"10.1.0"})",
       {kK0rdent, "v1beta1", "servicetemplates", "kcm-system/velero-10-1-0"},
       "patch",
       "created",
       "unchanged"},
      {templates + "delete",
       R"({"app":"velero","template":"velero","version":"9.2.0"})",
       {kK0rdent, "v1beta1", "servicetemplates", "kcm-system/velero-9-2-0"},
       "delete",
       "deleted",
       "not_found"},
  };
}

std::vector<Row> rows() {
  std::vector<Row> out = object_rows();
  for (const auto& some : {cluster_rows(), other_rows()})
    out.insert(out.end(), some.begin(), some.end());
  return out;
}

class EachWrite : public ChangeWorld, public ::testing::WithParamInterface<Row> {
 protected:
  EachWrite() : checks(*context) {
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent/external").has_value());
    for (const char* ns : {"kcm-system", "team-a"})
      cluster.add_namespace(ns);
    add(objects::make_write_tools(change));
    add(deploy::make_write_tools(change));
    add(catalog::make_write_tools(change, catalog));
    change.checks = &checks;
    put_objects();
    put_templates();
    api.admissions().add(
        {.resource = row.target.plural, .decide = [this](const sim::AdmissionReview& what) {
           executed += what.dry_run ? 0 : 1;
           return std::optional<sim::Status>();
         }});
  }

  void put_objects() {
    put("", "v1", "configmaps",
        R"({"metadata":{"name":"m","namespace":"team-a"},"data":{"a":"1"}})");
    put("", "v1", "secrets",
        R"({"metadata":{"name":"s","namespace":"kcm-system"},"data":{"k":"dg=="}})");
    EXPECT_TRUE(
        api.store()
            .load("{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: "
                  "team-a}, spec: {replicas: 1, template: {metadata: {labels: {a: b}}, "
                  "spec: {containers: [{name: c, image: i}]}}}}")
            .has_value());
    for (const char* provider : {"azure", "gcp"})
      put(kK0rdent, "v1beta1", "credentials",
          R"({"metadata":{"name":")" + std::string(provider) +
              R"(-cred","namespace":"kcm-system"},"spec":{"identityRef":{"apiVersion":"v1",)"
              R"("kind":"Secret","name":"s","namespace":"kcm-system"}},"status":{"ready":true}})");
  }
  void put_templates() {
    for (const char* name :
         {"azure-standalone-cp-1-0-50", "gcp-standalone-cp-1-0-50", "aws-standalone-cp-1-0-44"})
      put(kK0rdent, "v1beta1", "clustertemplates",
          R"({"metadata":{"name":")" + std::string(name) +
              R"(","namespace":"kcm-system"},)"
              R"("status":{"valid":)" +
              (std::string_view(name).starts_with("aws") && !upgrades() ? "false" : "true") + "}}");
    put(kK0rdent, "v1beta1", "servicetemplates",
        R"({"metadata":{"name":"velero-9-2-0","namespace":"kcm-system"},"spec":{"helm":)"
        R"({"chartSpec":{"chart":"velero","version":"9.2.0","sourceRef":{"kind":)"
        R"("HelmRepository","name":"other"}}}},"status":{"valid":true}})");
    put("source.toolkit.fluxcd.io", "v1", "helmrepositories",
        R"({"metadata":{"name":"k0rdent-catalog","namespace":"kcm-system","labels":)"
        R"({"k0rdent.mirantis.com/managed":"true"}},"spec":{"type":"oci","url":)"
        R"("oci://ghcr.io/k0rdent/catalog/charts"}})");
    std::string dev = stored(of(cluster_of("aws-dev")), "kcm-system/aws-dev");
    dev.insert(dev.find(R"("status":{)") + 10,
               R"("availableUpgrades":["aws-standalone-cp-1-0-44"],)");
    put(kK0rdent, "v1beta1", "clusterdeployments", dev);
  }
  static bool upgrades() { return GetParam().tool.ends_with("upgrade"); }

  sim::View of(const Target& target) { return view(target.group, target.version, target.plural); }
  std::string now() { return stored(of(row.target), row.target.key); }
  // The part of a write's path that names it: a create is a POST to the collection.
  std::string path() const {
    return row.target.plural + (row.verb == "create" ? "" : "/" + row.target.name());
  }
  // Deletions count when they were executed: their dry runs look the same from outside.
  int written() {
    if (row.verb == "delete") return executed;
    int real = 0;
    for (const auto& seen : api.seen())
      real += seen.verb == row.verb && seen.path.find(path()) != std::string::npos &&
                      seen.query.find("dryRun") == std::string::npos
                  ? 1
                  : 0;
    return real;
  }

  // The arguments with what confirms them, if that is needed.
  std::string ready() {
    const Answer first = ask(row.tool, row.arguments + "");
    if (first.status() == "confirmation_required") {
      EXPECT_EQ(written(), 0);
      return with_token(row.arguments, first["confirm"].str());
    }
    ADD_FAILURE() << "no confirmation: " << first.text();
    return row.arguments;
  }
  // With every change confirmed, so that each tool's first call writes nothing.
  Answer make() { return ask(row.tool, ready()); }
  void expect_refused(const Answer& answer, std::string_view says) {
    EXPECT_TRUE(answer.failed()) << answer.text();
    EXPECT_TRUE(answer.says(says)) << answer.text();
  }

  const Row& row = GetParam();
  int executed = 0;
  deploy::ConfigChecks checks;
  change::Context always{*context, writes, change::Confirm::always};
};

// The same with --confirm=always.
class EachConfirmed : public EachWrite {
 protected:
  EachConfirmed() {
    always.checks = &checks;
    tools.clear();
    add(objects::make_write_tools(always));
    add(deploy::make_write_tools(always));
    add(catalog::make_write_tools(always, catalog));
  }
};

TEST(EachWriteTable, HasEveryToolThatWrites) {
  std::vector<std::string> all, writes;
  for (const Row& row : rows())
    all.push_back(row.tool);
  std::sort(all.begin(), all.end());
  const app::Offered offered;
  offered.registry().each_tool([&](const mcp::Tool& tool) {
    if (!tool.info().read_only) writes.push_back(tool.info().name);
  });
  EXPECT_EQ(all, writes);
}

TEST_P(EachConfirmed, GoodAndAgain) {
  const std::string before = now_version();
  const std::string arguments = ready();
  EXPECT_EQ(now_version(), before);
  const Answer made = ask(row.tool, arguments);
  EXPECT_EQ(made.status(), row.status) << made.text();
  EXPECT_TRUE(made.text().starts_with("cluster sim: ")) << made.text();
  EXPECT_EQ(written(), 1);
  const std::string after = now_version();
  Answer again = ask(row.tool, row.arguments);
  if (again.status() == "confirmation_required")
    again = ask(row.tool, with_token(row.arguments, again["confirm"].str()));
  EXPECT_EQ(again.status(), row.again) << again.text();
  if (row.again != row.status) {
    EXPECT_EQ(now_version(), after) << "nothing was written";
  }
}

TEST_P(EachConfirmed, DryRunWritesNothing) {
  const std::string before = now_version(), object = now();
  std::string arguments = row.arguments;
  arguments.insert(arguments.size() - 1, R"(,"dryRun":true)");
  const Answer shown = ask(row.tool, arguments);
  EXPECT_EQ(shown.status(), "dry_run") << shown.text();
  EXPECT_TRUE(shown.says("nothing was written")) << shown.text();
  EXPECT_EQ(now_version(), before);
  EXPECT_EQ(now(), object);
  EXPECT_EQ(written(), 0);
}

TEST_P(EachWrite, FieldsOfAnotherManagerAreAConflict) {
  if (row.rival.empty()) return;
  std::string body = row.rival;
  const std::string ns = row.target.key.substr(0, row.target.key.find('/'));
  const bool named = row.target.key.find('/') != std::string::npos;
  const sim::Object* object = api.store().get(of(row.target), row.target.key);
  ASSERT_TRUE(object);
  base::json::Document doc;
  const Value is = *doc.parse(now());
  body.insert(1, R"("apiVersion":")" + std::string(is["apiVersion"].str()) + R"(","kind":")" +
                     std::string(is["kind"].str()) + "\",");
  if (body.find(R"("metadata":{)") == std::string::npos || body.find("restartedAt") != body.npos) {
    body.insert(1, R"("metadata":{"name":")" + row.target.name() + "\"},");
  } else {
    body.insert(body.find(R"("metadata":{)") + 12, R"("name":")" + row.target.name() + "\",");
  }
  const std::string base = row.target.group.empty()
                               ? "/api/" + row.target.version
                               : "/apis/" + row.target.group + "/" + row.target.version;
  const auto applied =
      SimWorld::ask("PATCH",
                    base + (named ? "/namespaces/" + ns : "") + "/" + row.target.plural + "/" +
                        row.target.name() + "?fieldManager=flux&force=true",
                    body, sim::ApiServer::kAdminToken, "application/apply-patch+yaml");
  ASSERT_EQ(applied->status, 200) << applied->body;
  const std::string before = now_version();
  const Answer refused = ask(row.tool, row.arguments);
  expect_refused(refused, "conflict: other managers own fields of ");
  EXPECT_TRUE(refused.says("(owner: flux")) << refused.text();
  EXPECT_TRUE(refused.says("leave the object as it is")) << refused.text();
  EXPECT_EQ(now_version(), before);
}

// Another client writes between the dry run and the write: nothing of it is lost.
TEST_P(EachConfirmed, AnObjectThatChangesInBetweenIsReadAgain) {
  const std::string arguments = ready();
  const int tried = api.count(row.verb, path());
  base::json::Document doc, touched_doc;
  test::TestReply reply(self());
  auto run = tools.at(row.tool)->begin(*doc.parse(arguments), reply);
  ASSERT_TRUE(
      run_until([&] { return api.count(row.verb, path()) > tried || !reply.text.empty(); }));
  const bool there = !now().empty() && written() == 0;
  if (there) {  // a status moves on
    std::string touched = now();
    const std::size_t at = touched.find(R"("metadata":{)");
    touched.insert(at + 12, R"("generateName":"touched",)");
    api.store().put(of(row.target), touched);
  }
  ASSERT_TRUE(run_until([&] { return !reply.text.empty(); }));
  const bool made = reply.text.find(R"("status":")" + row.status) != std::string::npos;
  const bool asks = reply.text.find("confirmation_required") != std::string::npos;
  EXPECT_TRUE(made || asks) << reply.text;
  if (there && row.verb != "delete") {
    EXPECT_NE(now().find("touched"), std::string::npos) << "the other's change stays";
  }
}

TEST_P(EachConfirmed, ForbiddenByRbac) {
  const std::string before = now_version();
  deny(row.verb, row.target.plural);
  expect_refused(ask(row.tool, row.arguments), "forbidden");
  EXPECT_EQ(now_version(), before);
  EXPECT_EQ(written(), 0);
}

TEST_P(EachConfirmed, ForbiddenByPolicy) {
  const std::string before = now_version();
  auto policy = policy::Policy::parse(
      {.allow_writes = true}, "rules:\n- {name: hands-off, effect: deny, verbs: [write], kinds: [" +
                                  row.target.plural + "]}\n- {effect: allow}\n");
  ASSERT_TRUE(policy) << policy.error().what();
  cluster::PolicyGate gate(*std::move(policy), "sim");
  client->set_gate(&gate);
  context->policy = &gate;
  expect_refused(ask(row.tool, row.arguments), "rule 1 (hands-off), line 2");
  EXPECT_EQ(now_version(), before);
  client->set_gate(nullptr);
  context->policy = nullptr;
}

TEST_P(EachConfirmed, ForbiddenByAdmission) {
  const std::string before = now_version();
  api.admissions().add({.resource = row.target.plural,
                        .decide = [](const sim::AdmissionReview&) -> std::optional<sim::Status> {
                          return sim::webhook_denied("guard", "not on a Friday");
                        }});
  expect_refused(ask(row.tool, row.arguments), "not on a Friday");
  EXPECT_EQ(now_version(), before);
}

TEST_P(EachConfirmed, AnApiServerThatFailsBeforeTheWrite) {
  const std::string before = now_version();
  answer(row.verb, path(), sim::internal_error("etcd is ill"), -1);
  expect_refused(ask(row.tool, row.arguments), "etcd is ill");
  EXPECT_EQ(now_version(), before);
}

TEST_P(EachConfirmed, AnApiServerThatFailsDuringTheWrite) {
  const std::string arguments = ready(), object = now();
  sim::AnswerFault lost = sim::request_lost(row.verb, path());
  lost.match.skip = 1;  // the dry run
  api.faults().add(std::move(lost));
  const Answer answer = ask(row.tool, arguments);
  EXPECT_TRUE(answer.failed()) << answer.text();
  EXPECT_TRUE(answer.says("not made") || answer.says("cannot know whether")) << answer.text();
  EXPECT_EQ(now(), object);
  EXPECT_EQ(written(), row.verb == "delete" ? 0 : 1) << "it is sent once";
}

TEST_P(EachConfirmed, AnApiServerThatFailsAfterTheWrite) {
  const std::string arguments = ready();
  sim::AnswerFault lost = sim::answer_lost(row.verb, path());
  lost.match.skip = 1;
  api.faults().add(std::move(lost));
  const Answer answer = ask(row.tool, arguments);
  // An apply whose answer is lost cannot be told from a change.
  const bool made = answer.status() == row.status || answer.status() == "updated";
  EXPECT_TRUE(made) << answer.text();
  EXPECT_EQ(written(), 1) << "it is looked for, not sent again";
}

TEST_P(EachConfirmed, CancelledBeforeTheWrite) {
  const std::string arguments = ready(), before = now_version();
  const int tried = api.count(row.verb, path());
  base::json::Document doc;
  test::TestReply reply(self());
  auto run = tools.at(row.tool)->begin(*doc.parse(arguments), reply);
  ASSERT_TRUE(run_until([&] { return api.count(row.verb, path()) > tried; }));
  EXPECT_EQ(run->so_far(), "nothing was written");
  run.reset();
  pass(base::seconds(60));
  EXPECT_EQ(now_version(), before);
  EXPECT_EQ(reply.text, "");
}

// A value of another type than a property has.
std::string_view wrong_for(Value property) {
  const std::string_view type = property["type"].str();
  return type == "string" ? "7" : "\"no such thing: [\"";
}

TEST_P(EachWrite, BadInputFieldByField) {
  base::json::Document schema_doc, arguments_doc;
  const Value schema = *schema_doc.parse(tools.at(row.tool)->input().input_json());
  const Value given = *arguments_doc.parse(row.arguments);
  const std::string before = now_version();
  const auto with = [&](std::string_view name, std::string_view json) {
    std::string out;
    base::json::Writer w(out);
    w.begin_object();
    for (const Member member : given.object())
      if (member.key != name) w.key(member.key).raw(member.value.to_json());
    if (!json.empty()) w.key(name).raw(json);
    w.end_object();
    return out;
  };
  std::size_t tried = 0;
  for (const Member property : schema["properties"].object()) {
    const std::string name(property.key);
    const std::string_view bad =
        property.value["type"].is(Type::array) ? "7" : wrong_for(property.value);
    const Answer answer = ask(row.tool, with(name, bad));
    EXPECT_TRUE(answer.failed()) << name << ": " << answer.text();
    EXPECT_TRUE(answer.says("'" + name)) << name << ": " << answer.text();
    ++tried;
  }
  for (const Value required : schema["required"].array()) {
    const std::string name(required.str());
    const Answer answer = ask(row.tool, with(name, ""));
    EXPECT_TRUE(answer.failed()) << name;
    EXPECT_TRUE(answer.says("'" + name + "'")) << name << ": " << answer.text();
  }
  EXPECT_TRUE(ask(row.tool, with("nmae", "1")).says("unknown argument 'nmae'"));
  EXPECT_GT(tried, 3u);
  EXPECT_EQ(now_version(), before);
}

std::string name_of(const ::testing::TestParamInfo<Row>& info) {
  std::string out = info.param.tool;
  for (char& c : out)
    c = c == '.' ? '_' : c;
  return out;
}

INSTANTIATE_TEST_SUITE_P(Tools, EachWrite, ::testing::ValuesIn(rows()), name_of);
INSTANTIATE_TEST_SUITE_P(Tools, EachConfirmed, ::testing::ValuesIn(rows()), name_of);

}  // namespace
