// Buffer: bytes appended at the back and consumed from the front; contiguous; frees its memory when
// it becomes empty.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace base {

class Buffer {
 public:
  std::string_view view() const { return std::string_view(bytes_).substr(start_); }
  std::size_t size() const { return bytes_.size() - start_; }
  bool empty() const { return size() == 0; }
  // Bytes of memory allocated, consumed or not; 0 when empty.
  std::size_t held() const { return bytes_.empty() ? 0 : bytes_.capacity(); }
  void append(std::string_view more);
  // Requires: n <= size(). Invalidates views.
  void consume(std::size_t n);
  // Drops the content and frees the memory.
  void release();

 private:
  std::string bytes_;
  std::size_t start_ = 0;
};

}  // namespace base
