// The state machine behind Reflector (reflector.h has its table). Internal to reflector*.cc.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "kube/outcome.h"
#include "kube/reflector.h"

namespace kube {

// A quiet stream that keeps ending soon makes its cursor suspect, but a balancer's short idle limit
// looks the same: at most one relist for it in this time.
constexpr base::Duration kSuspectRelistEvery = base::minutes(5);
// After so many watches of events in a row whose head did not come in time, while lists did, there
// is a proxy that holds heads back until the first event: they are then waited for to the end.
constexpr int kLateHeads = 2;
// A head that a proxy held back and that comes no sooner than this before timeoutSeconds.
constexpr base::Duration kInTime = base::seconds(2);
// A list now and then finds what no watch would tell (an etcd restored from backup is silent for
// ever): at random between these.
constexpr base::Duration kAuditMin = base::minutes(30), kAuditMax = base::minutes(60);

// For the end of a streamed first state. A server that does not know of it opens an ordinary watch,
// and no end ever comes.
constexpr base::Duration kBurstTime = base::seconds(60);

// Objects that cannot be read: so many are known by name.
constexpr std::size_t kUnreadableKept = 1000;
// What an object costs beside its texts: its place in the table.
constexpr std::size_t kEntryBytes = 200;

// "namespace/name", or "name".
std::string key_of(base::json::Value metadata);

struct Reflector::Impl final : ApiHandler, ListHandler, FrameSink {
  Impl(const WatchContext& context, Retry& retry, ReflectorHandler& handler, ReflectorSpec spec);

  void start(Attempt begun);
  void stop();
  void set_credentials(Credentials credentials);
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
  std::optional<bool> on_unreadable(FrameType type, std::string_view object,
                                    const std::string& why) override;
  // ListHandler
  void on_item(base::json::Value object) override;
  void on_unreadable(std::string_view text, const std::string& why) override;
  void on_restart() override { ++generation_; }
  void on_done(const Failure* failure, std::string_view resource_version) override;

  // What an end or a failure means (outcome.h), and doing it.
  void settle(Observation what);
  void refused(const Failure& failure);
  base::Duration delay_of(const Outcome& outcome, const Failure& failure);
  void go_on(const Outcome& outcome, const Observation& what);
  void note_late_head();
  void note_version(const std::string& version);
  void give_up(const Failure& failure);
  // The first state, streamed (reflector_burst.cc).
  bool burst_refused(const Failure& failure);
  void fall_back(std::string_view why);
  bool burst_frame(const Frame& frame);
  bool apply_burst(const std::string& version);
  void drop_cursor();
  void silence();
  void enter(State state);
  void note_down(const Failure& failure);

  // The store. False: the handler stopped us.
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
  std::uint32_t epoch_ =
      0;  // stop() moves it on: a call-out that came back to another epoch returns at once

  std::unordered_map<std::string, Entry> store_;
  std::uint32_t generation_ = 0;  // of lists
  std::size_t bytes_ = 0;         // that the store counts for
  struct Unreadable {
    std::string why;
    std::uint32_t generation;
  };
  std::map<std::string, Unreadable> unreadable_;  // by key; at most kUnreadableKept
  std::size_t nameless_ = 0;  // of the list under way: unreadable, and whose key is not known
  std::string unreadable_told_;
  std::string spoilt_;  // the object that could not be read in the stream last, and the cursor then
  bool synced_ = false;
  std::optional<std::string> cursor_;
  bool in_burst_ = false;  // the end of the first state is not in yet; until then it waits here
  std::unordered_map<std::string, Entry> burst_;
  std::size_t burst_bytes_ = 0;

  Attempt attempt_;  // under way, or the one that led to the stream
  // on_down or on_denied was told since the last confirmed stream; from when.
  std::optional<base::TimePoint> down_since_;
  std::optional<base::Error> last_error_;
  base::TimePoint state_since_{};
  std::optional<base::TimePoint> last_event_;
  bool waiting_denied_ = false;
  base::TimePoint last_start_{};
  base::TimePoint opened_{};
  base::Duration timeout_{};  // timeoutSeconds of the stream under way
  std::uint64_t frames_ = 0;  // of it
  bool once_confirmed_ = false;
  int late_heads_ = 0;
  bool buffering_proxy_ = false;
  std::string newest_;  // the highest resourceVersion seen; of what compares
  std::uint64_t rv_regressions_ = 0;
  Tally tally_;
  std::optional<base::TimePoint> suspect_relist_;
  // Of what is this stream's own business.
  watchutil::Backoff own_backoff_, slow_cadence_{kSlowCadence};
  std::uint64_t lists_ = 0, watches_ = 0;

  WatchDecoder decoder_;
  Client& client_;
  ListCall list_;
  ApiCall watch_;
  loop::Timer wait_timer_, confirm_timer_, deadline_timer_, audit_timer_;
};

}  // namespace kube
