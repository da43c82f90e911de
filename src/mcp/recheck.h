// Recheck: tokens end while streams go on. Every kRecheck each session that has a stream or
// subscriptions is asked about again, one at a time, with the bearer it last came with.
//
//   accepted, same identity       goes on
//   refused 401, or another one   its feeds say why, its stream ends, the session is gone
//   refused otherwise             goes on: that the API server cannot be asked is not the caller's
//   fault
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "loop/loop.h"
#include "mcp/caller.h"
#include "mcp/session_table.h"

namespace mcp {

constexpr base::Duration kRecheck = base::seconds(60);

class Recheck {
 public:
  // All outlive it. Does nothing when the authenticator's callers do not expire.
  Recheck(loop::Loop& loop, SessionTable& sessions, Authenticator& authenticator);
  void stop();

 private:
  void on_timer();
  void on_verdict(const Verdict& verdict);
  void step();
  void decide(const Verdict& verdict);

  loop::Loop& loop_;
  SessionTable& sessions_;
  Authenticator& authenticator_;
  std::vector<std::string> waiting_;  // session ids; the last one is being asked about
  std::string asked_;                 // its Authorization header
  std::unique_ptr<PendingVerdict> pending_;
  loop::Timer timer_;
};

}  // namespace mcp
