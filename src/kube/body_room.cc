#include "kube/body_room.h"

namespace kube {

bool BodyRoom::Place::grow(std::size_t bytes) {
  if (!room_.budget_ || bytes <= size_) return true;
  const std::size_t more = room_.budget_->countable(bytes - size_);
  room_.budget_->add(more);
  counted_ += more;
  size_ = bytes;
  if (size_ <= kSmallBytes) return true;
  if (!read_) ++room_.read_;
  read_ = true;
  // A text that grows takes its size once more.
  if (room_.read_ == 1 || room_.budget_->has_room(size_)) return true;
  read_ = false;
  --room_.read_;
  room_.standing_.add(*this);
  return false;
}

void BodyRoom::Place::release() {
  if (size_ == 0) return;
  room_.budget_->remove(counted_);
  size_ = counted_ = 0;
  if (read_) --room_.read_;
  read_ = false;
  if (linked()) unlink();
  room_.next();
}

// As many as have room together.
void BodyRoom::next() {
  std::size_t promised = 0;
  for (Place& place : standing_) {
    promised += place.size_;
    if (read_ > 0 && !budget_->has_room(promised)) return;
    place.unlink();
    place.read_ = true;
    ++read_;
    place.go_on_();
  }
}

}  // namespace kube
