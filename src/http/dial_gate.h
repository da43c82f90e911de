// DialGate: how many connections to one cluster may be in the making at once. After an outage all
// watches come back together; their handshakes, all at the same moment, would be the next outage.
// First come, first served.
#pragma once

#include "base/delegate.h"
#include "base/link.h"
#include "loop/loop.h"

namespace http {

constexpr int kDialsAtOnce = 4;

class DialGate {
 public:
  explicit DialGate(loop::Loop& loop, int most = kDialsAtOnce)
      : most_(most),
        next_(loop, "dial gate", loop::Deferred::Fn::bind<&DialGate::let_in>(this)) {}

  // One who dials; a member of its owner, which the gate outlives.
  class Place : private base::Link {
   public:
    using Fn = base::Delegate<void()>;
    explicit Place(Fn fn) : fn_(fn) {}
    ~Place() { leave(); }
    // True: go on now. False: `fn` is called when there is room, never inside.
    bool enter(DialGate& gate);
    void leave();  // dialled, failed or given up; no effect when outside

   private:
    friend class DialGate;
    Fn fn_;
    DialGate* gate_ = nullptr;
    bool inside_ = false;
  };

 private:
  void let_in();
  int most_, inside_ = 0;
  base::Link waiting_;
  loop::Deferred next_;
};

}  // namespace http
