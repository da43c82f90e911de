// Gate: decides which subscribers a shared watch may show its objects to. A subscriber whose
// token the API server would refuse now is shown nothing, even though the watch got the objects
// under the same identity: rights can be revoked while a watch runs, and the API server checks them
// only when the watch begins.
//
//   open(token)   whether, within the last kAccessKept, the API server served this token or said
//                 that it would; always true without a token: then the watch is our own
//   ask(token)    checks the access, once for all subscribers that wait with this token
//
// For callers that are impersonated, the user takes the token's place.
#pragma once

#include <memory>
#include <vector>

#include "auth/check.h"
#include "auth/token_hash.h"

namespace auth {

// How long a yes is kept. Subscribers that arrive one after another share it; a newcomer whose
// access was revoked sees objects no longer than this.
constexpr base::Duration kAccessKept = base::seconds(10);
// Interval between checks for the present subscribers, plus 0-20 % at random: at most a minute.
constexpr base::Duration kAccessAgain = base::seconds(50);
// After a check that could not be made: the interval until the next one, and how long after the
// last yes the subscribers may stay.
constexpr base::Duration kAccessRetry = base::seconds(30);
constexpr base::Duration kAccessUnknown = base::minutes(5);
constexpr std::size_t kAccessTokens = 64;  // tokens a watch remembers; few watches have several

class GateHandler {
 public:
  virtual ~GateHandler() = default;
  // What a subscriber must be allowed to do; may differ between calls. Empty: nothing.
  virtual std::vector<Access> needs() const = 0;
  virtual void on_access(const kube::config::Credentials& credentials,
                         const Check::Outcome& outcome) = 0;
};

class Gate {
 public:
  // `cluster` and `handler` must outlive the gate.
  Gate(cluster::Cluster& cluster, GateHandler& handler);
  ~Gate();

  bool open(const kube::config::Credentials& credentials) const;
  // The API server has just served these credentials.
  void note(const kube::config::Credentials& credentials);
  // Starts a check unless one for these credentials is under way. on_access() follows later, never
  // inside this call.
  void ask(const kube::config::Credentials& credentials);
  // Cancels all checks: on_access() is not called for them.
  void stop();
  // When any token last got a yes.
  base::TimePoint last_yes() const { return last_yes_; }

 private:
  class Ask;
  struct Yes {
    auth::TokenHash hash;
    base::TimePoint at;
  };
  void on_outcome(Ask& ask, const Check::Outcome& outcome);

  cluster::Cluster& cluster_;
  GateHandler& handler_;
  std::vector<Yes> yes_;
  base::TimePoint last_yes_{};
  std::vector<std::unique_ptr<Ask>> asks_;
};

}  // namespace auth
