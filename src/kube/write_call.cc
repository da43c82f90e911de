// The state machine of WriteCall:
//
//   state    meaning                                      leaves to
//   idle     no write in progress                         start → refused, sending
//   refused  an invalid spec, reported from a task        done
//   sending  the write is sent                            answer → done; rejected → waiting;
//                                                         lost → looking, or for a dry run
//                                                         sending, waiting
//   waiting  a timer runs before the next attempt         sending
//   looking  a GET of the object, or a timer before the   done
//            next one, after an answer was lost
//
// "done": the state becomes idle, then the callback is the last statement.
#include "kube/write_call.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "kube/absent.h"
#include "kube/answer_kind.h"
#include "kube/warnings.h"
#include "kube/write_evidence.h"
#include "kube/write_request.h"

namespace kube {

using base::Duration;
using Result = WriteOutcome::Result;
using What = WriteSpec::Verb;

namespace {

// For one read of the object: most reads end within a second, and there is a next one.
constexpr Duration kLookTime = base::seconds(10);

}  // namespace

struct WriteCall::Impl final : ApiHandler {
  enum class State : unsigned char { idle, refused, sending, waiting, looking };

  Impl(loop::Loop& l, Client& c, Fn fn_in)
      : loop(l),
        fn(fn_in),
        call(c, *this),
        look(c, ApiGet::Fn::bind<&Impl::on_look>(this)),
        timer(l, "write wait", loop::Timer::Fn::bind<&Impl::on_time>(this)),
        refused(l, "write refused", loop::Deferred::Fn::bind<&Impl::tell>(this)) {}

  void start(WriteSpec what);
  void cancel();
  void send();

  void on_warning(std::string_view value) override { warnings.add(value); }
  void on_audit_id(std::string_view id) override {
    outcome.audit_id = base::printable(id, kAuditIdBytes);
  }
  void on_open(int code) override { status = code; }
  void on_data(std::string_view bytes) override;
  void on_end(const Failure* failure) override;
  void on_time();
  void read();
  void on_look(ApiGet::Outcome got);

  void done();
  void failed(const Failure& failure);
  void definitive(const Failure& failure);
  void lost(const Failure& failure);
  void wait(Duration delay);
  void compare(const std::string& live);
  void decide(const Finding& is);
  void undecided(WriteEvidence evidence, const std::string& why, bool may_change);
  bool refused_by_precondition(const Failure& failure) const;
  void doubtful(Result result, WriteEvidence evidence, const std::string& text);
  void finish(Result result);
  void tell();

