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
  budgets_.memory.set_review(base::Budget::Review::bind<&HeapGauge::review>(this));
}

HeapUse HeapGauge::look() {
  const base::Duration began = loop::RealClock::processor_time();
  const HeapUse heap = heap_use();
  // Bytes in sockets are the kernel's.
  const std::size_t counted =
      budgets_.memory.used() - beyond_.size() - budgets_.kernel.used() + at_rest_;
  const std::size_t allowed = counted + budgets_.memory.limit() / 4 * 3;
  beyond_.set(heap.live > allowed ? heap.live - allowed : 0);
  cost_ = loop::RealClock::processor_time() - began;
  looked_at_ = loop::RealClock::monotonic();
  return heap;
}

// Called in the middle of other work, so that nothing else may happen here.
bool HeapGauge::review() {
  const std::size_t before = beyond_.size();
  if (before == 0 || loop::RealClock::monotonic() - looked_at_ < cost_ * kTrimShare) return false;
  look();
  return beyond_.size() < before;
}

void HeapGauge::on_timer() {
  const HeapUse heap = look();
  const bool full = !budgets_.memory.has_room(1);
  if (full && owner_.full) owner_.full();
  if (heap.free >= trimmer_.least()) trimmer_.note_work();
  const std::size_t change = heap.live > last_ ? heap.live - last_ : last_ - heap.live;
  last_ = heap.live;
  looking_ = change < kGaugeStep;
  if (!looking_) return timer_.arm(std::max<base::Duration>(kGaugeEvery, cost_ * kTrimShare));
  if (owner_.busy()) return timer_.arm(kGaugeLook);
  looking_ = false;  // the next request looks again
}

void HeapGauge::stop() {
  timer_.cancel();
  budgets_.memory.set_review({});
  beyond_.release();
  at_rest_ = 0;
}

}  // namespace app
