#include "base/random.h"

#include <set>

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(Random, ASeedRepeatsItsSequence) {
  // The reference values of splitmix64 for seed 1234567.
  Random random(1234567);
  EXPECT_EQ(random.next(), 6457827717110365317U);
  EXPECT_EQ(random.next(), 3203168211198807973U);
  EXPECT_EQ(random.next(), 9817491932198370423U);
}

TEST(Random, UnitAndBelowStayInTheirRange) {
  Random random(1);
  bool low = false;
  bool high = false;
  for (int i = 0; i < 10'000; ++i) {
    const double unit = random.unit();
    ASSERT_GE(unit, 0.0);
    ASSERT_LT(unit, 1.0);
    low = low || unit < 0.1;
    high = high || unit > 0.9;
    ASSERT_LT(random.below(7), 7U);
  }
  EXPECT_TRUE(low && high);
  EXPECT_EQ(random.below(0), 0U);
}

TEST(Random, SecureBytesHaveTheAskedLengthAndDiffer) {
  EXPECT_EQ(secure_bytes(0).size(), 0U);
  EXPECT_EQ(secure_bytes(5000).size(), 5000U);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i)
    seen.insert(secure_bytes(16));
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(Random, SystemSeedsDiffer) {
  EXPECT_NE(Random::from_system().next(), Random::from_system().next());
}

}  // namespace
}  // namespace base
