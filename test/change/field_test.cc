// What went wrong in the field when agents and command lines wrote to Kubernetes; each row is a rule
// that holds here.
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "deploy/tools.h"
#include "objects/write_tools.h"
#include "redact/redactor.h"
#include "support/change_world.h"

namespace {

using test::ChangeWorld;

const std::string kApply = "k0rdent.mgmt.objects.apply";
const std::string kPatch = "k0rdent.mgmt.objects.patch";
const std::string kDelete = "k0rdent.mgmt.objects.delete";
const std::string kDeploy = "k0rdent.mgmt.clusterDeployments.deploy";

// A call whose client can ask its user.
class AskingReply final : public mcp::ToolReply {
 public:
  explicit AskingReply(mcp::Answers answers = {}) : answers_(std::move(answers)) {
    client_.elicit_form = true;
  }
  const mcp::Caller& caller() const override { return caller_; }
  bool wants_progress() const override { return false; }
  void progress(const mcp::Progress&) override {}
  void log(mcp::LogLevel, std::string_view) override {}
  void close_stream(base::Duration) override {}
  void elicitation_complete(std::string_view) override {}
  const mcp::ClientCapabilities& client() const override { return client_; }
  const mcp::Answers& answers() const override { return answers_; }
  void ask(std::vector<mcp::Question> questions, std::string state) override {
    question = questions.front().params_json;
    asked_state = std::move(state);
    ended = true;
  }
  void succeed(mcp::ToolResult result) override {
    text = std::move(result.structured_json);
    ended = true;
  }
  void fail(mcp::ToolError error) override {
    text = "error: " + error.message;
    ended = true;
  }
  void fail(mcp::RpcError error) override {
    text = "error: " + error.message;
    ended = true;
  }
  std::string question, asked_state, text;
  bool ended = false;

 private:
  mcp::Caller caller_{"self", {}};
  mcp::ClientCapabilities client_;
  mcp::Answers answers_;
};

struct Field : ChangeWorld {
  Field() {
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    add(objects::make_write_tools(change));
    add(deploy::make_write_tools(change));
    put("", "v1", "namespaces", R"({"metadata":{"name":"team-a"}})");
    put("", "v1", "configmaps",
        R"({"metadata":{"name":"m","namespace":"team-a"},"data":{"a":"1","b":"2"}})");
  }
  std::string map() { return stored(view("", "v1", "configmaps"), "team-a/m"); }
  static std::string manifest(const std::string& data, const std::string& more = {}) {
    return R"({"manifest":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m",)"
           R"("namespace":"team-a"},"data":)" +
           data + "}" + more + "}";
  }
  std::unique_ptr<AskingReply> asked(const std::string& name, const std::string& arguments,
                                     mcp::Answers answers = {}) {
    auto reply = std::make_unique<AskingReply>(std::move(answers));
    base::json::Document doc;
    auto run = tools.at(name)->begin(*doc.parse(arguments), *reply);
    EXPECT_TRUE(run_until([&] { return reply->ended; }));
    return reply;
  }
  static mcp::Answers answer(const std::string& state, const std::string& result) {
    mcp::Answers out;
    base::json::Document doc;
    EXPECT_TRUE(out.add("confirm", mcp::Question::Kind::form, *doc.parse(result)));
    out.state = state;
    return out;
  }
};

