// Lifecycle: a tree of scopes: server → manager → watch. Whatever lives by itself (a watch, a log
// stream, a manager) is made with its parent's Scope, so none can be made without one; a cancelled
// scope cancels all below it in the same call.
//
//   live       --cancel(), or the parent's-->  cancelled: those below first, then its own on_cancel, once
//   cancelled  children made now are cancelled from the start, and not told
//   A scope counts in its parent until it is destroyed: active() and names() are what is left, and
//   on_empty says when nothing is.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/delegate.h"
#include "base/link.h"

namespace loop {

class Scope {
 public:
  using Fn = base::Delegate<void()>;

  // The root. `name` is for logs.
  explicit Scope(std::string name);
  // Requires: `parent` outlives it. on_cancel runs inside the cancel() of any scope above; it may
  // destroy this scope and others below the one that is cancelled, not that one or those above it.
  Scope(Scope& parent, std::string name, Fn on_cancel);
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  ~Scope();  // Requires: active() == 0

  void cancel();  // again: no effect
  bool cancelled() const { return cancelled_; }

  std::size_t active() const { return active_; }  // direct children not yet destroyed
  std::vector<std::string> names() const;         // theirs
  const std::string& name() const { return name_; }
  // Told from the destructor of the last child; act later (loop::Deferred).
  void on_empty(Fn fn) { on_empty_ = fn; }

 private:
  struct Node : base::Link {
    Scope* scope = nullptr;
  };
  Scope* parent_ = nullptr;
  std::string name_;
  Fn on_cancel_, on_empty_;
  bool cancelled_ = false;
  std::size_t active_ = 0;
  Node node_;
  base::Link live_, ended_;  // children, by whether they were cancelled
};

}  // namespace loop
