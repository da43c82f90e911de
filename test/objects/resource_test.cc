// k0rdent://objects/…: objects of any kind, read and subscribed to, on the simulated API server.
#include "objects/resource.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "objects/read.h"
#include "redact/redactor.h"
#include "support/tools_world.h"

namespace {

using base::seconds;
using test::TestReply;
using test::TestSubscriber;
using test::ToolsWorld;
using Told = std::vector<std::string>;

constexpr const char* kBase = "k0rdent://objects/";

struct ObjectResource : ToolsWorld {
  ObjectResource() {
    context->redactor = &redactor;
    manager.start();
    one = objects::make_object_resource(*context, manager);
    list = objects::make_object_list_resource(*context, manager);
    for (const char* ns : {"team-a", "team-b"})
      cluster.add_namespace(ns);
  }
  ~ObjectResource() override {
    subscribers.clear();
    manager.stop();
    loop.run_once();
  }
  void load(const std::string& yaml) {
    const auto loaded = api.store().load(yaml);
    ASSERT_TRUE(loaded.has_value()) << loaded.error().what();
    settle();
  }
  void config(const std::string& name, const std::string& value, const std::string& ns = "team-a") {
    load("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + ", namespace: " + ns +
         ", labels: {app: " + name + "}}\ndata: {value: \"" + value + "\"}\n");
  }
  void remove(const std::string& key) {
    EXPECT_TRUE(api.store().remove(api.store().find("", "v1", "configmaps"), key));
    settle();
  }
  mcp::ResourceFamily& family(const std::string& uri) {
    EXPECT_NE(one->owns(uri), list->owns(uri)) << uri;
    return one->owns(uri) ? *one : *list;
  }
  std::string get(const std::string& path) {
    const std::string uri = kBase + path;
    return read(family(uri), uri).text;
  }
  TestSubscriber& subscribe(const std::string& path, mcp::Caller caller = self()) {
    const std::string uri = kBase + path;
    subscribers.push_back(std::make_unique<TestSubscriber>(uri, std::move(caller)));
    TestSubscriber& other = *subscribers.back();
    other.feed = family(uri).subscribe(other);
    EXPECT_TRUE(run_until([&] { return other.answered(); })) << uri;
    settle();
    return other;
  }
  // "ADDED one v", with data.value if it is shown.
  static Told told(const TestSubscriber& of) {
    Told out;
    for (const std::string& delta : of.deltas) {
      base::json::Document doc;
      const auto root = doc.parse(delta);
      if (!root) return {"no JSON: " + delta};
      std::string line((*root)["action"].str());
      const base::json::Value object = (*root)["object"];
      const std::string_view name = object["metadata"]["name"].str();
      if (object) line.append(" ").append(name.empty() ? object["name"].str() : name);
      for (const auto value : {object["data"]["value"], object["fields"]["data.value"]})
        if (value) line.append(" ").append(value.str());
      out.push_back(std::move(line));
    }
    return out;
  }

