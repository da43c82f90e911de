// TimerList: many deadlines that are all the same time away when they are set, with one timer: what is
// added last is due last.
#pragma once

#include "base/delegate.h"
#include "base/list.h"
#include "loop/loop.h"

namespace loop {

class TimerList {
 public:
  // A member of the object that waits; unlink(), and its destructor, take it out of the list.
  struct Entry : base::Link {
    using Fn = base::Delegate<void()>;
    explicit Entry(Fn of) : fn(of) {}
    ~Entry() { unlink(); }
    Fn fn;  // it is due, and out of the list; may add() it again, or destroy it
    TimePoint due;
  };

  // `loop` must outlive this. `name`: the timer's. `after`: how long each entry waits.
  TimerList(Loop& loop, const char* name, Duration after);
  // It is due `after` from now. An entry that is already in the list starts over.
  void add(Entry& entry);

 private:
  void on_timer();
  Loop& loop_;
  const Duration after_;
  base::List<Entry> entries_;  // by `due`
  Timer timer_;
};

}  // namespace loop