TEST_F(Field, Row1AConflictIsNeverForcedAndHasThreeWaysOn) {
  SimWorld::ask(
      "PATCH", "/api/v1/namespaces/team-a/configmaps/owned?fieldManager=flux",
      R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"owned"},"data":{"a":"1"}})",
      sim::ApiServer::kAdminToken, "application/apply-patch+yaml");
  const auto owned = [&] { return stored(view("", "v1", "configmaps"), "team-a/owned"); };
  const std::string object = R"("apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"owned",)"
                             R"("namespace":"team-a"},"data":{"a":"2"})";
  for (const auto& [tool, arguments] :
       {std::pair(kApply, R"({"manifest":{)" + object + "}}"),
        std::pair(kPatch, std::string(R"({"kind":"configmap","name":"owned","namespace":"team-a",)"
                                      R"("patch":{"data":{"a":"2"}}})"))}) {
    const Answer refused = ask(tool, arguments);
    EXPECT_TRUE(refused.failed()) << tool;
    EXPECT_TRUE(refused.says(".data.a (owner: flux)")) << refused.text();
    EXPECT_TRUE(refused.says("leave these fields out")) << refused.text();
    EXPECT_TRUE(refused.says("force: true")) << refused.text();
    EXPECT_TRUE(refused.says("leave the object as it is")) << refused.text();
    EXPECT_FALSE(refused.says("recreate")) << refused.text();
    EXPECT_NE(owned().find(R"("a":"1")"), std::string::npos);
  }
  const Answer forced = confirmed(kApply, R"({"force":true,"manifest":{)" + object + "}}");
  EXPECT_EQ(forced.status(), "updated") << forced.text();
  EXPECT_NE(owned().find(R"("a":"2")"), std::string::npos);
}

TEST_F(Field, Row4WhatTheServerWritesIsLeftOutAndSaid) {
  const Answer made =
      ask(kApply, R"({"manifest":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"n",)"
                  R"("namespace":"team-a","uid":"u","resourceVersion":"1"},"status":{"a":1}}})");
  EXPECT_EQ(made.status(), "created") << made.text();
  EXPECT_TRUE(
      made.says("left out what only the API server writes: metadata.uid, "
                "metadata.resourceVersion, status"))
      << made.text();
}

TEST_F(Field, Row2AnApplyThatLeavesFieldsOutSaysSoFirst) {
  EXPECT_EQ(ask(kApply, manifest(R"({"c":"3","d":"4"})")).status(), "updated");
  const std::string before = now_version();
  const Answer shown = ask(kApply, manifest(R"({"c":"3"})"));
  EXPECT_EQ(shown.status(), "confirmation_required") << shown.text();
  EXPECT_TRUE(shown.says("- .data.d: \"4\"")) << shown.text();
  EXPECT_EQ(now_version(), before);
  EXPECT_EQ(confirmed(kPatch, R"({"kind":"configmap","name":"m","namespace":"team-a",)"
                              R"("patch":{"data":{"a":null}}})")
                .status(),
            "updated");
  EXPECT_NE(map().find(R"("d":"4")"), std::string::npos) << "a patch changes a part";
}

TEST_F(Field, Row8NamesAreNamesAndNothingElse) {
  const std::string before = now_version();
  for (const char* name : {"..", "a/b", "a%2fb", "a?b", "--server=https://x", "", "a b", "A#"}) {
    const Answer refused = ask(kDelete, R"({"kind":"configmap","namespace":"team-a","name":")" +
                                            std::string(name) + "\"}");
    EXPECT_TRUE(refused.failed() || refused.status() == "not_found") << name << refused.text();
  }
  for (const char* ns : {"..", "a/b", "team-a%2f..", "x?y"}) {
    const Answer refused =
        ask(kDelete, R"({"kind":"configmap","name":"m","namespace":")" + std::string(ns) + "\"}");
    EXPECT_TRUE(refused.failed()) << ns << refused.text();
  }
  EXPECT_EQ(now_version(), before);
}

TEST_F(Field, Row10ADeleteNamesOneObject) {
  for (const char* arguments :
       {R"({"kind":"namespace","name":"team-a","namespace":"team-a"})",
        R"({"kind":"configmap","namespace":"team-a","name":""})",
        R"({"kind":"configmap","namespace":"","name":"m"})",
        R"({"kind":"configmap","namespace":"team-a","name":"m","uid":"another"})"}) {
    const Answer refused = ask(kDelete, arguments);
    EXPECT_TRUE(refused.failed()) << arguments << refused.text();
  }
  const Answer all = ask(kDelete, R"({"kind":"configmap","namespace":"team-a","name":"*"})");
  EXPECT_TRUE(all.says("'name' must be the name of one object")) << all.text();
  EXPECT_NE(map(), "");
}

