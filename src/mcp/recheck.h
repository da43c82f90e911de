// Recheck: tokens end while streams go on. Every kRecheck each token that a session with a stream
// or subscriptions, or a listen stream, lives by is asked about again, once, one at a time.
//
//   accepted, same identity       goes on
//   refused 401, or another one   feeds say why, the stream ends; a session is gone
//   refused otherwise             goes on: that the API server cannot be asked is not the caller's
//                                 fault
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "loop/loop.h"
#include "mcp/caller.h"

namespace mcp {

constexpr base::Duration kRecheck = base::seconds(60);

// Who lives by tokens for longer than a request.
class TokenHolder {
 public:
  virtual ~TokenHolder() = default;
  virtual void add_bearers(std::set<std::string>& out) const = 0;
  // Ends what lives by `bearer` if token_problem() says so.
  virtual void judge(std::string_view bearer, const Verdict& verdict) = 0;
};

// Why `caller`, who came with the token that `verdict` is about, must go; nullopt: need not.
std::optional<std::string> token_problem(const Caller& caller, const Verdict& verdict);

class Recheck {
 public:
  using Holders = std::array<TokenHolder*, 2>;
  // All outlive it. Does nothing when the authenticator's callers do not expire.
  Recheck(loop::Loop& loop, Holders holders, Authenticator& authenticator);
  void stop();

 private:
  void on_timer();
  void on_verdict(const Verdict& verdict);
  void step();
  void decide(const Verdict& verdict);

  loop::Loop& loop_;
  Holders holders_;
  Authenticator& authenticator_;
  std::set<std::string> waiting_;  // bearers; the first one is being asked about
  std::string asked_;              // its Authorization header
  std::unique_ptr<PendingVerdict> pending_;
  loop::Timer timer_;
};

}  // namespace mcp
