// Reflector: keeps a copy of one collection equal to the API server's, by list, watch, resume and
// relist, and reports each change once.
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
//   - Cursors come from list metadata, events and bookmarks only.
//   - 410 drops the cursor and relists; the diff reports vanished objects as deleted, with their
//     last known document.
//   - 401, 403, 404 and 400 concern this stream alone (on_denied, slow cadence) and never count in
//     the breaker.
//   - Every attempt needs the permission of retry.h.
//   - A watch has an absolute deadline of its timeoutSeconds + 10 s.
//   - An object that cannot be parsed (in a stream: twice from the same cursor, because it may have
//     been damaged in transit once) affects only itself: its last known state stays, and
//     on_unreadable reports it.
//   - More objects or bytes than the client's ListLimits end the attempt as too large. It is
//     retried at the slow cadence, and nothing is kept of a first list that was never complete.
//
// For each object only the handler's projection (a Payload, shared with its receivers), the uid and
// the resourceVersion are kept.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/delegate.h"
#include "base/payload.h"
#include "kube/context.h"
#include "kube/list_call.h"
#include "kube/watch/change.h"
#include "kube/watch/retry.h"
#include "kube/watch/watch_decoder.h"
#include "kube/watch/watch_status.h"

namespace kube::watch {

// Long, because proxies may hold heads back until the first byte.
constexpr base::Duration kWatchHeadTime = base::seconds(90);
constexpr base::Duration kConfirmTime = base::seconds(1);     // client-go's very-short threshold
constexpr base::Duration kDeadlineSlack = base::seconds(10);  // over timeoutSeconds
// For failures that waiting does not cure: 403, 404, a redirect, a frame over its limit.
constexpr watchutil::BackoffParameters kSlowCadence{base::seconds(30), base::seconds(300)};

struct ReflectorSpec {
  Resource resource;
  std::string ns;
  std::string field_selector, label_selector;
  // The objects' kind, when it is known. An object of another kind in the stream (a failed
  // conversion) is skipped with a warning; its version moves the cursor like any event's, so that
  // it is not sent again and again. List items carry no kind.
  std::string kind = {};
  config::Credentials credentials = config::Credentials::configured();
  // The collection is events, which have no watch cache (kube-apiserver keeps none for them by
  // default): timeoutSeconds is 200-240 instead of 270-330 (unless Client::set_watch_timeout), and
  // 410 on resume is routine.
  bool events = false;
  // Objects that it returns true for are skipped before the handler sees them. Unset: none.
  base::Delegate<bool(const Resource&, base::json::Value)> hides = {};
};

class ReflectorHandler {
 public:
  virtual ~ReflectorHandler() = default;
  // Returns what is kept of `object`, which is valid inside the call only. Empty: skip the object.
  // It may be reported (on_change) after other objects were projected, or never: what belongs to it
  // must be found by it.
  virtual base::Payload project(base::json::Value object) = 0;
  // Bytes that the handler keeps elsewhere for the object of a projection that is not reported yet.
  virtual std::size_t kept_beside(const base::Payload& /*doc*/) const { return 0; }
  // The number of objects that cannot be parsed, and the first of them with the reason ("ns/name:
  // …"). Called when that changes; 0: all can be parsed again. Their last known state stays.
  virtual void on_unreadable(std::size_t /*objects*/, const std::string& /*first*/) {}
  // Called after the store was changed. `doc`: the new projection; for `deleted` the last known
  // one.
  virtual void on_change(Change change, const std::string& key, const base::Payload& doc) = 0;
  // The first complete list is in the store; its objects were reported as added.
  virtual void on_synced() = 0;
  // The API server refused the request (401, 403, 404, 400 …). The reflector continues at its slow
  // cadence unless it is stopped in the call; 400 and 422 end it.
  virtual void on_denied(const Failure& failure) = 0;
  // on_down: an attempt failed (called for each). on_up: the stream is confirmed again after
  // on_down or on_denied.
  virtual void on_down(const Failure& failure, base::Duration retry_in) = 0;
  virtual void on_up() = 0;
};

class Reflector {
 public:
  enum class State : unsigned char { stopped, listing, connecting, open, confirmed, waiting };
  struct Entry {
    std::string uid, resource_version;
    base::Payload doc;
    std::size_t bytes = 0;         // charged to the limits
    std::uint32_t generation = 0;  // of the list (or the watch after it) that contained it last
  };

  // All must outlive it. `retry`: the key's. In any callback of the handler the Reflector may be
  // stopped, started again or destroyed.
  Reflector(const Context& context, Retry& retry, ReflectorHandler& handler, ReflectorSpec spec);
  ~Reflector();  // stops

  // The handler is never called inside. `begun`: the attempt of the key that led here, which its
  // first requests continue; without one it asks for its own. After a stop() it resumes from the
  // cursor, if there is one. While it runs it has its own scope in the context's parent, named by
  // the key: cancelling the scope stops it, and below a cancelled parent it does not start.
  void start(Attempt begun = {});
  void stop();  // at once, without a callback; the store stays
  // For a refreshed token: applies from the next request on; after on_denied(401) it also retries
  // now.
  void set_credentials(config::Credentials credentials);

  State state() const;
  bool synced() const;
  const std::unordered_map<std::string, Entry>& store() const;  // key: "namespace/name" or "name"
  const ReflectorSpec& spec() const;
  WatchStatus status() const;
  std::uint64_t lists() const;    // complete lists, for tests and metrics
  std::uint64_t watches() const;  // watch requests sent

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

const char* to_string(Reflector::State state);

}  // namespace kube::watch