TEST_F(Field, Row11ANamespaceIsAClassOfItsOwn) {
  const Answer shown = ask(kDelete, R"({"kind":"namespace","name":"team-a"})");
  EXPECT_EQ(shown.status(), "confirmation_required");
  EXPECT_TRUE(shown.says("deletes everything in it")) << shown.text();
  EXPECT_TRUE(shown.says("1 ClusterDeployment: azure-lost")) << shown.text();
}

TEST_F(Field, Row12EveryAnswerNamesTheClusterFirst) {
  const std::string arguments = manifest(R"({"c":"3"})");
  EXPECT_TRUE(ask(kApply, arguments).text().starts_with("cluster sim: "));
  EXPECT_TRUE(ask(kDelete, R"({"kind":"configmap","name":"m","namespace":"team-a"})")
                  .text()
                  .starts_with("cluster sim: "));
  EXPECT_TRUE(ask(kPatch, R"({"kind":"nothing","name":"m","patch":{"a":1}})")
                  .text()
                  .starts_with("error: cluster sim: "));
}

TEST_F(Field, Row13ADryRunOfEveryToolChangesNothingAtAll) {
  const struct {
    std::string tool, arguments;
  } rows[] = {
      {kApply, manifest(R"({"c":"3"})", R"(,"dryRun":true)")},
      {kPatch, R"({"kind":"configmap","name":"m","namespace":"team-a","dryRun":true,)"
               R"("patch":{"data":{"a":null}}})"},
      {kDelete, R"({"kind":"configmap","name":"m","namespace":"team-a","dryRun":true})"},
      {"k0rdent.mgmt.objects.label",
       R"({"kind":"configmap","name":"m","namespace":"team-a","labels":{"a":"b"},"dryRun":true})"},
      {kDeploy, R"({"name":"new","template":"adopted-cluster-1-0-2","credential":"adopted-cred",)"
                R"("dryRun":true})"},
      {"k0rdent.mgmt.clusterDeployments.update",
       R"({"name":"aws-prod","config":{"workersNumber":9},"dryRun":true})"},
      {"k0rdent.mgmt.clusterDeployments.delete", R"({"name":"aws-prod","dryRun":true})"},
      {"k0rdent.mgmt.clusterDeployments.services.remove",
       R"({"clusterNamespace":"kcm-system","clusterName":"aws-prod","serviceName":"ingress-nginx",)"
       R"("dryRun":true})"},
      {"k0rdent.mgmt.multiClusterServices.apply",
       R"({"name":"new","clusterSelector":{"matchLabels":{"a":"b"}},"dryRun":true,)"
       R"("services":[{"name":"i","template":"ingress-nginx-4-15-1"}]})"},
  };
  const std::string before = now_version();
  for (const auto& row : rows) {
    const Answer shown = ask(row.tool, row.arguments);
    EXPECT_EQ(shown.status(), "dry_run") << row.tool << shown.text();
    EXPECT_EQ(now_version(), before) << row.tool;
  }
}

// The API server's defaults and webhooks have changed what a dry run answers.
TEST_F(Field, Row14TheRealWriteIsMadeOfTheWish) {
  std::vector<std::string> bodies;
  api.admissions().add(
      {.resource = "configmaps",
       .decide = [&](const sim::AdmissionReview& what) -> std::optional<sim::Status> {
         bodies.push_back(what.request.body);
         return std::nullopt;
       }});
  EXPECT_EQ(ask(kApply, manifest(R"({"c":"3"})")).status(), "updated");
  ASSERT_EQ(bodies.size(), 2u);
  EXPECT_EQ(bodies[0], bodies[1]);
  EXPECT_EQ(bodies[1].find("creationTimestamp"), std::string::npos);
}

