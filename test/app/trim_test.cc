// Memory that a busy time leaves free in the heap goes back to the system.
#include "app/trim.h"

#include <cstdlib>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>
#include <malloc.h>

#include "app/process_stats.h"
#include "base/sanitized.h"
#include "loop/loop.h"
#include "support/watchdog.h"

namespace app {
namespace {

#if !K0RDENT_MCP_SANITIZED
// The heap of the tests before would be measured, too: the program is started anew for this test alone.
void in_a_process_of_its_own(void (*body)()) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        body();
        std::exit(::testing::Test::HasFailure() ? 1 : 0);
      },
      ::testing::ExitedWithCode(0), "");
}

std::vector<void*> sixty_megabytes() {
  std::vector<void*> pieces;
  for (int i = 0; i < 30'000; ++i) {
    pieces.push_back(std::malloc(2000));
    std::memset(pieces.back(), 1, 2000);
  }
  return pieces;
}

// Found by readers that came and went: 215 MB, and the same a minute later.
void holes_go_back() {
  const test::QuietWatchdog quiet;  // sixty megabytes at once
  loop::VirtualClock clock;
  loop::Loop loop(clock);
  Trimmer trimmer(loop);
  trimmer.start();
  const std::size_t before = resident_bytes();
  const std::vector<void*> pieces = sixty_megabytes();
  // What stays lies between what goes.
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i % 100 != 0) std::free(pieces[i]);
  }
  std::size_t full = resident_bytes();
  ASSERT_GT(full, before + (40u << 20));
  trimmer.note_work();
  ASSERT_EQ(loop.timers(), 1u);
  int turns = 0;
  for (; loop.timers() > 0 && turns < 100; ++turns) {
    loop.run_once();
    const std::size_t now = resident_bytes();
    EXPECT_LT(full, now + 2 * kSliceBytes) << "too much in one turn: " << turns;
    full = now;
    if (turns == 0) {
      EXPECT_EQ(loop.now().since, kTrimEvery);
    }
  }
  EXPECT_LT(full, before + (12u << 20)) << "the pieces that stay, and their pages";
  EXPECT_GT(turns, 6);
  EXPECT_EQ(loop.timers(), 0u) << "an idle server is not woken";
  for (std::size_t i = 0; i < pieces.size(); i += 100)
    std::free(pieces[i]);
}

TEST(Trim, HolesInTheHeapGoBackWhenThereIsEnoughOfThem) {
  in_a_process_of_its_own(holes_go_back);
}

struct Clients {
  bool any() const { return there; }
  bool there = true;
};

// Found by a burst of clients that went without a word: 27 MB, and the same until the next request.
void what_is_freed_in_silence_goes_back() {
  const test::QuietWatchdog quiet;  // sixty megabytes at once
  loop::VirtualClock clock;
  loop::Loop loop(clock);
  Clients clients;
  Trimmer trimmer(loop, base::Delegate<bool()>::bind<&Clients::any>(&clients));
  trimmer.start();
  const std::size_t before = resident_bytes();
  const std::vector<void*> pieces = sixty_megabytes();
  trimmer.note_work();
  loop.run_once();
  EXPECT_EQ(loop.now().since, kTrimEvery);
  loop.run_once();
  EXPECT_EQ(loop.now().since, kTrimEvery + kTrimLook);
  // Their sessions expire; no request comes.
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (i % 100 != 0) std::free(pieces[i]);
  }
  clients.there = false;
  for (int turns = 0; loop.timers() > 0 && turns < 100; ++turns)
    loop.run_once();
  EXPECT_LT(resident_bytes(), before + (12u << 20));
  EXPECT_EQ(loop.timers(), 0u) << "a server without clients is not woken";
  for (std::size_t i = 0; i < pieces.size(); i += 100)
    std::free(pieces[i]);
}

TEST(Trim, WhatIsFreedWithoutAnyRequestGoesBack) {
  in_a_process_of_its_own(what_is_freed_in_silence_goes_back);
}

void work_is_looked_at_soon_also_while_clients_are_there() {
  loop::VirtualClock clock;
  loop::Loop loop(clock);
  Clients clients;
  Trimmer trimmer(loop, base::Delegate<bool()>::bind<&Clients::any>(&clients));
  trimmer.start();
  trimmer.note_work();
  loop.run_once();
  trimmer.note_work();
  loop.run_once();
  EXPECT_EQ(loop.now().since, 2 * kTrimEvery);
}

TEST(Trim, WorkIsLookedAtSoonAlsoWhileClientsAreThere) {
  in_a_process_of_its_own(work_is_looked_at_soon_also_while_clients_are_there);
}

void a_large_piece_goes_back() {
  set_up_heap();
  // Without it glibc learns from the first one to keep the next.
  for (int i = 0; i < 3; ++i) {
    const std::size_t before = resident_bytes();
    void* const piece = std::malloc(20u << 20);
    std::memset(piece, 1, 20u << 20);
    EXPECT_GT(resident_bytes(), before + (15u << 20));
    std::free(piece);
    EXPECT_LT(resident_bytes(), before + (5u << 20)) << i;
  }
}

TEST(Trim, ALargePieceGoesBackWhenItIsFreed) {
  in_a_process_of_its_own(a_large_piece_goes_back);
}

// Bug: after a list of 100,000 objects that was given up, the look at the heap took 40 ms.
void small_pieces_are_no_holes() {
  set_up_heap();
  std::vector<void*> pieces(100'000);
  for (void*& piece : pieces)
    piece = std::malloc(48);
  for (void* piece : pieces)
    std::free(piece);
  const struct mallinfo2 heap = ::mallinfo2();
  EXPECT_EQ(heap.smblks, 0u);
  EXPECT_LT(heap.ordblks, 1000u);
}

TEST(Trim, SmallPiecesJoinTheirNeighboursAtOnce) {
  in_a_process_of_its_own(small_pieces_are_no_holes);
}
#endif

}  // namespace
}  // namespace app
