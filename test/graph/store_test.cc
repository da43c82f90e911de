// The graph's store and its views: references that dangle, labels that change, filters, and a
// client that applies what it is told.
#include <deque>

#include <gtest/gtest.h>

#include "base/random.h"
#include "support/graph_world.h"

namespace {

using graph::model::Delta;
using graph::model::Filter;
using graph::model::KindState;
using graph::model::View;
using test::GraphMirror;
using test::GraphWorld;
using Rows = std::set<std::string>;

std::string object(const std::string& kind, const std::string& ns, const std::string& name,
                   const std::string& spec, const std::string& labels = "",
                   const std::string& uid = "") {
  return R"({"apiVersion":"k0rdent.mirantis.com/v1beta1","kind":")" + kind +
         R"(","metadata":{"name":")" + name + "\"" +
         (ns.empty() ? "" : R"(,"namespace":")" + ns + "\"") + R"(,"uid":")" +
         (uid.empty() ? kind + ns + name : uid) + R"(","labels":{)" + labels + R"(}},"spec":{)" +
         spec + "}}";
}
std::string deployment(const std::string& name, const std::string& credential,
                       const std::string& labels = "", const std::string& ns = "a") {
  return object("ClusterDeployment", ns, name, R"("credential":")" + credential + "\"", labels);
}
std::string credential(const std::string& name, const std::string& uid = "",
                       const std::string& ns = "a") {
  return object("Credential", ns, name, "", "", uid);
}
const std::string kService =
    object("MultiClusterService", "", "m", R"("clusterSelector":{"matchLabels":{"env":"dev"}})");

Filter filter_of(std::string_view namespaces, std::string_view kinds) {
  auto filter = Filter::parse(namespaces, kinds, cluster::NamespaceFilter());
  EXPECT_TRUE(filter.has_value());
  return *filter;
}

// Bug: 450,000 kinds, "a,a,a,…", were split and sorted in one turn of the loop, for 227 ms.
TEST(GraphFilter, AListIsNoLongerThanAUri) {
  const auto error = [](std::string_view namespaces, std::string_view kinds) {
    const auto filter = Filter::parse(namespaces, kinds, cluster::NamespaceFilter());
    return filter ? "" : filter.error().what();
  };
  std::string all;
  for (const std::string_view kind : graph::model::graph_types())
    all.append(all.empty() ? "" : ",").append(kind);
  EXPECT_EQ(error("a,b", all), "") << "every kind, named once";
  const std::string most(graph::model::kFilterBytes, ',');
  EXPECT_EQ(error(most, most), "");
  EXPECT_EQ(error("", most + ","), "'kinds' may have at most 2048 bytes, got 2049");
  EXPECT_EQ(error(most + ",", ""), "'namespace' may have at most 2048 bytes, got 2049");
}

struct GraphStoreTest : ::testing::Test {
  // What a view tells now, as one text.
  std::vector<std::string> told(View& view) {
    world.store.prune();
    std::vector<std::string> out;
    const graph::model::Turn turn = world.store.settle();
    for (const Delta& delta : test::update(world.store, view, {&turn}))
      out.push_back(delta.json(1));
    return out;
  }
  GraphWorld world;
};

TEST_F(GraphStoreTest, ATargetThatComesOrGoesTurnsItsEdgeOver) {
  View view = test::view_of(world.store, {});
  world.put(deployment("c", "k"));
  told(view);
  EXPECT_EQ(world.edges(),
            (Rows{"ClusterDeployment/a/c uses-credential Credential/a/k no .spec.credential"}));
  world.put(credential("k"));
  auto deltas = told(view);
  ASSERT_EQ(deltas.size(), 2u);
  EXPECT_NE(deltas[0].find(R"("action":"added","nodes":[{"id":"Credential:a/k")"),
            std::string::npos);
  EXPECT_NE(
      deltas[1].find(R"("action":"modified","nodes":[],"edges":[{"id":"ClusterDeployment:a/c-[)"
                     R"(uses-credential]->Credential:a/k")"),
      std::string::npos)
      << deltas[1];
  EXPECT_NE(deltas[1].find(R"("resolved":true)"), std::string::npos);
  world.remove(credential("k"));
  deltas = told(view);
  ASSERT_EQ(deltas.size(), 2u);
  EXPECT_NE(deltas[0].find(R"("action":"deleted","nodes":[{"id":"Credential:a/k")"),
            std::string::npos);
  EXPECT_NE(deltas[1].find(R"("resolved":false)"), std::string::npos);
}

