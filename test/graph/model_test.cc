// The graph's model on the sample objects: every relation, none missing, none made up.
#include <algorithm>

#include <gtest/gtest.h>

#include "support/graph_world.h"

namespace {

using graph::model::Kind;
using graph::model::KindState;
using test::expected_edges;
using test::fixture_objects;
using test::GraphWorld;
using Rows = std::set<std::string>;

constexpr const char* kFixtures = "test/fixtures/k0rdent";

// Fed in this order or the other way round.
void feed(GraphWorld& world, bool reverse, bool external) {
  std::vector<std::string> objects = fixture_objects(kFixtures);
  if (reverse) std::reverse(objects.begin(), objects.end());
  for (const std::string& json : objects) {
    base::json::Document doc;
    const auto object = *doc.parse(json);
    const bool core = object["apiVersion"].str().starts_with("k0rdent.mirantis.com/");
    if (core || external) world.put(json);
  }
  world.answer_lookups(external ? objects : std::vector<std::string>());
}

struct GraphModel : ::testing::TestWithParam<bool> {};

TEST_P(GraphModel, WithK0rdentsKindsAloneTheEdgesAreThoseOfCoreAndExtra) {
  GraphWorld world(KindState::not_served);
  for (graph::model::KindId i = 0; i < world.kinds.size(); ++i) {
    Kind& kind = world.kinds[i];
    if (kind.k0rdent()) kind.state = KindState::known;
    if (kind.policy == graph::model::KindPolicy::lookup) kind.state = KindState::not_served;
  }
  feed(world, GetParam(), false);
  EXPECT_EQ(test::difference(world.edges(), expected_edges({"core", "extra"})), Rows());
}

TEST_P(GraphModel, WithTheOtherGroupsTheEdgesAreAllOfTheTable) {
  GraphWorld world;
  feed(world, GetParam(), true);
  const Rows expected = expected_edges({"core", "extra", "external"});
  EXPECT_EQ(expected.size(), 127u);
  EXPECT_EQ(test::difference(world.edges(), expected), Rows());
}

TEST_P(GraphModel, WhatIsTakenAwayTakesItsEdgesAndPutBackBringsThem) {
  GraphWorld world;
  feed(world, false, true);
  const Rows before = world.edges();
  std::vector<std::string> objects = fixture_objects(kFixtures);
  if (GetParam()) std::reverse(objects.begin(), objects.end());
  for (const std::string& json : objects) {
    world.remove(json);
    world.settle();
    world.put(json);
    world.answer_lookups(objects);
    world.settle();
    ASSERT_EQ(test::difference(world.edges(), before), Rows()) << json;
  }
  for (const std::string& json : objects)
    world.remove(json);
  world.settle();
  EXPECT_EQ(world.edges(), Rows());
}

INSTANTIATE_TEST_SUITE_P(Orders, GraphModel, ::testing::Bool(),
                         [](const auto& one) { return one.param ? "Backwards" : "Forwards"; });

TEST(GraphOwner, AnOwnerOfAKindThatIsNotSeenIsLeftOutUntilItIs) {
  GraphWorld world;
  const graph::model::KindId deployments = world.kinds.find("ClusterDeployment");
  for (const KindState state : {KindState::unknown, KindState::not_served, KindState::forbidden}) {
    world.kinds[deployments].state = state;
    world.put(
        R"({"apiVersion":"k0rdent.mirantis.com/v1beta1","kind":"ServiceSet","metadata":{)"
        R"("name":"s","namespace":"a","uid":"s","ownerReferences":[{"apiVersion":)"
        R"("k0rdent.mirantis.com/v1beta1","kind":"ClusterDeployment","name":"c","uid":"one"}]}})");
    EXPECT_TRUE(world.edges({"owns"}).empty()) << "not seen is not missing";
  }
  world.kinds[deployments].state = KindState::known;
  world.store.judge_kind(deployments);
  EXPECT_EQ(world.edges({"owns"}).size(), 1u);
}

}  // namespace
