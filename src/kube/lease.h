// Lease: leader election among replicas by one coordination.k8s.io/v1 Lease, as client-go does it:
// at most one leads at a time. RBAC: get, create, update of leases.
//
//   candidate  Checks the lease every retry period (times 1 to 2.2, at random). It takes the lease
//              when there is no holder, or when the record has not changed for its own
//              leaseDurationSeconds since this process first saw it. The holder's renewTime is
//              never compared with our clock, so clocks may differ by any amount; even a stale
//              record must age a full lease duration after we first see it.
//   leader     Renews every retry period. It leads until `renew_deadline` after the last successful
//              renewal, counted from before the renewal was sent. Others take over no earlier than
//              `lease` after the renewal, so no other process leads in between.
//   deleted    The leader creates the lease again at its next renewal. Candidates wait as if the
//              last record that they saw still existed.
//   lost       The deadline passed, or the record names another holder: on_stopped_leading, and it
//              is a candidate again.
//
// Time is CLOCK_BOOTTIME, which advances while the machine is suspended, so that a leader notices
// on waking that its deadline has passed. Timers may fire late (suspension, a long turn of the
// loop): call leading() immediately before each side effect. There is no fencing: a request sent
// before the loss may still arrive after another process leads.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/delegate.h"
#include "base/random.h"
#include "kube/context.h"

namespace kube {

// client-go's recommended values.
constexpr base::Duration kLeaseTime = base::seconds(15), kLeaseRenewDeadline = base::seconds(10),
                         kLeaseRetry = base::seconds(2);

struct LeaseSpec {
  std::string ns, name;
  std::string identity;  // unique to this process: two with the same identity would both lead
  config::Credentials credentials = config::Credentials::configured();
  base::Duration lease = kLeaseTime, renew_deadline = kLeaseRenewDeadline, retry = kLeaseRetry;
  // A monotonic clock that advances during suspension. Unset: CLOCK_BOOTTIME.
  base::Delegate<base::TimePoint()> clock{};

  // invalid_argument unless lease > renew_deadline > 1.2 × retry, retry ≥ 1 s, and all names are
  // present and valid.
  base::Result<void> check() const;
};

class LeaseHandler {
 public:
  virtual ~LeaseHandler() = default;
  virtual void on_started_leading() = 0;
  // It leads no longer, and another process may lead at any moment. The leader's work must end
  // inside this call.
  virtual void on_stopped_leading() = 0;
  // The holder has changed to another identity; "" : no holder.
  virtual void on_leader(std::string_view) {}
};

// The handler is never called inside start(), release() or stop(). In each callback any method may
// be called, and the Lease may be destroyed.
class Lease {
 public:
  // `context`, `random` (it spreads the candidates) and `handler` must outlive it.
  // Requires: spec.check() succeeds.
  Lease(const Context& context, base::Random& random, LeaseHandler& handler, LeaseSpec spec);
  ~Lease();  // stops
  void start();
  // Whether it holds the lease at this moment, by the clock; may be false before on_stopped_leading
  // is called.
  bool leading() const;
  // Releases the lease (holder "", so that the next leader need not wait) and ends. Calls `done`
  // when the lease is released, is no longer ours, or could not be released within the renew
  // deadline. Requires: the leader's work has ended; until then the lease must be renewed.
  void release(base::Delegate<void()> done);
  // Stops at once and for good, without a callback; the others wait until the lease expires.
  void stop();
  // "" when there is no holder or the lease was not seen yet.
  const std::string& holder() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  loop::Scope scope_;  // "lease NS/NAME"
};

}  // namespace kube