TEST_F(Field, Row15AClusterCannotTakeTheNameOfAComponent) {
  api.store().define({.group = "k0rdent.mirantis.com",
                      .version = "v1beta1",
                      .plural = "managements",
                      .kind = "Management",
                      .namespaced = false,
                      .custom = true});
  put("k0rdent.mirantis.com", "v1beta1", "managements",
      R"({"metadata":{"name":"kcm"},"status":{"components":{"velero":{"success":true}}}})");
  const Answer refused = ask(kDeploy, R"({"name":"velero","template":"adopted-cluster-1-0-2",)"
                                      R"("credential":"adopted-cred"})");
  EXPECT_TRUE(refused.failed());
  EXPECT_TRUE(refused.says("component of k0rdent's Management")) << refused.text();
}

TEST_F(Field, Row15AComponentCannotTakeTheNameOfACluster) {
  api.store().define({.group = "k0rdent.mirantis.com",
                      .version = "v1beta1",
                      .plural = "managements",
                      .kind = "Management",
                      .namespaced = false,
                      .custom = true});
  put("k0rdent.mirantis.com", "v1beta1", "managements",
      R"({"metadata":{"name":"kcm"},"spec":{"providers":[{"name":"velero"}]}})");
  const std::string before = now_version();
  const auto with = [](const char* name) {
    return R"({"kind":"managements","name":"kcm","dryRun":true,"patch":{"spec":{"providers":[{"name":")" +
           std::string(name) + R"("}]}}})";
  };
  const Answer refused = ask(kPatch, with("aws-prod"));
  EXPECT_TRUE(refused.failed());
  EXPECT_TRUE(refused.says("tear that cluster down")) << refused.text();
  EXPECT_EQ(ask(kPatch, with("other")).status(), "dry_run");
  EXPECT_EQ(now_version(), before);
}

TEST_F(Field, Row7ADiffShowsMasksAndTheWriteHasTheSecret) {
  const redact::Redactor redactor;
  context->redactor = &redactor;
  put("", "v1", "configmaps",
      R"({"metadata":{"name":"m","namespace":"team-a"},"data":{"password":"correct-horse-1"}})");
  const std::string arguments =
      R"({"kind":"configmap","name":"m","namespace":"team-a","patch":{"data":{"password":)"
      R"("battery-staple-2","other":null}}})";
  const auto question = asked(kDelete, R"({"kind":"configmap","name":"m","namespace":"team-a"})");
  EXPECT_EQ(question->question.find("correct-horse"), std::string::npos);
  const Answer made = ask(kPatch, arguments);
  EXPECT_EQ(made.status(), "updated") << made.text();
  for (const char* secret : {"correct-horse-1", "battery-staple-2"}) {
    EXPECT_FALSE(made.says(secret)) << made.text();
    EXPECT_EQ(made.reply.text.find(secret), std::string::npos) << made.reply.text;
  }
  EXPECT_TRUE(made.says("<redacted:")) << made.text();
  EXPECT_NE(map().find("battery-staple-2"), std::string::npos);
  context->redactor = nullptr;
}

// What costs is confirmed whichever tool makes it.
TEST_F(Field, AClusterIsNotMadeOrChangedByTheWay) {
  const std::string before = now_version();
  const std::string cd =
      R"({"kind":"clusterdeployments","namespace":"kcm-system","name":"aws-dev",)";
  const struct {
    std::string tool, arguments;
  } rows[] = {
      {kApply, R"({"manifest":{"apiVersion":"k0rdent.mirantis.com/v1beta1","kind":)"
               R"("ClusterDeployment","metadata":{"name":"raw","namespace":"kcm-system"},"spec":)"
               R"({"template":"aws-standalone-cp-1-0-43","credential":"aws-cred"}}})"},
      {kPatch, cd + R"("patch":{"spec":{"config":{"workersNumber":100}}}})"},
      {kPatch, cd + R"("patch":{"spec":{"template":"nope"}}})"},
      {"k0rdent.mgmt.objects.label", cd + R"("labels":{"env":"nobody"}})"},
      {kPatch, R"({"kind":"multiclusterservices","name":"platform-baseline","patch":{"spec":)"
               R"({"clusterSelector":{"matchLabels":{"env":"nobody"}}}}})"},
  };
  for (const auto& row : rows)
    EXPECT_EQ(ask(row.tool, row.arguments).status(), "confirmation_required") << row.arguments;
  EXPECT_EQ(now_version(), before);
}

