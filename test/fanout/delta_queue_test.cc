// What waits for one slow subscriber: in order, bounded, folded when it is full, and counted once
// over all queues.
#include "fanout/delta_queue.h"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fanout/delta_fold.h"

namespace {

using base::Payload;
using fanout::Delta;
using fanout::DeltaFold;
using kube::watch::Change;
using Told = std::vector<std::string>;

Delta delta(Change change, std::string_view key, std::string_view doc, bool framed = true) {
  const std::string frame = "frame " + std::string(doc);
  return {change, Payload(key), Payload(doc), framed ? Payload(frame) : Payload()};
}

std::string text(const Delta& d) {
  const char* change = d.change == Change::added      ? "ADDED "
                       : d.change == Change::modified ? "MODIFIED "
                                                      : "DELETED ";
  return change + std::string(d.key.view()) + " " + std::string(d.doc.view()) +
         (d.frame.empty() ? " unframed" : "");
}

Told drain(DeltaFold& fold) {
  Told out;
  for (; !fold.empty(); fold.pop())
    out.push_back(text(fold.front()));
  return out;
}

Told folded(const std::vector<Delta>& in, DeltaFold::Unknown unknown = DeltaFold::Unknown::told) {
  DeltaFold fold(unknown);
  for (const Delta& each : in)
    fold.add(each);
  return drain(fold);
}

TEST(DeltaFold, OfSeveralStatesTheLastIsTold) {
  EXPECT_EQ(folded({delta(Change::modified, "a", "1"), delta(Change::modified, "a", "2")}),
            (Told{"MODIFIED a 2"}));
}

TEST(DeltaFold, WhatWasAddedIsToldAsAddedWithItsLastState) {
  EXPECT_EQ(folded({delta(Change::added, "a", "1"), delta(Change::modified, "a", "2")}),
            (Told{"ADDED a 2 unframed"}))
      << "the frame said MODIFIED";
}

TEST(DeltaFold, ADeleteIsToldWhateverCameBefore) {
  EXPECT_EQ(folded({delta(Change::modified, "a", "1"), delta(Change::deleted, "a", "2")}),
            (Told{"DELETED a 2"}));
  EXPECT_EQ(folded({delta(Change::added, "a", "1"), delta(Change::deleted, "a", "2")}),
            (Told{"DELETED a 2"}));
}

TEST(DeltaFold, WhatTheClientNeverKnewMayBeForgotten) {
  EXPECT_EQ(folded({delta(Change::added, "a", "1"), delta(Change::deleted, "a", "2")},
                   DeltaFold::Unknown::forgotten),
            Told{});
  EXPECT_EQ(folded({delta(Change::modified, "a", "1"), delta(Change::deleted, "a", "2")},
                   DeltaFold::Unknown::forgotten),
            (Told{"DELETED a 2"}));
}

TEST(DeltaFold, AnotherObjectOfTheNameIsToldAsAnother) {
  EXPECT_EQ(folded({delta(Change::deleted, "a", "1"), delta(Change::added, "a", "2"),
                    delta(Change::modified, "a", "3")}),
            (Told{"DELETED a 1", "ADDED a 3 unframed"}));
  EXPECT_EQ(folded({delta(Change::deleted, "a", "1"), delta(Change::added, "a", "2"),
                    delta(Change::deleted, "a", "3")}),
            (Told{"DELETED a 3"}));
}

TEST(DeltaFold, ObjectsKeepTheOrderInWhichTheyWereFirstChanged) {
  EXPECT_EQ(folded({delta(Change::added, "b", "1"), delta(Change::added, "a", "2"),
                    delta(Change::modified, "b", "3"), delta(Change::deleted, "c", "4")}),
            (Told{"ADDED b 3 unframed", "ADDED a 2", "DELETED c 4"}));
}

TEST(DeltaFold, SaysHowManyBecameSuperfluous) {
  DeltaFold fold(DeltaFold::Unknown::forgotten);
  EXPECT_EQ(fold.add(delta(Change::added, "a", "1")), 0u);
  EXPECT_EQ(fold.add(delta(Change::modified, "a", "2")), 1u);
  EXPECT_EQ(fold.add(delta(Change::deleted, "a", "3")), 2u) << "itself too";
  EXPECT_TRUE(fold.empty());
}

// Every sequence of up to six changes of one object, from both beginnings: a client that applies
// what is left ends with what the cluster holds, and it is always told what it can apply.
TEST(DeltaFold, WhoAppliesWhatIsLeftEndsWithTheSameState) {
  for (const auto unknown : {DeltaFold::Unknown::told, DeltaFold::Unknown::forgotten}) {
    for (int known = 0; known < 2; ++known) {
      for (int bits = 0; bits < 64; ++bits) {
        DeltaFold fold(unknown);
        std::string real = known ? "0" : "", client = real;
        std::string story;
        for (int i = 0; i < 6; ++i) {
          const bool remove = (bits >> i) & 1;
          const std::string doc = std::to_string(i + 1);
          if (remove && real.empty()) continue;
          const Change change = remove         ? Change::deleted
                                : real.empty() ? Change::added
                                               : Change::modified;
          fold.add(delta(change, "a", doc));
          story += text(delta(change, "a", doc)) + ", ";
          real = remove ? "" : doc;
        }
        for (; !fold.empty(); fold.pop()) {
          const Delta next = fold.front();
          if (next.change == Change::added) {
            EXPECT_EQ(client, "") << story;
          } else if (next.change == Change::modified) {
            EXPECT_NE(client, "") << story;
          }
          client = next.change == Change::deleted ? "" : std::string(next.doc.view());
        }
        EXPECT_EQ(client, real) << story;
      }
    }
  }
}

struct DeltaQueueTest : ::testing::Test {
  DeltaQueueTest() {
    settings.queue_messages = 8;
    settings.queue_bytes = 1000;
  }
  Told drain() {
    Told out;
    for (; !queue.empty(); queue.pop())
      out.push_back(text(queue.front()));
    return out;
  }
  fanout::WatchSettings settings;
  base::QueueBudget budget{4000};
  fanout::QueueStats stats;
  fanout::DeltaQueue queue{settings, budget, stats};
};

TEST_F(DeltaQueueTest, KeepsEachDeltaInOrderWhileThereIsRoom) {
  EXPECT_TRUE(queue.push(delta(Change::added, "a", "1")));
  EXPECT_TRUE(queue.push(delta(Change::modified, "a", "2")));
  EXPECT_TRUE(queue.push(delta(Change::deleted, "a", "3")));
  EXPECT_EQ(drain(), (Told{"ADDED a 1", "MODIFIED a 2", "DELETED a 3"}));
  EXPECT_EQ(stats.folded, 0u);
  EXPECT_EQ(budget.used(), 0u);
}

TEST_F(DeltaQueueTest, WhenItIsFullItFoldsFirst) {
  for (int i = 0; i < 8; ++i)
    ASSERT_TRUE(
        queue.push(delta(i == 0 ? Change::added : Change::modified, "a", std::to_string(i))));
  EXPECT_TRUE(queue.push(delta(Change::modified, "b", "x")));
  EXPECT_EQ(queue.size(), 2u);
  EXPECT_EQ(stats.folded, 7u);
  EXPECT_EQ(drain(), (Told{"ADDED a 7 unframed", "MODIFIED b x"}));
}

TEST_F(DeltaQueueTest, WhenFoldingIsNotEnoughItTakesNoMoreAndKeepsWhatItHas) {
  for (int i = 0; i < 8; ++i)
    ASSERT_TRUE(queue.push(delta(Change::added, std::to_string(i), "d")));
  EXPECT_FALSE(queue.push(delta(Change::added, "8", "d")));
  EXPECT_EQ(queue.size(), 8u);
  EXPECT_EQ(drain().size(), 8u);
  EXPECT_TRUE(queue.push(delta(Change::added, "8", "d")));
}

TEST_F(DeltaQueueTest, BytesAreALimitTooButOneLargeDeltaAlwaysFits) {
  ASSERT_TRUE(queue.push(delta(Change::added, "a", std::string(1500, 'x'))));
  EXPECT_FALSE(queue.push(delta(Change::added, "b", "y")));
  queue.pop();
  EXPECT_EQ(queue.bytes(), 0u);
  EXPECT_TRUE(queue.push(delta(Change::added, "b", "y")));
}

TEST_F(DeltaQueueTest, AQueueThatIsNeverEmptyDoesNotGrow) {
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(queue.push(delta(Change::added, std::to_string(i), "d")));
    if (i >= 3) queue.pop();
  }
  EXPECT_EQ(queue.size(), 3u);
  EXPECT_EQ(queue.front().key.view(), "997");
}

