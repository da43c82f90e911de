#include "mcp/shared/replay.h"

#include <algorithm>

#include "base/check.h"
#include "mcp/shared/core.h"

namespace mcp::shared {

ReplayPool::ReplayPool(base::QueueBudget& queues) : queues_(queues), kept_(queues.limit() / 2) {
  kept_.set_share(kept_.limit() / 4);
}

ReplayPool::~ReplayPool() {
  CHECK(!list_.linked());
}

std::size_t ReplayPool::used_by(const Caller& caller) const {
  return kept_.used_by(owner_of(caller));
}

Replay* ReplayPool::stalest(const Caller* of) {
  for (base::Link* at = list_.next; at != &list_; at = at->next) {
    auto* replay = static_cast<Replay*>(at);
    if (!of || replay->caller_.identity == of->identity) return replay;
  }
  return nullptr;
}

bool ReplayPool::make_room(const base::Payload& frame, std::size_t record, const Caller& caller) {
  const std::size_t size = frame.size() + record;
  // A caller over its share has something to drop. If all together are below a share, none is over.
  while (kept_.used() + size > kept_.share() && used_by(caller) + size > kept_.share()) {
    Replay* replay = stalest(&caller);
    if (!replay) return false;
    replay->drop_oldest();
    replay->give_back();
  }
  while (!kept_.has_room(size) || !queues_.has_room(frame, record)) {
    Replay* replay = stalest(nullptr);
    if (!replay) return false;
    replay->drop_oldest();
    replay->give_back();
  }
  return true;
}

void Replay::push(const base::Payload& frame) {
  // Dropped frames are erased only when they are half of all: this keeps the total cost linear.
  if (first_ > 0 && first_ >= frames_.size() / 2) {
    frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
  while (size() > 0 && (size() >= kReplayMessages || bytes_ + frame.size() > kReplayBytes))
    drop_oldest();
  ++next_;
  if (!pool_.make_room(frame, sizeof(Kept), caller_)) {
    // The gap reaches up to this event: earlier ones must not be sent after it.
    while (size() > 0)
      drop_oldest();
    return give_back();
  }
  const std::size_t before = pool_.queues_.used();
  pool_.queues_.add(frame, sizeof(Kept));
  const std::size_t cost = pool_.queues_.used() - before;
  held_.force(cost, held_.size() == 0 ? owner_of(caller_) : std::string());
  frames_.push_back({frame, cost});
  bytes_ += frame.size();
  unlink();
  pool_.list_.push_back(*this);
}

void Replay::drop_oldest() {
  Kept& oldest = frames_[first_++];
  bytes_ -= oldest.frame.size();
  pool_.queues_.remove(oldest.frame, sizeof(Kept));
  held_.give(oldest.cost);
  oldest.frame = {};
}

// An empty replay leaves the pool's list and frees its memory.
void Replay::give_back() {
  if (size() > 0) return;
  unlink();
  std::vector<Kept>().swap(frames_);
  first_ = 0;
}

void Replay::drop_before(std::uint64_t number) {
  while (size() > 0 && first() < number)
    drop_oldest();
  give_back();
}

}  // namespace mcp::shared
