// What objects.apply and objects.patch take care of beyond the write itself: a namespace that the
// same call makes, JSON Patch, the config of a cluster, values that the API server chooses.
#include <string>

#include <gtest/gtest.h>

#include "base/limits.h"
#include "deploy/config_checks.h"
#include "objects/write_tools.h"
#include "redact/redactor.h"
#include "support/change_world.h"

namespace {

using test::ChangeWorld;

constexpr const char* kK0rdent = "k0rdent.mirantis.com";
const std::string kApply = "k0rdent.mgmt.objects.apply";
const std::string kPatch = "k0rdent.mgmt.objects.patch";

struct Care : ChangeWorld {
  Care() : checks(*context) {
    EXPECT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
    add(objects::make_write_tools(change));
    change.checks = &checks;
    put("", "v1", "namespaces", R"({"metadata":{"name":"team-a"}})");
    put("", "v1", "configmaps",
        R"({"metadata":{"name":"m","namespace":"team-a"},"data":{"a":"1","b":"2"}})");
  }
  std::string map(const std::string& key) { return stored(view("", "v1", "configmaps"), key); }
  static std::string patch(const std::string& operations) {
    return R"({"kind":"configmap","name":"m","namespace":"team-a","type":"json","patch":)" +
           operations + "}";
  }
  deploy::ConfigChecks checks;
};

// Bug: a text of 900 kB held 200,000 values, which took 200 ms of one turn.
TEST_F(Care, AYamlTextHoldsNoMoreValuesThanAMessage) {
  std::string list = "[1";
  for (std::size_t i = 1; i < base::limits::kBodyValues; ++i)
    list += ",1";
  const std::string text = R"(apiVersion: v1\nkind: ConfigMap\nmetadata: {name: n, namespace: )"
                           R"(team-a}\ndata: )" +
                           list + "]";
  const Answer applied = ask(kApply, R"({"manifest":")" + text + "\"}");
  EXPECT_TRUE(applied.failed() && applied.says("'manifest': line 4:") &&
              applied.says("more than 5000 nodes, aliases counted in full; send fewer objects in "
                           "one call"))
      << applied.text();
  const Answer patched =
      ask(kPatch,
          R"({"kind":"configmap","name":"m","namespace":"team-a","patch":"data: )" + list + "]\"}");
  EXPECT_TRUE(patched.failed() && patched.says("'patch': line 1:") &&
              patched.says("more than 5000 nodes, aliases counted in full; send it as several "
                           "patches"))
      << patched.text();
}

// ---- a namespace and what is in it

constexpr const char* kBoth =
    R"({"manifest":[{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"new"},)"
    R"("data":{"k":"v"}},{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"new"}}])";

TEST_F(Care, ANamespaceAndWhatIsInItAreMadeInOneCall) {
  const std::string before = now_version();
  const Answer shown = ask(kApply, std::string(kBoth) + R"(,"dryRun":true})");
  EXPECT_EQ(shown.status(), "dry_run") << shown.text();
  EXPECT_TRUE(
      shown.says("configmaps new/c could not be tried, because namespace new is made by this "
                 "call"))
      << shown.text();
  EXPECT_TRUE(shown.says("  configmaps new/c:\n    + .data.k: \"v\"")) << shown.text();
  EXPECT_EQ(now_version(), before);
  const Answer made = ask(kApply, std::string(kBoth) + "}");
  EXPECT_EQ(made.status(), "created") << made.text();
  EXPECT_NE(map("new/c"), "");
  EXPECT_EQ(ask(kApply, std::string(kBoth) + "}").status(), "unchanged");
}

TEST_F(Care, WhatCouldNotBeTriedIsTriedJustBeforeItIsWritten) {
  api.admissions().add({.resource = "configmaps",
                        .decide = [](const sim::AdmissionReview&) -> std::optional<sim::Status> {
                          return sim::webhook_denied("guard", "not in here");
                        }});
  const Answer refused = ask(kApply, std::string(kBoth) + "}");
  EXPECT_TRUE(refused.failed()) << refused.text();
  EXPECT_TRUE(refused.says("not in here")) << refused.text();
  EXPECT_TRUE(refused.says("These were made before:\n  created namespaces new")) << refused.text();
  EXPECT_EQ(map("new/c"), "");
  for (const auto& seen : api.seen())
    EXPECT_FALSE(seen.path.find("configmaps") != std::string::npos && seen.verb == "patch" &&
                 seen.query.find("dryRun") == std::string::npos)
        << "the write was not even sent";
}

TEST_F(Care, AnObjectInANamespaceThatNoStepMakesIsRefused) {
  const Answer refused =
      ask(kApply, R"({"manifest":{"apiVersion":"v1","kind":"ConfigMap","metadata":)"
                  R"({"name":"c","namespace":"none"},"data":{"k":"v"}}})");
  EXPECT_TRUE(refused.failed());
  EXPECT_TRUE(refused.says("none")) << refused.text();
}

