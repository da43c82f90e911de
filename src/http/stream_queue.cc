#include "http/stream_queue.h"

#include <algorithm>
#include <charconv>

#include "base/check.h"

namespace http {

void StreamQueue::push(const base::Payload& message) {
  CHECK(chunked_ || !message.empty());
  // Moving the rest forward only once half is written keeps the cost linear.
  if (first_ > 0 && first_ >= items_.size() / 2) {
    items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  items_.push_back(message);
  bytes_ += message.size();
}

// Writes the chunk size line of `message` to `line`; its length.
std::size_t StreamQueue::frame(const base::Payload& message, char* line) const {
  if (!chunked_) return 0;
  char* end = std::to_chars(line, line + 17, message.size(), 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return static_cast<std::size_t>(end - line);
}

void StreamQueue::gather(Pieces& pieces) const {
  const std::size_t last = std::min(items_.size(), first_ + kMessagesPerWrite);
  std::size_t skip = written_;
  const auto add = [&](const char* at, std::size_t n) {
    const std::size_t out = std::min(skip, n);
    skip -= out;
    if (out < n) pieces.add(at + out, n - out);
  };
  for (std::size_t i = first_; i < last; ++i) {
    char* line = pieces.sizes[i - first_];
    add(line, frame(items_[i], line));
    add(items_[i].view().data(), items_[i].size());
    if (chunked_) add("\r\n", 2);
  }
}

void StreamQueue::consume(std::size_t n) {
  char line[20];
  written_ += n;
  while (first_ < items_.size()) {
    base::Payload& front = items_[first_];
    const std::size_t whole = frame(front, line) + front.size() + (chunked_ ? 2 : 0);
    if (written_ < whole) return;
    written_ -= whole;
    bytes_ -= front.size();
    front = {};
    ++first_;
  }
  CHECK(written_ == 0);
  clear();
}

void StreamQueue::clear() {
  std::vector<base::Payload>().swap(items_);
  first_ = written_ = bytes_ = 0;
}

}  // namespace http
