// Outbox: frames that wait for a session's stream, in order, bounded by bytes and number. Holds no
// heap when empty. What waits counts in the budget of all queues.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/limits.h"
#include "base/payload.h"
#include "base/queue_budget.h"

namespace mcp {

class Outbox {
 public:
  struct Item {
    base::Payload frame;
    std::uint32_t tag;  // whose it is; 0: nobody's
  };

  explicit Outbox(base::QueueBudget& budget) : budget_(budget) {}  // outlives it
  ~Outbox() { clear(); }
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  // One frame may be larger than the limit when nothing else waits; what all queues together may
  // hold is never exceeded.
  bool has_room(const base::Payload& frame) const {
    const bool fits = empty() || (size() < base::limits::kStreamQueueMessages &&
                                  bytes_ + frame.size() <= base::limits::kStreamQueueBytes);
    return fits && budget_.has_room(frame, sizeof(Item));
  }
  // Below half of both limits.
  bool is_low() const {
    return size() <= base::limits::kStreamQueueMessages / 2 &&
           bytes_ <= base::limits::kStreamQueueBytes / 2;
  }
  void push(const base::Payload& frame, std::uint32_t tag);
  // Requires: !empty().
  const Item& front() const { return items_[first_]; }
  void pop();
  // Removes every frame of `tag`; their number.
  std::size_t remove(std::uint32_t tag);
  void clear();

  bool empty() const { return first_ == items_.size(); }
  std::size_t size() const { return items_.size() - first_; }

 private:
  base::QueueBudget& budget_;
  std::vector<Item> items_;
  std::size_t first_ = 0;  // those before it are gone
  std::size_t bytes_ = 0;
};

}  // namespace mcp
