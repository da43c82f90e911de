// Recheck: ends what depends on a token that is no longer valid. Whatever depends on one for longer
// than a short request (a session, a listen stream, a call that lasts, a task) is a TokenUse of it. A
// token in use is checked again, once for all its uses, kRecheck after the API server last accepted
// it: a revoked token stays in use no longer than that plus the time of a check.
//
//   result of the check              effect
//   accepted, same identity          its uses go on
//   refused (401, 403), or accepted  its uses end: feeds publish a last delta with the reason,
//   as another identity              streams end, calls and tasks are abandoned. A session stays, and
//                                    depends on no token until its next request, as does a task
//                                    that waits for answers: clients whose token is refused get
//                                    another one and go on, and few of them initialize again
//   it has expired (exp)             the same, without a check; the session's feeds go on for the
//                                    resume window, so that its next stream continues the former
//                                    one without a gap
//   the check fails                  its uses go on, for it is not the caller's fault; checked
//                                    again every kRecheckAgain; kUncheckedTime after it was last
//                                    accepted its uses end
//
// A request with a newer token of the same identity makes its session depend on that one. For
// callers that are impersonated (Caller::acts_as) nothing depends on a token itself, only on its
// caller having one: there all tokens on which one verdict would be given count as one, of which the
// one that ends last is kept and checked: those of one identity, client and scope, acting as the same
// user, accepted by the same authenticator. A newer one on any request prolongs whatever needs no
// higher scope. A token without an end counts for itself alone: it ends by being revoked, of which
// another one knows nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/list.h"
#include "loop/loop.h"
#include "mcp/caller.h"

namespace mcp::shared {

constexpr base::Duration kRecheck = base::seconds(60);
constexpr base::Duration kRecheckAgain = base::seconds(30);
// Longer than the restart or upgrade of an API server takes. A token unchecked for longer counts as
// none.
constexpr base::Duration kUncheckedTime = base::minutes(5);

class Recheck;

struct TokenEnd {
  std::string_view reason;  // valid inside the call
  bool expired;             // as it said itself: its caller is likely to come with a newer one
};

// A member of an object that depends on a token.
class TokenUse : private base::Link {
 public:
  using LivesFn = base::Delegate<bool()>;
  using OverFn = base::Delegate<void(const TokenEnd&)>;
  // `lives`: is there anything now that must end with the token? `over`: the token is no longer
  // valid; the use may be freed inside it.
  TokenUse(LivesFn lives, OverFn over) : lives_(lives), over_(over) {}
  ~TokenUse() { drop(); }
  // It depends on no token any more. Call it before the Recheck is destroyed.
  void drop();
  TokenUse(const TokenUse&) = delete;
  TokenUse& operator=(const TokenUse&) = delete;

 private:
  friend class Recheck;
  friend class base::List<TokenUse>;
  class Token;
  LivesFn lives_;
  OverFn over_;
  Token* token_ = nullptr;
};

class Recheck {
 public:
  // Both must outlive this. A caller's token is checked by the authenticator that accepted it
  // (Caller::by; nullptr: `authenticator`). When its tokens do not expire, nothing is checked, and
  // only what Caller::expires says ends anything.
  Recheck(loop::Loop& loop, Authenticator& authenticator);
  ~Recheck();  // Requires: every use was dropped
  // For shutdown: checks nothing any more.
  void stop();
  // The caller's token was accepted for a request: from now on `use` depends on it.
  void hold(TokenUse& use, const Caller& caller);
  // The caller's token was accepted for a request that nothing depends on, or not yet.
  void seen(const Caller& caller);
  std::size_t tokens() const { return tokens_.size(); }

 private:
  friend class TokenUse;
  using Token = TokenUse::Token;
  void leave(TokenUse& use);
  Authenticator& by(const Caller& caller) const { return caller.by ? *caller.by : authenticator_; }
  Token* find(const Caller& caller, Scope scope) const;

  loop::Loop& loop_;
  Authenticator& authenticator_;
  bool stopped_ = false;
  std::unordered_map<std::string_view, std::unique_ptr<Token>> tokens_;  // key: in the token
};

}  // namespace mcp::shared
