// QueueBudget: how many bytes may wait for slow readers, over all queues together. A payload that
// many queues hold is counted once, when the first takes it, until the last lets it go: 10,000
// subscribers of one key cost one copy. Each queue's own record of it counts besides: a thousand
// small updates that wait in 10,000 queues are half a gigabyte of records.
//
// Each queue keeps its own limit besides; this one bounds the sum. A payload belongs to one budget
// for its whole life.
#pragma once

#include <cstddef>

#include "base/check.h"
#include "base/payload.h"

namespace base {

// The default: all that waits for slow readers together; 64 of them with a full queue each.
constexpr std::size_t kQueueBudget = std::size_t{64} << 20;

class QueueBudget {
 public:
  explicit QueueBudget(std::size_t limit) : limit_(limit) {}
  QueueBudget(const QueueBudget&) = delete;
  QueueBudget& operator=(const QueueBudget&) = delete;
  ~QueueBudget() { CHECK(used_ == 0); }

  // `record`: the bytes of the queue's own record of it, the same in all three calls. Of bytes that
  // wait somewhere already only that.
  bool has_room(const Payload& p, std::size_t record) const { return has_room(p, record, limit_); }
  // The same for whoever may use only `share` bytes of the budget.
  bool has_room(const Payload& p, std::size_t record, std::size_t share) const {
    const bool waits = !p.rep_ || p.rep_->queued > 0;
    return used_ + record + (waits ? 0 : p.rep_->size) <= share;
  }
  // Whoever queues bytes although there is no room (last words, an answer) adds them all the same.
  void add(const Payload& p, std::size_t record) {
    used_ += record;
    if (p.rep_ && p.rep_->queued++ == 0) used_ += p.rep_->size;
  }
  // Requires: add(p, record) before, once for each.
  void remove(const Payload& p, std::size_t record) {
    CHECK(used_ >= record);
    used_ -= record;
    if (!p.rep_) return;
    CHECK(p.rep_->queued > 0);
    if (--p.rep_->queued == 0) used_ -= p.rep_->size;
  }

  std::size_t used() const { return used_; }
  std::size_t limit() const { return limit_; }

 private:
  std::size_t limit_, used_ = 0;
};

}  // namespace base
