// SessionSubscription: one resources/subscribe of one session. Frames go to the session's channel;
// the requests that asked for it wait here until the family has answered.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loop/loop.h"
#include "mcp/exchange.h"
#include "mcp/request_stats.h"
#include "mcp/subscription.h"

namespace mcp {

class Session;

class SessionSubscription final : public Subscription {
 public:
  // `session` outlives it. `tag` is not 0 and unique in the session.
  SessionSubscription(Session& session, std::string uri, std::uint32_t tag);
  // Requires: nobody waits. Unsubscribes.
  ~SessionSubscription() override;

  // One more request to be answered: at once when active. `exchange` must stay until then.
  // Before start() once: somebody waits.
  void wait(Exchange& exchange, std::string id_json);
  // The request `id_json` waits no longer: true when it did; it gets no answer.
  bool cancel(std::string_view id_json);
  bool is_wanted() const { return !pending() || !waiters_.empty(); }
  // Those who wait get an error.
  void refuse_waiters(const RpcError& error);
  std::uint32_t tag() const { return tag_; }

 private:
  struct Waiter {
    Exchange* exchange;
    std::string id_json;
    loop::TimePoint since;
  };
  void count(const Waiter& waiter, Outcome outcome) const;
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

}  // namespace mcp
