#include "app/heap_gauge.h"

#include <algorithm>

#include "loop/clock.h"

namespace app {

HeapGauge::HeapGauge(loop::Loop& loop, base::Budgets& budgets, Trimmer& trimmer, Owner owner)
    : budgets_(budgets),
      trimmer_(trimmer),
      owner_(owner),
      beyond_(budgets.memory),
      timer_(loop, "heap gauge", loop::Timer::Fn::bind<&HeapGauge::on_timer>(this)) {}

void HeapGauge::start() {
  if (budgets_.memory.limit() == base::Budget::kNone) return;
  at_rest_ = last_ = heap_use().live;
  trimmer_.set_least(std::max(budgets_.memory.limit() / 4, kSliceBytes / 4));
}

void HeapGauge::on_timer() {
  const base::TimePoint began = loop::RealClock::monotonic();
  const HeapUse heap = heap_use();
  // Bytes in sockets are the kernel's.
  const std::size_t counted =
      budgets_.memory.used() - beyond_.size() - budgets_.kernel.used() + at_rest_;
  const std::size_t allowed = counted + budgets_.memory.limit() / 4 * 3;
  beyond_.set(heap.live > allowed ? heap.live - allowed : 0);
  const bool full = !budgets_.memory.has_room(1);
  if (full && owner_.full) owner_.full();
  if (heap.free >= trimmer_.least()) trimmer_.note_work();
  const std::size_t change = heap.live > last_ ? heap.live - last_ : last_ - heap.live;
  last_ = heap.live;
  // The allocator counts its holes one by one.
  const base::Duration spent = loop::RealClock::monotonic() - began;
  looking_ = change < kGaugeStep;
  if (!looking_) return timer_.arm(std::max<base::Duration>(kGaugeEvery, spent * kTrimShare));
  if (owner_.busy()) return timer_.arm(kGaugeLook);
  looking_ = false;  // the next request looks again
}

void HeapGauge::stop() {
  timer_.cancel();
  beyond_.release();
  at_rest_ = 0;
}

}  // namespace app
