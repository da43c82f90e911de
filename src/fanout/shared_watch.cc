#include "fanout/shared_watch.h"

#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "cluster/rpc_error.h"
#include "fanout/manager.h"

namespace fanout {

using base::Payload;

// A rule about the tool of the caller that happened to be first must not decide for those who share the watch.
static kube::config::Credentials without_tool(kube::config::Credentials credentials) {
  kube::config::Origin origin = credentials.origin();
  origin.tool.clear();
  return std::move(credentials).from(std::move(origin));
}

SharedWatch::SharedWatch(Manager& manager, Spec spec)
    : manager_(manager),
      spec_(std::move(spec)),
      credentials_(without_tool(cluster::credentials_of(spec_.first))),
      retry_(context().kube.retries.use(spec_.key)),
      gate_(context().kube, static_cast<auth::GateHandler&>(*this)),
      begin_timer_(context().kube.loop, "watch begin",
                   loop::Timer::Fn::bind<&SharedWatch::on_begin_time>(this)),
      linger_(context().kube.loop, "watch linger",
              loop::Timer::Fn::bind<&SharedWatch::on_linger_over>(this)),
      stale_timer_(context().kube.loop, "watch stale",
                   loop::Timer::Fn::bind<&SharedWatch::on_stale_time>(this)),
      access_timer_(context().kube.loop, "watch access",
                    loop::Timer::Fn::bind<&SharedWatch::on_access_time>(this)),
      scope_(manager.scope(), spec_.key, loop::Scope::Fn::bind<&SharedWatch::on_cancel>(this)) {
  if (context().kube.pulse) context().kube.pulse->add(*this);
}

SharedWatch::~SharedWatch() {
  // Not detach(): the kind's part of this is destroyed already, and cannot be asked for more.
  for_each_guest([](Guest& guest) {
    guest.node_.unlink();
    guest.watch_ = nullptr;
  });
  while (feeds_.linked())
    feeds_.next->unlink();
}

const Context& SharedWatch::context() const {
  return manager_.context();
}

QueueStats& SharedWatch::stats() const {
  return manager_.stats();
}

void SharedWatch::join(Guest& guest) {
  guest.watch_ = this;
  guests_.push_back(guest.node_);
  linger_.cancel();
  ++subscribers_;
  if (ready()) return admit(guest);
  if (subscribers_ == 1) use_now(guest.credentials());
}

void SharedWatch::left(Guest& guest) {
  if (gone_) return;
  --subscribers_;
  if (subscribers_ > 0) {
    // No present guest has the token that was in use: take another's.
    if (guest.credentials() == credentials_)
      renew(static_cast<Guest::Node*>(guests_.prev)->guest->credentials());
  } else if (lingers() && ready() && !down_) {
    linger_.arm(context().settings.linger);
  } else {
    let_go();
  }
}

void SharedWatch::on_linger_over() {
  let_go();
}

// The manager frees this at the end of the turn. No guest refers to it any more.
std::vector<Guest*> SharedWatch::let_go() {
  std::vector<Guest*> guests;
  if (std::exchange(gone_, true)) return guests;
  starting_.reset();
  begin_timer_.cancel();
  linger_.cancel();
  stale_timer_.cancel();
  access_timer_.cancel();
  gate_.stop();
  for_each_guest([&](Guest& guest) {
    guest.detach();
    guests.push_back(&guest);
  });
  while (feeds_.linked())
    feeds_.next->unlink();
  subscribers_ = 0;
  close();
  manager_.release(*this);
  return guests;
}

// Its first subscriber has not joined yet: a refusal must come later.
void SharedWatch::start() {
  kube::watch::Permit permit = retry_->ask();
  if (permit.attempt) return begin(std::move(permit.attempt));
  begin_timer_.arm(permit.blocked ? base::Duration::zero() : permit.wait);
}

void SharedWatch::on_begin_time() {
  kube::watch::Permit permit = retry_->ask();
  if (permit.attempt) return begin(std::move(permit.attempt));
  if (permit.blocked || retry_->held_back() > kSubscribePatience)
    return refuse_for_now(permit.wait);
  begin_timer_.arm(permit.wait);
}

void SharedWatch::refuse_for_now(base::Duration wait) {
  refuse_all({mcp::RpcCode::internal_error,
              std::string("not tried now: the API server kept failing (circuit breaker ") +
                  watchutil::to_string(retry_->state()) + "); try again in " +
                  base::format_duration(std::chrono::ceil<base::seconds>(wait)),
              {}});
}

void SharedWatch::on_cancel() {
  let_go();
}

void SharedWatch::hand_over(SharedWatch& other) {
  for (Guest* guest : let_go())
    other.join(*guest);
}

void SharedWatch::renew(const kube::config::Credentials& credentials) {
  tokens_tried_ = 0;
  use_now(credentials);
}

void SharedWatch::use_now(const kube::config::Credentials& credentials) {
  if (credentials == credentials_) return;
  credentials_ = without_tool(credentials);
  use(credentials_);
}

bool SharedWatch::try_other_token() {
  std::size_t i = 0;
  for (base::Link* at = guests_.next; at != &guests_; at = at->next) {
    if (i++ < tokens_tried_) continue;
    ++tokens_tried_;
    const kube::config::Credentials other = static_cast<Guest::Node*>(at)->guest->credentials();
    if (other == credentials_) continue;
    use_now(other);
    return true;
  }
  return false;
}

void SharedWatch::rename(std::string key) {
  spec_.key = std::move(key);
  std::swap(former_retry_, retry_);
  retry_ = context().kube.retries.use(spec_.key);
}

// ---- how the upstream fares

void SharedWatch::on_ready() {
  once_ready_ = true;
  starting_.reset();
  gate_.note(credentials_);
  for_each_guest([this](Guest& guest) {
    if (!guest.accepted()) admit(guest);
  });
}

void SharedWatch::on_denied(const kube::Failure& failure) {
  if (failure.says(401) && try_other_token()) return;
  on_down(failure, {});
}

void SharedWatch::on_down(const kube::Failure& failure, base::Duration retry_in) {
  if (!once_ready_) return refuse_all(cluster::to_rpc(failure, task()));
  went_down(failure.message, retry_in);
}

void SharedWatch::refuse_all(const mcp::RpcError& error) {
  LOG_INFO("subscription refused", {"watch", spec_.key}, {"error", error.message});
  for (Guest* guest : let_go())
    guest->on_refused(error);
}

void SharedWatch::end_all(std::string_view delta_json) {
  const std::string words(delta_json);
  for (Guest* guest : let_go())
    guest->on_ended(words);
}

// One frame per distinct URI, shared by its subscribers.
void SharedWatch::tell(Delta delta, std::string_view delta_json) {
  std::unordered_map<std::string_view, Payload> frames;
  const std::string* last_uri = nullptr;
  for_each_feed([&](Feed& feed) {
    if (!last_uri || feed.uri() != *last_uri) {
      last_uri = &feed.uri();
      Payload& frame = frames[*last_uri];
      if (frame.empty()) frame = mcp::update_frame(*last_uri, delta_json);
      delta.frame = frame;
    }
    feed.offer(delta);
  });
}

void SharedWatch::went_down(std::string_view why, base::Duration retry_in) {
  if (gone_) return;
  loop::Loop& loop = context().kube.loop;
  outage_.retry_at = base::WallTime{loop.wall_now().ns + retry_in.count()};
  outage_.message = why;
  if (std::exchange(down_, true)) return;
  if (!silent_) begin_outage();
  if (subscribers_ == 0) let_go();  // a watch that is down does not linger
}

void SharedWatch::begin_outage() {
  outage_.since = context().kube.loop.wall_now();
  stale_timer_.arm(context().settings.stale_after);
}

void SharedWatch::on_silent(const kube::Failure& failure, base::Duration again_in) {
  if (gone_ || down_ || !ready()) return;  // its own failures are reported
  outage_.retry_at = base::WallTime{context().kube.loop.wall_now().ns + again_in.count()};
  outage_.message = failure.message;
  if (!std::exchange(silent_, true)) begin_outage();
}

void SharedWatch::on_answers() {
  if (!std::exchange(silent_, false) || down_) return;
  stale_timer_.cancel();
  set_stale(false);
}

void SharedWatch::on_up() {
  down_ = silent_ = false;
  tokens_tried_ = 0;
  stale_timer_.cancel();
  set_stale(false);
}

// What has failed again since then, or was refused, has another time of its next attempt.
void SharedWatch::find_next_attempt() {
  std::vector<WatchInfo> all;
  describe(all);
  std::optional<base::TimePoint> next;
  for (const WatchInfo& each : all) {
    const auto& at = each.status.next_attempt;
    if (at && (!next || *at < *next)) next = at;
  }
  loop::Loop& loop = context().kube.loop;
  if (next) outage_.retry_at = base::WallTime{loop.wall_now().ns + (*next - loop.now()).count()};
}

void SharedWatch::on_stale_time() {
  if (down_) find_next_attempt();
  LOG_INFO("watch is stale", {"watch", spec_.key}, {"error", outage_.message},
           {"subscribers", subscribers_});
  set_stale(true);
}

void SharedWatch::set_stale(bool stale) {
  if (std::exchange(stale_, stale) == stale) return;
  staleness_ = {};
  for_each_feed([](Feed& feed) {
    if (feed.takes()) feed.pump();
  });
}

const Payload& SharedWatch::staleness(const std::string& uri) {
  if (staleness_.empty() || staleness_uri_ != uri) {
    staleness_uri_ = uri;
    staleness_ = mcp::update_frame(
        uri, stale_ ? stale_delta(dialect(), outage_) : fresh_delta(dialect(), outage_));
  }
  return staleness_;
}

void SharedWatch::describe(std::vector<WatchInfo>& out) const {
  WatchInfo info;
  info.manager = manager_.name();
  info.key = spec_.key;
  info.identity = spec_.first.identity;
  info.status = status();
  info.breaker = retry_->state();
  info.breaker_retry = retry_->retry_after();
  info.failures = static_cast<std::uint64_t>(retry_->backoff().failures());
  info.subscribers = subscribers_;
  out.push_back(std::move(info));
}

}  // namespace fanout
