#include "loop/timer_list.h"

namespace loop {

TimerList::TimerList(Loop& loop, const char* name, Duration after)
    : loop_(loop), after_(after), timer_(loop, name, Timer::Fn::bind<&TimerList::on_timer>(this)) {}

void TimerList::add(Entry& entry) {
  entry.due = loop_.now() + after_;
  entries_.move_here(entry);
  if (!timer_.armed()) timer_.arm_at(entry.due);
}

void TimerList::on_timer() {
  while (Entry* entry = entries_.first()) {
    if (entry->due > loop_.now()) return timer_.arm_at(entry->due);
    entry->unlink();
    entry->fn();
  }
}

}  // namespace loop
