#include "http/dial_gate.h"

#include <utility>

namespace http {

bool DialGate::Place::enter(DialGate& gate) {
  gate_ = &gate;
  inside_ = gate.inside_ < gate.most_ && gate.waiting_.empty();
  if (inside_) {
    ++gate.inside_;
  } else {
    gate.waiting_.add(*this);
  }
  return inside_;
}

void DialGate::Place::leave() {
  unlink();
  DialGate* const gate = std::exchange(gate_, nullptr);
  if (!gate || !std::exchange(inside_, false)) return;
  --gate->inside_;
  if (!gate->waiting_.empty()) gate->next_.schedule();
}

void DialGate::let_in() {
  while (inside_ < most_) {
    Place* const place = waiting_.pop();
    if (!place) return;
    place->inside_ = true;
    ++inside_;
    place->fn_();
  }
}

}  // namespace http