  redact::Redactor redactor;
  objects::Manager manager{managed()};
  std::unique_ptr<mcp::ResourceFamily> one, list;
  std::vector<std::unique_ptr<TestSubscriber>> subscribers;
};

// ---- reads

TEST_F(ObjectResource, AReadGivesTheWholeObjectOrTheParts) {
  load(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: team-a, managedFields: [],"
      " annotations: {kubectl.kubernetes.io/last-applied-configuration: x, own: y}}\n"
      "data: {value: v, other: w}\n");
  const std::string whole = get("core/v1/configmaps/team-a/c");
  EXPECT_TRUE(whole.starts_with(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{)")) << whole;
  EXPECT_NE(whole.find(R"("data":{"value":"v","other":"w"})"), std::string::npos) << whole;
  EXPECT_NE(whole.find(R"("own":"y")"), std::string::npos);
  EXPECT_EQ(whole.find("managedFields"), std::string::npos);
  EXPECT_EQ(whole.find("last-applied"), std::string::npos);
  EXPECT_EQ(get("core/v1/configmaps/team-a/c?fields=data.value,.kind"),
            R"({"name":"c","namespace":"team-a","fields":{"data.value":"v","kind":"ConfigMap"}})");
  // Scheme and host in any case, escapes, a slash at the end.
  EXPECT_EQ(read(*one, "K0RDENT://Objects/core/v1/configmaps/team%2Da/c/").text, whole);
}

TEST_F(ObjectResource, AListShowsWhatMattersOfEachObject) {
  config("b", "v");
  config("a", "v");
  config("c", "v", "team-b");
  const std::string rows = get("core/v1/configmaps/team-a");
  EXPECT_TRUE(rows.starts_with(R"({"objects":[{"name":"a","namespace":"team-a","createdAt":")"))
      << rows;
  EXPECT_NE(rows.find(R"("labels":{"app":"a"}},{"name":"b")"), std::string::npos) << rows;
  EXPECT_EQ(rows.find("team-b"), std::string::npos);
  EXPECT_EQ(get("core/v1/configmaps/team-a?labelSelector=app%20in%20(x)"), R"({"objects":[]})");
  const std::string picked =
      R"({"objects":[{"name":"b","namespace":"team-a","fields":{"data.value":"v"}}]})";
  EXPECT_EQ(get("core/v1/configmaps/team-a?labelSelector=app%3Db&fields=data.value"), picked);
  EXPECT_EQ(get("core/v1/configmaps/-?fieldSelector=metadata.name%3Db&fields=data.value"), picked);
  for (const char* all : {"core/v1/configmaps/-", "core/v1/configmaps", "core/v1/configmaps/"}) {
    EXPECT_NE(get(all).find(R"("name":"c","namespace":"team-b")"), std::string::npos) << all;
  }
  EXPECT_NE(get("core/v1/namespaces/-").find(R"("name":"team-a")"), std::string::npos);
  EXPECT_NE(get("core/v1/namespaces/-/team-a").find(R"("kind":"Namespace")"), std::string::npos);
}

TEST_F(ObjectResource, AKindOfTheTableShowsItsStateAndSummary) {
  ASSERT_TRUE(api.store().load_folder("test/fixtures/k0rdent").has_value());
  const std::string rows = get("k0rdent.mirantis.com/v1beta1/clusterdeployments/kcm-system");
  EXPECT_NE(rows.find(R"("state":")"), std::string::npos) << rows;
  EXPECT_NE(rows.find(R"("template":"aws-standalone-cp-1-0-43")"), std::string::npos) << rows;
}

// Bug: "ready": false of kinds that have no condition Ready, and of objects that have none yet.
TEST_F(ObjectResource, OnlyWhatSaysSoIsReadyOrNot) {
  load("{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: r}}");
  const std::string roles = get("rbac.authorization.k8s.io/v1/clusterroles");
  EXPECT_NE(roles.find(R"("name":"r")"), std::string::npos) << roles;
  EXPECT_EQ(roles.find("ready"), std::string::npos) << roles;
  const auto object = [&](const char* name, const char* conditions) {
    load(std::string("{apiVersion: example.com/v1, kind: Thing, metadata: {name: ") + name +
         ", namespace: team-a}, status: {conditions: [" + conditions + "]}}");
  };
  object("a", "{type: Ready, status: \"True\"}");
  object("b", "{type: Ready, status: \"False\"}");
  object("c", "{type: Complete, status: \"True\"}");
  const std::string rows = get("example.com/v1/things/team-a");
  base::json::Document doc;
  const auto root = doc.parse(rows);
  ASSERT_TRUE(root.has_value()) << rows;
  std::string all;
  for (const base::json::Value each : (*root)["objects"].array())
    all += std::string(each["name"].str()) + each["ready"].to_json() + " ";
  EXPECT_EQ(all, "atrue bfalse c ");
}

// Bug: nothing that is shown of a pod changed, so the list told nothing.
TEST_F(ObjectResource, APodThatCrashesIsAnUpdateOfItsList) {
  const sim::PodSpec pod = {.ns = "team-a", .name = "web"};
  cluster.set_pod(pod);
  const TestSubscriber& sub = subscribe("core/v1/pods/team-a");
  ASSERT_EQ(sub.deltas.size(), 1u);
  EXPECT_NE(sub.deltas[0].find(R"("state":"Running")"), std::string::npos) << sub.deltas[0];
  cluster.crash_pod(pod);
  settle();
  ASSERT_EQ(told(sub).back(), "MODIFIED web");
  EXPECT_NE(sub.deltas.back().find(R"("state":"CrashLoopBackOff")"), std::string::npos)
      << sub.deltas.back();
}

TEST_F(ObjectResource, ALongListIsCutAndSaysSo) {
  const std::string text(3000, 'x');
  for (int i = 0; i < 700; ++i)
    config("c" + std::to_string(i), text);
  const std::string rows = get("core/v1/configmaps/team-a?fields=data.value");
  EXPECT_LE(rows.size(), objects::kListBytes + 1024);
  EXPECT_GT(rows.size(), objects::kListBytes - 8 * 1024);
  base::json::Document doc;
  const auto root = doc.parse(rows);
  ASSERT_TRUE(root.has_value());
  EXPECT_TRUE((*root)["truncated"].bool_or(false));
  EXPECT_EQ((*root)["objects"].size() + static_cast<std::size_t>((*root)["remaining"].int_or(0)),
            700u);
}

TEST_F(ObjectResource, ASecretShowsMaskedValues) {
  load(
      "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: team-a}\n"
      "data: {answer: Zm9ydHl0d28=}\n");
  for (const char* path :
       {"core/v1/secrets/team-a/s", "core/v1/secrets/team-a/s?fields=data.answer",
        "core/v1/secrets/team-a?fields=data.answer", "core/v1/secrets/-?fields=data"}) {
    const std::string text = get(path);
    EXPECT_NE(text.find("<redacted:"), std::string::npos) << text;
    EXPECT_EQ(text.find("Zm9ydHl0d28="), std::string::npos) << text;
    TestSubscriber& sub = subscribe(path);
    ASSERT_EQ(sub.deltas.size(), 1u) << path;
    EXPECT_NE(sub.deltas[0].find("<redacted:"), std::string::npos) << sub.deltas[0];
    EXPECT_EQ(sub.deltas[0].find("Zm9ydHl0d28="), std::string::npos) << sub.deltas[0];
  }
}

// ---- what is wrong is said in words

TEST_F(ObjectResource, WhatIsWrongWithAUriIsSaid) {
  const std::pair<const char*, const char*> wrong[] = {
      {"core/v1", "the URI must be"},
      {"core/v1/pods/team-a/x/log", "the URI must be"},
      {"co re/v1/pods/team-a/x", "group"},
      {"core/V_1/pods/team-a/x", "version"},
      {"core/v1/pods/Team_A/x", "namespace"},
      {"core/v1/pods/team-a/x%2Fy", "can be no object's name"},
      {"core/v1/pods/team-a/x%2Cmetadata.name%3Dy", "can be no object's name"},
      {"core/v1/pods/team-a/x?watch=1", "unknown parameter 'watch'"},
      {"core/v1/pods/team-a/x?labelSelector=a", "the URI names one object"},
      {"core/v1/pods/team-a?labelSelector=a%20b%3D", "labelSelector"},
      {"core/v1/pods/team-a/x?fields=data..k", "data..k"},
      {"core/v1/pods/team-a?fields=..", "fields"},
      {"core/v1/pods/-/x", "pods are in namespaces: give one instead of '-'"},
      {"core/v1/namespaces/team-a/x", "namespaces are not in namespaces: give '-'"},
      {"core/v1/namespaces/team-a", "namespaces are not in namespaces: give '-'"},
  };
  for (const auto& [path, words] : wrong) {
    EXPECT_NE(get(path).find(words), std::string::npos) << path << ": " << get(path);
    const TestSubscriber& sub = subscribe(path);
    EXPECT_NE(sub.refusal.message.find(words), std::string::npos) << sub.refusal.message;
    EXPECT_EQ(static_cast<int>(sub.refusal.code), -32602) << path;
  }
  EXPECT_EQ(manager.active(), 0u);
}

TEST_F(ObjectResource, WhatIsNotServedIsSaidWithTheNearestName) {
  EXPECT_EQ(get("core/v1/configmap/team-a/x"),
            "error: read configmap team-a/x: this cluster does not serve configmap in v1 (nearest: "
            "configmaps); objects.kinds lists what it serves");
  EXPECT_NE(get("nothing.io/v1/things/team-a").find("does not serve nothing.io/v1"),
            std::string::npos);
  const TestSubscriber& sub = subscribe("core/v1/secret/team-a");
  EXPECT_EQ(static_cast<int>(sub.refusal.code), -32002);
  EXPECT_NE(sub.refusal.message.find("(nearest: secrets)"), std::string::npos)
      << sub.refusal.message;
}

// A CRD that is installed later is found, though its group was asked for before.
TEST_F(ObjectResource, AKindThatIsInstalledLaterIsFound) {
  const auto define = [&](const char* kind) {
    api.store().define({.group = "one.io",
                        .version = "v1",
                        .plural = sim::plural_of(kind),
                        .kind = kind,
                        .namespaced = true,
                        .custom = true});
  };
  define("Thing");
  EXPECT_EQ(get("one.io/v1/things/team-a"), R"({"objects":[]})");
  define("Other");
  EXPECT_EQ(get("one.io/v1/others/team-a"), R"({"objects":[]})");
}

TEST_F(ObjectResource, AnObjectThatIsNotThereIsAnsweredWithTheNearest) {
  config("settings", "v");
  config("setting", "v", "team-b");
  const std::string said =
      "there is no configmaps team-a/setings; the nearest that are there: settings, team-b/setting";
  EXPECT_EQ(get("core/v1/configmaps/team-a/setings"), "error: " + said);
  const TestSubscriber& sub = subscribe("core/v1/configmaps/team-a/setings");
  EXPECT_EQ(sub.refusal.message, said);
  EXPECT_EQ(static_cast<int>(sub.refusal.code), -32002);
  pass(seconds(1));
  EXPECT_EQ(manager.active(), 0u);
}

TEST_F(ObjectResource, WhatIsForbiddenNamesTheRule) {
  config("c", "v");
  deny("get", "configmaps");
  const std::string got = get("core/v1/configmaps/team-a/c");
  EXPECT_NE(got.find("get configmaps team-a/c: "), std::string::npos) << got;
  EXPECT_NE(
      got.find(
          R"(Role of namespace team-a: {apiGroups: [""], resources: [configmaps], verbs: [get]})"),
      std::string::npos)
      << got;
  deny("watch", "configmaps");
  deny("list", "configmaps");
  const TestSubscriber& sub = subscribe("core/v1/configmaps/team-a/c");
  EXPECT_EQ(sub.refusals, 1);
  EXPECT_NE(sub.refusal.message.find(
                R"({apiGroups: [""], resources: [configmaps], verbs: [list, watch]})"),
            std::string::npos)
      << sub.refusal.message;
}

TEST_F(ObjectResource, AHiddenNamespaceIsRefusedBeforeAnyRequest) {
  config("c", "v", "team-b");
  filter = *cluster::NamespaceFilter::parse("team-a");
  api.forget_seen();
  for (const char* path : {"core/v1/configmaps/team-b/c", "core/v1/configmaps/team-b",
                           "core/v1/namespaces/-/team-b"}) {
    EXPECT_NE(get(path).find("team-b"), std::string::npos);
    EXPECT_TRUE(get(path).starts_with("error: ")) << get(path);
    EXPECT_EQ(subscribe(path).refusals, 1) << path;
  }
  EXPECT_TRUE(api.seen().empty());
  config("d", "v", "team-a");
  EXPECT_EQ(get("core/v1/configmaps/-").find("team-b"), std::string::npos);
  EXPECT_EQ(told(subscribe("core/v1/configmaps/-")), (Told{"ADDED d"}));
}

// ---- subscriptions

TEST_F(ObjectResource, AnObjectIsFollowedThroughItsLives) {
  config("c", "1");
  config("other", "1");
  TestSubscriber& sub = subscribe("core/v1/configmaps/team-a/c");
  config("c", "2");
  config("other", "2");
  remove("team-a/c");
  config("c", "3");
  EXPECT_EQ(told(sub), (Told{"ADDED c 1", "MODIFIED c 2", "DELETED c 2", "ADDED c 3"}));
  EXPECT_EQ(sub.ends, 0);
}

TEST_F(ObjectResource, AListTellsWhatIsThereByNameThenEachChangeThatShows) {
  config("b", "1");
  config("a", "1");
  TestSubscriber& sub = subscribe("core/v1/configmaps/team-a");
  TestSubscriber& values = subscribe("core/v1/configmaps/team-a?fields=data.value");
  config("a", "2");
  config("d", "1");
  remove("team-a/b");
  EXPECT_EQ(told(sub), (Told{"ADDED a", "ADDED b", "ADDED d", "DELETED b"}))
      << "a list does not show the data";
  EXPECT_EQ(told(values),
            (Told{"ADDED a 1", "ADDED b 1", "MODIFIED a 2", "ADDED d 1", "DELETED b 1"}));
}

TEST_F(ObjectResource, SubscribersOfOneIdentityShareAWatch) {
  config("c", "1");
  subscribe("core/v1/configmaps/team-a/c");
  TestSubscriber& late = subscribe("core/v1/configmaps/team-a/c");
  EXPECT_EQ(told(late), (Told{"ADDED c 1"}));
  EXPECT_EQ(manager.active(), 1u);
  EXPECT_EQ(api.count("watch", "/configmaps"), 1);
  subscribe("core/v1/configmaps/team-a");
  EXPECT_EQ(manager.active(), 2u);
  subscribe("core/v1/configmaps/team-a/c", {"another", {}});
  EXPECT_EQ(manager.active(), 3u);
  const std::vector<fanout::WatchInfo> watches = manager.watches();
  for (const fanout::WatchInfo& each : watches)
    EXPECT_EQ(each.manager, "objects");
}

TEST_F(ObjectResource, ASlowSubscriberGetsTheNetResult) {
  watch_settings.queue_messages = 4;
  objects::Manager small(managed());
  small.start();
  list = objects::make_object_list_resource(*context, small);
  config("a", "1");
  TestSubscriber& slow = subscribe("core/v1/configmaps/team-a?fields=data.value");
  slow.room = 0;
  for (int i = 2; i < 30; ++i)
    config("a", std::to_string(i));
  config("b", "1");
  remove("team-a/b");
  slow.make_room(1000);
  settle();
  const Told all = told(slow);
  ASSERT_FALSE(all.empty());
  EXPECT_LT(all.size(), 12u);
  EXPECT_EQ(std::count(all.begin(), all.end(), "MODIFIED a 29"), 1);
  EXPECT_EQ(std::count(all.begin(), all.end(), "ADDED b 1"),
            std::count(all.begin(), all.end(), "DELETED b 1"));
  subscribers.clear();
  small.stop();
  loop.run_once();
}

TEST_F(ObjectResource, AnOutageIsToldAndWhatWasMissedFollows) {
  config("c", "1");
  TestSubscriber& sub = subscribe("core/v1/configmaps/team-a/c");
  api.stop();
  pass(seconds(30));
  EXPECT_EQ(told(sub), (Told{"ADDED c 1", "STALE"}));
  config("c", "2");
  ASSERT_TRUE(api.start("127.0.0.1", api.port()).has_value());
  ASSERT_TRUE(run_until([&] { return sub.deltas.size() >= 4; }));
  const Told all = told(sub);
  EXPECT_EQ(std::count(all.begin(), all.end(), "FRESH"), 1);
  EXPECT_EQ(std::count(all.begin(), all.end(), "MODIFIED c 2"), 1);
}

TEST_F(ObjectResource, AWatchThatIsRefusedLaterSaysSo) {
  config("c", "1");
  TestSubscriber& sub = subscribe("core/v1/configmaps/team-a/c");
  deny("watch", "configmaps");
  api.end_streams("/configmaps");
  ASSERT_TRUE(run_until([&] { return sub.deltas.size() >= 2; }));
  EXPECT_NE(sub.deltas[1].find(R"({"action":"ERROR","about":"configmaps team-a/c","message":)"),
            std::string::npos)
      << sub.deltas[1];
}

}  // namespace
