// DeltaQueue: what one subscriber could not take yet, in order. Frames are shared, so a queue costs
// its pointers. When it is full, newer frames are counted instead of kept, and once there is room
// the subscriber is told how many are missing (the frame `dropped` makes), before anything newer.
// The last words are always kept and told after all else.
#pragma once

#include <cstdint>
#include <deque>
#include <utility>

#include "base/delegate.h"
#include "base/limits.h"
#include "base/payload.h"
#include "mcp/resource.h"

namespace tools {

class DeltaQueue {
 public:
  // Makes the frame that says `count` deltas are missing.
  using DroppedFn = base::Delegate<base::Payload(std::uint64_t count)>;
  DeltaQueue(mcp::Subscriber& subscriber, DroppedFn dropped)
      : subscriber_(subscriber), dropped_fn_(dropped) {}

  // Publishes now when nothing waits, else queues.
  void push(const base::Payload& frame) {
    if (closed_ || (empty() && subscriber_.publish(frame))) return;
    hold(frame);
  }

  // Queues, though nothing waits here: what goes first waits elsewhere.
  void hold(const base::Payload& frame) {
    if (closed_) return;
    const bool full = waiting_.size() >= base::limits::kStreamQueueMessages ||
                      bytes_ + frame.size() > base::limits::kStreamQueueBytes;
    if (dropped_ > 0 || (full && !waiting_.empty())) {
      ++dropped_;
      return;
    }
    bytes_ += frame.size();
    waiting_.push_back(frame);
  }

  // The last words: nothing is taken after them. They are told by pump().
  void close(const base::Payload& frame) {
    if (std::exchange(closed_, true)) return;
    last_words_ = frame;
  }

  // True when everything was taken.
  bool pump() {
    while (!waiting_.empty()) {
      if (!subscriber_.publish(waiting_.front())) return false;
      bytes_ -= waiting_.front().size();
      waiting_.pop_front();
    }
    if (dropped_ > 0) {
      if (!subscriber_.publish(dropped_fn_(dropped_))) return false;
      dropped_ = 0;
    }
    if (!last_words_.empty()) {
      if (!subscriber_.publish(last_words_)) return false;
      last_words_ = {};
    }
    return true;
  }

  bool empty() const { return waiting_.empty() && dropped_ == 0 && last_words_.empty(); }
  bool closed() const { return closed_; }

 private:
  mcp::Subscriber& subscriber_;
  DroppedFn dropped_fn_;
  std::deque<base::Payload> waiting_;
  std::size_t bytes_ = 0;
  std::uint64_t dropped_ = 0;  // since the last frame kept
  base::Payload last_words_;   // still to be told
  bool closed_ = false;
};

}  // namespace tools
