// OwnList<T>: a List<T> that owns its objects, which end one by one. An object never frees itself: it
// reports its end to its owner, which takes it out of the list and lets the loop free it (loop.h,
// L5). The destructor frees whatever is left.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/check.h"
#include "base/list.h"

namespace base {

template <class T>
class OwnList {
 public:
  OwnList() = default;
  ~OwnList() {
    while (!empty())
      take(front());
  }
  OwnList(const OwnList&) = delete;
  OwnList& operator=(const OwnList&) = delete;

  // Appends.
  template <class U>
  U& add(std::unique_ptr<U> one) {
    U& out = *one.release();
    list_.add(out);
    ++size_;
    return out;
  }
  // Requires: `one` is in this list and was not taken before (checked).
  std::unique_ptr<T> take(T& one) {
    CHECK(one.linked());
    one.unlink();
    --size_;
    return std::unique_ptr<T>(&one);
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  // Requires: !empty().
  T& front() { return *list_.first(); }

  // For loops that take nothing out but the object that they look at.
  auto begin() { return list_.begin(); }
  auto end() { return list_.end(); }
  auto begin() const { return list_.begin(); }
  auto end() const { return list_.end(); }

  // Calls fn(T&) for each object present now. `fn` may take that object and any other: objects
  // taken meanwhile are skipped. Requires: they are freed later, by the loop.
  template <class Fn>
  void for_each(Fn fn) {
    std::vector<T*> all;
    all.reserve(size_);
    for (T& one : *this)
      all.push_back(&one);
    for (T* one : all) {
      if (one->linked()) fn(*one);
    }
  }

 private:
  List<T> list_;
  std::size_t size_ = 0;
};

}  // namespace base
