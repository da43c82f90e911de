// AccessGate: to whom a shared watch may show what it holds. What the API server would refuse to a
// token now, a subscriber with that token is not shown, though the watch got it under the same
// identity: rights are taken away while a watch goes on, and the API server looks at them when it
// begins, not after.
//
//   open(token)   the API server did what is needed for this token, or said that it would, in the
//                 last kAccessKept; also without a token: it is our own watch
//   ask(token)    finds out, once for all who wait with it
#pragma once

#include <memory>
#include <vector>

#include "kube/token_hash.h"
#include "tools/access_check.h"

namespace tools {

// Those who subscribe one after another share an answer; what was taken away is shown to newcomers
// no longer than this.
constexpr base::Duration kAccessKept = base::seconds(10);
// Of those who are there: asked again so often, 0-20 % more; a minute at the most.
constexpr base::Duration kAccessAgain = base::seconds(50);
// When it could not be asked: so long again, and no longer than this since the last yes.
constexpr base::Duration kAccessRetry = base::seconds(30);
constexpr base::Duration kAccessUnknown = base::minutes(5);
constexpr std::size_t kAccessTokens = 64;  // remembered by a watch; few have more than one

class AccessGateHandler {
 public:
  virtual ~AccessGateHandler() = default;
  // What a subscriber has to be allowed; may be another each time. Empty: nothing.
  virtual std::vector<Access> needs() const = 0;
  virtual void on_access(const kube::Credentials& credentials,
                         const AccessCheck::Outcome& outcome) = 0;
};

class AccessGate {
 public:
  // Both outlive it.
  AccessGate(KubeContext& context, AccessGateHandler& handler);
  ~AccessGate();

  bool open(const kube::Credentials& credentials) const;
  // The API server has just done it for these.
  void note(const kube::Credentials& credentials);
  // on_access comes later. Requires: not open.
  void ask(const kube::Credentials& credentials);
  void stop();
  // The last yes to anybody.
  base::TimePoint last_yes() const { return last_yes_; }

 private:
  class Ask;
  struct Yes {
    kube::TokenHash hash;
    base::TimePoint at;
  };
  void on_outcome(Ask& ask, const AccessCheck::Outcome& outcome);

  KubeContext& context_;
  AccessGateHandler& handler_;
  std::vector<Yes> yes_;
  base::TimePoint last_yes_{};
  std::vector<std::unique_ptr<Ask>> asks_;
};

}  // namespace tools