TEST_F(Field, ATokenIsForThatWayOfDeletingOnly) {
  const std::string arguments = R"({"kind":"configmap","name":"m","namespace":"team-a"})";
  const std::string token(ask(kDelete, arguments)["confirm"].str());
  const Answer other =
      ask(kDelete, with_token(R"({"kind":"configmap","name":"m","namespace":"team-a",)"
                              R"("propagation":"orphan"})",
                              token));
  EXPECT_EQ(other.status(), "confirmation_required") << other.text();
  EXPECT_NE(map(), "");
}

TEST_F(Field, AFinalizerIsNeverRemoved) {
  put("", "v1", "configmaps",
      R"({"metadata":{"name":"f","namespace":"team-a","finalizers":["a/b","c/d"]}})");
  for (const char* finalizers : {"null", "[]", R"(["a/b"])"}) {
    const Answer refused =
        ask(kPatch, R"({"kind":"configmap","name":"f","namespace":"team-a","patch":{"metadata":)"
                    R"({"finalizers":)" +
                        std::string(finalizers) + "}}}");
    EXPECT_TRUE(refused.failed()) << finalizers;
    EXPECT_TRUE(refused.says("a finalizer is never removed")) << refused.text();
  }
}

TEST_F(Field, AnObjectWithNothingInItIsMade) {
  const Answer made = ask(kApply, R"({"manifest":{"apiVersion":"v1","kind":"ConfigMap","metadata":)"
                                  R"({"name":"empty","namespace":"team-a"}}})");
  EXPECT_EQ(made.status(), "created") << made.text();
  EXPECT_NE(stored(view("", "v1", "configmaps"), "team-a/empty"), "");
}

TEST_F(Field, ADryRunSaysHowToGoOn) {
  const Answer shown =
      ask(kDelete, R"({"kind":"configmap","name":"m","namespace":"team-a","dryRun":true})");
  EXPECT_TRUE(shown.says("call again without dryRun and with this")) << shown.text();
  const Answer made =
      ask(kDelete, with_token(R"({"kind":"configmap","name":"m","namespace":"team-a"})",
                              shown["confirm"].str()));
  EXPECT_EQ(made.status(), "deleted") << made.text();
}

TEST_F(Field, NothingIsChangedInAClusterThatIsBeingDeleted) {
  put("k0rdent.mirantis.com", "v1beta1", "clusterdeployments",
      R"({"metadata":{"name":"going","namespace":"kcm-system","finalizers":["a/b"],)"
      R"("deletionTimestamp":"2026-01-01T00:00:00Z"},"spec":{"template":"aws-standalone-cp-1-0-43"}})");
  const Answer refused = ask("k0rdent.mgmt.clusterDeployments.update",
                             R"({"name":"going","config":{"workersNumber":2}})");
  EXPECT_TRUE(refused.failed());
  EXPECT_TRUE(refused.says("is being deleted")) << refused.text();
}

TEST_F(Field, ATokenGoesNotPastAUserWhoCanBeAsked) {
  const std::string arguments = R"({"kind":"configmap","name":"m","namespace":"team-a"})";
  const auto shown =
      asked(kDelete, R"({"kind":"configmap","name":"m","namespace":"team-a","dryRun":true})");
  EXPECT_NE(shown->text.find(R"("status":"dry_run")"), std::string::npos) << shown->text;
  EXPECT_EQ(shown->text.find(R"("confirm":)"), std::string::npos) << shown->text;
  const std::string token(ask(kDelete, arguments)["confirm"].str());
  EXPECT_NE(asked(kDelete, with_token(arguments, token))->question, "");
  EXPECT_NE(map(), "");
}

