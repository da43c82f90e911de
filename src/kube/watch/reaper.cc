#include "kube/watch/reaper.h"

#include <utility>

namespace kube::watch {

static Reaper* current = nullptr;

Reaper::Reaper(loop::Loop& loop)
    : work_(loop, "reaper", loop::Deferred::Fn::bind<&Reaper::work>(this)) {
  current = this;
}

Reaper::~Reaper() {
  if (current == this) current = nullptr;
}

void Reaper::take(Collection::Entries entries) {
  if (current == nullptr || entries.size() <= kReapedAtOnce) return;  // freed here
  current->dead_.push_back(std::move(entries));
  current->work_.schedule();
}

std::size_t Reaper::left() const {
  std::size_t sum = 0;
  for (const Collection::Entries& entries : dead_)
    sum += entries.size();
  return sum;
}

void Reaper::work() {
  Collection::Entries& entries = dead_.back();
  for (std::size_t i = 0; i < kReapedAtOnce && !entries.empty(); ++i)
    entries.erase(entries.begin());
  if (entries.empty()) dead_.pop_back();
  if (!dead_.empty()) work_.schedule();
}

}  // namespace kube::watch
