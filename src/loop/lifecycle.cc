#include "loop/lifecycle.h"

#include <utility>

#include "base/check.h"

namespace loop {

Scope::Scope(std::string name) : name_(std::move(name)) {}

Scope::Scope(Scope& parent, std::string name, Fn on_cancel)
    : parent_(&parent),
      name_(std::move(name)),
      on_cancel_(on_cancel),
      cancelled_(parent.cancelled_) {
  (cancelled_ ? parent.ended_ : parent.live_).add(*this);
  ++parent.active_;
}

Scope::~Scope() {
  CHECK(active_ == 0);
  unlink();
  if (parent_ && --parent_->active_ == 0 && parent_->on_empty_) parent_->on_empty_();
}

void Scope::cancel() {
  if (std::exchange(cancelled_, true)) return;
  if (parent_) parent_->ended_.move_here(*this);
  // Takes the first each time: a child's on_cancel may destroy any of the others.
  while (Scope* child = live_.first())
    child->cancel();
  if (const Fn fn = std::exchange(on_cancel_, {})) fn();
}

std::vector<std::string> Scope::names() const {
  std::vector<std::string> out;
  for (const base::List<Scope>* list : {&live_, &ended_})
    for (const Scope& child : *list)
      out.push_back(child.name_);
  return out;
}

}  // namespace loop
