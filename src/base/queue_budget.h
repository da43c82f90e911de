// QueueBudget: how many bytes may wait for slow readers, over all queues together. A payload that
// many queues hold is counted once, when the first takes it, until the last lets it go: 10,000
// subscribers of one key cost one copy. Each queue's own record of it counts besides: a thousand
// small updates that wait in 10,000 queues are half a gigabyte of records.
//
// Each queue keeps its own limit besides; this one bounds the sum. A payload belongs to one budget
// for its whole life.
#pragma once

#include <cstddef>

#include "base/budget.h"
#include "base/check.h"
#include "base/payload.h"

namespace base {

// The default: all that waits for slow readers together; 64 of them with a full queue each.
constexpr std::size_t kQueueBudget = std::size_t{64} << 20;

class QueueBudget : public Budget {
 public:
  using Budget::Budget;
  using Budget::has_room;

  // `record`: the bytes of the queue's own record of it, the same in all three calls. Of bytes that
  // wait somewhere already only that.
  bool has_room(const Payload& p, std::size_t record) const { return has_room(p, record, limit()); }
  // The same for whoever may use only `share` bytes of the budget.
  bool has_room(const Payload& p, std::size_t record, std::size_t share) const {
    const bool waits = !p.rep_ || p.rep_->queued > 0;
    return fits(record + (waits ? 0 : p.rep_->size), share);
  }
  // Whoever queues bytes although there is no room (last words, an answer) adds them all the same.
  void add(const Payload& p, std::size_t record) {
    const bool first = p.rep_ && p.rep_->queued++ == 0;
    Budget::add(record + (first ? p.rep_->size : 0));
  }
  // Requires: add(p, record) before, once for each.
  void remove(const Payload& p, std::size_t record) {
    if (p.rep_) CHECK(p.rep_->queued > 0);
    const bool last = p.rep_ && --p.rep_->queued == 0;
    Budget::remove(record + (last ? p.rep_->size : 0));
  }
};

}  // namespace base
