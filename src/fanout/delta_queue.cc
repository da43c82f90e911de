#include "fanout/delta_queue.h"

#include <utility>

#include "fanout/delta_fold.h"

namespace fanout {

bool DeltaQueue::has_room(const Delta& delta) const {
  if (size() >= limits_.queue_messages) return false;
  if (!empty() && bytes_ + size_of(delta) > limits_.queue_bytes) return false;
  return budget_.has_room(delta.frame, sizeof delta) && budget_.has_room(delta.doc, 0);
}

bool DeltaQueue::push(const Delta& delta) {
  if (!has_room(delta) && (!fold() || !has_room(delta))) return false;
  append(delta);
  return true;
}

// Returns true when so much went that the next fold is far off: each fold costs the whole queue.
bool DeltaQueue::fold() {
  const std::size_t before = size(), before_bytes = bytes_;
  DeltaFold fold(DeltaFold::Unknown::told);
  for (std::size_t i = first_; i < waiting_.size(); ++i) {
    if (waiting_[i].key.empty()) return false;
    stats_.folded += fold.add(waiting_[i]);
  }
  clear();
  for (; !fold.empty(); fold.pop())
    append(fold.front());
  return size() <= before - before / 4 || bytes_ <= before_bytes - before_bytes / 4;
}

void DeltaQueue::append(Delta delta) {
  bytes_ += size_of(delta);
  budget_.add(delta.frame, sizeof delta);
  budget_.add(delta.doc, 0);
  waiting_.push_back(std::move(delta));
}

void DeltaQueue::forget(const Delta& delta) {
  bytes_ -= size_of(delta);
  budget_.remove(delta.frame, sizeof delta);
  budget_.remove(delta.doc, 0);
}

void DeltaQueue::pop() {
  forget(waiting_[first_]);
  waiting_[first_++] = {};
  if (empty()) return clear();
  // Once half of the vector is sent the rest moves up, so that a queue that never empties does not
  // grow.
  if (first_ < waiting_.size() / 2) return;
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(first_));
  first_ = 0;
}

void DeltaQueue::clear() {
  for (; first_ < waiting_.size(); ++first_)
    forget(waiting_[first_]);
  std::vector<Delta>().swap(waiting_);
  first_ = 0;
}

}  // namespace fanout
