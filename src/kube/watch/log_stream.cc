#include "kube/watch/log_stream.h"

#include <algorithm>
#include <utility>

namespace kube::watch {

using base::Duration;

// A resume before the first line requests this much more than the time since the first request: the
// node counts in whole seconds, and the request reaches it later than we count.
constexpr Duration kSinceSlack = base::seconds(1);

constexpr Duration kLogConfirmTime = base::seconds(1);  // as for watches
// Long, because proxies may hold heads back until the first byte.
constexpr Duration kLogHeadTime = base::seconds(90);
// The lifetime of one request is random between these.
constexpr Duration kLogAgeMin = base::minutes(30), kLogAgeMax = base::minutes(60);
// And of one for the rest of an earlier instance, which is all there: only a slow subscriber or a
// dead connection takes longer. What is missing then is asked for again.
constexpr Duration kLogRestAge = base::minutes(5);

LogStream::LogStream(const Context& context, Retry& retry, Health& health, LogSink& sink,
                     LogSpec spec)
    : loop_(context.loop),
      retry_(retry),
      health_(health),
      sink_(sink),
      spec_(std::move(spec)),
      log_(context.client, static_cast<ApiHandler&>(*this)),
      pod_(context.client, ApiGet::Fn::bind<&LogStream::on_pod>(this)),
      wait_timer_(loop_, "log wait", loop::Timer::Fn::bind<&LogStream::on_wait_over>(this)),
      confirm_timer_(loop_, "log confirm",
                     loop::Timer::Fn::bind<&LogStream::on_confirm_time>(this)),
      age_timer_(loop_, "log age", loop::Timer::Fn::bind<&LogStream::on_age>(this)),
      drain_(loop_, "log drain", loop::Deferred::Fn::bind<&LogStream::on_drain>(this)),
      scope_(context.parent, retry.key(), loop::Scope::Fn::bind<&LogStream::stop>(this)) {}

// Ends the log request and its timers; a parallel look at the pod continues.
void LogStream::silence() {
  log_.cancel();
  confirm_timer_.cancel();
  age_timer_.cancel();
  drain_.cancel();
  std::string().swap(held_);
  held_at_ = 0;
  read_over_ = false;
  read_failure_.reset();
}

void LogStream::start(Attempt begun) {
  if (scope_.cancelled()) return;
  if (spec_.previous) spec_.follow = false;
  (begun.is_of(retry_) ? attempt_ : led_here_) = std::move(begun);
  if (state_ == State::idle) wait(Duration::zero());
}

void LogStream::stop() {
  ++epoch_;
  silence();
  pod_.cancel();
  wait_timer_.cancel();
  attempt_.drop();
  led_here_.drop();
  enter(State::idle);
}

void LogStream::enter(State state) {
  if (state_ == state) return;
  state_ = state;
  since_ = loop_.now();
}

void LogStream::wait(Duration delay) {
  enter(State::waiting);
  wait_timer_.arm(delay);
}

void LogStream::note_down(const Failure& failure, Duration retry_in) {
  if (!down_since_) down_since_ = loop_.now();
  last_error_ = failure.error();
  health_.on_down(failure, retry_in);
}

WatchStatus LogStream::status() const {
  constexpr std::string_view kNames[] = {"stopped",   "connecting", "open",
                                         "confirmed", "looking",    "waiting"};
  WatchStatus out;
  out.state = kNames[static_cast<std::size_t>(state_)];
  out.since = since_;
  out.last_event = last_event_;
  out.restarts = connections_ > 0 ? connections_ - 1 : 0;
  out.down_since = down_since_;
  if (wait_timer_.armed()) out.next_attempt = wait_timer_.deadline();
  out.last_error = last_error_;
  return out;
}

void LogStream::begin() {
  asked_log_ = false;
  if (!attempt_) {
    Permit permit = retry_.ask();
    if (!permit.attempt) return not_allowed(permit);
    attempt_ = std::move(permit.attempt);
    attempt_.join(std::move(led_here_));
  }
  if (!std::exchange(requested_, true) || !spec_.follow) return open(Mode::first);
  look();
}

// The delay after an earlier stream's failure runs, the breaker is open, or another stream has its
// single trial.
void LogStream::not_allowed(const Permit& permit) {
  wait(permit.wait);
  if (!permit.blocked) return;
  led_here_.put_off(permit.wait);
  Failure failure;
  failure.code = base::Errc::unavailable;
  failure.message = "not tried: the API server kept failing (circuit breaker open)";
  note_down(failure, permit.wait);
}

void LogStream::look() {
  enter(State::looking);
  if (pod_.active()) return;  // begun in parallel to the stream that ended now
  ApiRequest request;
  if (auto path = kPods.path(spec_.ns, spec_.pod)) request.path = *std::move(path);
  request.credentials = spec_.credentials;
  pod_.start(std::move(request));
}

// Adds the position from which a resume starts.
void LogStream::add_place(Query& query) const {
  switch (memory_.way()) {
    case LogMemory::Way::since_last:
      query.add("sinceTime", base::format_rfc3339(*memory_.last(), 0));
      return;
    case LogMemory::Way::recent:
      query.add("tailLines", static_cast<std::int64_t>(kRecentLines));
      return;
    case LogMemory::Way::everything:
      return;
    case LogMemory::Way::nothing:
      break;
  }
  // The first request was answered, even if without a line. A relative time is used, because the
  // node's clock may differ from ours.
  if (!opened_ || (!spec_.tail_lines && !spec_.since_seconds)) return;
  const Duration ago = loop_.now() - opened_at_ + kSinceSlack;
  query.add("sinceSeconds", (base::to_ms(ago) + 999) / 1000);
}

void LogStream::open(Mode mode) {
  if (mode == Mode::resume && !opened_) mode = Mode::first;
  mode_ = mode;
  Query query;
  query.add("container", spec_.container).add("timestamps", "true");
  if (mode == Mode::rest || spec_.previous) {
    query.add("previous", "true");
  } else if (spec_.follow) {
    query.add("follow", "true");
  }
  if (mode == Mode::first) {
    if (spec_.tail_lines) query.add("tailLines", *spec_.tail_lines);
    if (spec_.since_seconds) query.add("sinceSeconds", *spec_.since_seconds);
  } else if (mode != Mode::fresh) {
    add_place(query);
  }
  ApiRequest request;
  if (auto path = kPods.path(spec_.ns, spec_.pod, "log")) request.path = *std::move(path);
  request.query = query.text();
  request.accept = "text/plain, */*";
  request.credentials = spec_.credentials;
  request.head_time = kLogHeadTime;
  request.total_time = base::kForever;
  enter(State::opening);
  if (connections_++ > 0) retry_.note_restart();
  no_content_ = false;
  asked_log_ = true;
  log_.start(std::move(request));
  if (paused_) log_.pause(true);
}

bool LogStream::accept() {
  if (std::exchange(accepted_, true)) return true;
  const std::uint32_t epoch = epoch_;
  health_.on_ready();
  return epoch == epoch_;
}

void LogStream::on_open(int status) {
  enter(State::open);
  no_content_ = status == 204;
  if (no_content_) return;  // on_end follows
  if (!std::exchange(opened_, true)) opened_at_ = loop_.now();
  refusal_.reset();
  refusals_ = 0;
  poll_ = kLogPollFirst;
  lines_.reset();
  unfinished_ = false;
  memory_.begin(mode_ == Mode::resume || mode_ == Mode::rest);
  confirm_timer_.arm(kLogConfirmTime);
  if (mode_ == Mode::rest) {
    age_timer_.arm(kLogRestAge);
  } else {
    const auto spread = static_cast<std::uint64_t>((kLogAgeMax - kLogAgeMin).count());
    age_timer_.arm(kLogAgeMin + Duration(static_cast<std::int64_t>(retry_.random().below(spread))));
  }
  if (!accept()) return;
  // Determines the instance now, because after a restart it could not be known.
  if (spec_.follow && instance_.empty() && !pod_.active()) {
    ApiRequest request;
    if (auto path = kPods.path(spec_.ns, spec_.pod)) request.path = *std::move(path);
    request.credentials = spec_.credentials;
    pod_.start(std::move(request));
  }
}

void LogStream::confirm() {
  enter(State::flowing);
  confirm_timer_.cancel();
  attempt_.succeeded();
  if (std::exchange(down_since_, std::nullopt)) health_.on_up();
}

void LogStream::on_data(std::string_view bytes) {
  const std::uint32_t epoch = epoch_;
  last_event_ = loop_.now();
  if (state_ == State::open) confirm();
  if (epoch != epoch_) return;
  if (!held_.empty()) {
    held_.append(bytes);
    return;
  }
  if (!deliver(bytes) || bytes.empty()) return;
  held_.assign(bytes);
  held_at_ = 0;
  if (paused_) return;
  log_.pause(true);
  drain_.schedule();
}

// Delivers lines until a pause or until a turn's share is used. Returns false when the sink
// stopped the stream.
bool LogStream::deliver(std::string_view& bytes) {
  RawLine line;
  for (int left = kLinesPerTurn; !bytes.empty() && !paused_ && left > 0;) {
    if (!lines_.next(bytes, line)) continue;
    --left;
    if (!deliver_line(line, false)) return false;
  }
  return true;
}

bool LogStream::mark(std::string_view kind, const std::string& text) {
  const std::uint32_t epoch = epoch_;
  sink_.on_marker(kind, text);
  return epoch == epoch_;
}

bool LogStream::deliver_line(const RawLine& line, bool partial) {
  const std::optional<base::WallTime> before = memory_.last();
  const LogMemory::Verdict verdict = memory_.judge(line);
  if (verdict.gap) {
    std::string text = "lines may be missing here";
    if (before) text = "lines may be missing after " + base::format_rfc3339(*before, 9);
    if (before && line.time) text += " and before " + base::format_rfc3339(*line.time, 9);
    if (!mark("gap", text)) return false;
  }
  if (!verdict.deliver) return true;
  const std::uint32_t epoch = epoch_;
  sink_.on_line({line.text, line.time, line.truncated, partial});
  return epoch == epoch_;
}

// Delivers the last line of an instance, or of a request that is not resumed.
bool LogStream::flush() {
  RawLine line;
  if (!lines_.rest(line)) return true;
  if (unfinished_ && (!line.time || line.text.empty())) return true;  // cut inside its timestamp
  return deliver_line(line, true);
}

void LogStream::pause(bool paused) {
  if (paused_ == paused) return;
  paused_ = paused;
  if (paused) {
    log_.pause(true);
    drain_.cancel();
  } else if (held_.empty()) {
    log_.pause(false);
  } else {
    drain_.schedule();  // never deliver inside the call of pause()
  }
}

void LogStream::on_drain() {
  std::string all = std::exchange(held_, {});
  std::string_view bytes = std::string_view(all).substr(std::exchange(held_at_, 0));
  if (!deliver(bytes)) return;
  if (!bytes.empty()) {
    held_at_ = all.size() - bytes.size();
    held_ = std::move(all);
    if (!paused_) drain_.schedule();
    return;
  }
  if (read_over_) {
    const std::optional<Failure> failure = std::move(read_failure_);
    return read_over(failure ? &*failure : nullptr);
  }
  if (!paused_) log_.pause(false);
}

// A load balancer answers keep-alives even when the connection behind it is dead.
void LogStream::on_age() {
  silence();
  unfinished_ = true;
  if (!spec_.follow) {
    const Failure late =
        Failure::from_error(base::Error(base::Errc::timeout, "the log did not come to its end"));
    return ended(&late);
  }
  if (!attempt_) return again("renewed");
  look();
}

}  // namespace kube::watch
