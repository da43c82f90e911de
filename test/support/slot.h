// One object under test that calls its owner, or none. If it is dropped inside such a call, it is
// stopped and retired, as its owner in the product would do.
#pragma once

#include <memory>
#include <utility>

#include "loop/loop.h"

namespace test {

template <class T>
class Slot {
 public:
  explicit Slot(loop::Loop& loop) : loop_(loop) {}
  template <class... A>
  void make(A&&... a) {
    reset();
    made_ = std::make_unique<T>(std::forward<A>(a)...);
  }
  void reset() {
    if (made_) made_->stop();
    if (on_stack > 0) loop_.retire(std::move(made_));
    made_.reset();
  }
  explicit operator bool() const { return made_ != nullptr; }
  T* operator->() const { return made_.get(); }
  int on_stack = 0;  // calls of the owner

 private:
  loop::Loop& loop_;
  std::unique_ptr<T> made_;
};

}  // namespace test
