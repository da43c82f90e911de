// The state machine behind Reflector (reflector.h has its table). Internal to reflector*.cc.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "kube/watch/outcome.h"
#include "kube/watch/reflector.h"

namespace kube::watch {

// Quiet streams that keep ending soon make their cursor suspect, but a load balancer's short idle
// limit looks the same: at most one relist for that reason in this time.
constexpr base::Duration kSuspectRelistEvery = base::minutes(5);
// After this many consecutive event watches whose head did not arrive in time, while lists did, a
// proxy must be holding heads back until the first event: heads may then take until timeoutSeconds.
constexpr int kLateHeads = 2;
// A head that arrives no earlier than this before timeoutSeconds was held back by a proxy.
constexpr base::Duration kInTime = base::seconds(2);
// An audit list finds changes that no watch reports (an etcd restored from a backup never reports
// any); the interval is random between these.
constexpr base::Duration kAuditMin = base::minutes(30), kAuditMax = base::minutes(60);

// Deadline for the end of a streamed initial state: a server that does not support it opens an
// ordinary watch, in which no end comes.
constexpr base::Duration kBurstTime = base::seconds(60);

// Most unreadable objects that are known by name.
constexpr std::size_t kUnreadableKept = 1000;
// Cost of an object beside its texts: its table entry.
constexpr std::size_t kEntryBytes = 200;

// "namespace/name", or "name".
std::string key_of(base::json::Value metadata);

struct Reflector::Impl final : ApiHandler, ListHandler, FrameSink {
  Impl(const Context& context, Retry& retry, ReflectorHandler& handler, ReflectorSpec spec);

  void start(Attempt begun);
  void stop();
  void set_credentials(config::Credentials credentials);
  WatchStatus status() const;

  // Steps, in the order of a cycle.
  void attempt();
  void not_allowed(const Permit& permit);
  void connect();
  void begin_burst();
  void send_watch();
  void confirm();
  void wait(base::Duration delay);
  void on_wait_over() { attempt(); }
  void on_confirm_time() { confirm(); }
  void on_deadline();
  void on_audit();

  // ApiHandler: the watch.
  void on_open(int status) override;
  void on_data(std::string_view bytes) override;
  void on_end(const Failure* failure) override;
  // FrameSink
  bool on_frame(const Frame& frame) override;
  bool is_foreign(const Frame& frame) const;
  std::optional<bool> on_unreadable(const UnreadableFrame& frame) override;
  // ListHandler
  void on_item(base::json::Value object) override;
  void on_unreadable(std::string_view text, const std::string& why) override;
  void on_restart() override { ++generation_; }
  void on_done(const Failure* failure, std::string_view resource_version) override;

  // Judges an end or a failure (outcome.h) and acts on it.
  void settle(Observation what);
  void refused(const Failure& failure);
  base::Duration delay_of(const Outcome& outcome, const Failure& failure);
  void go_on(const Outcome& outcome, const Observation& what);
  void note_late_head();
  void note_version(const std::string& version);
  void give_up(const Failure& failure);
  // The streamed initial state (reflector_initial_events.cc).
  bool burst_refused(const Failure& failure);
  void fall_back(std::string_view why);
  bool burst_frame(const Frame& frame);
  bool apply_burst(const std::string& version);
  void drop_cursor();
  void silence();
  void enter(State state);
  void note_down(const Failure& failure);

  // The store. The functions return false when the handler stopped the reflector.
  base::Payload project(base::json::Value object);  // empty: skipped
  bool upsert(base::json::Value object);
  bool put(const std::string& key, Entry entry);
  bool complete(const std::string& version);
  bool remove(const std::string& key, base::Payload doc);
  bool sweep();
  void charge(Entry& entry, const std::string& key);
  void release(const Entry& entry);
  void release_all();
  std::optional<Failure> too_much() const;
  void note_unreadable(const std::string& key, const std::string& why);
  void forget_unreadable(const std::string& key);
  void tell_unreadable();
  bool tell(Change change, const std::string& key, const base::Payload& doc);

  loop::Loop& loop_;
  loop::Scope& parent_;
  Discovery* discovery_;
  std::optional<loop::Scope> scope_;  // while it runs
  Retry& retry_;
  ReflectorHandler& handler_;
  ReflectorSpec spec_;
  State state_ = State::stopped;
  // stop() increments it: after a callback that changed it the caller returns at once.
  std::uint32_t epoch_ = 0;

  std::unordered_map<std::string, Entry> store_;
  std::uint32_t generation_ = 0;  // of lists
  std::size_t bytes_ = 0;         // charged for the store
  struct Unreadable {
    std::string why;
    std::uint32_t generation;
  };
  std::map<std::string, Unreadable> unreadable_;  // by key; at most kUnreadableKept
  std::size_t nameless_ = 0;  // unreadable objects of the current list whose key is not known
  std::string unreadable_told_;
  std::string spoilt_;  // the last unreadable object in the stream, and the cursor then
  bool synced_ = false;
  std::optional<std::string> cursor_;
  bool in_burst_ = false;  // the initial state is not complete; until then it is collected here
  std::unordered_map<std::string, Entry> burst_;
  std::size_t burst_bytes_ = 0;

  Attempt attempt_;  // the current one, or the one that led to the stream
  // When on_down or on_denied was first called since the last confirmed stream.
  std::optional<base::TimePoint> down_since_;
  std::optional<base::Error> last_error_;
  base::TimePoint state_since_{};
  std::optional<base::TimePoint> last_event_;
  bool waiting_denied_ = false;
  base::TimePoint last_start_{};
  base::TimePoint opened_{};
  base::Duration timeout_{};  // timeoutSeconds of the current stream
  std::uint64_t frames_ = 0;  // of the current stream
  bool once_confirmed_ = false;
  int late_heads_ = 0;
  bool buffering_proxy_ = false;
  std::string newest_;  // the highest comparable resourceVersion seen
  std::uint64_t rv_regressions_ = 0;
  Tally tally_;
  std::optional<base::TimePoint> suspect_relist_;
  // For failures that concern this stream alone.
  watchutil::Backoff own_backoff_, slow_cadence_{kSlowCadence};
  std::uint64_t lists_ = 0, watches_ = 0;

  WatchDecoder decoder_;
  Client& client_;
  ListCall list_;
  ApiCall watch_;
  loop::Timer wait_timer_, confirm_timer_, deadline_timer_, audit_timer_;
};

}  // namespace kube::watch