TEST_F(GraphStoreTest, AnEdgeThatVanishesIsToldAsDeleted) {
  View view = test::view_of(world.store, {});
  world.put(credential("k"));
  world.put(deployment("c", "k"));
  told(view);
  world.put(deployment("c", ""));
  const auto deltas = told(view);
  ASSERT_EQ(deltas.size(), 2u) << "and the deployment as modified";
  EXPECT_NE(deltas[0].find(R"("action":"deleted","nodes":[],"edges":[{"id":)"), std::string::npos);
}

TEST_F(GraphStoreTest, WhatIsPutAgainUnchangedTellsNothing) {
  View view = test::view_of(world.store, {});
  world.put(deployment("c", "k"));
  told(view);
  world.put(deployment("c", "k"));
  EXPECT_EQ(told(view).size(), 0u);
}

TEST_F(GraphStoreTest, AReferenceToAKindNotServedIsLeftOutUntilItIs) {
  const graph::model::KindId credentials = world.kinds.find("Credential");
  for (const KindState state : {KindState::unknown, KindState::not_served, KindState::forbidden}) {
    world.kinds[credentials].state = state;
    world.store.judge_kind(credentials);
    world.put(deployment("c", "k"));
    EXPECT_EQ(world.edges(), Rows());
  }
  EXPECT_TRUE(world.store.is_named(credentials));
  world.kinds[credentials].state = KindState::known;
  world.store.judge_kind(credentials);
  EXPECT_EQ(world.edges().size(), 1u);
}

TEST_F(GraphStoreTest, ASelectorFollowsLabelsAndItself) {
  world.put(kService);
  world.put(deployment("c", "", R"("env":"prod")"));
  EXPECT_EQ(world.edges({"selects"}).size(), 0u);
  world.put(deployment("c", "", R"("env":"dev")"));
  EXPECT_EQ(world.edges({"selects"}).size(), 1u);
  world.put(object("MultiClusterService", "", "m",
                   R"("clusterSelector":{"matchExpressions":[{"key":"env","operator":"NotIn",)"
                   R"("values":["dev"]}]})"));
  EXPECT_EQ(world.edges({"selects"}).size(), 0u);
  world.put(deployment("d", ""));
  EXPECT_EQ(world.edges({"selects"}).size(), 1u) << "what lacks the label is not in the values";
  world.put(object("MultiClusterService", "", "m", R"("clusterSelector":{})"));
  EXPECT_EQ(world.edges({"selects"}).size(), 0u) << "an empty selector selects nothing";
}

TEST_F(GraphStoreTest, AnOwnerMadeAnewUnderItsNameOwnsNothing) {
  world.put(object("ClusterDeployment", "a", "c", "", "", "one"));
  world.put(
      R"({"apiVersion":"k0rdent.mirantis.com/v1beta1","kind":"ServiceSet","metadata":{)"
      R"("name":"s","namespace":"a","uid":"s","ownerReferences":[{"apiVersion":)"
      R"("k0rdent.mirantis.com/v1beta1","kind":"ClusterDeployment","name":"c","uid":"one"}]}})");
  EXPECT_EQ(
      *world.edges({"owns"}).begin(),
      "ClusterDeployment/a/c owns ServiceSet/a/s yes ServiceSet/a/s .metadata.ownerReferences[0]");
  world.put(object("ClusterDeployment", "a", "c", "", "", "two"));
  EXPECT_EQ(
      *world.edges({"owns"}).begin(),
      "ClusterDeployment/a/c owns ServiceSet/a/s no ServiceSet/a/s .metadata.ownerReferences[0]");
}

TEST_F(GraphStoreTest, AnObjectMadeAnewInOneTurnIsDeletedAndAdded) {
  View view = test::view_of(world.store, {});
  world.put(credential("k", "one"));
  told(view);
  world.remove(credential("k"));
  world.put(credential("k", "two"));
  const auto deltas = told(view);
  ASSERT_EQ(deltas.size(), 2u);
  EXPECT_NE(deltas[0].find(R"("action":"deleted")"), std::string::npos);
  EXPECT_NE(deltas[0].find(R"("uid":"one")"), std::string::npos) << "as it was last told";
  EXPECT_NE(deltas[1].find(R"("uid":"two")"), std::string::npos);
}

