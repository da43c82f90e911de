#include "loop/lifecycle.h"

#include <utility>

#include "base/check.h"

namespace loop {

Scope::Scope(std::string name) : name_(std::move(name)) {
  node_.scope = this;
}

Scope::Scope(Scope& parent, std::string name, Fn on_cancel)
    : parent_(&parent),
      name_(std::move(name)),
      on_cancel_(on_cancel),
      cancelled_(parent.cancelled_) {
  node_.scope = this;
  (cancelled_ ? parent.ended_ : parent.live_).push_back(node_);
  ++parent.active_;
}

Scope::~Scope() {
  CHECK(active_ == 0);
  node_.unlink();
  if (parent_ && --parent_->active_ == 0 && parent_->on_empty_) parent_->on_empty_();
}

void Scope::cancel() {
  if (std::exchange(cancelled_, true)) return;
  if (parent_) {
    node_.unlink();
    parent_->ended_.push_back(node_);
  }
  // Takes the first each time: a child's on_cancel may destroy any of the others.
  while (live_.linked())
    static_cast<Node*>(live_.next)->scope->cancel();
  if (const Fn fn = std::exchange(on_cancel_, {})) fn();
}

std::vector<std::string> Scope::names() const {
  std::vector<std::string> out;
  for (const base::Link* list : {&live_, &ended_})
    for (const base::Link* at = list->next; at != list; at = at->next)
      out.push_back(static_cast<const Node*>(at)->scope->name_);
  return out;
}

}  // namespace loop
