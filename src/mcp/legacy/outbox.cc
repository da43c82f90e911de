#include "mcp/legacy/outbox.h"

#include <algorithm>

namespace mcp::legacy {

void Outbox::push(const base::Payload& frame, std::uint32_t tag) {
  // Popped items are erased only when they are half of all: this keeps the total cost linear.
  if (first_ > 0 && first_ >= items_.size() / 2) {
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  items_.push_back({frame, tag});
  bytes_ += frame.size();
  budget_.add(frame, sizeof(Item));
}

void Outbox::pop() {
  base::Payload& frame = items_[first_++].frame;
  bytes_ -= frame.size();
  budget_.remove(frame, sizeof(Item));
  frame = {};
  if (empty()) clear();
}

std::size_t Outbox::remove(std::uint32_t tag) {
  const std::size_t before = size();
  const auto from = items_.begin() + static_cast<std::ptrdiff_t>(first_);
  items_.erase(std::remove_if(from, items_.end(),
                              [&](const Item& item) {
                                if (item.tag != tag) return false;
                                bytes_ -= item.frame.size();
                                budget_.remove(item.frame, sizeof(Item));
                                return true;
                              }),
               items_.end());
  const std::size_t removed = before - size();
  if (empty()) clear();
  return removed;
}

void Outbox::clear() {
  for (std::size_t i = first_; i < items_.size(); ++i)
    budget_.remove(items_[i].frame, sizeof(Item));
  std::vector<Item>().swap(items_);
  first_ = bytes_ = 0;
}

}  // namespace mcp::legacy
