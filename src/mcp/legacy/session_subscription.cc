#include "mcp/legacy/session_subscription.h"

#include <utility>

#include "base/check.h"
#include "mcp/legacy/session.h"
#include "mcp/result.h"

namespace mcp::legacy {

constexpr std::string_view kMethod = "resources/subscribe";

SessionSubscription::SessionSubscription(Session& session, std::string uri, std::uint32_t tag)
    : shared::Subscription(std::move(uri)), session_(session), tag_(tag) {}

SessionSubscription::~SessionSubscription() {
  CHECK(waiters_.empty());
  unsubscribe();
}

void SessionSubscription::wait(Exchange& exchange, std::string id_json) {
  exchange.expect();
  if (pending()) {
    waiters_.push_back({&exchange, std::move(id_json), session_.core().loop.now()});
  } else {
    session_.core().requests.ended(kMethod, shared::Outcome::ok, {});
    exchange.answer(Outgoing::result(id_json, "{}"));
  }
}

bool SessionSubscription::cancel(std::string_view id_json) {
  for (auto at = waiters_.begin(); at != waiters_.end(); ++at) {
    if (at->id_json != id_json) continue;
    Exchange& exchange = *at->exchange;
    count(*at, shared::Outcome::cancelled);
    waiters_.erase(at);
    exchange.skip();
    return true;
  }
  return false;
}

void SessionSubscription::refuse_waiters(const RpcError& error) {
  for (Waiter& waiter : std::exchange(waiters_, {})) {
    count(waiter, shared::Outcome::error);
    waiter.exchange->answer(Outgoing::error(waiter.id_json, error));
  }
}

void SessionSubscription::count(const Waiter& waiter, shared::Outcome outcome) const {
  shared::State& core = session_.core();
  core.requests.ended(kMethod, outcome, core.loop.now() - waiter.since);
}

const Caller& SessionSubscription::caller() const {
  return session_.caller();
}

void SessionSubscription::on_accepted() {
  for (Waiter& waiter : std::exchange(waiters_, {})) {
    // answer() sends at once if this is the POST's only request. A batch sends its answers later,
    // together: the hold keeps frames published meanwhile behind them.
    count(waiter, shared::Outcome::ok);
    waiter.exchange->hold(session_.channel());
    waiter.exchange->answer(Outgoing::result(waiter.id_json, "{}"));
  }
  session_.subscribed(*this);
}

void SessionSubscription::on_refused(RpcError error) {
  refuse_waiters(about_uri(std::move(error), uri()));
}

bool SessionSubscription::deliver(const base::Payload& frame) {
  return session_.channel().publish(frame, tag_);
}

void SessionSubscription::on_ended() {
  session_.subscription_ended(*this);
}

void SessionSubscription::release() {
  session_.retire(*this);
}

}  // namespace mcp::legacy