  loop::Loop& loop;
  Fn fn;
  WriteSpec spec;
  ApiRequest request;
  State state = State::idle;
  WriteOutcome outcome;
  Warnings warnings;
  std::string body;
  int status = 0;
  bool headed = false;  // the answer's head came and said that the write was executed
  bool again = false;   // a dry run was repeated
  int throttles = 0;
  Duration waited{};
  std::optional<Failure> doubt;  // why the answer is missing
  base::TimePoint gives_up;      // by then the API server no longer executes the write
  Duration pause{};              // before the next read
  int reads = 0;                 // that were answered, one after the other
  ApiCall call;
  ApiGet look;
  loop::Timer timer;
  loop::Deferred refused;
};

void WriteCall::Impl::start(WriteSpec what) {
  CHECK(state == State::idle);
  spec = std::move(what);
  outcome = {};
  warnings.clear();
  headed = again = false;
  throttles = 0;
  waited = {};
  doubt.reset();
  auto made = write_request(spec);
  if (made) {
    request = *std::move(made);
    return send();
  }
  outcome.failure = Failure::from_error(made.error());
  outcome.failure->status = 400;
  outcome.failure->unsent = true;
  outcome.evidence = WriteEvidence::unsent;
  state = State::refused;
  refused.schedule();
}

void WriteCall::Impl::cancel() {
  state = State::idle;
  call.cancel();
  look.cancel();
  timer.cancel();
  refused.cancel();
}

void WriteCall::Impl::send() {
  state = State::sending;
  body.clear();
  status = 0;
  outcome.audit_id.clear();
  outcome.evidence = WriteEvidence::answer;
  call.start(request);
}

void WriteCall::Impl::on_data(std::string_view bytes) {
  // Drops bytes beyond the size of any object but reads on, because the end of the answer shows the
  // write's outcome.
  if (body.size() + bytes.size() <= base::limits::kWatchFrameBytes) body.append(bytes);
}

void WriteCall::Impl::on_end(const Failure* failure) {
  if (failure) {
    headed = failure->transport() && status != 0;
    return failed(*failure);
  }
  done();
}

// A complete 2xx answer.
void WriteCall::Impl::done() {
  base::json::Document doc;
  const auto root = doc.parse(body);
  const bool is_status = root && (*root)["kind"].str() == "Status";
  if (is_status && (*root)["status"].str() == "Failure") {
    return failed(Failure::from_status(*root, status));
  }
  if (!root || !root->is(base::json::Type::object)) {
    return lost(Failure::from_bad_answer(status, "the answer to a write is not an object", body));
  }
  if (!is_status) outcome.object = std::move(body);
  if (spec.verb != What::remove) {
    return finish(status == 201 ? Result::created : Result::changed);
  }
  // An object without a deletionTimestamp is the deleted object's last state.
  const bool under_way = !is_status && (*root)["metadata"]["deletionTimestamp"].present();
  finish(under_way || status == 202 ? Result::accepted : Result::deleted);
}

void WriteCall::Impl::failed(const Failure& failure) {
  if (failure.unsent) return definitive(failure);
  // A proxy's 503 can come after the API server got the request.
  const bool rejected =
      failure.status == 429 || (failure.says(503) && failure.retry_after.has_value());
  if (rejected) {
    const bool more = failure.retry_after && throttles < kWriteThrottles &&
                      waited + *failure.retry_after <= kWriteWaitCap;
    if (!more) return definitive(failure);
    ++throttles;
    return wait(*failure.retry_after);
  }
  const int code = failure.status;
  const bool unknown = failure.transport() || failure.foreign || code == 408 || code == 502 ||
                       code == 503 || code == 504 || (code == 500 && failure.retry_after);
  unknown ? lost(failure) : definitive(failure);
}

// The server's decision, or nothing was sent.
void WriteCall::Impl::definitive(const Failure& failure) {
  if (failure.unsent) outcome.evidence = WriteEvidence::unsent;
  outcome.failure = failure;
  for (const FailureCause& cause : failure.causes) {
    if (failure.status != 409 || cause.reason != "FieldManagerConflict") continue;
    // conflict with "manager" with subresource "s" using v1 at TIME
    const std::size_t open = cause.message.find('"');
    const std::size_t close = open == std::string::npos ? open : cause.message.find('"', open + 1);
    outcome.conflicts.push_back(
        {cause.field,
         close == std::string::npos ? "" : cause.message.substr(open + 1, close - open - 1),
         cause.message});
  }
  outcome.stale = outcome.conflicts.empty() && refused_by_precondition(failure);
  finish(Result::failed);
}

// For a patch the API server takes a uid as a field that cannot change.
bool WriteCall::Impl::refused_by_precondition(const Failure& failure) const {
  if (spec.verb == WriteSpec::Verb::create)
    return failure.says(409) && failure.reason == "AlreadyExists" && !spec.name.empty();
  if (spec.uid.empty() && spec.resource_version.empty()) return false;
  const auto is_uid = [](const FailureCause& cause) { return cause.field == "metadata.uid"; };
  return failure.says(409) ||
         (failure.says(422) && std::any_of(failure.causes.begin(), failure.causes.end(), is_uid));
}

// It is unknown whether the write was executed. Nothing but a dry run is sent again.
void WriteCall::Impl::lost(const Failure& failure) {
  if (spec.dry_run) {
    outcome.evidence = WriteEvidence::none;
    if (std::exchange(again, true)) return definitive(failure);
    LOG_DEBUG("repeating a dry run", {"path", request.path}, {"error", failure.message});
    // At once after a broken connection, after a wait when the server reported trouble.
    return failure.transport() ? send() : wait(failure.retry_after.value_or(kWritePause));
  }
  doubt = failure;
  state = State::looking;
  gives_up = loop.now() + kWriteServerTime;
  pause = kWritePause;
  reads = 0;
  if (spec.name.empty()) {
    return undecided(WriteEvidence::none, "the object has no name to read it by", false);
  }
  read();
}

void WriteCall::Impl::wait(Duration delay) {
  state = State::waiting;
  waited = waited + delay;
  timer.arm(delay);
}

void WriteCall::Impl::on_time() {
  state == State::looking ? read() : send();
}

void WriteCall::Impl::read() {
  ApiRequest get;
  get.path = *spec.resource.path(spec.ns, spec.name, spec.subresource);
  get.credentials = spec.credentials;
  get.head_time = get.total_time = kLookTime;
  look.start(std::move(get));
}

void WriteCall::Impl::on_look(ApiGet::Outcome got) {
  const bool absent = got.failure && says_absent(*got.failure, spec.resource, spec.ns, spec.name);
  reads = !got.failure || absent ? reads + 1 : 0;
  if (!got.failure) return compare(got.body);
  if (absent) return decide(judge_write(spec, {}));
  const bool refused = got.failure->says(401) || got.failure->says(403);
  undecided(WriteEvidence::none, "the object cannot be read: " + got.failure->message, !refused);
}

void WriteCall::Impl::compare(const std::string& live) {
  base::json::Document doc;
  const auto object = doc.parse(live);
  if (!object || !is_object_named(*object, spec.name))
    return undecided(WriteEvidence::none, "the object cannot be read", true);
  const Finding is = judge_write(spec, *object);
  if (is.verdict == Finding::Verdict::made && is.same_object) outcome.object = live;
  decide(is);
}

void WriteCall::Impl::decide(const Finding& is) {
  if (is.verdict == Finding::Verdict::made) {
    outcome.verified = true;
    outcome.evidence = is.evidence;
    return finish(is.result);
  }
  undecided(is.verdict == Finding::Verdict::not_made ? is.evidence : WriteEvidence::none, is.why,
            is.may_come);
}

// Reads again while a later read can show something else.
void WriteCall::Impl::undecided(WriteEvidence evidence, const std::string& why, bool may_change) {
  if (headed) {
    outcome.evidence = WriteEvidence::answer;
    return finish(status == 201               ? Result::created
                  : spec.verb == What::remove ? Result::accepted
                                              : Result::changed);
  }
  const base::TimePoint now = loop.now();
  if (may_change && now < gives_up) {
    timer.arm_at(std::min(now + pause, gives_up));
    pause = pause * 2;
    return;
  }
  if (may_change && evidence != WriteEvidence::none && reads < 2) {
    return timer.arm(kWritePause);
  }
  if (evidence == WriteEvidence::none) {
    return doubtful(Result::ambiguous, evidence,
                    "; it is unknown whether the write was executed: " + why);
  }
  outcome.verified = true;
  outcome.stale = evidence == WriteEvidence::superseded;
  doubtful(Result::failed, evidence, "; the write was not executed: " + why);
}

void WriteCall::Impl::doubtful(Result result, WriteEvidence evidence, const std::string& text) {
  outcome.evidence = evidence;
  outcome.failure = std::move(doubt);
  outcome.failure->message += text;
  finish(result);
}

void WriteCall::Impl::finish(Result result) {
  outcome.result = result;
  tell();
}

void WriteCall::Impl::tell() {
  state = State::idle;
  outcome.warnings = warnings.all();
  outcome.warnings_dropped = warnings.dropped();
  if (outcome.audit_id.empty()) outcome.audit_id = spec.audit_id;
  fn(std::exchange(outcome, {}));
}

std::string_view to_string(WriteEvidence evidence) {
  constexpr std::string_view kNames[] = {"answer",   "unsent",  "content",    "owner",
                                         "deletion", "version", "generation", "superseded",
                                         "absent",   "none"};
  return kNames[static_cast<std::size_t>(evidence)];
}

WriteCall::WriteCall(loop::Loop& loop, Client& client, Fn fn)
    : impl_(std::make_unique<Impl>(loop, client, fn)) {}
WriteCall::~WriteCall() {
  impl_->cancel();
  loop::Loop& loop = impl_->loop;
  loop.retire(std::move(impl_));  // a method of it may be on the stack
}
void WriteCall::start(WriteSpec spec) {
  impl_->start(std::move(spec));
}
void WriteCall::cancel() {
  impl_->cancel();
}
bool WriteCall::active() const {
  return impl_->state != Impl::State::idle;
}

}  // namespace kube
