// DeltaQueue: the deltas that one subscriber could not take yet, in order, bounded by messages, by
// bytes and by the budget that all queues share. A full queue folds what is superseded
// (delta_fold.h); if that makes no room, push() fails and the queue's owner reports the loss
// (feed.h).
//
// Frames are shared: a queue costs only its records, and the budget counts bytes that wait in many
// queues once. An empty queue holds no heap memory.
#pragma once

#include <cstddef>

#include "base/fifo.h"
#include "fanout/context.h"
#include "fanout/delta.h"
#include "fanout/queue_stats.h"

namespace fanout {

class DeltaQueue {
 public:
  // `limits`, `budget` and `stats` must outlive the queue. `owner`: whose share of the budget it
  // uses; "": nobody's.
  DeltaQueue(const WatchSettings& limits, base::QueueBudget& budget, QueueStats& stats,
             std::string_view owner = {})
      : limits_(limits), budget_(budget), stats_(stats), account_(budget, owner) {}
  DeltaQueue(const DeltaQueue&) = delete;
  DeltaQueue& operator=(const DeltaQueue&) = delete;
  ~DeltaQueue() { clear(); }

  // Returns false, and takes nothing, when there is no room even after folding.
  bool push(const Delta& delta);
  bool empty() const { return waiting_.empty(); }
  std::size_t size() const { return waiting_.size(); }
  std::size_t bytes() const { return bytes_; }
  const base::Account& account() const { return account_; }
  // Requires (both): !empty(). After folding the front may lack its frame; the caller makes it.
  const Delta& front() const { return waiting_.front(); }
  void pop();
  void clear();

 private:
  static std::size_t size_of(const Delta& delta) {
    return delta.frame.empty() ? delta.doc.size() : delta.frame.size();
  }
  bool has_room(const Delta& delta) const;
  bool fold();
  void append(Delta delta);
  void forget(const Delta& delta);
  const WatchSettings& limits_;
  base::QueueBudget& budget_;
  QueueStats& stats_;
  const base::Account account_;
  base::Fifo<Delta> waiting_;
  std::size_t bytes_ = 0;  // of the deltas that wait
};

}  // namespace fanout
