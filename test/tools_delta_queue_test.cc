// What waits for a slow subscriber: in order, bounded, and what is missing is said.
#include <gtest/gtest.h>

#include "support/tools_world.h"
#include "tools/delta_queue.h"

namespace {

using base::Payload;
using test::TestSubscriber;
using tools::DeltaQueue;
namespace limits = base::limits;

constexpr const char* kUri = "k0rdent://events/team-a";

struct DeltaQueueTest : ::testing::Test {
  DeltaQueueTest() { subscriber.accepted(); }
  static Payload frame(const std::string& text, std::size_t padding = 0) {
    return mcp::update_frame(kUri, R"({"type":"line","line":")" + text + R"(","pad":")" +
                                       std::string(padding, 'x') + "\"}");
  }
  Payload dropped(std::uint64_t n) {
    return mcp::update_frame(kUri, R"({"dropped":)" + std::to_string(n) + "}");
  }
  // Lines told since the last call.
  std::vector<std::string> told() {
    std::vector<std::string> out = subscriber.told();
    subscriber.deltas.clear();
    subscriber.frames.clear();
    return out;
  }
  using Told = std::vector<std::string>;

  TestSubscriber subscriber{kUri};
  DeltaQueue queue{subscriber, DeltaQueue::DroppedFn::bind<&DeltaQueueTest::dropped>(this)};
};

TEST_F(DeltaQueueTest, AFrameGoesOutAtOnceAndShared) {
  const Payload one = frame("a");
  queue.push(one);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(told(), (Told{"line a"}));
  queue.push(one);
  EXPECT_EQ(subscriber.frames[0].view().data(), one.view().data());
}

TEST_F(DeltaQueueTest, WhatWaitsKeepsItsOrderWhateverComesMeanwhile) {
  subscriber.room = 1;
  for (const char* text : {"a", "b", "c"})
    queue.push(frame(text));
  subscriber.room = 1;
  queue.push(frame("d"));  // there would be room, but b comes first
  EXPECT_EQ(told(), (Told{"line a"}));
  EXPECT_FALSE(queue.pump());
  EXPECT_EQ(told(), (Told{"line b"}));
  subscriber.room = 9;
  EXPECT_TRUE(queue.pump());
  EXPECT_EQ(told(), (Told{"line c", "line d"}));
  EXPECT_TRUE(queue.empty());
}

TEST_F(DeltaQueueTest, AFullQueueCountsAndSaysHowManyAreMissingBeforeItGoesOn) {
  subscriber.room = 0;
  const std::size_t most = limits::kStreamQueueMessages;
  for (std::size_t i = 0; i < most + 5; ++i)
    queue.push(frame(std::to_string(i)));
  subscriber.room = 1;
  EXPECT_FALSE(queue.pump());
  queue.push(frame("late"));  // one has gone, yet an older one is missing: counted, never reordered
  subscriber.room = static_cast<int>(most) - 1;
  EXPECT_FALSE(queue.pump());
  Told all = told();
  ASSERT_EQ(all.size(), most);
  for (std::size_t i = 0; i < most; ++i)
    ASSERT_EQ(all[i], "line " + std::to_string(i));
  subscriber.room = 9;
  EXPECT_TRUE(queue.pump());
  EXPECT_TRUE(queue.pump());
  queue.push(frame("next"));
  EXPECT_EQ(told(), (Told{"dropped 6", "line next"}));
}

TEST_F(DeltaQueueTest, BytesAreBoundedToo) {
  subscriber.room = 0;
  const std::size_t half = limits::kStreamQueueBytes / 2;
  queue.push(frame("a", half));
  queue.push(frame("b", half));
  queue.push(frame("c"));
  subscriber.room = 9;
  EXPECT_TRUE(queue.pump());
  EXPECT_EQ(told(), (Told{"line a", "dropped 2"}));
  // Its bytes are free again.
  subscriber.room = 0;
  queue.push(frame("d", half));
  subscriber.room = 9;
  EXPECT_TRUE(queue.pump());
  EXPECT_EQ(told(), (Told{"line d"}));
}

TEST_F(DeltaQueueTest, OneFrameOverTheLimitIsKeptWhenNothingElseWaits) {
  subscriber.room = 0;
  queue.push(frame("huge", 2 * limits::kStreamQueueBytes));
  queue.push(frame("b"));
  subscriber.room = 9;
  EXPECT_TRUE(queue.pump());
  EXPECT_EQ(told(), (Told{"line huge", "dropped 1"}));
}

TEST_F(DeltaQueueTest, HeldFramesWaitThoughThereIsRoom) {
  queue.hold(frame("b"));
  queue.push(frame("c"));
  EXPECT_EQ(told(), Told{});
  EXPECT_TRUE(queue.pump());
  EXPECT_EQ(told(), (Told{"line b", "line c"}));
}

TEST_F(DeltaQueueTest, TheLastWordsAreKeptInAFullQueueAndNothingFollowsThem) {
  subscriber.room = 0;
  queue.push(frame("a", 2 * limits::kStreamQueueBytes));
  queue.push(frame("b"));
  queue.close(frame("end"));
  queue.close(frame("end again"));
  queue.push(frame("c"));
  queue.hold(frame("d"));
  EXPECT_TRUE(queue.closed());
  for (int i = 0; i < 2; ++i) {
    subscriber.room = 1;
    EXPECT_FALSE(queue.pump());
    EXPECT_FALSE(queue.empty());
  }
  subscriber.room = 9;
  EXPECT_TRUE(queue.pump());
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(told(), (Told{"line a", "dropped 1", "line end"}));
  EXPECT_TRUE(queue.pump());
  EXPECT_EQ(told(), Told{});
}

}  // namespace
