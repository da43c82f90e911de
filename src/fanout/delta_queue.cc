#include "fanout/delta_queue.h"

#include <utility>

#include "fanout/delta_fold.h"

namespace fanout {

bool DeltaQueue::has_room(const Delta& delta) const {
  if (size() >= limits_.queue_messages) return false;
  if (!empty() && bytes_ + size_of(delta) > limits_.queue_bytes) return false;
  return budget_.has_room(delta.frame, sizeof delta, account_) &&
         budget_.has_room(delta.doc, 0, account_);
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
  for (const Delta& delta : waiting_) {
    if (delta.key.empty()) return false;
    stats_.folded += fold.add(delta);
  }
  clear();
  for (; !fold.empty(); fold.pop())
    append(fold.front());
  return size() <= before - before / 4 || bytes_ <= before_bytes - before_bytes / 4;
}

void DeltaQueue::append(Delta delta) {
  bytes_ += size_of(delta);
  budget_.add(delta.frame, sizeof delta, account_);
  budget_.add(delta.doc, 0, account_);
  waiting_.push(std::move(delta));
}

void DeltaQueue::forget(const Delta& delta) {
  bytes_ -= size_of(delta);
  budget_.remove(delta.frame, sizeof delta, account_);
  budget_.remove(delta.doc, 0, account_);
}

void DeltaQueue::pop() {
  forget(waiting_.front());
  waiting_.pop();
}

void DeltaQueue::clear() {
  for (const Delta& delta : waiting_)
    forget(delta);
  waiting_.clear();
}

}  // namespace fanout