TEST_F(GraphStoreTest, UnderANamespaceFilterAClusterScopedNodeComesWithItsEdge) {
  View view = test::view_of(world.store, filter_of("a", ""));
  world.put(kService);
  world.put(deployment("c", "", R"("env":"dev")", "b"));
  EXPECT_EQ(told(view).size(), 0u);
  world.put(deployment("d", "", R"("env":"dev")", "a"));
  auto deltas = told(view);
  ASSERT_EQ(deltas.size(), 1u);
  EXPECT_NE(deltas[0].find("MultiClusterService:/m\""), std::string::npos);
  EXPECT_EQ(deltas[0].find(":b/"), std::string::npos);
  world.put(deployment("d", "", "", "a"));
  deltas = told(view);
  ASSERT_EQ(deltas.size(), 2u);
  EXPECT_NE(deltas[0].find(R"("action":"deleted","nodes":[{"id":"MultiClusterService:/m")"),
            std::string::npos)
      << deltas[0];
}

TEST_F(GraphStoreTest, WhatTheServersFilterHidesIsNeitherNodeNorEnd) {
  GraphWorld narrow(KindState::known, "a");
  narrow.put(deployment("c", "k", "", "b"));
  narrow.put(object("Credential", "a", "k",
                    R"("identityRef":{"kind":"Secret","apiVersion":"v1",)"
                    R"("name":"s","namespace":"hidden"})"));
  EXPECT_EQ(narrow.edges(), Rows());
  EXPECT_EQ(narrow.store.find("ClusterDeployment:b/c"), graph::model::kNone);
  EXPECT_EQ(narrow.store.find("Secret:hidden/s"), graph::model::kNone);
  EXPECT_TRUE(narrow.store.hides());
}

TEST_F(GraphStoreTest, WhatWasLookedUpGoesWithTheLastWhoNamesIt) {
  const std::string secret =
      R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","namespace":"a","uid":"s"}})";
  View view = test::view_of(world.store, {});
  world.put(object("DataSource", "a", "d", R"("certificateAuthority":{"name":"s"})"));
  world.answer_lookups({secret});
  EXPECT_EQ(world.edges({"secret"}).size(), 1u);
  told(view);
  world.remove(object("DataSource", "a", "d", ""));
  const auto deltas = told(view);
  ASSERT_EQ(deltas.size(), 1u);
  EXPECT_NE(deltas[0].find("Secret:a/s"), std::string::npos);
  EXPECT_EQ(world.store.find("Secret:a/s"), graph::model::kNone);
}

TEST_F(GraphStoreTest, AnUnknownKindInAFilterIsRefusedWithThoseThatAreKnown) {
  const auto bad = Filter::parse("", "clusterdeployment", cluster::NamespaceFilter());
  ASSERT_FALSE(bad.has_value());
  EXPECT_NE(bad.error().what().find("did you mean ClusterDeployment?"), std::string::npos);
  EXPECT_NE(bad.error().what().find("ServiceTemplate"), std::string::npos);
  EXPECT_FALSE(Filter::parse("A_b", "", cluster::NamespaceFilter()).has_value());
}

TEST_F(GraphStoreTest, WhatARegionsCredentialNamesIsNotMissedHere) {
  const std::string identity =
      R"("identityRef":{"apiVersion":"v1","kind":"Secret","name":"s"},"region":")";
  world.put(object("Credential", "a", "k", identity + "\""));
  world.answer_lookups();
  EXPECT_EQ(world.edges({"identity"}).size(), 1u);
  world.put(object("Credential", "a", "k", identity + "eu\""));
  EXPECT_EQ(world.edges({"identity"}).size(), 0u);
}

// ---- a client that applies the deltas has what a fresh read gives

