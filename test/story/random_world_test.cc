// Hours of a cluster's life, drawn by a seed (support/random_world.h). `make check` lives the seeds
// 1 to 80; `make soak SEEDS=N FIRST=M` as many as told. One again: make soak FIRST=17 SEEDS=1
#include "support/random_world.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "base/text.h"
#include "support/seeds.h"

namespace {

using test::RandomWorld;

const std::uint64_t kFirst = test::first_seed();
const std::uint64_t kSeeds = test::seeds();
const base::Duration kSpan =
    base::minutes(static_cast<std::int64_t>(test::from_environment("SOAK_MINUTES", 60)));

struct RandomLife : RandomWorld, ::testing::WithParamInterface<std::uint64_t> {
  void TearDown() override {
    if (HasFailure()) {
      std::fprintf(stderr, "to repeat it: make soak FIRST=%llu SEEDS=1\n",
                   static_cast<unsigned long long>(GetParam()));
    }
  }
};

TEST_P(RandomLife, EndsWithWhatTheClusterHolds) {
  live(GetParam(), kSpan);
}

struct OneLife : RandomWorld {
  void TestBody() override {}
  std::string decisions_of(std::uint64_t seed) {
    live(seed, base::minutes(30));
    return decisions();
  }
};

std::string story(std::uint64_t seed) {
  auto world = std::make_unique<OneLife>();
  return world->decisions_of(seed);
}

TEST(RandomStory, TheSameSeedTellsTheSameStory) {
  for (std::uint64_t seed : {1001u, 1002u, 1003u}) {
    const std::string once = story(seed);
    const auto first = base::split(once, '\n');
    const std::string again = story(seed);
    const auto second = base::split(again, '\n');
    for (std::size_t i = 0; i < std::min(first.size(), second.size()); ++i)
      ASSERT_EQ(first[i], second[i]) << "seed " << seed << ", line " << i;
    ASSERT_EQ(first.size(), second.size());
    EXPECT_GT(first.size(), 50u);
  }
}

INSTANTIATE_TEST_SUITE_P(Seed, RandomLife, ::testing::Range(kFirst, kFirst + kSeeds),
                         [](const auto& one) { return std::to_string(one.param); });

}  // namespace
