#include "base/counted.h"

#include <gtest/gtest.h>

namespace {

TEST(Counted, OneHasNoPlural) {
  EXPECT_EQ(base::counted(0, "cluster"), "0 clusters");
  EXPECT_EQ(base::counted(1, "cluster"), "1 cluster");
  EXPECT_EQ(base::counted(2, "cluster"), "2 clusters");
  EXPECT_EQ(base::counted(1, "cluster uses it", "clusters use it"), "1 cluster uses it");
  EXPECT_EQ(base::counted(7, "cluster uses it", "clusters use it"), "7 clusters use it");
}

}  // namespace