TEST_F(DeltaQueueTest, ManyQueuesCountOnePayloadOnce) {
  const Delta shared = delta(Change::added, "a", std::string(500, 'x'));
  fanout::DeltaQueue other(settings, budget, stats);
  ASSERT_TRUE(queue.push(shared));
  const std::size_t one = budget.used();
  ASSERT_TRUE(other.push(shared));
  EXPECT_EQ(budget.used(), one + sizeof(Delta)) << "its record";
  queue.clear();
  EXPECT_EQ(budget.used(), one);
  other.clear();
  EXPECT_EQ(budget.used(), 0u);
}

TEST_F(DeltaQueueTest, TheBudgetOfAllIsALimitForEach) {
  fanout::DeltaQueue other(settings, budget, stats);
  settings.queue_bytes = 100000;
  ASSERT_TRUE(other.push(delta(Change::added, "a", std::string(1900, 'x'))));
  EXPECT_FALSE(queue.push(delta(Change::added, "b", std::string(300, 'y'))));
  other.clear();
  EXPECT_TRUE(queue.push(delta(Change::added, "b", std::string(300, 'y'))));
}

TEST_F(DeltaQueueTest, OneCallersQueuesLeaveRoomForTheOthers) {
  settings.queue_bytes = 100000;
  budget.set_share(2000);
  fanout::DeltaQueue alice(settings, budget, stats, "alice"),
      also(settings, budget, stats, "alice"), bob(settings, budget, stats, "bob");
  ASSERT_TRUE(alice.push(delta(Change::added, "a", std::string(900, 'x'))));
  EXPECT_FALSE(also.push(delta(Change::added, "b", std::string(300, 'y'))));
  EXPECT_TRUE(bob.push(delta(Change::added, "b", std::string(300, 'y'))));
  alice.pop();
  EXPECT_TRUE(also.push(delta(Change::added, "b", std::string(300, 'y'))));
  EXPECT_EQ(budget.owners(), 2u);
}

TEST_F(DeltaQueueTest, WhatHasNoKeyIsNeverFolded) {
  for (int i = 0; i < 8; ++i)
    ASSERT_TRUE(queue.push({Change::added, {}, {}, Payload("line")}));
  EXPECT_FALSE(queue.push({Change::added, {}, {}, Payload("line")}));
  EXPECT_EQ(queue.size(), 8u);
}

}  // namespace
