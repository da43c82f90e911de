// SessionSubscription: one subscription (resources/subscribe) of one session. Frames go to the
// session's channel; the requests that asked for it wait here until the family has answered.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loop/loop.h"
#include "mcp/legacy/exchange.h"
#include "mcp/shared/request_stats.h"
#include "mcp/shared/subscription.h"

namespace mcp::legacy {

class Session;

class SessionSubscription final : public shared::Subscription {
 public:
  // `session` must outlive this. `tag` is not 0 and unique in the session.
  SessionSubscription(Session& session, std::string uri, std::uint32_t tag);
  // Unsubscribes. Requires: no request waits.
  ~SessionSubscription() override;

  // Adds a request to be answered: at once if the subscription is active. `exchange` must remain
  // live until it is answered. Call it once before start().
  void wait(Exchange& exchange, std::string id_json);
  // The request `id_json` waits no longer and gets no answer. False: it did not wait here.
  bool cancel(std::string_view id_json);
  bool is_wanted() const { return !pending() || !waiters_.empty(); }
  // Answers the requests that wait with an error.
  void refuse_waiters(const RpcError& error);
  std::uint32_t tag() const { return tag_; }

 private:
  struct Waiter {
    Exchange* exchange;
    std::string id_json;
    loop::TimePoint since;
  };
  void count(const Waiter& waiter, shared::Outcome outcome) const;
  const Caller& caller() const override;
  void on_accepted() override;
  void on_refused(RpcError error) override;
  bool deliver(const base::Payload& frame) override;
  void on_ended() override;
  void release() override;

  Session& session_;
  std::vector<Waiter> waiters_;
  std::uint32_t tag_;
};

}  // namespace mcp::legacy
