// WatchFeed: one subscriber of a SharedWatch, whatever is watched. What the watch tells goes
// straight to the session while that takes it, else into a queue of its own; a slow subscriber
// costs the others nothing.
//
//   waiting  --accept()-->  behind  --catch_up()-->  level  --the queue is full-->  lost
//   behind   its client lacks something that catch_up() knows: at first everything (the snapshot)
//   level    offer() publishes, or queues
//   lost     what is queued is told first, then a marker that says how many deltas did not fit,
//   then
//            it is behind
//   over     the last words are told when all else was; offer() is ignored
// All that waits is told in on_room(): queue, marker, catch_up(), whether the watch is stale, last
// words.
//
// What a kind of watch adds: what its client lacks (catch_up, missed), and its words. Made with its
// watch, which it leaves when it is destroyed or ends; it then tells the rest of what it holds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/link.h"
#include "mcp/resource.h"
#include "tools/delta.h"
#include "tools/delta_queue.h"
#include "tools/watch_notice.h"

namespace tools {

class SharedWatch;

class WatchFeed : public mcp::Feed {
 public:
  // Both outlive it, or detach it. Joining the watch is the maker's next step.
  WatchFeed(SharedWatch& watch, mcp::Subscriber& subscriber);
  ~WatchFeed() override;

  void on_room() final;
  void on_credentials(const mcp::Caller& caller) final;
  void on_ending(std::string_view reason) final;

  // For the watch.
  void accept();
  void refuse(mcp::RpcError error);  // Requires: detached, not accepted
  void offer(const Delta& delta);
  // Nothing more will come after `delta_json`. Requires: detached.
  void end(std::string_view delta_json);
  void detach();  // the watch goes; nothing more comes from it
  // Tells what it can. True: all of it.
  bool pump();

  bool accepted() const { return phase_ != Phase::waiting; }
  // Its session takes what is offered, as far as is known.
  bool takes() const { return phase_ == Phase::level && queue_.empty(); }
  const std::string& uri() const { return subscriber_.uri(); }
  kube::Credentials credentials() const { return credentials_of(subscriber_.caller()); }

 protected:
  // Publishes what its client lacks; true: nothing any more. False: no room, asked again when there
  // is some. May be called when the watch is gone: then it tells what it holds itself.
  virtual bool catch_up() = 0;
  // A change while it is behind or lost: catch_up() will be asked for it. While lost() it counts as
  // dropped, unless catch_up() can tell it as it was.
  virtual void missed(const Delta& delta) = 0;
  // The watch goes after this: the last time to ask it for anything that is to be told yet.
  virtual void on_detach() {}
  // The delta that says of an object what a queued one came to. Only of deltas with a key.
  virtual std::string delta_json(kube::Change change, std::string_view doc) const = 0;
  virtual std::string last_words(std::string_view reason) const = 0;
  // What the client of a dropped marker may do.
  virtual std::string_view dropped_advice() const = 0;

  bool publish(const base::Payload& frame);
  bool publish_delta(const Delta& delta);  // makes the frame if there is none
  // For on_detach(): false when there is no room.
  bool queue(const Delta& delta) { return queue_.push(delta); }
  // `count` deltas will never be told; the marker goes out at the next tell_dropped().
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
    WatchFeed* feed = nullptr;
  };
  bool tell_staleness();
  void leave();
  SharedWatch* watch_;
  mcp::Subscriber& subscriber_;
  QueueStats& stats_;
  const Dialect dialect_;
  Phase phase_ = Phase::waiting;
  bool closed_ = false;      // last words were said, or wait
  bool over_ = false;        // ended by the watch: the subscription is over when all is told
  bool stale_told_ = false;  // its client believes that the watch is down
  std::uint64_t dropped_ = 0;
  base::Payload last_words_;
  DeltaQueue queue_;
  Node node_;  // in the watch
};

}  // namespace tools
