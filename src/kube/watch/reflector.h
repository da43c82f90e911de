// Reflector: keeps a Collection (collection.h) equal to the API server's, by list, watch, resume and
// relist. Each change reaches the Collection's store once; how the watch fares goes to a Health.
//
//   state       what happens                                 leaves to
//   stopped     no timer or request is active                start → waiting
//   waiting     one timer: backoff, cooldown, Retry-After,   → listing (no cursor), connecting;
//               floor, slow cadence                          stays while the breaker is open
//   listing     ListCall                                     complete → connecting; else → waiting
//   connecting  watch request from the cursor, 90 s for      200 → open; else → waiting
//               its head
//   open        200, not confirmed yet                       a good frame or 1 s → confirmed;
//                                                            end → waiting (failure)
//   confirmed   backoff and breaker are reset; frames are    end, 410 → waiting (the floor); cut,
//               applied                                      deadline → waiting (failure);
//                                                            audit → listing
//
// The rules (Kubernetes API concepts, "Efficient detection of changes"; client-go):
//
//   - An event is applied first, then the cursor moves.
//   - Cursors come from list metadata, events and bookmarks only, not from objects of another kind
//     (client-go, handleAnyWatch): frame_check.h.
//   - A version below the cursor, and no bookmarks any more, look like a restored etcd: it is listed
//     anew, for the first at most each five minutes, for the second once until a bookmark comes.
//   - 410 drops the cursor and relists; vanished objects are removed with their last known state.
//   - 401, 403, 404 and 400 concern this stream alone (on_denied, slow cadence), never the breaker.
//   - Every attempt needs the permission of retry.h; a watch ends 10 s after its timeoutSeconds at last.
//   - An object that cannot be parsed (in a stream: twice from the same cursor, because it may have
//     been damaged in transit once) affects only itself: its last known state stays.
//   - More objects or bytes than the client's ListLimits end the attempt as too large, retried at the
//     slow cadence; nothing is kept of a first list that was never complete.
//   - Where the server can (Client::streams_lists), the initial state is not listed but streamed by the
//     watch itself (Kubernetes API concepts, "Streaming lists"): ADDED for each object in any order, then
//     a bookmark with the annotation k8s.io/initial-events-end. Like a list it counts when it is whole.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kube/context.h"
#include "kube/list_call.h"
#include "kube/watch/collection.h"
#include "kube/watch/frame_check.h"
#include "kube/watch/health.h"
#include "kube/watch/outcome.h"
#include "kube/watch/retry.h"
#include "kube/watch/watch_decoder.h"
#include "kube/watch/watch_status.h"

namespace kube::watch {

constexpr base::Duration kWatchHeadTime = base::seconds(90);  // proxies may hold heads back
constexpr base::Duration kConfirmTime = base::seconds(1);     // client-go's very-short threshold
constexpr base::Duration kDeadlineSlack = base::seconds(10);  // over timeoutSeconds
// For failures that waiting does not cure: 403, 404, a redirect, a frame over its limit.
constexpr watchutil::BackoffParameters kSlowCadence{base::seconds(30), base::seconds(300)};

struct ReflectorSpec {
  Resource resource;
  std::string ns;
  std::string field_selector, label_selector;
  std::string kind = {};  // the objects', when it is known; list items have none (frame_check.h)
  config::Credentials credentials = config::Credentials::configured();
  // The collection is events, of which kube-apiserver by default has no watch cache: timeoutSeconds
  // is 200-240, not 270-330 (unless Client::set_watch_timeout), and 410 on resume is routine.
  bool events = false;
  // Objects that it returns true for are skipped before the store sees them. Unset: none.
  base::Delegate<bool(const Resource&, base::json::Value)> hides = {};
};

class Reflector final : private ApiHandler, private ListHandler, private FrameSink {
 public:
  enum class State : unsigned char { stopped, listing, connecting, open, confirmed, waiting };

  // All must outlive it. `retry`: the key's. In any call of the store or the health the Reflector
  // may be stopped, started again or retired (loop.h L5).
  Reflector(const Context& context, Retry& retry, Collection& collection, Health& health,
            ReflectorSpec spec);
  Reflector(const Reflector&) = delete;
  Reflector& operator=(const Reflector&) = delete;
  ~Reflector() override { stop(); }

