#include "base/buffer.h"

#include "base/check.h"

namespace base {

void Buffer::append(std::string_view more) {
  // Moving the rest to the front only when at least half is consumed keeps the cost linear.
  if (start_ > 0 && start_ >= bytes_.size() / 2) {
    bytes_.erase(0, start_);
    start_ = 0;
  }
  bytes_.append(more);
}

void Buffer::consume(std::size_t n) {
  CHECK(n <= size());
  start_ += n;
  if (start_ == bytes_.size()) release();
}

void Buffer::release() {
  std::string().swap(bytes_);
  start_ = 0;
}

}  // namespace base
