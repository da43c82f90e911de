#include "kube/watch/reflector.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "kube/resource_version.h"

namespace kube::watch {

using base::Duration;
using base::json::Value;

// A head that arrives no earlier than this before timeoutSeconds was held back by a proxy.
constexpr Duration kInTime = base::seconds(2);
// Deadline for the end of the initial events: a server that does not support them opens an ordinary
// watch, in which no end comes.
constexpr Duration kInitialEventsTime = base::seconds(60);
// An audit list finds changes that no watch reports, as of an etcd that was restored from a backup; the interval is random between these.
constexpr Duration kAuditMin = base::minutes(30), kAuditMax = base::minutes(60);

const char* to_string(Reflector::State state) {
  switch (state) {
    case Reflector::State::stopped:
      return "stopped";
    case Reflector::State::listing:
      return "listing";
    case Reflector::State::connecting:
      return "connecting";
    case Reflector::State::open:
      return "open";
    case Reflector::State::confirmed:
      return "confirmed";
    case Reflector::State::waiting:
      return "waiting";
  }
  return "stopped";
}

Reflector::Reflector(const Context& context, Retry& retry, Collection& collection, Health& health,
                     ReflectorSpec spec)
    : loop_(context.loop),
      parent_(context.parent),
      client_(context.client),
      discovery_(context.discovery),
      retry_(retry),
      collection_(collection),
      health_(health),
      spec_(std::move(spec)),
      check_(spec_.kind, spec_.ns, spec_.field_selector),
      list_(context.client, static_cast<ListHandler&>(*this)),
      watch_(context.client, static_cast<ApiHandler&>(*this)),
      wait_timer_(loop_, "reflector wait", loop::Timer::Fn::bind<&Reflector::on_wait_over>(this)),
      confirm_timer_(loop_, "reflector confirm",
                     loop::Timer::Fn::bind<&Reflector::on_confirm_time>(this)),
      deadline_timer_(loop_, "reflector deadline",
                      loop::Timer::Fn::bind<&Reflector::on_deadline>(this)),
      audit_timer_(loop_, "reflector audit", loop::Timer::Fn::bind<&Reflector::on_audit>(this)) {
  collection_.attach(retry_.key(), client_.list_limits());
}

void Reflector::silence() {
  list_.cancel();
  watch_.cancel();
  decoder_.reset();
  wait_timer_.cancel();
  confirm_timer_.cancel();
  deadline_timer_.cancel();
  initial_ = false;
  collection_.drop_list();
}

void Reflector::start(Attempt begun) {
  if (state_ != State::stopped || parent_.cancelled()) return;
  attempt_ = std::move(begun);
  scope_.emplace(parent_, retry_.key(), loop::Scope::Fn::bind<&Reflector::stop>(this));
  wait(Duration::zero());
}

void Reflector::stop() {
  if (state_ == State::stopped) return;
  ++epoch_;
  collection_.interrupt();
  silence();
  audit_timer_.cancel();
  // The list may be all that was wanted, as of a cluster that is ready: the API server has answered.
  if (listed_ && attempt_) attempt_.succeeded();
  attempt_.drop();
  enter(State::stopped);
  scope_.reset();
}

void Reflector::enter(State state) {
  if (state_ != state) state_since_ = loop_.now();
  state_ = state;
}

WatchStatus Reflector::status() const {
  WatchStatus status;
  status.state = to_string(state_);
  status.since = state_since_;
  status.last_event = last_event_;
  status.resource_version = cursor_.value_or("");
  status.restarts = watches_ > 0 ? watches_ - 1 : 0;
  status.lists = lists_;
  status.rv_regressions = rv_regressions_;
  status.down_since = down_since_;
  if (wait_timer_.armed()) status.next_attempt = wait_timer_.deadline();
  status.last_error = last_error_;
  return status;
}

void Reflector::set_credentials(config::Credentials credentials) {
  spec_.credentials = std::move(credentials);
  if (state_ == State::waiting && std::exchange(waiting_denied_, false))
    wait(std::max(Duration::zero(), retry_.next_attempt_in()));
}

void Reflector::attempt() {
  waiting_denied_ = listed_ = false;
  if (!attempt_) {
    Permit permit = retry_.ask();
    if (!permit.attempt) return not_allowed(permit);
    attempt_ = std::move(permit.attempt);
  }
  if (cursor_) return send_watch();
  // Events have no watch cache that could stream them.
  client_.streams_lists() && !spec_.events ? begin_streamed_list() : begin_list();
}

void Reflector::begin_list() {
  enter(State::listing);
  last_start_ = loop_.now();
  collection_.begin_list(false);
  ListSpec list;
  list.resource = spec_.resource;
  list.ns = spec_.ns;
  list.field_selector = spec_.field_selector;
  list.label_selector = spec_.label_selector;
  list.credentials = spec_.credentials;
  list_.start(list);
}

// The delay after an earlier watch's failure runs, the breaker is open, or another watch has its
// single trial.
void Reflector::not_allowed(const Permit& permit) {
  wait(permit.wait);
  if (!permit.blocked) return;
  const Failure failure = Failure::from_error(base::Error(
      base::Errc::unavailable, "not tried: the API server kept failing (circuit breaker open)"));
  note_down(failure);
  health_.on_down(failure, permit.wait);
}

void Reflector::on_done(const Failure* failure, std::string_view resource_version) {
  const std::string version(resource_version);
  if (failure || version.empty() || version == "0") {
    // With "" or "0" a watch begins with objects in arbitrary order, which give no valid cursor.
    return refused(failure ? *failure
                           : Failure::from_error(base::Error(
                                 base::Errc::protocol, "list: no resourceVersion to watch from")));
  }
  if (collection_.end_list() && complete(version)) send_watch();
}

void Reflector::on_item(Value object) {
  if (!put(object)) return;
  const auto over = too_much();
  if (!over) return;
  list_.cancel();
  refused(*over);
}

void Reflector::on_unreadable(std::string_view text, const std::string& why) {
  collection_.put_unreadable(key_in(text), why);
}

// What is known equals the collection at `version`. Returns false when the health stopped the
// reflector.
bool Reflector::complete(const std::string& version) {
  ++lists_;
  listed_ = true;
  cursor_ = version;
  note_version(version);
  tally_.new_cursor();
  audit_timer_.arm(kAuditMin + Duration(static_cast<std::int64_t>(retry_.random().below(
                                   static_cast<std::uint64_t>((kAuditMax - kAuditMin).count())))));
  const std::uint32_t epoch = epoch_;
  if (!std::exchange(synced_, true)) health_.on_ready();
  return epoch == epoch_;
}

// A list older than a version seen before is valid all the same (the most recent state was
// requested), but it is a sign of another API server's stale cache or of an etcd restored from a
// backup.
void Reflector::note_version(const std::string& version) {
  if (is_older_version(version, newest_)) {
    ++rv_regressions_;
    LOG_WARN("the list is older than versions seen before", {"watch", retry_.key()},
             {"resource_version", version}, {"seen", newest_});
  }
  newest_ = version;
}

void Reflector::send_watch() {
  // Watches of events have no bookmarks, so the cursor must be used before the server's history
  // moves past it.
  int least = spec_.events ? 200 : 270, spread = spec_.events ? 41 : 61;
  if (client_.watch_timeout() > Duration::zero()) {
    least = static_cast<int>(client_.watch_timeout() / base::seconds(1));
    spread = least / 5 + 1;
  }
  const int seconds =
      least + static_cast<int>(retry_.random().below(static_cast<std::uint64_t>(spread)));
  timeout_ = base::seconds(seconds);
  Query query;
  query.add("watch", "1").add("allowWatchBookmarks", "true");
  if (initial_) {
    query.add("sendInitialEvents", "true").add("resourceVersionMatch", "NotOlderThan");
  } else {
    query.add("resourceVersion", *cursor_);
  }
  query.add("timeoutSeconds", seconds);
  if (!spec_.field_selector.empty()) query.add("fieldSelector", spec_.field_selector);
  if (!spec_.label_selector.empty()) query.add("labelSelector", spec_.label_selector);
  ApiRequest request;
  if (auto path = spec_.resource.path(spec_.ns)) request.path = *std::move(path);
  request.query = query.text();
  request.credentials = spec_.credentials;
  const bool trial = retry_.state() == watchutil::CircuitBreaker::State::half_open;
  request.head_time = buffering_proxy_ && !trial ? timeout_ + kDeadlineSlack : kWatchHeadTime;
  request.total_time = base::kForever;
  enter(State::connecting);
  last_start_ = loop_.now();
  frames_ = 0;
  skipped_ = false;
  decoder_.reset();
  if (watches_++ > 0) retry_.note_restart();
  deadline_timer_.arm(initial_ ? kInitialEventsTime : timeout_ + kDeadlineSlack);
  watch_.start(std::move(request));
}

void Reflector::on_open(int) {
  enter(State::open);
  opened_ = loop_.now();
  // Like a list, a streamed initial state is valid only with its end.
  if (!initial_) confirm_timer_.arm(kConfirmTime);
}

void Reflector::confirm() {
  enter(State::confirmed);
  confirm_timer_.cancel();
  once_confirmed_ = true;
  attempt_.succeeded();
  own_backoff_.reset();
  slow_cadence_.reset();
  tally_.confirmed();
  if (std::exchange(down_since_, std::nullopt)) health_.on_up();
}

void Reflector::on_data(std::string_view bytes) {
  const std::uint32_t epoch = epoch_;
  auto fed = decoder_.feed(bytes, *this);
  if (fed || epoch != epoch_) return;
  const Failure failure = Failure::from_error(fed.error());
  settle({.what = Observation::What::undecodable, .failure = &failure});
}

bool Reflector::on_frame(const Frame& frame) {
  const FrameIs is = check_.judge(frame);
  if (is == FrameIs::error) {
    const Failure failure = Failure::from_status(frame.object, 500);
    if (streaming_refused(failure)) return false;
    settle({.what = Observation::What::error_frame, .failure = &failure});
    return false;
  }
  if (is == FrameIs::unnamed) {
    const Failure failure = Failure::from_error(
        base::Error(base::Errc::protocol, "watch: an event without an object's name"));
    settle({.what = Observation::What::undecodable, .failure = &failure});
    return false;
  }
  const std::uint32_t epoch = epoch_;
  ++frames_;
  last_event_ = loop_.now();
  if (is == FrameIs::foreign) return skip(frame.object, "it is of another kind"), true;
  if (initial_) return initial_frame(frame);
  tally_.good_frame();
  if (state_ == State::open) confirm();
  const std::string version(frame.object["metadata"]["resourceVersion"].str());
  if (epoch != epoch_ || went_back(version) || !apply(frame)) return false;
  if (const auto over = too_much()) {
    settle({.what = Observation::What::undecodable, .failure = &*over});
    return false;
  }
  // The event is applied first, then the cursor moves; an object without a version does not move
  // it.
  if (frame.type == FrameType::bookmark) bookmarked_ = true;
  if (!version.empty()) {
    cursor_ = version;
    if (is_older_version(newest_, version)) newest_ = version;
  }
  return true;
}

bool Reflector::apply(const Frame& frame) {
  if (frame.type == FrameType::bookmark) return true;
  if (frame.type != FrameType::deleted) return put(frame.object);
  if (!check_.is_elsewhere(frame.object)) return collection_.remove(frame.object);
  return skip(frame.object, "it was not asked for"), true;
}

// Said once of a list and a stream: there may be many.
void Reflector::skip(Value object, const char* why) {
  if (std::exchange(skipped_, true)) return;
  LOG_WARN("an object in the watch is skipped", {"watch", retry_.key()}, {"why", why},
           {"kind", base::printable(object["kind"].str(), 100)},
           {"name", base::printable(object["metadata"]["name"].str(), 100)});
}

bool Reflector::put(Value object) {
  if (check_.is_elsewhere(object)) return skip(object, "it was not asked for"), true;
  const bool hidden = spec_.hides && spec_.hides(spec_.resource, object);
  return collection_.put(object, hidden);
}

std::optional<bool> Reflector::on_unreadable(const UnreadableFrame& frame) {
  const std::string key = key_in(frame.object);
  const bool gone = frame.type == FrameType::deleted;
  if (initial_ && !gone && frame.type != FrameType::bookmark) {
    ++frames_;
    return collection_.put_unreadable(key, frame.why);
  }
  // The cursor stays before it: the next frame, or a bookmark, moves it on.
  if (initial_ || frame.type == FrameType::bookmark || key.empty()) return std::nullopt;
  // The first time it may have been damaged in transit: it is requested again from the same cursor.
  std::string here = key + " " + cursor_.value_or("");
  if (!frame.too_large && !collection_.is_unreadable(key) && std::exchange(spoilt_, here) != here)
    return std::nullopt;
  ++frames_;
  last_event_ = loop_.now();
  const std::uint32_t epoch = epoch_;
  if (state_ == State::open) confirm();
  if (epoch != epoch_) return false;
  return gone ? collection_.remove(key) : collection_.put_unreadable(key, frame.why);
}

std::optional<Failure> Reflector::too_much() const {
  const auto what = collection_.too_much();
  if (!what) return std::nullopt;
  return Failure::from_error(
      base::Error(base::Errc::too_large, "watch " + spec_.resource.text() + ": " + *what));
}

void Reflector::on_end(const Failure* failure) {
  if (state_ == State::connecting && failure) {
    if (streaming_refused(*failure)) return;
    if (loop_.now() - last_start_ >= kWatchHeadTime) note_late_head();
    return refused(*failure);
  }
  // A proxy held the head back: it came together with the end, in time.
  const bool late = buffering_proxy_ && loop_.now() - last_start_ >= timeout_ - kInTime;
  if (state_ == State::open && !failure && late) {
    const std::uint32_t epoch = epoch_;
    confirm();
    if (epoch != epoch_) return;
  }
  // An end inside a frame is a cut, even when the HTTP body is complete.
  const bool whole = !failure && !decoder_.mid_frame();
  settle({.what = whole ? Observation::What::ended : Observation::What::cut, .failure = failure});
}

void Reflector::on_deadline() {
  if (initial_) return fall_back("its end did not come");
  if (frames_ == 0) client_.close_idle();  // the peer may be dead, and its idle connections, too
  if (state_ == State::connecting) buffering_proxy_ = false;
  const Failure failure = Failure::from_error(base::Error(
      base::Errc::timeout,
      "watch: no data within its deadline of " + base::format_duration(timeout_ + kDeadlineSlack)));
  settle({.what = Observation::What::deadline, .failure = &failure});
}

void Reflector::on_audit() {
  if (state_ != State::confirmed) return audit_timer_.arm(kAuditMin);
  silence();
  drop_cursor();
  attempt();
}

// Either one timer or one request is active.
void Reflector::wait(Duration delay) {
  CHECK(!list_.active() && !watch_.active());
  enter(State::waiting);
  wait_timer_.arm(delay);
}

}  // namespace kube::watch
