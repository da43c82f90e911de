// A change of a large graph, and a snapshot of it, in pieces that delay nobody else.
#include <memory>

#include <gtest/gtest.h>

#include "graph/snapshot.h"
#include "support/graph_world.h"

namespace {

using graph::SnapshotMaker;
using graph::model::Turn;
using graph::model::View;
using test::GraphMirror;
using test::GraphWorld;

std::string deployment(int i, std::string_view credential) {
  return R"({"apiVersion":"k0rdent.mirantis.com/v1beta1","kind":"ClusterDeployment","metadata":)"
         R"({"name":"c)" +
         std::to_string(i) + R"(","namespace":"a","uid":"u)" + std::to_string(i) +
         R"("},"spec":{"credential":")" + std::string(credential) + R"("}})";
}

struct GraphTurns : testing::Test {
  GraphTurns() {
    for (int i = 0; i < 2000; ++i)
      world.put(deployment(i, "k"));
    world.settle();
  }
  GraphMirror whole(const View& view) {
    GraphMirror mirror;
    for (const std::string& delta : test::snapshot_of(world.store, view))
      mirror.apply(delta);
    return mirror;
  }
  GraphWorld world;
};

TEST_F(GraphTurns, ASnapshotIsMadeInPieces) {
  const View view(world.store, {});
  SnapshotMaker maker(world.store, nullptr, {}, "[]");
  int pieces = 0;
  for (auto made = SnapshotMaker::Made::more; made != SnapshotMaker::Made::whole;) {
    std::size_t looked = 0;
    made = maker.make(view, looked, 1000);
    EXPECT_LE(looked, 1100u) << "no more than was asked for";
    ++pieces;
  }
  EXPECT_GT(pieces, 10);
  const fanout::Snapshot made = maker.take();
  GraphMirror told;
  for (std::size_t i = 0; i < made.size(); ++i)
    told.apply(graph::model::Delta::numbered(made[i].view(), i + 1));
  EXPECT_EQ(told.nodes().size(), 2000u);
  const GraphMirror fresh = whole(view);
  EXPECT_EQ(told.nodes(), fresh.nodes());
  EXPECT_EQ(told.edges(), fresh.edges());
}

TEST_F(GraphTurns, ASnapshotCountsAndWaitsForRoomInItsBudget) {
  const View view(world.store, {});
  base::Budget budget(1'000'000);
  budget.set_share(600'000);
  base::Charge other(budget);
  ASSERT_TRUE(other.take(600'000));
  auto maker = std::make_unique<SnapshotMaker>(world.store, &budget, "ann", "[]");
  std::size_t looked = 0;
  EXPECT_EQ(maker->make(view, looked, SIZE_MAX), SnapshotMaker::Made::no_room);
  EXPECT_EQ(maker->make(view, looked, SIZE_MAX), SnapshotMaker::Made::no_room);
  EXPECT_LE(budget.used(), 1'000'000u);
  other.release();
  budget.set_share(1'000'000);
  ASSERT_EQ(maker->make(view, looked, SIZE_MAX), SnapshotMaker::Made::whole);
  fanout::Snapshot made = maker->take();
  maker.reset();
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < made.size(); ++i)
    bytes += made[i].size();
  EXPECT_GT(bytes, 600'000u);
  EXPECT_EQ(budget.used(), bytes);
  fanout::Snapshot shared = made;
  made = {};
  EXPECT_EQ(budget.used(), bytes);
  shared = {};
  EXPECT_EQ(budget.used(), 0u);
}

TEST_F(GraphTurns, TextsOfOneChangeAreMadeOnceForAllViews) {
  std::vector<View> views(3, View(world.store, {}));
  world.put(R"({"apiVersion":"k0rdent.mirantis.com/v1beta1","kind":"Credential","metadata":)"
            R"({"name":"k","namespace":"a","uid":"k"}})");
  world.store.prune();
  const Turn turn = world.store.settle();
  EXPECT_GT(turn.edges.size(), 1900u);
  const std::vector<const Turn*> turns = {&turn};
  graph::model::Text text(world.store);
  std::size_t looked = 0;
  const auto first = views[0].update(turns, text, looked);
  const std::string* edge = &text.edge(turn.edges[0].index);
  const auto second = views[1].update(turns, text, looked);
  EXPECT_EQ(&text.edge(turn.edges[0].index), edge);
  ASSERT_EQ(first.size(), second.size());
  EXPECT_EQ(first.back().edges, second.back().edges);
}

}  // namespace
