// Subscription: one subscriber of one URI and its feed; the common part of the legacy era's session
// subscriptions and the modern era's listen streams.
//
//   state     means                                     left by
//   pending   the family has not answered yet           accepted → active; refused → over
//   active    frames go to the owner                    ended → over; end → ending
//   ending    the feed publishes its last delta         everything is published → over
//   over      the owner forgets it; the feed is freed, by the loop if its method may be on the
//             stack, else at once
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "mcp/resource.h"

namespace mcp::shared {

class Subscription : public Subscriber {
 public:
  ~Subscription() override = default;  // Requires: unsubscribe() was called

  // Subscribes at `family`, which must outlive this. It may be over when this returns.
  void start(ResourceFamily& family);
  // Asks the feed for a last delta with `reason`; refuses if pending. True: it is over, and the
  // owner must free it. False: release() follows.
  bool end(std::string_view reason);
  // The owner has room again. Requires: publish() was refused (wants_room()).
  void on_room();
  void on_credentials(const Caller& caller);
  // The owner forgets it. The feed may still publish until it is freed at the end of the turn; that
  // is ignored.
  void drop() { state_ = State::over; }

  bool wants_room() const { return wants_room_; }
  bool over() const { return state_ == State::over; }
  bool pending() const { return state_ == State::pending; }
  const std::string& uri() const final { return uri_; }

 protected:
  explicit Subscription(std::string uri) : uri_(std::move(uri)) {}
  // For the derived class's destructor: the feed's destructor still calls caller().
  void unsubscribe() { feed_.reset(); }

 private:
  enum class State : unsigned char { pending, active, ending, over };

  // For the derived class. One of these two is called, once; on_refused also for an end() while
  // pending.
  virtual void on_accepted() = 0;
  virtual void on_refused(RpcError error) = 0;
  // False, nothing queued: the owner calls on_room() when there is space.
  virtual bool deliver(const base::Payload& frame) = 0;
  virtual void on_ended() = 0;  // the feed ended by itself; release() follows
  // Forgets this and frees it at the end of the turn.
  virtual void release() = 0;

  // Subscriber's methods.
  void accepted() final;
  void refused(RpcError error) final;
  bool publish(const base::Payload& frame) final;
  void ended() final;
  void leave();

  std::string uri_;
  std::unique_ptr<Feed> feed_;
  State state_ = State::pending;
  bool wants_room_ = false;
  bool starting_ = false;  // ResourceFamily::subscribe is on the stack
};

}  // namespace mcp::shared
