// Replay: the last events of one numbered stream, kept for a client that comes back for what it
// missed. Bounded in number and bytes; what falls out of it is a gap that the stream says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/limits.h"
#include "base/payload.h"
#include "base/queue_budget.h"

namespace mcp {

// As much as a connection may have had queued when it broke.
constexpr std::size_t kReplayBytes = base::limits::kStreamQueueBytes;
constexpr std::size_t kReplayMessages = base::limits::kStreamQueueMessages;

class Replay {
 public:
  explicit Replay(base::QueueBudget& budget) : budget_(budget) {}  // outlives it
  ~Replay() { clear(); }
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  // Events are numbered from 1. The newest is kept whatever its size; older ones make room.
  void push(const base::Payload& frame);
  std::uint64_t first() const { return next_ - size(); }  // the oldest kept
  std::uint64_t next() const { return next_; }            // what the next one will be
  // Requires: first() <= number < next().
  const base::Payload& at(std::uint64_t number) const {
    return frames_[first_ + static_cast<std::size_t>(number - first())];
  }
  void drop_before(std::uint64_t number);
  void clear() { drop_before(next_); }

 private:
  std::size_t size() const { return frames_.size() - first_; }
  void drop_oldest();
  base::QueueBudget& budget_;
  std::vector<base::Payload> frames_;
  std::size_t first_ = 0;  // those before it are gone
  std::size_t bytes_ = 0;
  std::uint64_t next_ = 1;
};

}  // namespace mcp