// ---- a kind and what is of it

struct CareOfKinds : Care {
  CareOfKinds() {
    api.store().define({.group = "apiextensions.k8s.io",
                        .version = "v1",
                        .plural = "customresourcedefinitions",
                        .kind = "CustomResourceDefinition",
                        .namespaced = false});
    api.admissions().add({.verb = "create",
                          .resource = "customresourcedefinitions",
                          .decide = [this](const sim::AdmissionReview& what) {
                            if (!what.dry_run && establishes) established.arm(base::seconds(3));
                            return std::optional<sim::Status>();
                          }});
  }
  void establish() {
    api.store().define({.group = "example.test",
                        .version = "v1",
                        .plural = "things",
                        .kind = "Thing",
                        .custom = true});
  }
  // The object comes first: the plan puts the definition before it.
  static std::string both(const std::string& plural = "things", const std::string& more = {}) {
    return R"({"manifest":[{"apiVersion":"example.test/v1","kind":"Thing","metadata":{"name":"t",)"
           R"("namespace":"team-a"},"spec":{"size":1}},{"apiVersion":"apiextensions.k8s.io/v1",)"
           R"("kind":"CustomResourceDefinition","metadata":{"name":")" +
           plural + R"(.example.test"},"spec":{"group":"example.test","scope":"Namespaced",)" +
           R"("names":{"plural":")" + plural +
           R"(","kind":"Thing"},"versions":[{"name":"v1","served":true,"storage":true}]}}])" +
           more + "}";
  }
  std::string things() {
    const sim::View of = view("example.test", "v1", "things");
    return of.collection ? stored(of, "team-a/t") : "";
  }
  bool establishes = true;
  loop::Timer established{loop, "established",
                          loop::Timer::Fn::bind<&CareOfKinds::establish>(this)};
};

TEST_F(CareOfKinds, ADefinitionAndItsObjectsAreMadeInOneCall) {
  const std::string before = now_version();
  const Answer shown = ask(kApply, both("things", R"(,"dryRun":true)"));
  EXPECT_EQ(shown.status(), "dry_run") << shown.text();
  EXPECT_TRUE(
      shown.says("things.example.test team-a/t could not be tried, because its kind "
                 "(things.example.test) is made by this call"))
      << shown.text();
  EXPECT_TRUE(shown.says("+ .spec.size: 1")) << shown.text();
  EXPECT_EQ(now_version(), before);
  const Answer made = ask(kApply, both());
  EXPECT_EQ(made.status(), "created") << made.text();
  EXPECT_TRUE(
      made.says("created customresourcedefinitions.apiextensions.k8s.io "
                "things.example.test, created things.example.test team-a/t"))
      << made.text();
  EXPECT_NE(things(), "");
  EXPECT_EQ(ask(kApply, both()).status(), "unchanged");
}

TEST_F(CareOfKinds, AKindThatIsNeverServedIsSaidWithTheWayBack) {
  establishes = false;
  const Answer refused = ask(kApply, both());
  EXPECT_TRUE(refused.failed()) << refused.text();
  EXPECT_TRUE(
      refused.says("its kind is not served 30s after it was defined: the conditions of "
                   "CustomResourceDefinition things.example.test say why"))
      << refused.text();
  EXPECT_TRUE(refused.says("These were made before:\n  created customresourcedefinitions"))
      << refused.text();
  EXPECT_TRUE(refused.says("The way back: k0rdent.mgmt.objects.delete with")) << refused.text();
}

// The missing namespace was waited for as the kind, and then the definition was blamed.
TEST_F(CareOfKinds, AMissingNamespaceIsSaidOnceTheKindIsThere) {
  std::string manifest = both();
  manifest.replace(manifest.find("team-a"), 6, "absent");
  const Answer refused = ask(kApply, manifest);
  EXPECT_TRUE(refused.failed()) << refused.text();
  EXPECT_TRUE(refused.says("namespaces \"absent\" not found")) << refused.text();
  EXPECT_FALSE(refused.says("is not served")) << refused.text();
}

TEST_F(CareOfKinds, AnObjectThatIsNotValidIsSaidOnceItsKindIsThere) {
  api.admissions().add({.resource = "things",
                        .decide = [](const sim::AdmissionReview&) -> std::optional<sim::Status> {
                          return sim::webhook_denied("guard", "too small");
                        }});
  const Answer refused = ask(kApply, both());
  EXPECT_TRUE(refused.failed()) << refused.text();
  EXPECT_TRUE(refused.says("too small")) << refused.text();
  EXPECT_TRUE(refused.says("These were made before:\n  created customresourcedefinitions"))
      << refused.text();
  EXPECT_EQ(things(), "");
}