TEST_F(Field, AConfirmationHoldsForTheClustersThatWereShown) {
  const std::string arguments = R"({"kind":"namespace","name":"team-a"})";
  const std::string token(ask(kDelete, arguments)["confirm"].str());
  put("k0rdent.mirantis.com", "v1beta1", "clusterdeployments",
      R"({"metadata":{"name":"another","namespace":"team-a"},"spec":{}})");
  const Answer stale = ask(kDelete, with_token(arguments, token));
  EXPECT_EQ(stale.status(), "confirmation_required") << stale.text();
}

TEST_F(Field, Row3NoCallerActsAsAnotherManager) {
  EXPECT_EQ(ask(kApply, manifest(R"({"c":"3"})", R"(,"fieldManager":"flux")")).status(), "updated");
  EXPECT_NE(map().find(R"("manager":"mcp.clusters.flux")"), std::string::npos) << map();
}

TEST_F(Field, AnObjectIsInAManifestOnce) {
  const std::string one = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"twice",)"
                          R"("namespace":"team-a"},"data":{"k":"v"}})";
  const Answer refused = ask(kApply, R"({"manifest":[)" + one + "," + one + "]}");
  EXPECT_TRUE(refused.failed());
  EXPECT_TRUE(refused.says("in the manifest twice")) << refused.text();
}

// It was written, and the diff did not show it.
TEST_F(Field, WhatKubectlWritesForItselfIsNoAnnotation) {
  const std::string before = now_version();
  for (const std::string& answer :
       {ask("k0rdent.mgmt.objects.annotate",
            R"({"kind":"configmap","namespace":"team-a","name":"m","annotations":)"
            R"({"kubectl.kubernetes.io/last-applied-configuration":"{}"}})")
            .text(),
        ask(kPatch, R"({"kind":"configmap","namespace":"team-a","name":"m","type":"json","patch":)"
                    R"([{"op":"add","path":"/metadata/annotations","value":)"
                    R"({"kubectl.kubernetes.io/last-applied-configuration":"{}"}}]})")
            .text()}) {
    EXPECT_TRUE(answer.starts_with("error: ")) << answer;
    EXPECT_NE(answer.find("last-applied-configuration"), std::string::npos) << answer;
  }
  EXPECT_EQ(now_version(), before);
}

// A name in a config was shown with its line ends.
TEST_F(Field, AConfigForgesNoLine) {
  const Answer refused =
      ask(kDeploy, R"({"name":"new","template":"aws-standalone-cp-1-0-43","credential":"aws-cred",)"
                   R"("config":{"regio\nnote: all is well":1}})");
  EXPECT_TRUE(refused.failed());
  EXPECT_FALSE(refused.says("\nnote: all")) << refused.text();
}

TEST_F(Field, AMaskIsNoAnnotation) {
  const Answer refused =
      ask("k0rdent.mgmt.objects.annotate", R"({"kind":"configmap","name":"m","namespace":"team-a",)"
                                           R"("annotations":{"a":"<redacted:24B:1f3a9c02>"}})");
  EXPECT_TRUE(refused.failed());
  EXPECT_TRUE(refused.says("holds a mask")) << refused.text();
}

TEST_F(Field, AUserIsAskedWhereTheClientCan) {
  const std::string arguments = R"({"kind":"configmap","name":"m","namespace":"team-a"})";
  const auto first = asked(kDelete, arguments);
  EXPECT_NE(first->question.find("Cluster sim: delete configmaps team-a/m?"), std::string::npos)
      << first->question;
  const auto no = asked(kDelete, arguments, answer(first->asked_state, R"({"action":"decline"})"));
  EXPECT_NE(no->text.find(R"("status":"declined")"), std::string::npos) << no->text;
  const auto unticked =
      asked(kDelete, arguments,
            answer(first->asked_state, R"({"action":"accept","content":{"confirm":false}})"));
  EXPECT_NE(unticked->text.find(R"("status":"declined")"), std::string::npos) << unticked->text;
  EXPECT_NE(map(), "");
  const std::string yes = R"({"action":"accept","content":{"confirm":true}})";
  put("", "v1", "configmaps",
      R"({"metadata":{"name":"m","namespace":"team-a"},"data":{"a":"other"}})");
  const auto stale = asked(kDelete, arguments, answer(first->asked_state, yes));
  EXPECT_NE(stale->question, "") << "what was shown is no longer what is there: " << stale->text;
  EXPECT_NE(map(), "");
  const auto made = asked(kDelete, arguments, answer(stale->asked_state, yes));
  EXPECT_NE(made->text.find(R"("status":"deleted")"), std::string::npos) << made->text;
  EXPECT_EQ(map(), "");
}

