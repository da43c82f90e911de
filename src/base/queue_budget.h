// QueueBudget: bounds the bytes that wait for slow readers in all queues together. A payload that
// several queues hold is counted once, from the first queue that takes it to the last that drops
// it: 10,000 subscribers of one key cost one copy. Each queue's own record of the payload is
// counted as well: a thousand small updates waiting in 10,000 queues make half a gigabyte of
// records.
//
// Each queue also has a limit of its own; this one bounds the sum. A payload belongs to one budget
// for its whole life.
#pragma once

#include <cstddef>

#include "base/budget.h"
#include "base/check.h"
#include "base/payload.h"

namespace base {

// The default: enough for 64 slow readers with a full queue each.
constexpr std::size_t kQueueBudget = std::size_t{64} << 20;

class QueueBudget : public Budget {
 public:
  using Budget::Budget;
  using Budget::has_room;

  // `record`: the size of the queue's own record of the payload, the same in all three calls. A
  // payload that already waits in some queue adds only that.
  bool has_room(const Payload& p, std::size_t record) const { return has_room(p, record, limit()); }
  // The same, for a queue that may use only `share` bytes of the budget.
  bool has_room(const Payload& p, std::size_t record, std::size_t share) const {
    const bool waits = !p.rep_ || p.rep_->queued > 0;
    return fits(record + (waits ? 0 : p.rep_->size), share);
  }
  // Adds even when there is no room (a final message, a response).
  void add(const Payload& p, std::size_t record) {
    const bool first = p.rep_ && p.rep_->queued++ == 0;
    Budget::add(record + (first ? p.rep_->size : 0));
  }
  // Requires: one add(p, record) before, for each remove.
  void remove(const Payload& p, std::size_t record) {
    if (p.rep_) CHECK(p.rep_->queued > 0);
    const bool last = p.rep_ && --p.rep_->queued == 0;
    Budget::remove(record + (last ? p.rep_->size : 0));
  }
};

}  // namespace base
