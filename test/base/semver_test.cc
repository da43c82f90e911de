// The order of versions: semver.org's own example, and what charts make of it.
#include "base/semver.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

TEST(Semver, OrdersAsTheSpecificationSays) {
  const std::vector<std::string> order = {"",
                                          "latest",
                                          "main",
                                          "1.0.0-alpha",
                                          "1.0.0-alpha.1",
                                          "1.0.0-alpha.-1",
                                          "1.0.0-alpha.beta",
                                          "1.0.0-beta",
                                          "1.0.0-beta.2",
                                          "1.0.0-beta.11",
                                          "1.0.0-rc.1",
                                          "1.0.0",
                                          "1.0.1",
                                          "1.2",
                                          "1.9.0",
                                          "1.10.0",
                                          "v1.18.2",
                                          "1.18.10",
                                          "2.0.0-0",
                                          "2.0.0",
                                          "2.0.0.1",
                                          "20240101000000000000.0.0"};
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = 0; j < order.size(); ++j) {
      const int got = base::compare_versions(order[i], order[j]);
      EXPECT_EQ(got < 0, i < j) << order[i] << " " << order[j];
      EXPECT_EQ(got > 0, i > j) << order[i] << " " << order[j];
    }
  }
}

TEST(Semver, WhatHasNoOrderIsEqual) {
  for (const auto& [a, b] : {std::pair{"v1.2.3", "1.2.3"},
                             {"1.2", "1.2.0"},
                             {"1.2.3+a", "1.2.3+b"},
                             {"01.2.3", "1.2.3"},
                             {"1.0.0-rc.1+x", "1.0.0-rc.1"}})
    EXPECT_EQ(base::compare_versions(a, b), 0) << a << " " << b;
}

TEST(Semver, WhatIsNoVersionIsOlderThanAny) {
  for (const char* no : {"1..2", "1.", ".1", "v", "1.x", "-rc.1", "latest"})
    EXPECT_LT(base::compare_versions(no, "0.0.0-0"), 0) << no;
}

TEST(Semver, KnowsAnExactVersion) {
  for (const char* yes : {"1.2.3", "v1.2.3", "0.24.0-rc.1", "1.2.3+5", "1.2.3-a+b-c"})
    EXPECT_TRUE(base::is_exact_version(yes)) << yes;
  for (const char* no : {"", "1", "1.2", "1.2.3.4", "1.x", "1.2.x", "*", "latest", "1.2.3-",
                         ">1.2.3", "1.2.-3", "../x"})
    EXPECT_FALSE(base::is_exact_version(no)) << no;
}

TEST(Semver, KnowsAPrerelease) {
  EXPECT_TRUE(base::is_prerelease("v1.2.3-rc.1+5"));
  EXPECT_FALSE(base::is_prerelease("1.2.3+build-5"));
}

}  // namespace
