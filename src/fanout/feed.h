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
//
// on_room() sends all that waits, in this order: queue, marker, catch_up(), whether the watch is
// stale, last words.
//
// A kind of watch adds what its clients lack (catch_up, missed) and its texts. A feed is made with
// its watch and leaves it when it is destroyed or ends; it then sends the rest of what it holds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/link.h"
#include "fanout/delta.h"
#include "fanout/delta_queue.h"
#include "fanout/notice.h"
#include "mcp/resource.h"

namespace fanout {

class SharedWatch;

class Feed : public mcp::Feed {
 public:
  // `watch` must outlive this or detach() it; `subscriber` must outlive this. The caller then lets
  // it join the watch.
  Feed(SharedWatch& watch, mcp::Subscriber& subscriber);
  ~Feed() override;

  void on_room() final;
  void on_credentials(const mcp::Caller& caller) final;
  void on_ending(std::string_view reason) final;

  // Called by the watch.
  void accept();
  void refuse(mcp::RpcError error);  // Requires: detached, not accepted
  void offer(const Delta& delta);
  // `delta_json` is the last delta. Requires: detached.
  void end(std::string_view delta_json);
  void detach();  // the watch is going; nothing more comes from it
  // Sends what it can. Returns whether that was all.
  bool pump();

  bool accepted() const { return phase_ != Phase::waiting; }
  // Whether its session takes what is offered, as far as is known.
  bool takes() const { return phase_ == Phase::level && queue_.empty(); }
  const std::string& uri() const { return subscriber_.uri(); }
  kube::config::Credentials credentials() const {
    return cluster::credentials_of(subscriber_.caller());
  }

 protected:
  // Publishes what its client lacks. True: it lacks nothing any more. False: no room; called again
  // when there is some. After the watch is gone, it publishes what the feed itself holds.
  virtual bool catch_up() = 0;
  // A change while the feed is behind or lost: catch_up() will be called for it. While lost() it
  // counts as dropped, unless catch_up() can send it as it was.
  virtual void missed(const Delta& delta) = 0;
  // The watch goes after this call: the last time to take from it what is still to be sent.
  virtual void on_detach() {}
  // The delta for an object whose queued deltas were folded to `change`. Only for deltas with a
  // key.
  virtual std::string delta_json(kube::watch::Change change, std::string_view doc) const = 0;
  virtual std::string last_words(std::string_view reason) const = 0;
  // What a client that receives a dropped marker can do.
  virtual std::string_view dropped_advice() const = 0;

  bool publish(const base::Payload& frame);
  bool publish_delta(const Delta& delta);  // makes the frame if there is none
  // For on_detach(). Returns false when there is no room.
  bool queue(const Delta& delta) { return queue_.push(delta); }
  // `count` deltas will never be sent; the next tell_dropped() sends the marker.
  void count_dropped(std::uint64_t count);
  bool tell_dropped();
  SharedWatch* watch() const { return watch_; }
  bool level() const { return phase_ == Phase::level; }
  bool lost() const { return phase_ == Phase::lost; }
  QueueStats& stats() { return stats_; }

 private:
  friend class SharedWatch;
  enum class Phase : unsigned char { waiting, behind, lost, level };
  struct Node : base::Link {
    Feed* feed = nullptr;
  };
  bool tell_staleness();
  void leave();
  SharedWatch* watch_;
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
  Node node_;  // in the watch's list of feeds
};

}  // namespace fanout
