// LogStream: follows one container's log line by line and goes on after a broken connection without
// a line lost or doubled: timestamps are always asked for and
// stripped; a resume asks sinceTime = the last second seen and drops what was delivered in that
// second (a multiset of time and line); when the replay does not meet what was delivered, a gap is
// told, never hidden.
//
// After every end the pod is looked at (GET):
//   the instance runs       → resume (at once after a clean end, starts 1 s apart at least; backoff
//                             when it was cut, on failures, and when it ends at once without a byte)
//   it is over              → one more request for what came last; then on_end when no other will
//                             come, else the pod is polled
//   another one is served   → the rest of the old one (previous=true), "restart", the new one from
//                             its beginning; a gap is told when the old one is out of reach
//   deleted, or another uid → on_end; a gap is told first when the last stream broke off
//
// 204 and containers that wait to start are no failure: the pod is polled (2 s ... 10 s).
// Each request lives 30-60 min (at random), then it is resumed: a balancer may keep a dead one
// alive. 401, 403 and other refusals of the request itself end the stream with the server's text;
// so do 400 and 404 at the first request.
//
// `previous` or not `follow`: one request, no resume; on_end when its answer is whole or failed.
//
// Back-pressure: pause() stops reading the socket; nothing is dropped. While paused no line comes,
// at most one read of the socket is kept.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "kube/retry.h"
#include "kube/watch_context.h"
#include "kube/watch_status.h"

namespace kube {

struct LogSpec {
  std::string ns, pod;
  std::string container;  // chosen by the caller; never ""
  Credentials credentials = Credentials::configured();
  bool previous = false;  // the last terminated instance: no follow
  bool follow = true;
  std::optional<std::int64_t> tail_lines, since_seconds;  // of the first request only
};

struct LogLine {
  std::string_view text;               // valid UTF-8 without NUL and line end
  std::optional<base::WallTime> time;  // the container runtime's
  bool truncated = false;              // longer than kLogLineBytes; the rest was thrown away
  bool partial = false;                // last line of an instance, without a line end
};

struct LogEnd {
  std::string reason;  // "container finished with exit code 0 (Completed)", "pod deleted" ...
  std::optional<Failure> failure;  // set when the API server refused
};

class LogHandler {
 public:
  virtual ~LogHandler() = default;
  // Once, before anything else: the log is open, or will be once the container has started.
  virtual void on_open() = 0;
  virtual void on_line(const LogLine& line) = 0;
  // "gap": lines may be missing here. "restart": a new instance of the container begins here.
  virtual void on_marker(std::string_view kind, std::string_view text) = 0;
  // An attempt failed (told at each); and: lines flow again after that.
  virtual void on_down(const Failure& failure, base::Duration retry_in) = 0;
  virtual void on_up() = 0;
  // Nothing more will come. Once, as the last statement.
  virtual void on_end(const LogEnd& end) = 0;
};

// In any callback of the handler it may be stopped, paused or freed.
class LogStream {
 public:
  // All outlive it. `retry` is the key's.
  LogStream(const WatchContext& context, Retry& retry, LogHandler& handler, LogSpec spec);
  ~LogStream();  // stops
  // Requires: called once. Never calls back inside. No effect below a cancelled scope. `begun`: the
  // attempt that led here; of this key it goes on, of another one (a look-up's) it is settled as
  // the first of this key is.
  void start(Attempt begun = {});
  void stop();  // silent, at once, for good
  void pause(bool paused);
  void set_credentials(Credentials credentials);  // from the next request on
  bool active() const;                            // started, and neither stopped nor ended
  // State is one of stopped, waiting, looking (at the pod), connecting, open, confirmed.
  WatchStatus status() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  loop::Scope scope_;  // named as the key of `retry`
};

}  // namespace kube
