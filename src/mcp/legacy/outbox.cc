#include "mcp/legacy/outbox.h"

namespace mcp::legacy {

void Outbox::push(const base::Payload& frame, std::uint32_t tag) {
  items_.push({frame, tag});
  bytes_ += frame.size();
  budget_.add(frame, sizeof(Item), account_);
}

void Outbox::count_out(const Item& item) {
  bytes_ -= item.frame.size();
  budget_.remove(item.frame, sizeof(Item), account_);
}

void Outbox::pop() {
  count_out(items_.front());
  items_.pop();
}

std::size_t Outbox::remove(std::uint32_t tag) {
  return items_.remove_if([&](const Item& item) {
    if (item.tag == tag) count_out(item);
    return item.tag == tag;
  });
}

void Outbox::clear() {
  for (const Item& item : items_)
    count_out(item);
  items_.clear();
}

}  // namespace mcp::legacy
