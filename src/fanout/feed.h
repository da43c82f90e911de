// Feed: one subscriber of a SharedWatch of any kind. What the watch sends goes straight to the
// session while that takes it, else into the feed's own queue; a slow subscriber costs the others
// nothing.
//
//   waiting  --accept()-->  behind  --catch_up()-->  level  --the queue is full-->  lost
//
//   behind   its client lacks something that catch_up() knows: at first everything (the snapshot)
//   level    offer() publishes, or queues
//   lost     sends what is queued, then a marker with the number of deltas that did not fit; then
//            it is behind
//   closed   (in any phase) the last words are sent after everything else; offer() is ignored
//   (waiting and accept(): guest.h)
//
// on_room() sends all that waits, in this order: queue, marker, catch_up(), whether the watch is
// stale, last words.
//
// A kind of watch adds what its clients lack (catch_up, missed) and its texts. A feed joins the watch
// that it was made with, and leaves it when it is destroyed or ends; it then sends the rest of what
// it holds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fanout/delta.h"
#include "fanout/delta_queue.h"
#include "fanout/guest.h"
#include "fanout/notice.h"
#include "mcp/resource.h"

namespace fanout {

class Feed : public mcp::Feed, public Guest {
 public:
  // `subscriber` must outlive this. The caller then lets it join `watch`.
  Feed(SharedWatch& watch, mcp::Subscriber& subscriber);
  ~Feed() override;

  void on_room() final;
  void on_credentials(const mcp::Caller& caller) final;
  void on_ending(std::string_view reason) final;

  // Called by the watch.
  void offer(const Delta& delta);
  // Sends what it can. Returns whether that was all.
  bool pump();

  // Whether its session takes what is offered, as far as is known.
  bool takes() const { return phase_ == Phase::level && queue_.empty(); }
  const std::string& uri() const { return subscriber_.uri(); }

 protected:
  // Publishes what its client lacks. True: it lacks nothing any more. False: no room; called again
  // when there is some. After the watch is gone, it publishes what the feed itself holds.
  virtual bool catch_up() = 0;
  // A change while the feed is behind or lost: catch_up() will be called for it. While lost() it
  // counts as dropped, unless catch_up() can send it as it was.
  virtual void missed(const Delta& delta) = 0;
  // The delta for an object whose queued deltas were folded to `change`. Only for deltas with a
  // key.
  virtual std::string delta_json(kube::watch::Change change, std::string_view doc) const = 0;
  std::string last_words(std::string_view reason) const override = 0;
  // What a client that receives a dropped marker can do.
  virtual std::string_view dropped_advice() const = 0;

  // The subscription ends by itself, with last_words(reason); nothing when it ends already. Not
  // inside a call of the watch or the subscriber.
  void end(std::string_view reason);
  bool publish(const base::Payload& frame);
  bool publish_delta(const Delta& delta);  // makes the frame if there is none
  // For on_detach(). Returns false when there is no room.
  bool queue(const Delta& delta) { return queue_.push(delta); }
  // `count` deltas will never be sent; the next tell_dropped() sends the marker.
  void count_dropped(std::uint64_t count);
  bool tell_dropped();
  bool level() const { return phase_ == Phase::level; }
  bool lost() const { return phase_ == Phase::lost; }
  QueueStats& stats() { return stats_; }
  // The subscriber's account in the budget of queues.
  const base::Account& account() const { return queue_.account(); }

 private:
  friend class SharedWatch;
  enum class Phase : unsigned char { waiting, behind, lost, level };
  struct Node : base::Link {
    Feed* feed = nullptr;
  };
  const mcp::Caller& caller() const final { return subscriber_.caller(); }
  void on_accepted() final;
  void on_refused(mcp::RpcError error) final;
  void on_ended(std::string_view last) final;
  bool tell_staleness();
  mcp::Subscriber& subscriber_;
  QueueStats& stats_;
  const Dialect dialect_;
  Phase phase_ = Phase::waiting;
  bool closed_ = false;      // the last words were sent, or wait
  bool over_ = false;        // ended by the watch: the subscription ends when all is sent
  bool stale_told_ = false;  // its client was notified that the watch is down
  std::uint64_t dropped_ = 0;
  base::Payload last_words_;
  DeltaQueue queue_;
  Node node_;  // in the watch's list of accepted feeds
};

}  // namespace fanout
