#include "mcp/recheck.h"

#include <utility>

#include "base/log.h"

namespace mcp {

std::optional<std::string> token_problem(const Caller& caller, const Verdict& verdict) {
  constexpr std::string_view kOver = "the caller's token is no longer accepted: ";
  if (verdict.refusal) {
    if (verdict.refusal->status != 401) return std::nullopt;
    return std::string(kOver) + verdict.refusal->message;
  }
  if (verdict.caller.identity == caller.identity) return std::nullopt;
  return std::string(kOver) + "the token is another identity's now";
}

Recheck::Recheck(loop::Loop& loop, Holders holders, Authenticator& authenticator)
    : loop_(loop),
      holders_(holders),
      authenticator_(authenticator),
      timer_(loop, "mcp token recheck", loop::Timer::Fn::bind<&Recheck::on_timer>(this)) {
  if (authenticator.expires()) timer_.arm(kRecheck);
}

void Recheck::stop() {
  timer_.cancel();
  pending_.reset();
  waiting_.clear();
}

void Recheck::on_timer() {
  timer_.arm(kRecheck);
  if (pending_) return;  // still at the last round
  for (const TokenHolder* holder : holders_)
    holder->add_bearers(waiting_);
  step();
}

void Recheck::step() {
  while (!waiting_.empty()) {
    asked_ = "Bearer " + *waiting_.begin();
    const auto known = authenticator_.known(asked_);
    if (!known) {
      pending_ = authenticator_.ask(asked_, {}, Authenticator::Fn::bind<&Recheck::on_verdict>(this));
      return;
    }
    decide(*known);
  }
}

void Recheck::on_verdict(const Verdict& verdict) {
  loop_.retire(std::move(pending_));  // its method is on the stack
  decide(verdict);
  step();
}

void Recheck::decide(const Verdict& verdict) {
  const std::string bearer = *waiting_.begin();
  waiting_.erase(waiting_.begin());
  if (verdict.refusal && verdict.refusal->status != 401) {
    LOG_DEBUG("token could not be checked", {"status", verdict.refusal->status},
              {"reason", verdict.refusal->message});
    return;
  }
  // Who came with another bearer meanwhile was checked when he came, and is not found by this one.
  for (TokenHolder* holder : holders_)
    holder->judge(bearer, verdict);
}

}  // namespace mcp
