// Reaper: frees what holds many blocks of memory, a portion a turn. A collection or a graph may have a
// hundred thousand objects (--max-watch-objects); freeing them in one go held the loop for 60 ms when a
// client unsubscribed, or a list broke off.
//
// One Reaper at a time takes what the whole process gives; without one it is freed at once. A
// Reaper's destructor frees what is left: at the end of the process nothing waits for it.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "loop/loop.h"

namespace loop {

// Entries of a portion: each has some four blocks of memory to free, about 1 us when none is in a cache.
constexpr std::size_t kReapedAtOnce = 1000;

// What is to be freed. Its destructor frees what is left of it; nothing else may happen there.
class Remains {
 public:
  virtual ~Remains() = default;
  virtual std::size_t left() const = 0;  // entries that are not freed yet
  virtual void free_one() = 0;           // Requires: left() > 0
};

class Reaper {
 public:
  // The newest takes what comes from now on. `loop` must outlive it.
  explicit Reaper(Loop& loop);
  ~Reaper();
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;

  // Frees `remains`, now if they are a portion at most.
  static void take(std::unique_ptr<Remains> remains);
  std::size_t left() const;  // entries that are not freed yet

 private:
  void work();
  std::vector<std::unique_ptr<Remains>> dead_;
  Deferred work_;
};

}  // namespace loop
