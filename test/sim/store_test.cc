// The simulated cluster's store: versions, history, the past, fixtures, the two faces of events.
#include "sim/store.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "loop/clock.h"
#include "loop/loop.h"

namespace {

using sim::ChangeKind;
using sim::Object;
using sim::View;

struct SimStore : ::testing::Test {
  View pods() { return {&store.of("Pod"), 0}; }
  void put(const std::string& name, const std::string& more = "") {
    store.put(pods(), R"({"metadata":{"name":")" + name + R"(","namespace":"a"})" + more + "}");
  }
  std::string names_at(std::uint64_t version) {
    std::string out;
    const bool known =
        store.walk(pods(), version, "", [&out](const std::string& key, const Object& object) {
          out += key + "@" + std::to_string(object.version) + " ";
          return true;
        });
    return known ? out : "gone";
  }
  base::json::Value parsed(const std::string& text) {
    auto root = doc.parse(text);
    EXPECT_TRUE(root.has_value());
    return root ? *root : base::json::Value();
  }

  loop::VirtualClock clock;
  loop::Loop loop{clock};
  sim::Store store{loop};
  base::json::Document doc;
};

TEST_F(SimStore, EveryChangeHasAHigherVersionThanTheOneBefore) {
  put("x");
  const std::uint64_t first = store.version();
  put("x", R"(,"spec":{"n":1})");
  EXPECT_EQ(store.version(), first + 1);
  store.remove(pods(), "a/x");
  EXPECT_EQ(store.version(), first + 2);
  ASSERT_EQ(store.history().size(), 3u);
  EXPECT_EQ(store.history()[0].kind, ChangeKind::added);
  EXPECT_EQ(store.history()[1].kind, ChangeKind::modified);
  EXPECT_EQ(store.history()[2].kind, ChangeKind::deleted);
  const Object& last = store.history()[2].now;
  EXPECT_EQ(parsed(pods().json(last))["spec"]["n"].int_or(0), 1);
  EXPECT_EQ(parsed(pods().json(last))["metadata"]["resourceVersion"].str(),
            std::to_string(first + 2));
}

TEST_F(SimStore, AnUpdateKeepsUidAndCreationTime) {
  put("x");
  const std::string uid = store.get(pods(), "a/x")->uid;
  clock.advance(base::hours(1));
  loop.run_once();
  put("x", R"(,"spec":{"n":2})");
  const Object* object = store.get(pods(), "a/x");
  EXPECT_EQ(object->uid, uid);
  EXPECT_EQ(parsed(pods().json(*object))["metadata"]["creationTimestamp"].str(),
            "2026-01-01T00:00:00Z");
}

TEST_F(SimStore, APodMadeAgainUnderItsNameIsAnother) {
  put("x");
  const std::string uid = store.get(pods(), "a/x")->uid;
  store.remove(pods(), "a/x");
  put("x");
  EXPECT_NE(store.get(pods(), "a/x")->uid, uid);
}

TEST_F(SimStore, ThePastCanBeRead) {
  put("b");
  put("d");
  const std::uint64_t then = store.version();
  put("a");
  put("b", R"(,"spec":{})");
  store.remove(pods(), "a/d");
  put("c");
  EXPECT_EQ(names_at(then), "a/b@2 a/d@3 ");
  EXPECT_EQ(names_at(store.version()), "a/a@4 a/b@5 a/c@7 ");
  store.compact();
  EXPECT_EQ(names_at(then), "gone");
  EXPECT_EQ(names_at(store.version()), "a/a@4 a/b@5 a/c@7 ");
}

TEST_F(SimStore, OldHistoryIsDropped) {
  for (std::size_t i = 0; i < sim::kHistory + 10; ++i)
    put("x");
  EXPECT_EQ(store.history().size(), sim::kHistory);
  EXPECT_EQ(store.oldest(), store.history().front().now.version - 1);
}

TEST_F(SimStore, AnEventReadsAsEitherApi) {
  const View core{&store.of("Event"), 0}, v1 = store.find("events.k8s.io", "v1", "events");
  ASSERT_EQ(v1.collection, core.collection);
  store.put(core, R"({"metadata":{"name":"e","namespace":"a"},"involvedObject":{"kind":"Pod"},)"
                  R"("message":"m","count":3,"source":{"component":"c"},"lastTimestamp":null})");
  const auto text = parsed(v1.json(*store.get(v1, "a/e")));
  EXPECT_EQ(text["apiVersion"].str(), "events.k8s.io/v1");
  EXPECT_EQ(text["regarding"]["kind"].str(), "Pod");
  EXPECT_EQ(text["note"].str(), "m");
  EXPECT_EQ(text["deprecatedCount"].int_or(0), 3);
  EXPECT_EQ(text["deprecatedSource"]["component"].str(), "c");
  EXPECT_TRUE(text["deprecatedLastTimestamp"].is(base::json::Type::null));

  store.put(v1,
            R"({"metadata":{"name":"f","namespace":"a"},"regarding":{"kind":"Node"},"note":"n"})");
  const auto back = parsed(core.json(*store.get(core, "a/f")));
  EXPECT_EQ(back["involvedObject"]["kind"].str(), "Node");
  EXPECT_EQ(back["message"].str(), "n");
}

TEST_F(SimStore, FixturesKeepWhatTheySay) {
  auto loaded = store.load_folder("test/fixtures/k0rdent");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().what();
  EXPECT_EQ(*loaded, 20 + 33);
  const View view = store.find("k0rdent.mirantis.com", "v1beta1", "clustertemplates");
  ASSERT_NE(view.collection, nullptr);
  const Object* object = store.get(view, "kcm-system/aws-standalone-cp-1-0-43");
  ASSERT_NE(object, nullptr);
  EXPECT_EQ(object->uid, "f1c70000-0000-4000-8000-000000000001");
  EXPECT_EQ(object->version, 1001u);
  const auto text = parsed(view.json(*object));
  EXPECT_TRUE(text["status"]["valid"].bool_or(false));
  EXPECT_EQ(text["metadata"]["creationTimestamp"].str(), "2026-08-18T08:00:00Z");
  EXPECT_FALSE(
      store.find("k0rdent.mirantis.com", "v1beta1", "multiclusterservices").type().namespaced);
  EXPECT_NE(store.get({&store.of("Namespace"), 0}, "team-a"), nullptr);
}

TEST_F(SimStore, ADocumentWithoutAKindIsRefused) {
  EXPECT_FALSE(store.load("metadata: {name: x}").has_value());
  EXPECT_FALSE(store.load("a: [").has_value());
}

TEST(SimType, PluralsFollowEnglishRules) {
  EXPECT_EQ(sim::plural_of("Credential"), "credentials");
  EXPECT_EQ(sim::plural_of("HelmRepository"), "helmrepositories");
  EXPECT_EQ(sim::plural_of("AWSClusterStaticIdentity"), "awsclusterstaticidentities");
  EXPECT_EQ(sim::plural_of("Ingress"), "ingresses");
  EXPECT_EQ(sim::plural_of("Gateway"), "gateways");
}

}  // namespace
