// The state machine behind LogStream (log_stream.h has its rules). Internal to log_stream*.cc.
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

#include "kube/watch/log_lines.h"
#include "kube/watch/log_memory.h"
#include "kube/watch/log_pod.h"
#include "kube/watch/log_stream.h"

namespace kube::watch {

// Lines in one turn of the loop: together with the handler's work on each, some milliseconds at
// most.
constexpr int kLinesPerTurn = 500;
// A resume before the first line requests this much more than the time since the first request: the
// node counts in whole seconds, and the request reaches it later than we count.
constexpr base::Duration kSinceSlack = base::seconds(1);

constexpr base::Duration kLogConfirmTime = base::seconds(1);  // as for watches
// Long, because proxies may hold heads back until the first byte.
constexpr base::Duration kLogHeadTime = base::seconds(90);
// Poll intervals for a pod whose container has not started.
constexpr base::Duration kLogPollFirst = base::seconds(2), kLogPollCap = base::seconds(10);
// The lifetime of one request is random between these.
constexpr base::Duration kLogAgeMin = base::minutes(30), kLogAgeMax = base::minutes(60);

struct LogStream::Impl final : ApiHandler {
  enum class State : unsigned char { idle, opening, open, flowing, looking, waiting };
  enum class Mode : unsigned char {
    first,   // as the spec requests
    resume,  // from the last second on
    rest,    // the same for the instance before the one that is served now
    fresh,   // a new instance from its beginning
  };

  Impl(const Context& context, Retry& r, LogHandler& h, LogSpec s);

  void start(Attempt begun);
  void stop();
  void pause(bool paused);

  // Steps.
  void begin();  // asks the breaker for an attempt; then opens (the first time) or looks
  void not_allowed(const Permit& permit);
  void look();
  void open(Mode mode);
  void confirm();
  void wait(base::Duration delay);
  void enter(State state);
  void note_down(const Failure& failure, base::Duration retry_in);  // calls on_down
  WatchStatus status() const;
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

  // Delivery. The functions return false when the handler stopped the stream.
  bool deliver(std::string_view& bytes);
  void read_over(const Failure* failure);
  bool deliver_line(const RawLine& line, bool partial);
  bool flush();
  bool accept();
  bool mark(std::string_view kind, const std::string& text);
  void add_place(Query& query) const;

  loop::Loop& loop_;
  Retry& retry_;
  LogHandler& handler_;
  LogSpec spec_;
  State state_ = State::idle;
  base::TimePoint since_{};  // in state_
  Mode mode_ = Mode::first;
  // stop() increments it: after a callback that changed it the caller returns at once.
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
};

}  // namespace kube::watch
