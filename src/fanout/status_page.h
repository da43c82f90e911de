// Writes watches as the status pages show them (/healthz?verbose, /readyz, k0rdent://watches): one
// JSON object each, the same everywhere.
//
//   {"key","manager","state","since","lastEvent"?,"resourceVersion","restarts","lists",
//    "backoff":{"failures","nextAttempt"?},"breaker","breakerRetryAt"?,"subscribers",
//    "staleSince"?,"error"?:{"class","message"?}}
//
// Times are RFC 3339, UTC. "staleSince": from the first failure until the stream is proven again;
// "error": why it is down, or was last.
//
// How much is shown depends on the reader:
//   owner      everything
//   local      a client on this machine at the operator's listener, while callers have identities
//              of their own: everything, but "key" has no identity
//   caller     its own watches as the owner, the others as a stranger
//   stranger   an untrusted client: classes only. "key" is the manager, "error" its class; no
//              namespace, pod, identity, message, "lastEvent" or "resourceVersion"
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "fanout/watch_info.h"

namespace fanout {

// At most this many watches are shown; "omitted" counts the others. Healthy ones are omitted first.
constexpr std::size_t kShownWatches = 1000;
// Most entries of "stale" in /readyz: a kubelet keeps 10 KiB of a probe's response.
constexpr std::size_t kShownStale = 20;

enum class Audience : unsigned char { owner, local, caller, stranger };

struct Reader {
  Audience audience = Audience::stranger;
  std::string identity = {};  // the caller's
  bool sees_texts() const { return audience != Audience::stranger; }
};

struct StatusPage {
  base::TimePoint now;  // loop time and wall time of the same moment
  base::WallTime wall;
  Reader reader = {};

  // Writes members of an open object: "watches":[…] by key, "omitted":N if there are more.
  void write_all(base::json::Writer& w, std::vector<WatchInfo> watches) const;
  // Writes the stale ones as "stale":[{"watch","since","why","nextAttempt"?},…] and
  // "staleOmitted":N if there are more; nothing when none is stale.
  void write_stale(base::json::Writer& w, std::vector<WatchInfo> watches) const;

 private:
  void write_one(base::json::Writer& w, const WatchInfo& info) const;
  Audience audience(const WatchInfo& info) const;
  std::string key(const WatchInfo& info) const;
  std::string time(base::TimePoint at) const;
};

}  // namespace fanout
