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
// request lives 30-60 min (at random; one for the rest of an old instance 5 min) and is then
// resumed, because a load balancer may keep a dead connection open. 401, 403 and other refusals of
// the request itself end the stream with the server's text; so do 400 and 404 at the first request.
//
// With `previous` or without `follow` there is one request and no resume; on_end follows when its
// answer is complete or failed, which it has after 30-60 min, too.
//
// Back-pressure: pause() stops reading the socket; nothing is dropped. While paused no line is
// delivered and at most one read of the socket is buffered.
//
//   state    meaning                                              leaves to
//   idle     not started, stopped, or ended                       start → waiting
//   opening  the log request is sent, no head yet                 200 → open; else by refused()
//   open     200, not confirmed yet                               a byte or 1 s → flowing;
//                                                                 end → by ended()
//   flowing  backoff and breaker are reset; lines are delivered   end → by ended()
//   looking  GET of the pod                                       by decide()
//   waiting  one timer: backoff, cooldown, floor, poll            → looking; the first time opening
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "kube/context.h"
#include "kube/watch/health.h"
#include "kube/watch/log_lines.h"
#include "kube/watch/log_memory.h"
#include "kube/watch/log_pod.h"
#include "kube/watch/log_sink.h"
#include "kube/watch/retry.h"
#include "kube/watch/watch_status.h"

namespace kube::watch {

// Lines in one turn of the loop: together with the sink's work on each, some milliseconds at most.
constexpr int kLinesPerTurn = 500;
// Poll intervals for a pod whose container has not started.
constexpr base::Duration kLogPollFirst = base::seconds(2), kLogPollCap = base::seconds(10);

struct LogSpec {
  std::string ns, pod;
  std::string container;  // never ""
  config::Credentials credentials = config::Credentials::configured();
  bool previous = false;  // the last terminated instance; not followed
  bool follow = true;
  std::optional<std::int64_t> tail_lines, since_seconds;  // for the first request only
};

class LogStream final : private ApiHandler {
 public:
  // All must outlive it. `retry`: the key's. `health`: ready when the log is open, or will be once
  // the container has started, before anything else; what is denied comes as LogSink::on_end. In any
  // call of the two it may be stopped, paused or retired (loop.h L5).
  LogStream(const Context& context, Retry& retry, Health& health, LogSink& sink, LogSpec spec);
  LogStream(const LogStream&) = delete;
  LogStream& operator=(const LogStream&) = delete;
  ~LogStream() override { stop(); }
  // Call it once. Nothing is called inside. No effect below a cancelled scope. `begun`: the attempt
  // that led here. An attempt of this key continues; an attempt of another key (a look-up's) is
  // settled as the first one of this key is.
  void start(Attempt begun = {});
  void stop();  // at once and for good, without a call
  void pause(bool paused);
  void set_credentials(config::Credentials credentials) {  // from the next request on
    spec_.credentials = std::move(credentials);
  }
  bool active() const { return state_ != State::idle; }  // started, and neither stopped nor ended
  // Its state is one of stopped, waiting, looking (reading the pod), connecting, open, confirmed.
  WatchStatus status() const;

 private:
  enum class State : unsigned char { idle, opening, open, flowing, looking, waiting };
  enum class Mode : unsigned char {
    first,   // as the spec requests
    resume,  // from the last second on
    rest,    // the same for the instance before the one that is served now
    fresh,   // a new instance from its beginning
  };

  // Steps.
  void begin();  // asks the breaker for an attempt; then opens (the first time) or looks
  void not_allowed(const Permit& permit);
  void look();
  void open(Mode mode);
  void confirm();
  void wait(base::Duration delay);
  void enter(State state);
  void note_down(const Failure& failure, base::Duration retry_in);  // calls on_down
  void on_wait_over() { begin(); }
  void on_confirm_time() { confirm(); }
  void on_age();
  void on_drain();

  // ApiHandler: the log.
  void on_open(int status) override;
  void on_data(std::string_view bytes) override;
  void on_end(const Failure* failure) override;
  void on_pod(ApiGet::Outcome outcome);

  // What an end, a refusal or the pod's state means.
  void ended(const Failure* failure);
  void refused(const Failure& failure);
  void decide(const LogPod& pod);
  void decide_same(const LogPod& pod);
  void decide_other(const LogPod& pod);
  void adopt(const LogPod& pod);
  void poll();
  void count_failure(const Failure& failure);
  void finish(const LogEnd& end);
  void finish_log(std::string reason);
  void give_up(const Failure& failure);
  void again(std::string_view how, const Failure* why = nullptr);
  void silence();

  // Delivery. The functions return false when the stream was stopped inside.
  bool deliver(std::string_view& bytes);
  void read_over(const Failure* failure);
  bool deliver_line(const RawLine& line, bool partial);
  bool flush();
  bool accept();
  bool mark(std::string_view kind, const std::string& text);
  void add_place(Query& query) const;

  loop::Loop& loop_;
  Retry& retry_;
  Health& health_;
  LogSink& sink_;
  LogSpec spec_;
  State state_ = State::idle;
  base::TimePoint since_{};  // in state_
  Mode mode_ = Mode::first;
  // stop() increments it: after a call that changed it the caller returns at once.
  std::uint32_t epoch_ = 0;

  LineAssembler lines_;
  LogMemory memory_;
  // Bytes not split into lines yet, from held_at_ on, because of a pause or a long turn.
  std::string held_;
  std::size_t held_at_ = 0;
  bool read_over_ = false;  // the answer is complete; held_ is what is left of it
  std::optional<Failure> read_failure_;
  bool paused_ = false;

  bool accepted_ = false;    // on_open was called
  bool requested_ = false;   // the first request was sent
  bool opened_ = false;      // a 200 was received
  bool no_content_ = false;  // the current answer is a 204
  base::TimePoint opened_at_{};

  std::string uid_, instance_;  // of the followed instance; "" until known
  std::int64_t restarts_ = 0;
  bool over_ = false;               // the instance had ended when the current request began …
  bool complete_ = false;           // … and the answer was complete
  bool unfinished_ = false;         // the last stream broke, or ended while its container ran
  std::optional<Failure> refusal_;  // of the request before the current look: 400 or 404
  int refusals_ = 0;                // consecutive
  bool at_once_ = false;            // the stream before the look ended cleanly without a byte

  Attempt attempt_;         // the current one, or the one that led to the stream
  Attempt led_here_;        // another key's, until there is one of this key
  bool asked_log_ = false;  // the current attempt has requested the log
  base::Duration poll_ = kLogPollFirst;

  // For status().
  std::uint64_t connections_ = 0;  // log requests sent
  std::optional<base::TimePoint> last_event_, down_since_;
  std::optional<base::Error> last_error_;

  ApiCall log_;
  ApiGet pod_;
  loop::Timer wait_timer_, confirm_timer_, age_timer_;
  loop::Deferred drain_;
  loop::Scope scope_;  // named by the key of `retry`
};

}  // namespace kube::watch
