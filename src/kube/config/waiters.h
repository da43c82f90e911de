// Waiters: requests that wait for credentials which are on their way, in the order in which they came.
#pragma once

#include "base/check.h"
#include "base/delegate.h"
#include "base/list.h"

namespace kube::config {

// What the credentials of now are good for.
enum class CredentialState : unsigned char {
  ready,    // to be used
  running,  // on their way: wait
  failed,   // there are none; the source of them says why
};

// One request; a member of its owner. The destructor cancels.
class Waiter : private base::Link {
 public:
  using Fn = base::Delegate<void()>;
  explicit Waiter(Fn fn) : fn_(fn) {}
  ~Waiter() { cancel(); }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  void cancel() {
    if (linked()) unlink();
  }

 private:
  friend class Waiters;
  friend class base::List<Waiter>;
  Fn fn_;
};

class Waiters {
 public:
  // Requires: it does not wait yet.
  void add(Waiter& waiter) {
    CHECK(!waiter.linked());
    list_.add(waiter);
  }
  // Calls each of them once. One that waits again from there waits for the next call.
  void wake() {
    base::List<Waiter> batch;
    batch.take(list_);
    while (Waiter* waiter = batch.pop())
      waiter->fn_();
  }

 private:
  base::List<Waiter> list_;
};

}  // namespace kube::config
