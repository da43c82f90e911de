// Subscription: one subscriber of one URI and, once it is taken, the feed behind it; what the
// sessions of the legacy era and the listen streams of the modern one have in common.
//
//   state     means                                left by
//   pending   the family has not answered yet      accepted → active; refused → over
//   active    frames go to the owner               ended → over; end → ending
//   ending    the last words are being said        the feed has nothing more to tell → over
//   over      the owner forgets it; the feed is freed, by the loop when its method may be on the
//             stack, else at once
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "mcp/resource.h"

namespace mcp {

class Subscription : public Subscriber {
 public:
  ~Subscription() override = default;  // Requires: unsubscribe() was called

  // It may be over when this returns.
  void start(ResourceFamily& family);
  // Last words. True when it is over: the owner drops it.
  bool end(std::string_view reason);
  // The owner has room again; told only when publish() was refused.
  void on_room();
  void on_credentials(const Caller& caller);
  // The owner forgets it; until it is freed, at the end of the turn, its feed may still speak.
  void drop() { state_ = State::over; }

  bool wants_room() const { return wants_room_; }
  bool over() const { return state_ == State::over; }
  bool pending() const { return state_ == State::pending; }
  const std::string& uri() const final { return uri_; }

 protected:
  explicit Subscription(std::string uri) : uri_(std::move(uri)) {}
  // For the destructor of whoever is below: the feed asks, while it goes, whose it was.
  void unsubscribe() { feed_.reset(); }

 private:
  enum class State : unsigned char { pending, active, ending, over };

  // The owner's part. One of these two, once; on_refused also for an end while pending.
  virtual void on_accepted() = 0;
  virtual void on_refused(RpcError error) = 0;
  // False, nothing queued: the owner calls on_room() when there is space.
  virtual bool deliver(const base::Payload& frame) = 0;
  virtual void on_ended() = 0;  // unasked; release() follows
  // Forgets it and frees it at the end of the turn.
  virtual void release() = 0;

  // Subscriber's.
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

}  // namespace mcp
