// Reaper: frees what Collections held, a portion a turn. A collection may hold a hundred thousand
// objects (--max-watch-objects); freeing them in one go held the loop for 60 ms when a client
// unsubscribed, or a list broke off.
//
// One Reaper at a time takes what all Collections of the process give; without one it is freed at
// once. A Reaper's destructor frees what is left: at the end of the process nothing waits for it.
#pragma once

#include <cstddef>
#include <vector>

#include "kube/watch/collection.h"
#include "loop/loop.h"

namespace kube::watch {

// Entries of a portion: each has four blocks of memory to free, about 1 us when none is in a cache.
constexpr std::size_t kReapedAtOnce = 1000;

class Reaper {
 public:
  // The newest takes what comes from now on. `loop` must outlive it.
  explicit Reaper(loop::Loop& loop);
  ~Reaper();
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;

  // Frees `entries`, now if they are a portion at most. Their items' destructors may only free memory.
  static void take(Collection::Entries entries);
  std::size_t left() const;  // entries that are not freed yet

 private:
  void work();
  std::vector<Collection::Entries> dead_;
  loop::Deferred work_;
};

}  // namespace kube::watch
