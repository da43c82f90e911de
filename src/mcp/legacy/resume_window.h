// ResumeWindow: keeps what a client left behind for a while, in case it comes back. One timer and
// one list serve everything that is kept for the same time.
#pragma once

#include "base/delegate.h"
#include "base/link.h"
#include "loop/loop.h"

namespace mcp::legacy {

class ResumeWindow {
 public:
  // A member of the object that is kept; unlink() removes it from the list.
  struct Kept : base::Link {
    explicit Kept(base::Delegate<void()> fn) : over(fn) {}
    ~Kept() { unlink(); }
    base::Delegate<void()> over;  // the client did not come back in time; may destroy this
    loop::TimePoint due;
  };

  ResumeWindow(loop::Loop& loop, base::Duration window);  // `loop` must outlive this
  // The window begins now. If it is already in the list, it starts over.
  void add(Kept& kept);

 private:
  void on_timer();
  loop::Loop& loop_;
  const base::Duration window_;
  base::Link list_;  // ordered by `due`
  loop::Timer timer_;
};

}  // namespace mcp::legacy
