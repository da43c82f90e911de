// QueueBudget: bounds the bytes that wait for slow readers in all queues together. A payload that
// several queues hold is counted once, from the first queue that takes it to the last that drops
// it: 10,000 subscribers of one key cost one copy. Each queue's own record of the payload is
// counted as well: a thousand small updates waiting in 10,000 queues make half a gigabyte of
// records.
//
// Each queue also has a limit of its own; this one bounds the sum. A payload belongs to one budget
// for its whole life.
//
// Queues of one owner have an Account each: what they hold counts in the owner's share. A payload
// counts for the owner of the queue that took it first, until the last queue drops it.
#pragma once

#include <cstddef>
#include <utility>

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
  // payload that already waits in some queue adds only that. Without an account: whatever the
  // owner holds.
  bool has_room(const Payload& p, std::size_t record) const {
    return Budget::has_room(cost(p, record));
  }
  bool has_room(const Payload& p, std::size_t record, const Account& account) const {
    return has_room(p, record) && account.allows(cost(p, record));
  }
  // Adds even when there is no room (a final message, a response).
  void add(const Payload& p, std::size_t record, const Account& account = {}) {
    std::size_t n = record;
    if (p.rep_ && p.rep_->queued++ == 0) {
      n += p.rep_->size;
      p.rep_->payer = account.owner_;
    }
    if (account.owner_) account.owner_->size += n;
    Budget::add(n);
  }
  // Requires: one add(p, record, account) before, for each remove.
  void remove(const Payload& p, std::size_t record, const Account& account = {}) {
    Budget::remove(record);
    if (account.owner_) give(*account.owner_, record);
    if (!p.rep_) return;
    CHECK(p.rep_->queued > 0);
    if (--p.rep_->queued > 0) return;
    Budget::remove(p.rep_->size);
    auto* const payer = static_cast<Owner*>(std::exchange(p.rep_->payer, nullptr));
    if (payer) give(*payer, p.rep_->size);
  }

 private:
  static std::size_t cost(const Payload& p, std::size_t record) {
    return record + (p.rep_ && p.rep_->queued == 0 ? p.rep_->size : 0);
  }
};

}  // namespace base
