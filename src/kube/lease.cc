// The state machine of Lease, with one request at a time:
//
//   state    meaning                            leaves to
//   idle     not started, stopped, or ended     start → waiting
//   waiting  a timer runs                       getting; writing when it leads and the record is
//                                               known
//   getting  GET of the lease                   writing (no lease, free, expired, or ours);
//                                               waiting (another holder's)
//   writing  POST or PUT that makes it ours     waiting; getting when it was refused while leading
//
// While it leads, deadline_timer runs as well; it ends renew_deadline after the last renewal.
#include "kube/lease.h"

#include <algorithm>
#include <ctime>
#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "kube/lease_record.h"

namespace kube {

using base::Duration;
using base::TimePoint;

namespace {

const Resource kLeases{"coordination.k8s.io", "v1", "leases"};
// The wait between a candidate's checks, as in client-go: retry × (1 + up to this).
constexpr double kRetryJitter = 1.2;
// Limit of an answer; a Lease has some hundred bytes.
constexpr std::size_t kLeaseBytes = std::size_t{64} * 1024;

TimePoint boot_time() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return {base::seconds(now.tv_sec) + Duration(now.tv_nsec)};
}

}  // namespace

base::Result<void> LeaseSpec::check() const {
  const auto wrong = [](std::string text) {
    return base::Error(base::Errc::invalid_argument, std::move(text));
  };
  if (!base::is_dns_label(ns))
    return wrong("lease: \"" + base::printable(ns, 80) + "\" is not a valid namespace");
  if (!base::is_dns_subdomain(name)) {
    return wrong("lease: \"" + base::printable(name, 80) + "\" is not a valid object name");
  }
  if (identity.empty()) return wrong("lease: no identity");
  if (retry < base::seconds(1)) return wrong("lease: the retry period must be at least 1s");
  if (renew_deadline <= retry + retry / 5) {
    return wrong("lease: the renew deadline (" + base::format_duration(renew_deadline) +
                 ") must be longer than 1.2 times the retry period (" +
                 base::format_duration(retry) + ")");
  }
  if (lease <= renew_deadline) {
    return wrong("lease: its duration (" + base::format_duration(lease) +
                 ") must be longer than the renew deadline (" +
                 base::format_duration(renew_deadline) + ")");
  }
  return {};
}

struct Lease::Impl {
  enum class State : unsigned char { idle, waiting, getting, writing };

  Impl(const Context& context, base::Random& chance, LeaseHandler& h, LeaseSpec s)
      : loop(context.loop),
        random(chance),
        handler(h),
        spec(std::move(s)),
        call(context.client, ApiGet::Fn::bind<&Impl::on_answer>(this), kLeaseBytes),
        wait_timer(loop, "lease wait", loop::Timer::Fn::bind<&Impl::on_wait_over>(this)),
        deadline_timer(loop, "lease deadline", loop::Timer::Fn::bind<&Impl::on_deadline>(this)) {}

  TimePoint now() const { return spec.clock ? spec.clock() : boot_time(); }
  bool leading() const { return led && now() < renewed + spec.renew_deadline; }

  void stop();
  void wait(Duration delay);
  void on_wait_over();
  void on_deadline();
  void get();
  void write();
  ApiRequest request() const;
  void on_answer(ApiGet::Outcome got);
  void on_got(const ApiGet::Outcome& got);
  void on_written(const ApiGet::Outcome& got);
  void observe(LeaseRecord now_there);
  void hold();
  void try_again();
  void lose(const char* why);
  void release(base::Delegate<void()> fn);
  void over();

  loop::Loop& loop;
  base::Random& random;
  LeaseHandler& handler;
  LeaseSpec spec;
  State state = State::idle;
  std::uint32_t epoch = 0;  // stop() increments it: after a callback that did, the caller returns

  LeaseRecord record;                      // as last seen
  bool seen = false, known = false;        // known: `record` is the version to overwrite
  TimePoint observed{};                    // when `record` was first seen unchanged
  bool led = false;                        // on_started_leading was called
  TimePoint renewed{};                     // when the last successful request began
  TimePoint began{};                       // when the current request began
  bool giving_away = false, away = false;  // away: the current write releases the lease
  base::Delegate<void()> done;

  ApiGet call;
  loop::Timer wait_timer, deadline_timer;
};

void Lease::Impl::stop() {
  ++epoch;
  call.cancel();
  wait_timer.cancel();
  deadline_timer.cancel();
  state = State::idle;
  led = giving_away = false;
  done = {};
}

void Lease::Impl::wait(Duration delay) {
  state = State::waiting;
  wait_timer.arm(delay);
}

// A candidate's checks are spread at random; a leader renews in time.
void Lease::Impl::try_again() {
  const double spread = led ? 0 : kRetryJitter * random.unit();
  wait(spec.retry +
       Duration(static_cast<std::int64_t>(spread * static_cast<double>(spec.retry.count()))));
}

void Lease::Impl::on_wait_over() {
  if (giving_away && !leading()) return over();
  if (led && !leading()) return lose("the renew deadline passed");
  led&& known ? write() : get();
}

void Lease::Impl::on_deadline() {
  if (giving_away) return over();
  if (leading()) return deadline_timer.arm(renewed + spec.renew_deadline - now());
  lose("the renew deadline passed");
}

