// Lease: leader election among replicas by one coordination.k8s.io/v1 Lease, as client-go does it:
// at most one leads at a time. RBAC: get, create, update of leases.
//
//   candidate  looks every retry period (1 to 2.2 times, at random): takes the lease when nobody
//              holds it, or when its record has not changed for its own leaseDurationSeconds since
//              WE first saw it. The holder's renewTime is never compared with our clock, so clocks
//              may differ as they like; even an ancient record is waited out once.
//   leader     renews every retry period; leads until `renew_deadline` after the last renewal that
//              succeeded, counted from before it was sent. Others take over no earlier than `lease`
//              after it: nobody else leads meanwhile.
//   deleted    the leader makes it again at its next renewal; candidates wait out what they saw of
//              it, as if it were there.
//   lost       the deadline passed, or the record names another: on_stopped_leading; a candidate
//              again.
//
// Time is CLOCK_BOOTTIME: it goes on while the machine is suspended, so that a leader that wakes up
// knows. Timers may be late (suspended, a turn that took long): ask leading() immediately before
// each side effect. No fencing: what was sent before may still arrive after another leads.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/delegate.h"
#include "base/random.h"
#include "kube/watch_context.h"

namespace kube {

// client-go's recommended ones.
constexpr base::Duration kLeaseTime = base::seconds(15), kLeaseRenewDeadline = base::seconds(10),
                         kLeaseRetry = base::seconds(2);

struct LeaseSpec {
  std::string ns, name;
  std::string identity;  // of this process alone: two of the same identity would both lead
  Credentials credentials = Credentials::configured();
  base::Duration lease = kLeaseTime, renew_deadline = kLeaseRenewDeadline, retry = kLeaseRetry;
  // What time it is, never going back, going on in suspension. Unset: CLOCK_BOOTTIME.
  base::Delegate<base::TimePoint()> clock{};

  // invalid_argument unless lease > renew_deadline > 1.2 × retry, retry ≥ 1 s, and all names are
  // given and right.
  base::Result<void> check() const;
};

class LeaseHandler {
 public:
  virtual ~LeaseHandler() = default;
  virtual void on_started_leading() = 0;
  // Leads no more: another may at any moment. What a leader does must end inside.
  virtual void on_stopped_leading() = 0;
  // Another identity, or "" for nobody, is seen to hold it.
  virtual void on_leader(std::string_view) {}
};

// Callbacks never come inside start(), release() or stop(); in each of them all may be called and
// this may be freed.
class Lease {
 public:
  // All outlive it. Requires: spec.check().
  // `random` (for the spread of candidates) outlives it, too.
  Lease(const WatchContext& context, base::Random& random, LeaseHandler& handler, LeaseSpec spec);
  ~Lease();  // stops
  void start();
  // Holds the lease at this moment, by the clock; false although on_stopped_leading is still to
  // come.
  bool leading() const;
  // Gives the lease away (holder "", so that another need not wait) and ends; `done` says that it
  // is over: given away, or not ours any more, or not within the renew deadline. Requires: what was
  // done as the leader has ended; until then it is to go on being renewed.
  void release(base::Delegate<void()> done);
  // Silent, at once, for good: the others wait out the lease.
  void stop();
  // "" when nobody holds it or it was not seen yet.
  const std::string& holder() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  loop::Scope scope_;  // "lease NS/NAME"
};

}  // namespace kube
