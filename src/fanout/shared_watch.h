// SharedWatch: what the subscribers of one key and identity share: one upstream watch of any kind,
// and its life cycle:
//
//   a key's first subscriber              a manager makes it; begin()
//   ready()                               all that wait are accepted; newcomers at once, from memory
//   the last subscriber leaves            it lingers, or is let go; freed at the end of the turn
//   its first attempt fails or is         all that wait are refused (refuse_all)
//     denied by the API server
//   down for WatchSettings::stale_after   each subscriber is notified once, and once when it is up
//                                         again
//   it ends for good (end_all)            each subscriber gets last words
//   its scope is cancelled (the           everything closes in that call; the feeds stay silent
//     manager stops)
//
// It has no retry logic: its key's Retry permits the first attempt, which continues in the
// reflector or log stream.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/gate.h"
#include "base/budget.h"
#include "base/link.h"
#include "fanout/context.h"
#include "fanout/feed.h"
#include "fanout/notice.h"
#include "fanout/queue_stats.h"
#include "fanout/watch_info.h"
#include "kube/failure.h"
#include "kube/pulse.h"
#include "kube/watch/health.h"
#include "kube/watch/retry.h"
#include "kube/watch/watch_status.h"
#include "loop/lifecycle.h"
#include "loop/loop.h"
#include "mcp/caller.h"

