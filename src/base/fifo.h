// Fifo<T>: a queue in one vector. A popped element is reset at once; its place goes when the popped
// ones are half of all, which keeps the total cost linear. An empty queue holds no heap.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace base {

template <class T>
class Fifo {
 public:
  bool empty() const { return first_ == all_.size(); }
  std::size_t size() const { return all_.size() - first_; }
  // The i-th of those that wait; 0 is the next to go. Requires: i < size().
  const T& operator[](std::size_t i) const { return all_[first_ + i]; }
  // Requires (both): !empty().
  T& front() { return all_[first_]; }
  const T& front() const { return all_[first_]; }
  const T* begin() const { return all_.data() + first_; }
  const T* end() const { return all_.data() + all_.size(); }

  T& push(T one) {
    if (first_ > 0 && first_ >= all_.size() / 2) {
      all_.erase(all_.begin(), waiting());
      first_ = 0;
    }
    all_.push_back(std::move(one));
    return all_.back();
  }
  // Requires: !empty().
  void pop() {
    all_[first_++] = T();
    if (empty()) clear();
  }
  // Removes those for which pred(const T&) is true; the others keep their order. Calls it once for
  // each. Returns how many went.
  template <class Pred>
  std::size_t remove_if(Pred pred) {
    const std::size_t before = size();
    all_.erase(std::remove_if(waiting(), all_.end(), pred), all_.end());
    const std::size_t gone = before - size();
    if (empty()) clear();
    return gone;
  }
  void clear() {
    std::vector<T>().swap(all_);
    first_ = 0;
  }

 private:
  auto waiting() { return all_.begin() + static_cast<std::ptrdiff_t>(first_); }
  std::vector<T> all_;
  std::size_t first_ = 0;  // those before it were popped
};

}  // namespace base
