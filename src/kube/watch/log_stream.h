// LogStream: follows one container's log line by line and resumes after a broken connection without
// losing or repeating a line. Timestamps are always requested and stripped. A resume requests
// sinceTime = the last second seen and drops the lines delivered in that second (a multiset of time
// and line; log_memory.h). When the replay does not join up with the delivered lines, a gap is
// reported.
//
// After every end of a stream the pod is read (GET):
//
//   the instance runs        Resumes: at once after a clean end (starts are at least 1 s apart),
//                            after the backoff when the stream was cut or failed, or ended at once
//                            without a byte.
//   the instance has ended   Sends one more request for the last lines; then on_end if no other
//                            instance will start, otherwise it polls the pod.
//   another instance runs    Delivers the rest of the old instance (previous=true), the marker
//                            "restart", and the new instance from its beginning; reports a gap when
//                            the old instance is not available.
//   deleted, or another uid  on_end; reports a gap first when the last stream was cut.
//
// 204 and containers that wait to start are no failure: the pod is polled (every 2 to 10 s). Each
// request lives 30-60 min (at random) and is then resumed, because a load balancer may keep a dead
// connection open. 401, 403 and other refusals of the request itself end the stream with the
// server's text; so do 400 and 404 at the first request.
//
// With `previous` or without `follow` there is one request and no resume; on_end follows when its
// answer is complete or failed.
//
// Back-pressure: pause() stops reading the socket; nothing is dropped. While paused no line is
// delivered and at most one read of the socket is buffered.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "kube/context.h"
#include "kube/watch/retry.h"
#include "kube/watch/watch_status.h"

namespace kube::watch {

struct LogSpec {
  std::string ns, pod;
  std::string container;  // never ""
  config::Credentials credentials = config::Credentials::configured();
  bool previous = false;  // the last terminated instance; not followed
  bool follow = true;
  std::optional<std::int64_t> tail_lines, since_seconds;  // for the first request only
};

struct LogLine {
  std::string_view text;               // valid UTF-8 without NUL and line end
  std::optional<base::WallTime> time;  // the container runtime's
  bool truncated = false;              // longer than kLogLineBytes; the rest was discarded
  bool partial = false;                // the last line of an instance, without a line end
};

struct LogEnd {
  std::string reason;  // "container finished with exit code 0 (Completed)", "pod deleted" ...
  std::optional<Failure> failure;  // set when the API server refused
};

class LogHandler {
 public:
  virtual ~LogHandler() = default;
  // Called once, before anything else: the log is open, or will be once the container has started.
  virtual void on_open() = 0;
  virtual void on_line(const LogLine& line) = 0;
  // `kind` "gap": lines may be missing here. "restart": a new instance of the container begins
  // here.
  virtual void on_marker(std::string_view kind, std::string_view text) = 0;
  // on_down: an attempt failed (called for each). on_up: lines flow again after that.
  virtual void on_down(const Failure& failure, base::Duration retry_in) = 0;
  virtual void on_up() = 0;
  // Nothing more will come. Called once, as the last statement.
  virtual void on_end(const LogEnd& end) = 0;
};

// In any callback of the handler it may be stopped, paused or destroyed.
class LogStream {
 public:
  // All must outlive it. `retry`: the key's.
  LogStream(const Context& context, Retry& retry, LogHandler& handler, LogSpec spec);
  ~LogStream();  // stops
  // Call it once. The handler is never called inside. No effect below a cancelled scope. `begun`:
  // the attempt that led here. An attempt of this key continues; an attempt of another key (a
  // look-up's) is settled as the first one of this key is.
  void start(Attempt begun = {});
  void stop();  // at once and for good, without a callback
  void pause(bool paused);
  void set_credentials(config::Credentials credentials);  // from the next request on
  bool active() const;                                    // started, and neither stopped nor ended
  // Its state is one of stopped, waiting, looking (reading the pod), connecting, open, confirmed.
  WatchStatus status() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  loop::Scope scope_;  // named by the key of `retry`
};

}  // namespace kube::watch