namespace fanout {

class Manager;

class SharedWatch : protected kube::watch::Health,
                    private auth::GateHandler,
                    private kube::Pulse::Listener {
 public:
  // `key` selects its Retry and names it in logs and on status pages; the manager finds it by
  // `slot` (manager.h). `first`: the caller whose watch it is and whose token begins it.
  struct Spec {
    std::string key, slot;
    mcp::Caller first;
    Dialect dialect = Dialect::action;
  };
  SharedWatch(Manager& manager, Spec spec);  // `manager` must outlive it
  SharedWatch(const SharedWatch&) = delete;
  SharedWatch& operator=(const SharedWatch&) = delete;
  ~SharedWatch() override;

  // Begins with the first attempt that its key's Retry permits: now, or after the delay that an
  // earlier watch's failure left; subscribers that would have to wait too long are refused.
  void start();
  // Adds a guest. It is accepted once the watch is ready and the API server allows its own token
  // what the watch does: inside this call when both are known already.
  void join(Guest& guest);
  // A guest has a new token: the watch uses it from the next request on (renew), and a guest that
  // still waits is checked again (renewed).
  void renew(const kube::config::Credentials& credentials);
  void renewed(Guest& guest);

  const std::string& key() const { return spec_.key; }
  const std::string& slot() const { return spec_.slot; }
  std::size_t subscribers() const { return subscribers_; }  // guests, reads included
  // Adds what the status pages show; a kind with several upstream watches adds several.
  virtual void describe(std::vector<WatchInfo>& out) const;

  // Called by its guests.
  const Context& context() const;
  QueueStats& stats() const;
  Dialect dialect() const { return spec_.dialect; }
  bool stale() const { return stale_; }
  const base::Payload& staleness(const std::string& uri);   // the notice: stale, or fresh again
  void left(Guest& guest);                                  // it is no longer one of them
  void serve(base::Link& feed) { feeds_.push_back(feed); }  // it takes what tell() sends
  virtual void on_joined(Feed&) {}                          // it was accepted
  virtual void on_level(Feed&) {}                           // it has sent all that waited

 protected:
  friend class Manager;
  // Implemented by the kind. begin(): called once, makes its first request, in this attempt.
  // close(): ends everything upstream, at once and silently. ready(): newcomers can be accepted.
  // use(): the credentials of later requests.
  virtual void begin(kube::watch::Attempt attempt) = 0;
  virtual void close() = 0;
  virtual bool ready() const = 0;
  virtual void use(const kube::config::Credentials& credentials) = 0;
  virtual kube::watch::WatchStatus status() const = 0;
  // "watch events": what a refusal says that was tried.
  virtual std::string_view task() const = 0;
  // Whether, once it is ready, it stays for WatchSettings::linger without subscribers.
  virtual bool lingers() const { return true; }

  // Called by the kind, or whatever watches for it. on_ready(): those that wait are accepted. What is
  // denied or down before the first time refuses them; after that the watch is down.
  void on_ready() override;
  void on_denied(const kube::Failure& failure) override;
  void on_down(const kube::Failure& failure, base::Duration retry_in) override;
  void on_up() override;
  void refuse_all(const mcp::RpcError& error);
  void end_all(std::string_view delta_json);  // `delta_json`: the last delta of each subscriber
  // As on_down() does, with another reason.
  void went_down(std::string_view why, base::Duration retry_in);
  // Sends to each accepted subscriber, one frame per distinct URI. delta.frame is made here.
  void tell(Delta delta, std::string_view delta_json);
  // The token was refused (401): uses another subscriber's from now on. False: all were tried since
  // on_up() or renew().
  bool try_other_token();

  Manager& manager() { return manager_; }
  loop::Scope& scope() { return scope_; }  // what the kind makes lives below it
  const kube::config::Credentials& credentials() const { return credentials_; }
  const std::string& identity() const { return spec_.first.identity; }
  const mcp::Caller& first_caller() const { return spec_.first; }
  kube::watch::Retry& retry() { return *retry_; }
  // Moves to another key (a log's container was chosen). The former key's Retry is kept: an attempt
  // of it may be under way.
  void rename(std::string key);
  template <class Fn>
  void for_each_feed(Fn fn) {
    for (base::Link* at = feeds_.next; at != &feeds_;) {
      Feed& feed = *static_cast<Feed::Node*>(at)->feed;
      at = at->next;
      fn(feed);
    }
  }
  // Lets its guests join `other` as newcomers. Requires: none was accepted.
  void hand_over(SharedWatch& other);

 private:
  std::optional<base::Charge> place_;     // in its caller's share of watches
  std::optional<base::Charge> starting_;  // until it is ready
  template <class Fn>
  void for_each_guest(Fn fn) {
    for (base::Link* at = guests_.next; at != &guests_;) {
      Guest& guest = *static_cast<Guest::Node*>(at)->guest;
      at = at->next;
      fn(guest);
    }
  }
  void admit(Guest& guest);
  void let_in(Guest& guest);
  std::vector<Guest*> waiting_with(const kube::config::Credentials& credentials);
  std::size_t accepted() const;
  void on_access(const kube::config::Credentials& credentials,
                 const auth::Check::Outcome& outcome) override;
  void refuse_access(const std::vector<Guest*>& guests, const mcp::RpcError& error);
  void end_access(const std::string& why);
  void await_access_check();
  void on_access_time();
  // The API server is frozen: open watches are as quiet as if nothing changed.
  void on_silent(const kube::Failure& failure, base::Duration again_in) override;
  void on_answers() override;
  void begin_outage();
  void on_cancel();
  void on_begin_time();
  void refuse_for_now(base::Duration wait);
  void use_now(const kube::config::Credentials& credentials);
  void on_linger_over();
  void find_next_attempt();
  void on_stale_time();
  void set_stale(bool stale);
  std::vector<Guest*> let_go();

  Manager& manager_;
  Spec spec_;
  kube::config::Credentials credentials_;
  kube::watch::RetryTable::Use retry_, former_retry_;
  base::Link guests_, feeds_;  // feeds_: those accepted
  std::size_t subscribers_ = 0;
  std::size_t tokens_tried_ = 0;  // guests whose token was tried since one was accepted
  bool once_ready_ = false, down_ = false, silent_ = false, stale_ = false, gone_ = false;
  Outage outage_;
  std::string staleness_uri_;  // staleness_ is the frame for it
  base::Payload staleness_;
  auth::Gate gate_;
  loop::Timer begin_timer_, linger_, stale_timer_, access_timer_;
  loop::Scope scope_;
};

}  // namespace fanout
