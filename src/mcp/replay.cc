#include "mcp/replay.h"

namespace mcp {

void Replay::push(const base::Payload& frame) {
  // Moving the rest forward only once half is gone keeps the cost linear.
  if (first_ > 0 && first_ >= frames_.size() / 2) {
    frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  // What is kept for a return that may never be leaves half of the budget to what is on its way.
  const auto too_much = [&] {
    return size() >= kReplayMessages || bytes_ + frame.size() > kReplayBytes ||
           !budget_.has_room(frame, sizeof frame, budget_.limit() / 2);
  };
  while (size() > 0 && too_much())
    drop_oldest();
  frames_.push_back(frame);
  budget_.add(frame, sizeof frame);
  bytes_ += frame.size();
  ++next_;
}

void Replay::drop_oldest() {
  base::Payload& frame = frames_[first_++];
  bytes_ -= frame.size();
  budget_.remove(frame, sizeof frame);
  frame = {};
}

void Replay::drop_before(std::uint64_t number) {
  while (size() > 0 && first() < number)
    drop_oldest();
  if (size() > 0) return;
  std::vector<base::Payload>().swap(frames_);
  first_ = 0;
}

}  // namespace mcp
