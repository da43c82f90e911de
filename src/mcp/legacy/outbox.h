// Outbox: frames that wait for a session's stream, in order, bounded in bytes and number. Uses no
// heap when empty. Waiting frames count in the budget of all queues.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/fifo.h"
#include "base/limits.h"
#include "base/payload.h"
#include "base/queue_budget.h"

namespace mcp::legacy {

class Outbox {
 public:
  struct Item {
    base::Payload frame;
    std::uint32_t tag;  // its subscription's; 0: none
  };

  // `budget` must outlive this. `owner`: whose share of it the frames use; "": nobody's.
  Outbox(base::QueueBudget& budget, std::string_view owner)
      : budget_(budget), account_(budget, owner) {}
  ~Outbox() { clear(); }
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // A frame may be larger than the limit if nothing else waits; the budget of all queues is never
  // exceeded.
  bool has_room(const base::Payload& frame) const {
    const bool fits = empty() || (size() < base::limits::kStreamQueueMessages &&
                                  bytes_ + frame.size() <= base::limits::kStreamQueueBytes);
    return fits && budget_.has_room(frame, sizeof(Item), account_);
  }
  // At most half of both limits is in use.
  bool is_low() const {
    return size() <= base::limits::kStreamQueueMessages / 2 &&
           bytes_ <= base::limits::kStreamQueueBytes / 2;
  }
  // Requires: has_room(frame).
  void push(const base::Payload& frame, std::uint32_t tag);
  // Requires: !empty().
  const Item& front() const { return items_.front(); }
  void pop();
  // Removes every frame of `tag`; returns their number.
  std::size_t remove(std::uint32_t tag);
  void clear();

  bool empty() const { return items_.empty(); }
  std::size_t size() const { return items_.size(); }

 private:
  void count_out(const Item& item);
  base::QueueBudget& budget_;
  const base::Account account_;
  base::Fifo<Item> items_;
  std::size_t bytes_ = 0;
};

}  // namespace mcp::legacy