TEST_F(Field, AnAnswerOfTheUserIsGoodOnceAndNotForLong) {
  const std::string arguments = R"({"kind":"configmap","name":"m","namespace":"team-a"})";
  const std::string yes = R"({"action":"accept","content":{"confirm":true}})";
  const auto late = asked(kDelete, arguments);
  pass(change::kConfirmTime + base::seconds(1));
  EXPECT_NE(asked(kDelete, arguments, answer(late->asked_state, yes))->question, "");
  const auto first = asked(kDelete, arguments);
  const std::string object = map();
  EXPECT_NE(asked(kDelete, arguments, answer(first->asked_state, yes))->text.find("deleted"),
            std::string::npos);
  put("", "v1", "configmaps", object);
  EXPECT_NE(asked(kDelete, arguments, answer(first->asked_state, yes))->question, "");
  EXPECT_NE(map(), "");
}

TEST_F(Field, AModelThatRepeatsItselfNeverWrites) {
  const std::string before = now_version();
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(
        ask(kDelete, R"({"kind":"configmap","name":"m","namespace":"team-a","confirm":"yes"})")
            .status(),
        "confirmation_required");
  EXPECT_EQ(now_version(), before);
}

TEST_F(Field, AStatusThatMovesOnVoidsNoConfirmation) {
  const auto with = [&](const std::string& workers, const std::string& message) {
    put("k0rdent.mirantis.com", "v1beta1", "clusterdeployments",
        R"({"metadata":{"name":"moving","namespace":"kcm-system"},"spec":{"config":{"workersNumber":)" +
            workers + R"(}},"status":{"message":")" + message + "\"}}");
  };
  with("1", "a");
  const std::string name = "k0rdent.mgmt.clusterDeployments.delete";
  const std::string token(ask(name, R"({"name":"moving"})")["confirm"].str());
  with("1", "b");
  const Answer made = ask(name, with_token(R"({"name":"moving"})", token));
  EXPECT_TRUE(made.status().starts_with("delet")) << made.text();
}

TEST_F(Field, Row17WhyAnUpgradeIsRefusedIsInTheAnswer) {
  api.admissions().add(sim::upgrade_path());
  const Answer refused =
      ask(kPatch, R"({"kind":"clusterdeployments","namespace":"kcm-system","name":"aws-prod",)"
                  R"("patch":{"spec":{"template":"aws-standalone-cp-9-9-9"}}})");
  EXPECT_TRUE(refused.failed());
  EXPECT_TRUE(refused.says("cluster upgrade is forbidden")) << refused.text();
  EXPECT_TRUE(refused.says("warning of the API server: ")) << refused.text();
  EXPECT_TRUE(refused.says("This upgrade sequence is not allowed")) << refused.text();
}

TEST_F(Field, Row20AnApplySaysWhatItDoesNotTakeAway) {
  SimWorld::ask(
      "POST", "/api/v1/namespaces/team-a/configmaps?fieldManager=kubectl-client-side-apply",
      R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"u"},"data":{"by":"k"}})");
  const Answer shown = ask(
      kApply,
      R"({"dryRun":true,"manifest":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"u",)"
      R"("namespace":"team-a"},"data":{"c":"3"}}})");
  EXPECT_TRUE(shown.says("has fields of kubectl-client-side-apply")) << shown.text();
  EXPECT_FALSE(shown.says("- .data.by")) << shown.text();
}

}  // namespace
