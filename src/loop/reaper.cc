#include "loop/reaper.h"

#include <utility>

namespace loop {

static Reaper* current = nullptr;

Reaper::Reaper(Loop& loop) : work_(loop, "reaper", Deferred::Fn::bind<&Reaper::work>(this)) {
  current = this;
}

Reaper::~Reaper() {
  if (current == this) current = nullptr;
}

void Reaper::take(std::unique_ptr<Remains> remains) {
  if (current == nullptr || remains->left() <= kReapedAtOnce) return;  // freed here
  current->dead_.push_back(std::move(remains));
  current->work_.schedule();
}

std::size_t Reaper::left() const {
  std::size_t sum = 0;
  for (const auto& remains : dead_)
    sum += remains->left();
  return sum;
}

void Reaper::work() {
  Remains& remains = *dead_.back();
  for (std::size_t i = 0; i < kReapedAtOnce && remains.left() > 0; ++i)
    remains.free_one();
  if (remains.left() == 0) dead_.pop_back();
  if (!dead_.empty()) work_.schedule();
}

}  // namespace loop
