#include "http/stream_queue.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/check.h"

namespace http {

void StreamQueue::push(const base::Payload& message, std::string_view head) {
  CHECK((chunked_ || !message.empty()) && head.size() <= Reply::kHeadBytes);
  Item item;
  item.message = message;
  item.head_size = static_cast<unsigned char>(head.size());
  std::copy(head.begin(), head.end(), item.head);
  items_.push(std::move(item));
  bytes_ += message.size();
  if (budget_) budget_->add(message, sizeof(Item), account_);
}

// Writes the chunk size line of `item` to `line` and returns its length.
std::size_t StreamQueue::frame(const Item& item, char* line) const {
  if (!chunked_) return 0;
  char* end = std::to_chars(line, line + 17, item.head_size + item.message.size(), 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return static_cast<std::size_t>(end - line);
}

void StreamQueue::gather(Pieces& pieces) const {
  const std::size_t count = std::min<std::size_t>(items_.size(), kMessagesPerWrite);
  std::size_t skip = written_;
  const auto add = [&](const char* at, std::size_t n) {
    const std::size_t out = std::min(skip, n);
    skip -= out;
    if (out < n) pieces.add(at + out, n - out);
  };
  for (std::size_t i = 0; i < count; ++i) {
    char* line = pieces.sizes[i];
    add(line, frame(items_[i], line));
    add(items_[i].head, items_[i].head_size);
    add(items_[i].message.view().data(), items_[i].message.size());
    if (chunked_) add("\r\n", 2);
  }
}

void StreamQueue::consume(std::size_t n) {
  char line[20];
  written_ += n;
  while (!items_.empty()) {
    const Item& front = items_.front();
    const std::size_t whole =
        frame(front, line) + front.head_size + front.message.size() + (chunked_ ? 2 : 0);
    if (written_ < whole) return;
    written_ -= whole;
    bytes_ -= front.message.size();
    if (budget_) budget_->remove(front.message, sizeof(Item), account_);
    items_.pop();
  }
  CHECK(written_ == 0);
}

void StreamQueue::clear() {
  for (const Item& item : items_) {
    if (budget_) budget_->remove(item.message, sizeof(Item), account_);
  }
  items_.clear();
  written_ = bytes_ = 0;
}

}  // namespace http
