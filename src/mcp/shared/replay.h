// Replay: the last events of one numbered stream, kept for a client that comes back for what it
// missed. Bounded in number and bytes; events that fall out are a gap, which the stream reports.
//
// ReplayPool: all replays together. They may use half of the queues' budget, and those of one
// caller a quarter of that. When there is no room for one more event, the oldest event is dropped
// from the replay that has had no new event for the longest: its client is the least likely to come
// back. When even that makes no room (everything waits in queues), the event is not kept.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/budget.h"
#include "base/fifo.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/payload.h"
#include "base/queue_budget.h"
#include "mcp/caller.h"

namespace mcp::shared {

// As much as a connection may have had queued when it broke.
constexpr std::size_t kReplayBytes = base::limits::kStreamQueueBytes;
constexpr std::size_t kReplayMessages = base::limits::kStreamQueueMessages;

class Replay;

class ReplayPool {
 public:
  explicit ReplayPool(base::QueueBudget& queues);  // `queues` must outlive this
  ~ReplayPool();                                   // Requires: no replay holds anything
  // Bytes that replays hold, without those that a queue held before them.
  std::size_t used() const { return kept_.used(); }
  std::size_t used_by(const Caller& caller) const;

 private:
  friend class Replay;
  bool make_room(const base::Payload& frame, std::size_t record, const Caller& caller);
  Replay* stalest(const Caller* of);
  base::QueueBudget& queues_;
  base::Budget kept_;
  base::List<Replay>
      list_;  // replays that hold something; first the one without an event for longest
};

class Replay : private base::Link {
 public:
  // Both must outlive this.
  Replay(ReplayPool& pool, const Caller& caller)
      : pool_(pool),
        caller_(caller),
        account_(pool.queues_, counted_owner(caller)),
        held_(pool.kept_) {}
  ~Replay() { clear(); }
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  // Events are numbered from 1. Older events are dropped to make room, here and in other replays.
  void push(const base::Payload& frame);
  std::uint64_t first() const { return next_ - size(); }  // the oldest kept event
  std::uint64_t next() const { return next_; }            // the number of the next event
  bool empty() const { return size() == 0; }
  // Requires: first() <= number < next().
  const base::Payload& at(std::uint64_t number) const {
    return frames_[static_cast<std::size_t>(number - first())].frame;
  }
  void drop_before(std::uint64_t number);
  void clear() { drop_before(next_); }

 private:
  friend class ReplayPool;
  friend class base::List<Replay>;
  struct Kept {
    base::Payload frame;
    std::size_t cost;  // bytes added to the budget; only sizeof(Kept) if a queue has the frame, too
  };
  std::size_t size() const { return frames_.size(); }
  void drop_oldest();  // an empty replay leaves the pool's list
  ReplayPool& pool_;
  const Caller& caller_;
  const base::Account account_;
  base::Charge held_;
  base::Fifo<Kept> frames_;
  std::size_t bytes_ = 0;
  std::uint64_t next_ = 1;
};

}  // namespace mcp::shared
