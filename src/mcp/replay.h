// Replay: the last events of one numbered stream, kept for a client that comes back for what it
// missed. Bounded in number and bytes; what falls out of it is a gap that the stream says.
//
// ReplayPool: all replays together. They may use half of the queues' budget, and those of one
// caller a quarter of that; when one more event finds no room, the oldest event of the replay that
// has had none for the longest goes first: who left long ago comes back least. When even that makes
// no room (all of it waits in queues), the event itself is not kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/budget.h"
#include "base/limits.h"
#include "base/link.h"
#include "base/payload.h"
#include "base/queue_budget.h"
#include "mcp/caller.h"

namespace mcp {

// As much as a connection may have had queued when it broke.
constexpr std::size_t kReplayBytes = base::limits::kStreamQueueBytes;
constexpr std::size_t kReplayMessages = base::limits::kStreamQueueMessages;

class Replay;

class ReplayPool {
 public:
  explicit ReplayPool(base::QueueBudget& queues);  // outlives it
  ~ReplayPool();                                   // Requires: no replay holds anything
  // Bytes that replays hold and nobody held before them.
  std::size_t used() const { return kept_.used(); }
  std::size_t used_by(const Caller& caller) const;

 private:
  friend class Replay;
  bool make_room(const base::Payload& frame, std::size_t record, const Caller& caller);
  Replay* stalest(const Caller* of);
  base::QueueBudget& queues_;
  base::Budget kept_;
  base::Link list_;  // those that hold something; first the one that has had no event for longest
};

class Replay : private base::Link {
 public:
  // Both outlive it.
  Replay(ReplayPool& pool, const Caller& caller)
      : pool_(pool), caller_(caller), held_(pool.kept_) {}
  ~Replay() { clear(); }
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  // Events are numbered from 1. Older ones make room, here and in other replays.
  void push(const base::Payload& frame);
  std::uint64_t first() const { return next_ - size(); }  // the oldest kept
  std::uint64_t next() const { return next_; }            // what the next one will be
  bool empty() const { return size() == 0; }
  // Requires: first() <= number < next().
  const base::Payload& at(std::uint64_t number) const {
    return frames_[first_ + static_cast<std::size_t>(number - first())].frame;
  }
  void drop_before(std::uint64_t number);
  void clear() { drop_before(next_); }

 private:
  friend class ReplayPool;
  struct Kept {
    base::Payload frame;
    std::size_t cost;  // what its coming cost; that of bytes that wait elsewhere, too, is a record
  };
  std::size_t size() const { return frames_.size() - first_; }
  void drop_oldest();
  void give_back();
  ReplayPool& pool_;
  const Caller& caller_;
  base::Charge held_;
  std::vector<Kept> frames_;
  std::size_t first_ = 0;  // those before it are gone
  std::size_t bytes_ = 0;
  std::uint64_t next_ = 1;
};

}  // namespace mcp
