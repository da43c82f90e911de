#include "mcp/recheck.h"

#include <utility>

#include "base/log.h"

namespace mcp {

Recheck::Recheck(loop::Loop& loop, SessionTable& sessions, Authenticator& authenticator)
    : loop_(loop),
      sessions_(sessions),
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
  sessions_.for_each([this](const Session& session) {
    if (session.has_stream() || session.subscriptions() > 0) waiting_.emplace_back(session.id());
  });
  step();
}

void Recheck::step() {
  while (!waiting_.empty()) {
    const Session* session = sessions_.peek(waiting_.back());
    if (!session) {
      waiting_.pop_back();
      continue;
    }
    asked_ = "Bearer " + session->caller().bearer;
    const auto known = authenticator_.known(asked_);
    if (!known) {
      pending_ = authenticator_.ask(asked_, Authenticator::Fn::bind<&Recheck::on_verdict>(this));
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
  Session* session = sessions_.peek(waiting_.back());
  waiting_.pop_back();
  // A new bearer that came meanwhile was checked when it came.
  if (!session || asked_ != "Bearer " + session->caller().bearer) return;
  if (verdict.refusal && verdict.refusal->status != 401) {
    LOG_DEBUG("token could not be checked", {"session", session->short_id()},
              {"status", verdict.refusal->status}, {"reason", verdict.refusal->message});
    return;
  }
  if (!verdict.refusal && verdict.caller.identity == session->caller().identity) return;
  const std::string why =
      verdict.refusal ? verdict.refusal->message : "the token is another identity's now";
  sessions_.end(*session, "the caller's token is no longer accepted: " + why, true);
}

}  // namespace mcp
