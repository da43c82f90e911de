// Recheck: tokens end while streams go on. Whatever lives by a token for longer than a request (a
// session, a listen stream) is a TokenUse of it. A token that something lives by is asked about
// again, once for all its uses, kRecheck after the API server last said yes to it: what was revoked
// lives no longer than that and a question.
//
//   accepted, same identity       goes on
//   refused 401, or another one   feeds say why, the stream ends; a session is gone, but for an
//                                 idle one, which lives by no token until its next request
//   its own end (exp) has come    the same, without a question
//   it cannot be asked about      goes on: that is not the caller's fault; asked every
//                                 kRecheckAgain, but kUncheckedTime after the last yes it is over
// Who comes with a newer token of the same identity lives by that one from then on.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/link.h"
#include "loop/loop.h"
#include "mcp/caller.h"

namespace mcp {

constexpr base::Duration kRecheck = base::seconds(60);
constexpr base::Duration kRecheckAgain = base::seconds(30);
// An API server restarts, or is upgraded, in less; a token that nobody has vouched for in so long
// is not worth more than none.
constexpr base::Duration kUncheckedTime = base::minutes(5);

class Recheck;

// A member of what lives by a token.
class TokenUse : private base::Link {
 public:
  using LivesFn = base::Delegate<bool()>;
  using OverFn = base::Delegate<void(std::string_view)>;
  // `lives`: is there anything now that has to end with the token? `over`: it has to, and why;
  // inside it the use may be freed.
  TokenUse(LivesFn lives, OverFn over) : lives_(lives), over_(over) {}
  ~TokenUse() { drop(); }
  // It lives by no token any more. Before the Recheck dies.
  void drop();
  TokenUse(const TokenUse&) = delete;
  TokenUse& operator=(const TokenUse&) = delete;

 private:
  friend class Recheck;
  class Token;
  LivesFn lives_;
  OverFn over_;
  Token* token_ = nullptr;
};

class Recheck {
 public:
  // Both outlive it. Does nothing when the authenticator's callers do not expire.
  Recheck(loop::Loop& loop, Authenticator& authenticator);
  ~Recheck();  // Requires: every use was dropped
  void stop();
  // A request came with this token, which was accepted: from now on `use` lives by it.
  void hold(TokenUse& use, const Caller& caller);
  std::size_t tokens() const { return tokens_.size(); }

 private:
  friend class TokenUse;
  using Token = TokenUse::Token;
  void leave(TokenUse& use);

  loop::Loop& loop_;
  Authenticator& authenticator_;
  bool stopped_ = false;
  std::unordered_map<std::string_view, std::unique_ptr<Token>> tokens_;  // key: in the token
};

}  // namespace mcp