TEST_F(CareOfKinds, ADefinitionsNamesAreNames) {
  for (const char* plural : {"..", "a/b", "things/status", "a?b"}) {
    const Answer refused = ask(kApply, both(plural));
    EXPECT_TRUE(refused.failed()) << plural;
    EXPECT_TRUE(refused.says("Thing")) << refused.text();
  }
  for (const auto& seen : api.seen())
    EXPECT_EQ(seen.path.find("example.test"), std::string::npos) << seen.path;
}

// ---- labels of a cluster

std::string relabelled(const std::string& labels) {
  return R"({"kind":"clusterdeployments","namespace":"kcm-system","name":"aws-dev","labels":)" +
         labels + "}";
}

TEST_F(Care, LabelsOfAClusterSayWhichServicesItGetsAndLoses) {
  const std::string name = "k0rdent.mgmt.objects.label";
  put(kK0rdent, "v1beta1", "multiclusterservices",
      R"({"metadata":{"name":"of-dev"},"spec":{"clusterSelector":{"matchLabels":{"env":"dev"}}}})");
  const Answer shown = ask(name, relabelled(R"({"env":"prod"})"));
  EXPECT_EQ(shown.status(), "confirmation_required") << shown.text();
  EXPECT_TRUE(
      shown.says("kcm-system/aws-dev gets the services of MultiClusterServices "
                 "podinfo-rollout\n"))
      << shown.text();
  EXPECT_TRUE(shown.says("kcm-system/aws-dev loses the services of MultiClusterServices of-dev"))
      << shown.text();
  const Answer other = ask(name, relabelled(R"({"team":"a"})"));
  EXPECT_TRUE(other.says("gets and loses no MultiClusterService by these labels")) << other.text();
  const Answer patched =
      ask(kPatch, R"({"kind":"clusterdeployments","namespace":"kcm-system","name":"aws-dev",)"
                  R"("patch":{"metadata":{"labels":{"env":null}}}})");
  EXPECT_TRUE(patched.says("loses the services of MultiClusterServices of-dev")) << patched.text();
}

// Nothing was said of them to a caller that may not list them.
TEST_F(Care, ServicesThatCannotBeReadAreSaidToBeUnknown) {
  sim::User::Rule no_services;
  no_services.resource = "multiclusterservices";
  api.users()[std::string(sim::ApiServer::kAdminToken)].denied = {no_services};
  const Answer shown = ask("k0rdent.mgmt.objects.label", relabelled(R"({"env":"prod"})"));
  EXPECT_TRUE(shown.says("The MultiClusterServices cannot be read")) << shown.text();
}

TEST_F(Care, AConfirmationOfLabelsHoldsForTheServicesThatWereShown) {
  const std::string name = "k0rdent.mgmt.objects.label", call = relabelled(R"({"env":"prod"})");
  const std::string token(ask(name, call)["confirm"].str());
  put(kK0rdent, "v1beta1", "multiclusterservices",
      R"({"metadata":{"name":"new"},"spec":{"clusterSelector":{"matchLabels":{"env":"prod"}}}})");
  const Answer stale = ask(name, with_token(call, token));
  EXPECT_EQ(stale.status(), "confirmation_required") << stale.text();
  EXPECT_TRUE(stale.says("new, podinfo-rollout")) << stale.text();
}

TEST_F(Care, ServicesThatStayWhenTheSelectorNoLongerMatchesAreSaidToStay) {
  put(kK0rdent, "v1beta1", "multiclusterservices",
      R"({"metadata":{"name":"stays"},"spec":{"keepServicesOnSelectorMismatch":true,)"
      R"("clusterSelector":{"matchLabels":{"env":"dev"}}}})");
  const Answer shown = ask("k0rdent.mgmt.objects.label", relabelled(R"({"env":null})"));
  EXPECT_TRUE(shown.says("keeps the services, but no updates, of MultiClusterServices stays"))
      << shown.text();
}

// ---- JSON Patch

