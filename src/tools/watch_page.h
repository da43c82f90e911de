// How watches look on the status pages (/healthz?verbose, /readyz, k0rdent://watches): one JSON
// object each, the same everywhere.
//
//   {"key","manager","state","since","lastEvent"?,"resourceVersion","restarts","lists",
//    "backoff":{"failures","nextAttempt"?},"breaker","breakerRetryAt"?,"subscribers",
//    "staleSince"?,"error"?:{"class","message"?}}
// Times are RFC 3339, UTC. "staleSince": from the first failure until the stream is proven again;
// "error": why it is down, or was last.
//
// How much of it depends on who reads:
//   owner     everything
//   local     on this machine, while callers have identities of their own: "key" without them
//   caller    of its own watches everything, of the others what a stranger sees
//   stranger  classes alone: "key" is the manager, "error" its class; no namespace, pod, identity,
//             text or version of the API server's
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "tools/watch_info.h"

namespace tools {

// More watches than this are counted in "omitted", those that are fine first.
constexpr std::size_t kShownWatches = 1000;
// Of /readyz: a kubelet keeps 10 KiB of a probe's answer.
constexpr std::size_t kShownStale = 20;

enum class Audience : unsigned char { owner, local, caller, stranger };

struct Reader {
  Audience audience = Audience::stranger;
  std::string identity = {};  // of a caller
  bool sees_texts() const { return audience != Audience::stranger; }
};

struct WatchPage {
  base::TimePoint now;  // loop time and wall time of one moment
  base::WallTime wall;
  Reader reader = {};

  // Members of an object that is open: "watches":[…] by key, "omitted":N if there are more.
  void write_all(base::json::Writer& w, std::vector<WatchInfo> watches) const;
  // Those that are stale, as "stale":[{"watch","since","why","nextAttempt"?},…]; nothing when none
  // is.
  void write_stale(base::json::Writer& w, std::vector<WatchInfo> watches) const;

 private:
  void write_one(base::json::Writer& w, const WatchInfo& info) const;
  Audience audience(const WatchInfo& info) const;
  std::string key(const WatchInfo& info) const;
  std::string time(base::TimePoint at) const;
};

}  // namespace tools
