#include "mcp/shared/replay.h"

#include "base/check.h"
#include "mcp/shared/core.h"

namespace mcp::shared {

ReplayPool::ReplayPool(base::QueueBudget& queues) : queues_(queues), kept_(queues.limit() / 2) {
  kept_.set_share(kept_.limit() / 4);
}

ReplayPool::~ReplayPool() {
  CHECK(list_.empty());
}

std::size_t ReplayPool::used_by(const Caller& caller) const {
  return kept_.used_by(owner_of(caller));
}

Replay* ReplayPool::stalest(const Caller* of) {
  for (Replay& replay : list_) {
    if (!of || replay.caller_.identity == of->identity) return &replay;
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
  }
  while (!kept_.has_room(size) || !queues_.has_room(frame, record)) {
    Replay* replay = stalest(nullptr);
    if (!replay) return false;
    replay->drop_oldest();
  }
  return true;
}

void Replay::push(const base::Payload& frame) {
  while (size() > 0 && (size() >= kReplayMessages || bytes_ + frame.size() > kReplayBytes))
    drop_oldest();
  ++next_;
  if (!pool_.make_room(frame, sizeof(Kept), caller_)) {
    // The gap reaches up to this event: earlier ones must not be sent after it.
    while (size() > 0)
      drop_oldest();
    return;
  }
  const std::size_t before = pool_.queues_.used();
  pool_.queues_.add(frame, sizeof(Kept), account_);
  const std::size_t cost = pool_.queues_.used() - before;
  held_.force(cost, held_.size() == 0 ? owner_of(caller_) : std::string());
  frames_.push({frame, cost});
  bytes_ += frame.size();
  pool_.list_.move_here(*this);
}

void Replay::drop_oldest() {
  const Kept& oldest = frames_.front();
  bytes_ -= oldest.frame.size();
  pool_.queues_.remove(oldest.frame, sizeof(Kept), account_);
  held_.give(oldest.cost);
  frames_.pop();
  if (empty()) unlink();
}

void Replay::drop_before(std::uint64_t number) {
  while (size() > 0 && first() < number)
    drop_oldest();
}

}  // namespace mcp::shared