ApiRequest Lease::Impl::request() const {
  ApiRequest out;
  out.path = *kLeases.path(spec.ns, spec.name);  // checked names
  out.credentials = spec.credentials;
  out.head_time = out.total_time = std::max<Duration>(base::seconds(1), spec.renew_deadline / 2);
  return out;
}

void Lease::Impl::get() {
  state = State::getting;
  began = now();
  call.start(request());
}

void Lease::Impl::write() {
  state = State::writing;
  away = giving_away;
  began = now();
  const bool create = record.metadata.empty();
  ApiRequest out = request();
  out.method = create ? "POST" : "PUT";
  if (create) out.path = *kLeases.path(spec.ns);
  out.content_type = "application/json";
  out.body =
      record.written(spec.ns, spec.name, away ? "" : spec.identity, spec.lease, loop.wall_now());
  out.idempotent = false;  // a repetition would conflict with the first one
  call.start(std::move(out));
}

void Lease::Impl::on_answer(ApiGet::Outcome got) {
  if (got.failure) {
    LOG_DEBUG("a lease request failed", {"lease", spec.ns + "/" + spec.name},
              {"status", got.failure->status}, {"error", got.failure->message});
  }
  state == State::getting ? on_got(got) : on_written(got);
}

void Lease::Impl::observe(LeaseRecord there) {
  if (!seen || there.raw != record.raw) observed = began;
  const bool other = !led && (!seen || there.holder != record.holder);
  seen = known = true;
  record = std::move(there);
  if (other && record.holder != spec.identity) handler.on_leader(record.holder);
}

void Lease::Impl::on_got(const ApiGet::Outcome& got) {
  if (got.failure && !got.failure->says(404)) return try_again();
  // Deleted: its holder may not know yet, so the record that was seen must expire first.
  const bool held = !led && !record.holder.empty() && record.holder != spec.identity;
  if (got.failure && held && now() < observed + record.duration) return try_again();
  base::json::Document doc;
  const auto root = doc.parse(got.failure ? "{}" : got.body);
  if (!root) return try_again();
  const std::uint32_t before = epoch;
  observe(got.failure ? LeaseRecord() : LeaseRecord::of(*root));
  if (before != epoch) return;
  const bool others = !record.holder.empty() && record.holder != spec.identity;
  if (others && led) return giving_away ? over() : lose("another holds it");
  if (led && !leading()) return giving_away ? over() : lose("the renew deadline passed");
  if (others && now() < observed + record.duration) return try_again();
  if (giving_away && record.holder.empty()) return over();
  write();
}

void Lease::Impl::on_written(const ApiGet::Outcome& got) {
  base::json::Document doc;
  const auto root = doc.parse(got.failure ? "" : got.body);
  if (!got.failure && root) {
    record = LeaseRecord::of(*root);
    seen = known = true;
    observed = began;
    return away ? over() : hold();
  }
  known = false;
  // Refused or lost: the present record decides (409: another process was faster; 404: it was
  // deleted).
  if (led && got.failure && (got.failure->says(409) || got.failure->says(404))) return get();
  try_again();
}

void Lease::Impl::hold() {
  // The answer came so late that another process may hold the lease by now.
  if (now() >= began + spec.renew_deadline)
    return led ? lose("the answer came too late") : try_again();
  if (led && !leading()) return lose("the renew deadline passed");
  renewed = began;
  deadline_timer.arm(renewed + spec.renew_deadline - now());
  wait(giving_away ? Duration::zero() : spec.retry);
  if (std::exchange(led, true)) return;
  LOG_INFO("leading", {"lease", spec.ns + "/" + spec.name}, {"identity", spec.identity});
  handler.on_started_leading();
}

void Lease::Impl::lose(const char* why) {
  LOG_WARN("no longer leading", {"lease", spec.ns + "/" + spec.name}, {"why", why});
  call.cancel();
  deadline_timer.cancel();
  led = false;
  try_again();
  handler.on_stopped_leading();
}

void Lease::Impl::release(base::Delegate<void()> fn) {
  done = fn;
  giving_away = true;
  if (state == State::idle || !leading()) {
    call.cancel();
    deadline_timer.cancel();
    led = false;
    return wait(Duration::zero());
  }
  // A running request ends first: its answer has the version to overwrite.
  if (state == State::waiting) wait(Duration::zero());
}

void Lease::Impl::over() {
  const base::Delegate<void()> fn = done;
  stop();
  if (fn) fn();
}

Lease::Lease(const Context& context, base::Random& random, LeaseHandler& handler, LeaseSpec spec)
    : scope_(context.parent, "lease " + spec.ns + "/" + spec.name,
             loop::Scope::Fn::bind<&Lease::stop>(this)) {
  CHECK(spec.check().has_value());
  impl_ = std::make_unique<Impl>(context, random, handler, std::move(spec));
}
Lease::~Lease() {
  impl_->stop();
  loop::Loop& loop = impl_->loop;
  loop.retire(std::move(impl_));  // a method of it may be on the stack
}
void Lease::start() {
  if (!scope_.cancelled() && impl_->state == Impl::State::idle) impl_->wait(Duration::zero());
}
bool Lease::leading() const {
  return impl_->leading();
}
void Lease::release(base::Delegate<void()> done) {
  impl_->release(done);
}
void Lease::stop() {
  impl_->stop();
}
const std::string& Lease::holder() const {
  return impl_->record.holder;
}

}  // namespace kube