TEST_F(Care, AJsonPatchIsAppliedToTheObjectAsItIs) {
  const Answer made = ask(kPatch, patch(R"([{"op":"test","path":"/data/a","value":"1"},)"
                                        R"({"op":"add","path":"/data/c","value":"3"}])"));
  EXPECT_EQ(made.status(), "updated") << made.text();
  EXPECT_TRUE(made.says("+ .data.c: \"3\"")) << made.text();
  const std::string before = now_version();
  const Answer unmet = ask(kPatch, patch(R"([{"op":"test","path":"/data/a","value":"2"},)"
                                         R"({"op":"remove","path":"/data/a"}])"));
  EXPECT_TRUE(unmet.failed());
  EXPECT_TRUE(unmet.says("the test is not met")) << unmet.text();
  for (const char* bad :
       {R"([{"op":"add","path":"/status/x","value":1}])",
        R"([{"op":"remove","path":"/metadata/managedFields"}])",
        R"([{"op":"replace","path":"/kind","value":"Secret"}])", R"({"data":{}})"})
    EXPECT_TRUE(ask(kPatch, patch(bad)).failed()) << bad;
  EXPECT_EQ(now_version(), before);
  // A text is as good as a list.
  EXPECT_EQ(
      ask(kPatch, patch(R"("[{\"op\":\"add\",\"path\":\"/data/d\",\"value\":\"4\"}]")")).status(),
      "updated");
}

TEST_F(Care, AJsonPatchShowsNoSecretByMovingIt) {
  const redact::Redactor redactor;
  context->redactor = &redactor;
  put("", "v1", "configmaps",
      R"({"metadata":{"name":"m","namespace":"team-a"},"data":{"password":"hunter2hunter2","a":"1"}})");
  const std::string before = now_version();
  for (const char* operations :
       {R"([{"op":"copy","from":"/data/password","path":"/data/note"}])",
        R"([{"op":"move","from":"/data/password","path":"/data/note"}])"}) {
    const Answer refused = ask(kPatch, patch(operations));
    EXPECT_TRUE(refused.failed()) << refused.text();
    EXPECT_TRUE(refused.says("would show a secret")) << refused.text();
    EXPECT_FALSE(refused.says("hunter2")) << refused.text();
  }
  EXPECT_EQ(now_version(), before);
  const Answer made = ask(kPatch, patch(R"([{"op":"replace","path":"/data/a","value":"2"}])"));
  EXPECT_EQ(made.status(), "updated") << made.text();
  EXPECT_NE(map("team-a/m").find("hunter2hunter2"), std::string::npos) << "it stays";
  context->redactor = nullptr;
}

// ---- a cluster's config

TEST_F(Care, TheConfigOfAClusterIsCheckedWhicheverToolWritesIt) {
  const std::string before = now_version();
  const Answer patched =
      ask(kPatch, R"({"kind":"clusterdeployment","name":"aws-prod","namespace":"kcm-system",)"
                  R"("patch":{"spec":{"config":{"workersNumbr":3}}}})");
  EXPECT_TRUE(patched.failed()) << patched.text();
  EXPECT_TRUE(patched.says("did you mean workersNumber?")) << patched.text();
  const std::string made =
      R"({"manifest":{"apiVersion":"k0rdent.mirantis.com/v1beta1","kind":"ClusterDeployment",)"
      R"("metadata":{"name":"new","namespace":"kcm-system"},"spec":{"template":)"
      R"("aws-standalone-cp-1-0-43","credential":"aws-cred","config":)";
  const Answer lacks = ask(kApply, made + R"({"region":"r"}}}})");
  EXPECT_TRUE(lacks.failed()) << lacks.text();
  EXPECT_TRUE(lacks.says("config.controlPlane.instanceType has to be given")) << lacks.text();
  EXPECT_EQ(now_version(), before);
  const Answer good = confirmed(
      kApply,
      made +
          R"({"region":"r","controlPlane":{"instanceType":"a"},"worker":{"instanceType":"b"}}}}})");
  EXPECT_EQ(good.status(), "created") << good.text();
  EXPECT_EQ(confirmed(kPatch, R"({"kind":"clusterdeployment","name":"aws-prod","namespace":)"
                              R"("kcm-system","patch":{"spec":{"config":{"workersNumber":4}}}})")
                .status(),
            "updated");
}

// ---- values that the API server chooses

// As a Service's clusterIP: another one in each dry run.
TEST_F(Care, WhatTheApiServerChoosesAtRandomVoidsNoConfirmation) {
  change::Context always{*context, writes, change::Confirm::always};
  tools.clear();
  add(objects::make_write_tools(always));
  int n = 0;
  sim::AnswerFault random;
  random.match = {.verb = "patch", .path = "configmaps/new", .count = -1};
  random.edit = [&n](std::string& body) {
    const std::size_t at = body.find(R"("data":{)");
    if (at != std::string::npos)
      body.insert(at + 8, R"("chosen":"10.0.0.)" + std::to_string(++n) + "\",");
  };
  api.faults().add(std::move(random));
  const auto wish = [](const std::string& value) {
    return R"({"manifest":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"new",)"
           R"("namespace":"team-a"},"data":{"k":")" +
           value + "\"}}}";
  };
  const Answer first = ask(kApply, wish("v"));
  ASSERT_EQ(first.status(), "confirmation_required") << first.text();
  EXPECT_EQ(ask(kApply, with_token(wish("other"), first["confirm"].str())).status(),
            "confirmation_required")
      << "what is asked for is confirmed";
  EXPECT_EQ(ask(kApply, with_token(wish("v"), first["confirm"].str())).status(), "created");
}

}  // namespace
