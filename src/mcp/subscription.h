// Subscription: one resources/subscribe of one session and, once it is taken, the feed behind it.
//
//   state     means                                          left by
//   pending   requests wait for the answer                   accepted → active; refused, dropped →
//   over active    frames go to the session's channel             ended, dropped → over; end →
//   ending ending    the last words are being said                  feed has nothing more to tell →
//   over over      the session forgets it; the feed is freed, by the loop when its method may be on
//   the
//             stack, else at once
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mcp/exchange.h"
#include "mcp/resource.h"

namespace mcp {

class Session;

class Subscription final : public Subscriber {
 public:
  // `session` outlives it. `tag` is not 0 and unique in the session.
  Subscription(Session& session, std::string uri, std::uint32_t tag);
  // Requires: nobody waits. Unsubscribes.
  ~Subscription() override;

  // One more request to be answered: at once when active. `exchange` must stay until then.
  void wait(Exchange& exchange, std::string id_json);
  // Requires: somebody waits. It may be over when this returns.
  void start(ResourceFamily& family);

  // The request `id_json` waits no longer: true when it did; it gets no answer.
  bool cancel(std::string_view id_json);
  bool is_wanted() const { return state_ != State::pending || !waiters_.empty(); }
  // Those who wait get an error.
  void refuse_waiters(const RpcError& error);
  // Last words. True when it is over: the caller drops it.
  bool end(std::string_view reason);
  // The channel has room again; told only when publish() was refused.
  void on_room();
  void on_credentials(const Caller& caller);

  bool wants_room() const { return wants_room_; }
  bool over() const { return state_ == State::over; }
  bool pending() const { return state_ == State::pending; }
  std::uint32_t tag() const { return tag_; }
  const std::string& uri() const override { return uri_; }

 private:
  enum class State : unsigned char { pending, active, ending, over };
  struct Waiter {
    Exchange* exchange;
    std::string id_json;
  };
  const Caller& caller() const override;
  void accepted() override;
  void refused(RpcError error) override;
  bool publish(const base::Payload& frame) override;
  void ended() override;
  void leave();

  Session& session_;
  std::string uri_;
  std::vector<Waiter> waiters_;
  std::unique_ptr<Feed> feed_;
  std::uint32_t tag_;
  State state_ = State::pending;
  bool wants_room_ = false;
  bool starting_ = false;  // ResourceFamily::subscribe is on the stack
};

}  // namespace mcp
