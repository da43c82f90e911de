// Reflector: keeps a copy of one collection equal to the API server's, by list, watch, resume and
// relist, and tells each change once.
//
//   state       what happens                                 leaves to
//   stopped     nothing is armed or open                     start → waiting
//   waiting     one timer: backoff, cooldown, Retry-After,   → listing (no cursor), connecting;
//               floor, slow cadence                          stays while the breaker is open
//   listing     ListCall                                     whole → connecting; else → waiting
//   connecting  watch request from the cursor, 90 s for      200 → open; else → waiting
//               its head
//   open        200, nothing proven yet                      a good frame or 1 s → confirmed;
//                                                            end → waiting (failure)
//   confirmed   backoff and breaker are reset; frames are    end, 410 → waiting (the floor); cut,
//               applied                                      deadline → waiting (failure);
//                                                            audit → listing
//
// The rules (Kubernetes API concepts, "Efficient detection of changes"; client-go): an event
// is applied first, then the cursor moves; cursors come from list metadata, events and bookmarks
// only; 410 drops the cursor and relists, the diff announces what vanished as deleted with its last
// known document; 401, 403, 404 and 400 belong to this stream (on_denied, slow cadence) and never
// count in the breaker; every attempt is asked for (retry.h), and none starts otherwise; a watch
// has an absolute deadline of its timeoutSeconds + 10 s.
//
// An object that cannot be read (in a stream: twice from the same cursor, since the way may have spoilt
// it once) costs itself alone: it stays as it was last, and on_unreadable says so. More objects or bytes than the client's ListLimits are too large: that ends the attempt, is
// tried again slowly, and nothing is kept of a first list that never got whole.
//
// Of each object only the handler's projection is kept (a Payload, shared with whoever is told),
// with uid and resourceVersion.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/payload.h"
#include "kube/list_call.h"
#include "kube/retry.h"
#include "kube/watch_context.h"
#include "kube/watch_decoder.h"
#include "kube/watch_status.h"

namespace kube {

// Proxies hold heads back until the first byte.
constexpr base::Duration kWatchHeadTime = base::seconds(90);
constexpr base::Duration kConfirmTime = base::seconds(1);     // client-go's very-short threshold
constexpr base::Duration kDeadlineSlack = base::seconds(10);  // over timeoutSeconds
// Of what does not pass by waiting: 403, 404, a redirect, a frame over its limit.
constexpr watchutil::BackoffParameters kSlowCadence{base::seconds(30), base::seconds(300)};

enum class Change : unsigned char { added, modified, deleted };

struct ReflectorSpec {
  Resource resource;
  std::string ns;
  std::string field_selector, label_selector;
  // Of the objects, when it is known: another kind in the stream (a conversion gone wrong) is passed
  // over with a warning; its version moves the cursor like any event's, so that it does not come
  // again and again. Lists' items have none.
  std::string kind = {};
  Credentials credentials = Credentials::configured();
  // Events have no watch cache: timeoutSeconds 200-240 instead of 270-330
  // (Client::set_watch_timeout), 410 on resume is routine
  // (kube-apiserver keeps none for them by default).
  bool events = false;
};

class ReflectorHandler {
 public:
  virtual ~ReflectorHandler() = default;
  // What is kept of an object; valid inside only. Empty: the object is passed over.
  virtual base::Payload project(base::json::Value object) = 0;
  // Bytes that the handler keeps elsewhere for the object that was projected last.
  virtual std::size_t kept_beside() const { return 0; }
  // Objects that cannot be read: how many, and the first of them with the reason ("ns/name: …"). Told
  // when it changes; 0: all can again. What was known of them before stays as it was.
  virtual void on_unreadable(std::size_t /*objects*/, const std::string& /*first*/) {}
  // After the store holds it (or no longer does); `doc` is the new projection, for deleted the last
  // known one.
  virtual void on_change(Change change, const std::string& key, const base::Payload& doc) = 0;
  // The first complete list is in the store (its objects were told as added).
  virtual void on_synced() = 0;
  // The API server refused (401, 403, 404, 400 …). The reflector goes on at its slow cadence,
  // unless it is stopped in the call; 400 and 422 end it.
  virtual void on_denied(const Failure& failure) = 0;
  // Attempts fail (told at each), and: the stream is confirmed again after that (or after
  // on_denied).
  virtual void on_down(const Failure& failure, base::Duration retry_in) = 0;
  virtual void on_up() = 0;
};

class Reflector {
 public:
  enum class State : unsigned char { stopped, listing, connecting, open, confirmed, waiting };
  struct Entry {
    std::string uid, resource_version;
    base::Payload doc;
    std::size_t bytes = 0;         // what it counts for
    std::uint32_t generation = 0;  // of the list or the watch after it that showed it last
  };

  // All outlive it; `retry` is the key's. In any callback of the handler it may be stopped, started
  // again or freed.
  Reflector(const WatchContext& context, Retry& retry, ReflectorHandler& handler,
            ReflectorSpec spec);
  ~Reflector();  // stops

  // Never calls back inside. `begun`: the attempt of the key that led here, which its first
  // requests go on with; without one it asks for its own. After a stop() it goes on from the
  // cursor, if there is one. While it runs it has a scope of its own in the context's parent, named by the key: cancelled, it stops,
  // and under a cancelled parent it does not start.
  void start(Attempt begun = {});
  void stop();  // silent, at once; the store stays
  // From the next request on (a refreshed token); after on_denied(401) it also tries again now.
  void set_credentials(Credentials credentials);

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

}  // namespace kube
