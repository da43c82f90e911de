// Lifecycle: a tree of scopes, server → manager → watch. Everything with a life of its own (a
// watch, a log stream, a manager) is constructed with its parent's Scope, so that none can exist
// without one. Cancelling a scope cancels everything below it in the same call.
//
//   state      event                       effect
//   live       cancel(), or an ancestor's  cancelled: descendants first, then its on_cancel, once
//   cancelled  a child is constructed      the child starts cancelled; its on_cancel is not called
//
// A scope counts in its parent until it is destroyed: active() and names() show the children left,
// and when_empty() reports when there are none.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/delegate.h"
#include "base/list.h"

namespace loop {

class Scope : private base::Link {
 public:
  using Fn = base::Delegate<void()>;

  // A root. `name` is for logs.
  explicit Scope(std::string name);
  // `parent` must outlive this scope. on_cancel runs inside the cancel() of this scope or of an
  // ancestor. It may destroy this scope and others below the one whose cancel() was called, but not
  // that one or its ancestors.
  Scope(Scope& parent, std::string name, Fn on_cancel);
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope();  // Requires: active() == 0

  void cancel();  // idempotent
  bool cancelled() const { return cancelled_; }

  std::size_t active() const { return active_; }  // direct children not yet destroyed
  std::vector<std::string> names() const;         // their names
  const std::string& name() const { return name_; }
  // `fn` is called from the destructor of the last child; act later (loop::Deferred).
  void when_empty(Fn fn) { on_empty_ = fn; }

 private:
  friend class base::List<Scope>;
  Scope* parent_ = nullptr;
  std::string name_;
  Fn on_cancel_, on_empty_;
  bool cancelled_ = false;
  std::size_t active_ = 0;
  base::List<Scope> live_, ended_;  // children, not cancelled and cancelled
};

}  // namespace loop