struct GraphRandom : ::testing::TestWithParam<int> {
  std::string one_of(std::initializer_list<const char*> list) {
    return *(list.begin() + random.below(list.size()));
  }
  std::string providers() { return one_of({"[]", R"(["p"])", R"(["p","q"])"}); }
  // The status of a MultiClusterService, with the one cluster that its status says.
  std::string services(const std::string& ns) {
    return R"("serviceSpec":{"services":[{"template":"x","valuesFrom":[{"kind":"Secret",)"
           R"("name":"y"}]}]}},"status":{"matchingClusters":[{"kind":"ClusterDeployment",)"
           R"("name":"x","namespace":")" +
           ns + R"("}])";
  }
  std::string access_rules() {
    const std::string into =
        one_of({"{}", R"({"list":["a","c"]})", R"({"stringSelector":"env in (dev),env"})"});
    const std::string which = one_of({R"("names":["x"])", R"("stringSelector":"env=dev")",
                                      R"("selector":{"matchLabels":{"env":"prod"}})"});
    return R"("accessRules":[{"targetNamespaces":)" + into +
           R"(,"resources":[{"kind":"Credential"},{"kind":"ServiceTemplateChain",)" + which +
           R"(}]}])";
  }
  std::string random_object() {
    const std::string ns = one_of({"a", "b"}), name = one_of({"x", "y", "z"});
    const std::string uid = one_of({"1", "2"});
    switch (random.below(15)) {
      case 0:
        return object("ClusterDeployment", ns, name,
                      R"("credential":")" + one_of({"", "x", "y"}) + R"(","template":")" +
                          one_of({"x", "y"}) + R"(","serviceSpec":{"services":[{"template":")" +
                          one_of({"x", "y", "z"}) + R"("},{"template":")" +
                          one_of({"x", "y", "z"}) + R"("}]})",
                      R"("env":")" + one_of({"dev", "prod"}) + "\"", uid);
      case 1:
        return object("Credential", ns, name,
                      R"("identityRef":{"apiVersion":"v1","kind":"Secret","name":")" +
                          one_of({"x", "y"}) + R"("})",
                      "", uid);
      case 2:
        return object("MultiClusterService", "", name,
                      R"("clusterSelector":{"matchLabels":{"env":")" + one_of({"dev", "prod"}) +
                          R"("}},"dependsOn":[")" + one_of({"x", "y"}) + R"("],)" + services(ns),
                      "", uid);
      case 3:
        return object("ServiceTemplate", ns, name, R"("version":")" + uid + "\"", "", uid);
      case 4:
        return object("ServiceTemplateChain", ns, name,
                      R"("supportedTemplates":[{"name":")" + one_of({"x", "y"}) +
                          R"(","availableUpgrades":[{"name":")" + one_of({"x", "z"}) + R"("}]}])",
                      "", uid);
      case 5:
        return R"({"apiVersion":"cluster.x-k8s.io/v1beta2","kind":"Cluster","metadata":{"name":")" +
               name + R"(","namespace":")" + ns + R"(","uid":")" + uid +
               R"(","labels":{"helm.toolkit.fluxcd.io/name":")" + one_of({"x", "y"}) + R"("}}})";
      case 6:
        return object("AccessManagement", "", name, access_rules(), "", uid);
      case 7:
        return object(one_of({"Credential", "ServiceTemplateChain"}), "kcm-system", name, "",
                      R"("env":")" + one_of({"dev", "prod"}) + "\"", uid);
      case 8:
        return R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":")" +
               one_of({"a", "b", "c"}) + R"(","uid":")" + uid + R"(","labels":{"env":")" +
               one_of({"dev", "prod"}) + R"("}}})";
      case 9:
        return object(one_of({"Management", "Region"}), "", name,
                      R"("k":1},"status":{"availableProviders":)" + providers(), "", uid);
      case 10:
        return object("ClusterTemplate", ns, name, R"("k":1},"status":{"providers":)" + providers(),
                      "", uid);
      case 11:
        return object("ManagementBackup", "", name,
                      R"("k":1},"status":{"lastBackupName":")" + one_of({"", "x", "y"}) + "\"", "",
                      uid);
      case 12:
        return R"({"apiVersion":"velero.io/v1","kind":"Backup","metadata":{"name":")" + name +
               R"(","namespace":"kcm-system","uid":")" + uid +
               R"(","labels":{"k0rdent.mirantis.com/management-backup":")" + one_of({"x", "y"}) +
               R"("}}})";
      case 13:
        return R"({"apiVersion":"cluster.x-k8s.io/v1beta2","kind":"Machine","metadata":{"name":")" +
               name + R"(","namespace":")" + ns + R"(","uid":")" + uid +
               R"("},"spec":{"clusterName":")" + one_of({"x", "y"}) + R"("}})";
      default:
        return R"({"apiVersion":"helm.toolkit.fluxcd.io/v2","kind":"HelmRelease","metadata":{"name":")" +
               name + R"(","namespace":")" + ns + R"(","uid":")" + uid +
               R"(","ownerReferences":[{"apiVersion":"k0rdent.mirantis.com/v1beta1","kind":)" +
               R"("ClusterDeployment","name":")" + name + R"(","uid":"1"}]}})";
    }
  }
  base::Random random{static_cast<std::uint64_t>(GetParam())};
};