  // Nothing is called inside. `begun`: the attempt of the key that led here, which its first
  // requests continue; without one it asks for its own. After a stop() it resumes from the cursor,
  // if there is one. While it runs it has its own scope in the context's parent, named by the key:
  // cancelling the scope stops it, and below a cancelled parent it does not start.
  void start(Attempt begun = {});
  void stop();  // at once, without a call; the collection stays
  // For a refreshed token: applies from the next request on; after on_denied(401) it also retries
  // now.
  void set_credentials(config::Credentials credentials);

  State state() const { return state_; }
  bool synced() const { return synced_; }  // a list of this Reflector was complete
  const ReflectorSpec& spec() const { return spec_; }
  WatchStatus status() const;
  std::uint64_t lists() const { return lists_; }      // complete lists, for tests and metrics
  std::uint64_t watches() const { return watches_; }  // watch requests sent

 private:
  // Steps, in the order of a cycle.
  void attempt();
  void not_allowed(const Permit& permit);
  void begin_list();
  void begin_streamed_list();
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
  bool apply(const Frame& frame);
  void skip(base::json::Value object, const char* why);
  bool put(base::json::Value object);
  std::optional<bool> on_unreadable(const UnreadableFrame& frame) override;
  // ListHandler
  void on_item(base::json::Value object) override;
  void on_unreadable(std::string_view text, const std::string& why) override;
  void on_restart() override { collection_.restart_list(); }
  void on_done(const Failure* failure, std::string_view resource_version) override;
  bool complete(const std::string& version);

  // Judges an end or a failure (outcome.h) and acts on it.
  void settle(Observation what);
  void refused(const Failure& failure);
  base::Duration delay_of(const Outcome& outcome, const Failure& failure);
  void go_on(const Outcome& outcome, const Observation& what);
  void note_late_head();
  void note_version(const std::string& version);
  bool went_back(const std::string& version);
  bool lost_bookmarks(const Observation& what, Seen seen) const;
  void give_up(const Failure& failure);
  // The streamed initial state (reflector_initial_events.cc).
  bool streaming_refused(const Failure& failure);
  void fall_back(std::string_view why);
  bool initial_frame(const Frame& frame);
  bool end_initial_events(const std::string& version);
  void drop_cursor();
  void silence();
  void enter(State state);
  void note_down(const Failure& failure);
  std::optional<Failure> too_much() const;

  loop::Loop& loop_;
  loop::Scope& parent_;
  Client& client_;
  Discovery* discovery_;
  Retry& retry_;
  Collection& collection_;
  Health& health_;
  ReflectorSpec spec_;
  const FrameCheck check_;
  std::optional<loop::Scope> scope_;  // while it runs
  State state_ = State::stopped;
  // stop() increments it: after a call that changed it the caller returns at once.
  std::uint32_t epoch_ = 0;
  bool synced_ = false, listed_ = false;  // the latter: by the current attempt
  std::optional<std::string> cursor_;
  bool initial_ = false;  // the stream's initial events are not complete
  std::string spoilt_;    // the last unreadable object in the stream, and the cursor then

  Attempt attempt_;  // the current one, or the one that led to the stream
  // When on_down or on_denied was first called since the last confirmed stream.
  std::optional<base::TimePoint> down_since_;
  std::optional<base::Error> last_error_;
  base::TimePoint state_since_{};
  std::optional<base::TimePoint> last_event_;
  bool waiting_denied_ = false;
  base::TimePoint last_start_{}, opened_{};
  base::Duration timeout_{};  // timeoutSeconds of the current stream
  std::uint64_t frames_ = 0;  // of the current stream
  bool once_confirmed_ = false,
       skipped_ = false;  // the latter: and said so, since the stream began
  int late_heads_ = 0;
  bool buffering_proxy_ = false, bookmarked_ = false;  // the latter: since the last list
  std::string newest_;  // the highest comparable resourceVersion seen
  std::uint64_t rv_regressions_ = 0;
  Tally tally_;
  std::optional<base::TimePoint> suspect_relist_;
  // For failures that concern this stream alone.
  watchutil::Backoff own_backoff_, slow_cadence_{kSlowCadence};
  std::uint64_t lists_ = 0, watches_ = 0;

  WatchDecoder decoder_;
  ListCall list_;
  ApiCall watch_;
  loop::Timer wait_timer_, confirm_timer_, deadline_timer_, audit_timer_;
};

const char* to_string(Reflector::State state);

}  // namespace kube::watch
