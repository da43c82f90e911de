// DialGate: limits how many connections to one cluster are dialled at once. After an outage all
// watches reconnect together, and their handshakes at the same moment would cause the next outage.
// First come, first served.
#pragma once

#include "base/delegate.h"
#include "base/list.h"
#include "loop/loop.h"

namespace http {

constexpr int kDialsAtOnce = 4;

class DialGate {
 public:
  explicit DialGate(loop::Loop& loop, int most = kDialsAtOnce)
      : most_(most), next_(loop, "dial gate", loop::Deferred::Fn::bind<&DialGate::let_in>(this)) {}

  // One dial; a member of its owner. The gate must outlive it.
  class Place : private base::Link {
   public:
    using Fn = base::Delegate<void()>;
    explicit Place(Fn fn) : fn_(fn) {}
    ~Place() { leave(); }
    // True: dial now. False: `fn` is called when there is room, never inside enter().
    bool enter(DialGate& gate);
    void leave();  // after a dial, a failure or a cancellation; no effect when outside

   private:
    friend class DialGate;
    friend class base::List<Place>;
    Fn fn_;
    DialGate* gate_ = nullptr;
    bool inside_ = false;
  };

 private:
  void let_in();
  int most_, inside_ = 0;
  base::List<Place> waiting_;
  loop::Deferred next_;
};

}  // namespace http
