// HeapGauge: lets the budgets ask the real heap. Budgets count what they are told; connections to the API
// server, sessions, parse trees and the allocator's own losses are in none of them. Under a memory limit the
// gauge charges what the heap holds beyond the sums and their allowance to the budget of all parts, so that
// near the limit nothing has room, whatever the sums say, and callers get the usual answers.
//
//   program      kProgramBytes of the limit: its pages, stacks, and the heap at rest
//   parts        half of the rest (base/budgets.h)
//   allowance    three quarters of the other half: what is in no budget
//   the rest     holes in the heap that are not given back yet
//
// A budget that has no room asks the gauge to look again (Budget::set_review): what filled the heap a moment
// ago may be gone.
//
// Without a limit it does nothing.
#pragma once

#include <cstddef>

#include "app/trim.h"
#include "base/budgets.h"
#include "base/delegate.h"
#include "base/time.h"
#include "loop/loop.h"

namespace app {

// Between two looks while the heap changes; a turn that decodes a list adds 1 MiB at most.
constexpr base::Duration kGaugeEvery = base::milliseconds(10);
// While it does not, and there are clients or watches: events of a watch come without a request.
constexpr base::Duration kGaugeLook = base::seconds(1);
// A smaller change of the heap is none.
constexpr std::size_t kGaugeStep = 64 * base::limits::kKiB;

class HeapGauge {
 public:
  // `busy`: there are clients or watches. `full`: the heap is beyond its limit; called at each look.
  // All must outlive it, and no other may review `budgets.memory`.
  struct Owner {
    base::Delegate<bool()> busy;
    base::Delegate<void()> full = {};
  };
  HeapGauge(loop::Loop& loop, base::Budgets& budgets, Trimmer& trimmer, Owner owner);
  ~HeapGauge() { stop(); }
  HeapGauge(const HeapGauge&) = delete;
  HeapGauge& operator=(const HeapGauge&) = delete;

  // Takes the heap of now as the heap at rest.
  void start();
  // Reports work that may fill the heap: a request. Cheap.
  void note_work() {
    if (at_rest_ == 0 || (timer_.armed() && !looking_)) return;
    looking_ = false;
    timer_.arm(kGaugeEvery);
  }
  void stop();
  // What is charged because no budget counts it.
  std::size_t beyond() const { return beyond_.size(); }

 private:
  void on_timer();
  HeapUse look();
  bool review();
  base::Budgets& budgets_;
  Trimmer& trimmer_;
  Owner owner_;
  std::size_t at_rest_ = 0;  // 0: not started, or no limit
  std::size_t last_ = 0;
  bool looking_ = false;  // the timer is armed for kGaugeLook
  base::TimePoint looked_at_{};
  base::Duration cost_{};  // of the last look: the allocator counts its holes one by one
  base::Charge beyond_;
  loop::Timer timer_;
};

}  // namespace app