TEST_P(GraphRandom, DeltasAppliedToTheSnapshotGiveWhatAFreshReadGives) {
  struct Client {
    View view;
    GraphMirror mirror;
    std::vector<const graph::model::Turn*> unseen = {};  // some look later, at several at once
  };
  std::deque<graph::model::Turn> turns;
  GraphWorld world;
  std::vector<Client> clients;
  const std::vector<Filter> filters = {
      filter_of("", ""), filter_of("a", ""), filter_of("", "ClusterDeployment,ServiceTemplate"),
      filter_of("b", "ClusterDeployment,MultiClusterService,Credential,HelmRelease,Cluster"),
      filter_of("", "Cluster,Machine,AccessManagement,Namespace,Management,ClusterTemplate")};
  const graph::model::KindId kinds[] = {world.kinds.find("Credential"), world.kinds.find("Cluster"),
                                        world.kinds.find("Namespace"),
                                        world.kinds.find("Management")};
  for (int turn = 0; turn < 150; ++turn) {
    for (std::uint64_t i = random.below(5); i > 0; --i) {
      const std::uint64_t what = random.below(20);
      const std::string json = random_object();
      if (what < 12) {
        world.put(json);
      } else if (what < 18) {
        world.remove(json);
      } else {
        const graph::model::KindId kind = kinds[random.below(4)];
        const bool known = random.below(2) == 0;
        world.kinds[kind].state = known ? KindState::known : KindState::forbidden;
        known ? world.store.judge_kind(kind) : world.store.clear(kind);
      }
    }
    if (random.below(2)) world.answer_lookups();
    world.store.prune();
    turns.push_back(world.store.settle());
    for (Client& client : clients) {
      client.unseen.push_back(&turns.back());
      if (random.below(3) > 0) continue;
      for (const Delta& delta : test::update(world.store, client.view, client.unseen))
        client.mirror.apply(delta.json(1));
      client.unseen.clear();
      GraphMirror fresh;
      for (const std::string& delta :
           test::snapshot_of(world.store, test::view_of(world.store, client.view.filter())))
        fresh.apply(delta);
      ASSERT_EQ(client.mirror.nodes(), fresh.nodes()) << "turn " << turn;
      ASSERT_EQ(client.mirror.edges(), fresh.edges()) << "turn " << turn;
    }
    if (clients.size() < filters.size() && random.below(4) == 0) {
      Client client{test::view_of(world.store, filters[clients.size()]), {}};
      for (const std::string& delta : test::snapshot_of(world.store, client.view))
        client.mirror.apply(delta);
      clients.push_back(std::move(client));
    }
  }
  EXPECT_EQ(clients.size(), filters.size());
}

TEST_P(GraphRandom, WhatChangesCameToIsWhatTheirObjectsComeToAtOnce) {
  GraphWorld world;
  std::map<std::string, std::string> objects;  // by type and key
  for (int turn = 0; turn < 60; ++turn) {
    for (std::uint64_t i = random.below(6); i > 0; --i) {
      const std::string json = random_object();
      base::json::Document doc;
      const auto object = *doc.parse(json);
      const auto metadata = object["metadata"];
      const std::string key = std::string(object["kind"].str()) + " " +
                              std::string(metadata["namespace"].str()) + "/" +
                              std::string(metadata["name"].str());
      if (random.below(3) > 0) {
        world.put(json);
        objects[key] = json;
      } else {
        world.remove(json);
        objects.erase(key);
      }
    }
    world.answer_lookups();
    world.settle();
    if (turn % 6 != 5) continue;
    GraphWorld fresh;
    std::vector<std::string> order;
    for (const auto& [key, json] : objects)
      order.insert(order.begin() + static_cast<std::ptrdiff_t>(random.below(order.size() + 1)),
                   json);
    for (const std::string& json : order)
      fresh.put(json);
    fresh.answer_lookups();
    fresh.settle();
    ASSERT_EQ(test::difference(world.edges(), fresh.edges()), Rows()) << "turn " << turn;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, GraphRandom, ::testing::Range(1, 41));

}  // namespace
