// SharedWatch: what the subscribers of one key and identity share: one upstream watch, whatever its
// kind, and its life.
//
//   made by a manager's first subscriber → begin() → ready(): all who wait are accepted; newcomers
//   at once, from memory → the last one left: lingers, or is let go → freed at the end of the turn
//   the first attempt fails, or the API server refuses: all who wait are refused (refuse_all)
//   it is down for WatchSettings::stale_after: each subscriber is told once, and once when it is
//   back it ends for good (end_all): each subscriber gets last words its scope is cancelled (the
//   manager stops): everything closes in that call; feeds stay silent
//
// It holds no retry logic: the Retry of the key allows its first attempt, which goes on in the
// reflector or log stream.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/budget.h"
#include "base/link.h"
#include "kube/failure.h"
#include "kube/pulse.h"
#include "kube/retry.h"
#include "kube/watch_context.h"
#include "kube/watch_status.h"
#include "loop/lifecycle.h"
#include "loop/loop.h"
#include "mcp/caller.h"
#include "tools/access_gate.h"
#include "tools/manager_context.h"
#include "tools/queue_stats.h"
#include "tools/watch_feed.h"
#include "tools/watch_info.h"
#include "tools/watch_notice.h"

namespace tools {

class WatchManager;

class SharedWatch : private AccessGateHandler, private kube::Pulse::Listener {
 public:
  // `key` is its Retry's and its name in logs and status pages; `slot` is where the manager finds
  // it (watch_manager.h). `first`: whose watch it is, and whose token begins it.
  struct Spec {
    std::string key, slot;
    mcp::Caller first;
    Dialect dialect = Dialect::action;
  };
  SharedWatch(WatchManager& manager, Spec spec);  // `manager` outlives it
  SharedWatch(const SharedWatch&) = delete;
  SharedWatch& operator=(const SharedWatch&) = delete;
  ~SharedWatch() override;

  // Begins with the first attempt of its key that is allowed: now, or once the delay is over that
  // an earlier watch's failure left; subscribers that would wait too long are refused.
  void start();
  // One more subscriber: accepted when the watch is ready and the API server allows its own token
  // what the watch does (access_gate.h); inside, when both are known.
  void join(WatchFeed& feed);
  // A subscriber came with another token: it is used from the next request on.
  void renew(const kube::Credentials& credentials);
  void renewed(WatchFeed& feed);

  const std::string& key() const { return spec_.key; }
  const std::string& slot() const { return spec_.slot; }
  std::size_t subscribers() const { return subscribers_; }
  // What the status pages show; a kind with several upstream watches adds several.
  virtual void describe(std::vector<WatchInfo>& out) const;

  // For its feeds.
  const ManagerContext& context() const;
  QueueStats& stats() const;
  Dialect dialect() const { return spec_.dialect; }
  bool stale() const { return stale_; }
  const base::Payload& staleness(const std::string& uri);  // the frame that says which it is
  void left(WatchFeed& feed);                              // it is no longer a subscriber
  virtual void on_level(WatchFeed&) {}                     // it has told all that had waited

 protected:
  friend class WatchManager;
  // The kind's own. begin: once, its first request, in this attempt. close: everything upstream, at
  // once and silently. ready: newcomers can be accepted.
  virtual void begin(kube::Attempt attempt) = 0;
  virtual void close() = 0;
  virtual bool ready() const = 0;
  virtual void use(const kube::Credentials& credentials) = 0;
  virtual kube::WatchStatus status() const = 0;
  // A newcomer was accepted at once.
  virtual void on_joined(WatchFeed&) {}
  // Stays for WatchSettings::linger without subscribers, once it is ready.
  virtual bool lingers() const { return true; }

  // What the kind reports.
  void accept_all();  // it has become ready
  void refuse_all(const mcp::RpcError& error);
  void end_all(std::string_view delta_json);  // the last delta of each
  // `retry_in`: until the next attempt. Told at each failure, and: it is confirmed again.
  void went_down(std::string_view why, base::Duration retry_in);
  void came_up();
  // Tells each accepted subscriber; one frame per distinct URI. delta.frame is made here.
  void tell(Delta delta, std::string_view delta_json);
  // The token was refused (401): another subscriber's is used now, unless all were tried since
  // came_up() or renew().
  bool try_other_token();

  WatchManager& manager() { return manager_; }
  kube::WatchContext upstream();  // for what it makes: lives below its own scope
  const kube::Credentials& credentials() const { return credentials_; }
  const std::string& identity() const { return spec_.first.identity; }
  kube::Retry& retry() { return *retry_; }
  // From now on it is this key's (a log's container was chosen). The former key is kept: an attempt
  // of it may be under way.
  void rename(std::string key);
  template <class Fn>
  void for_each_feed(Fn fn) {
    for (base::Link* at = feeds_.next; at != &feeds_;) {
      WatchFeed& feed = *static_cast<WatchFeed::Node*>(at)->feed;
      at = at->next;
      fn(feed);
    }
  }
  // Its subscribers go on with `other`, as newcomers there. Requires: none was accepted.
  void hand_over(SharedWatch& other);

 private:
  std::optional<base::Charge> place_;  // among its caller's watches
  void admit(WatchFeed& feed);
  void let_in(WatchFeed& feed);
  std::vector<WatchFeed*> waiting_with(const kube::Credentials& credentials);
  std::size_t accepted() const;
  void on_access(const kube::Credentials& credentials,
                 const AccessCheck::Outcome& outcome) override;
  void refuse_access(const std::vector<WatchFeed*>& feeds, const mcp::RpcError& error);
  void end_access(const std::string& why);
  void await_access_check();
  void on_access_time();
  // The server is silent: open watches are as quiet as if nothing happened.
  void on_silent(const kube::Failure& failure, base::Duration again_in) override;
  void on_answers() override;
  void begin_outage();
  void on_cancel();
  void on_begin_time();
  void refuse_for_now(base::Duration wait);
  void use_now(const kube::Credentials& credentials);
  void on_linger_over();
  void on_stale_time();
  void set_stale(bool stale);
  std::vector<WatchFeed*> let_go();

  WatchManager& manager_;
  Spec spec_;
  kube::Credentials credentials_;
  kube::RetryTable::Use retry_, former_retry_;
  base::Link feeds_;
  std::size_t subscribers_ = 0;
  std::size_t tokens_tried_ = 0;  // of feeds_, since the last one that was taken
  bool down_ = false, silent_ = false, stale_ = false, gone_ = false;
  Outage outage_;
  std::string staleness_uri_;  // of the frame below
  base::Payload staleness_;
  AccessGate gate_;
  loop::Timer begin_timer_, linger_, stale_timer_, access_timer_;
  loop::Scope scope_;
};

}  // namespace tools
