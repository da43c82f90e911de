// loop::Scope: the tree by which everything that lives by itself ends.
#include "loop/lifecycle.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

using Names = std::vector<std::string>;

struct Leaf {
  Leaf(loop::Scope& parent, std::string name, Names& log_in)
      : log(log_in),
        scope(parent, std::move(name), loop::Scope::Fn::bind<&Leaf::on_cancel>(this)) {}
  void on_cancel() {
    log.push_back(scope.name());
    if (victim) victim->reset();
    if (self) self->reset();
  }
  Names& log;
  std::unique_ptr<Leaf>* victim = nullptr;
  std::unique_ptr<Leaf>* self = nullptr;
  loop::Scope scope;
};

TEST(Lifecycle, CancelReachesAllBelowInTheSameCallChildrenFirst) {
  Names log;
  loop::Scope server("server");
  Leaf manager(server, "manager", log);
  Leaf first(manager.scope, "first", log), second(manager.scope, "second", log);
  server.cancel();
  EXPECT_EQ(log, (Names{"first", "second", "manager"}));
  EXPECT_TRUE(first.scope.cancelled() && second.scope.cancelled() && manager.scope.cancelled());
}

TEST(Lifecycle, CancelOfOneLeavesItsSiblingsAlone) {
  Names log;
  loop::Scope server("server");
  Leaf first(server, "first", log), second(server, "second", log);
  first.scope.cancel();
  EXPECT_EQ(log, Names{"first"});
  EXPECT_FALSE(second.scope.cancelled() || server.cancelled());
}

TEST(Lifecycle, CancelTwiceTellsOnce) {
  Names log;
  loop::Scope server("server");
  Leaf leaf(server, "leaf", log);
  leaf.scope.cancel();
  leaf.scope.cancel();
  server.cancel();
  EXPECT_EQ(log, Names{"leaf"});
}

TEST(Lifecycle, AChildOfACancelledScopeIsCancelledFromTheStartAndNotTold) {
  Names log;
  loop::Scope server("server");
  server.cancel();
  Leaf late(server, "late", log);
  EXPECT_TRUE(late.scope.cancelled());
  EXPECT_TRUE(log.empty());
  EXPECT_EQ(server.active(), 1u);
}

TEST(Lifecycle, CountsAndNamesWhatIsLeftUntilItIsDestroyed) {
  Names log;
  loop::Scope server("server");
  std::optional<Leaf> first(std::in_place, server, "first", log);
  Leaf second(server, "second", log);
  second.scope.cancel();
  EXPECT_EQ(server.active(), 2u);
  EXPECT_EQ(server.names(), (Names{"first", "second"}));
  first.reset();
  EXPECT_EQ(server.names(), Names{"second"});
}

TEST(Lifecycle, TellsWhenTheLastChildIsGone) {
  struct Count {
    void hit() { ++n; }
    int n = 0;
  } count;
  Names log;
  loop::Scope server("server");
  server.when_empty(loop::Scope::Fn::bind<&Count::hit>(&count));
  auto first = std::make_unique<Leaf>(server, "first", log);
  auto second = std::make_unique<Leaf>(server, "second", log);
  first.reset();
  EXPECT_EQ(count.n, 0);
  second.reset();
  EXPECT_EQ(count.n, 1);
}

TEST(Lifecycle, AChildMayDestroyItselfAndASiblingWhenItIsCancelled) {
  Names log;
  loop::Scope server("server");
  auto first = std::make_unique<Leaf>(server, "first", log);
  auto second = std::make_unique<Leaf>(server, "second", log);
  auto third = std::make_unique<Leaf>(server, "third", log);
  first->victim = &second;
  third->self = &third;
  server.cancel();
  EXPECT_EQ(log, (Names{"first", "third"}));
  EXPECT_EQ(server.names(), Names{"first"});
}

}  // namespace
