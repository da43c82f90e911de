// ResumeWindow: what a client left behind is kept for a while, in case it comes back; one timer and
// one list, for all that is kept equally long.
#pragma once

#include "base/delegate.h"
#include "base/link.h"
#include "loop/loop.h"

namespace mcp {

class ResumeWindow {
 public:
  // A member of who is kept; unlink() takes it out.
  struct Kept : base::Link {
    explicit Kept(base::Delegate<void()> fn) : over(fn) {}
    ~Kept() { unlink(); }
    base::Delegate<void()> over;  // nobody came back in time; may destroy this
    loop::TimePoint due;
  };

  ResumeWindow(loop::Loop& loop, base::Duration window);  // `loop` outlives it
  // From now on; one that is in the list starts anew.
  void add(Kept& kept);

 private:
  void on_timer();
  loop::Loop& loop_;
  const base::Duration window_;
  base::Link list_;  // by the time they are over
  loop::Timer timer_;
};

}  // namespace mcp
