// Outbox: frames that wait for a session's stream, in order, bounded by bytes and number. Holds no
// heap when empty.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/limits.h"
#include "base/payload.h"

namespace mcp {

class Outbox {
 public:
  struct Item {
    base::Payload frame;
    std::uint32_t tag;  // whose it is; 0: nobody's
  };

  // One frame larger than the byte limit is let in when nothing else waits.
  bool has_room(std::size_t bytes) const {
    return size() < base::limits::kStreamQueueMessages &&
           (empty() || bytes_ + bytes <= base::limits::kStreamQueueBytes);
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
  std::vector<Item> items_;
  std::size_t first_ = 0;  // those before it are gone
  std::size_t bytes_ = 0;
};

}  // namespace mcp
