// Fifo<T>.
#include "base/fifo.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

using base::Fifo;

TEST(BaseFifo, WhatWaitsStaysInOrder) {
  Fifo<int> fifo;
  EXPECT_TRUE(fifo.empty());
  int pushed = 0, popped = 0;
  // The popped part grows and is dropped, again and again.
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < round % 7; ++i, ++pushed)
      EXPECT_EQ(fifo.push(pushed), pushed);
    for (int i = 0; i < round % 5 && !fifo.empty(); ++i, ++popped) {
      EXPECT_EQ(fifo.front(), popped);
      fifo.pop();
    }
    ASSERT_EQ(fifo.size(), static_cast<std::size_t>(pushed - popped));
    for (std::size_t i = 0; i < fifo.size(); ++i)
      ASSERT_EQ(fifo[i], popped + static_cast<int>(i));
    ASSERT_EQ(std::vector<int>(fifo.begin(), fifo.end()).size(), fifo.size());
  }
}

TEST(BaseFifo, APoppedElementIsGoneAtOnce) {
  Fifo<std::shared_ptr<int>> fifo;
  const auto one = std::make_shared<int>(1);
  for (int i = 0; i < 3; ++i)
    fifo.push(one);
  fifo.pop();
  EXPECT_EQ(one.use_count(), 3);
  fifo.clear();
  EXPECT_EQ(one.use_count(), 1);
}

TEST(BaseFifo, RemovedOnesLeaveTheOthersInOrder) {
  Fifo<std::string> fifo;
  for (const char* each : {"a", "b", "a", "c", "a"})
    fifo.push(each);
  fifo.pop();
  const auto is_a = [](const std::string& each) { return each == "a"; };
  EXPECT_EQ(fifo.remove_if(is_a), 2u);
  EXPECT_EQ(std::vector<std::string>(fifo.begin(), fifo.end()),
            (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(fifo.remove_if(is_a), 0u);
  EXPECT_EQ(fifo.remove_if([](const std::string&) { return true; }), 2u);
  EXPECT_TRUE(fifo.empty());
}

// A queue that never gets empty must not grow: the front stays within twice what waits.
TEST(BaseFifo, TheVectorDoesNotGrowWithWhatWentThroughIt) {
  Fifo<int> fifo;
  for (int i = 0; i < 10; ++i)
    fifo.push(i);
  std::uintptr_t lowest = UINTPTR_MAX, highest = 0;
  for (int i = 0; i < 2000; ++i) {
    fifo.push(i);
    fifo.pop();
    if (i < 100) continue;
    const auto at = reinterpret_cast<std::uintptr_t>(&fifo.front());
    lowest = std::min(lowest, at);
    highest = std::max(highest, at);
  }
  EXPECT_EQ(fifo.size(), 10u);
  EXPECT_LE((highest - lowest) / sizeof(int), 20u);
}

}  // namespace
