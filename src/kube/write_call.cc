// The state machine of WriteCall:
//
//   state    meaning                                      leaves to
//   idle     no write in progress                         start → refused, sending
//   refused  an invalid spec, reported from a task        done
//   sending  the write is sent                            answer → done; rejected → waiting;
//                                                         lost → sending, waiting, looking
//   waiting  a timer runs before the next attempt         sending
//   looking  GET of the object, after an answer was lost  done
//
// "done": the state becomes idle, then the callback is the last statement.
#include "kube/write_call.h"

#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "kube/warnings.h"
#include "kube/write_request.h"

namespace kube {

using base::Duration;
using Result = WriteOutcome::Result;
using What = WriteSpec::Verb;

struct WriteCall::Impl final : ApiHandler {
  enum class State : unsigned char { idle, refused, sending, waiting, looking };

  Impl(loop::Loop& l, Client& c, Fn fn_in)
      : loop(l),
        fn(fn_in),
        call(c, *this),
        look(c, ApiGet::Fn::bind<&Impl::on_look>(this)),
        timer(l, "write wait", loop::Timer::Fn::bind<&Impl::send>(this)),
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
  void on_look(ApiGet::Outcome got);

  void done();
  void failed(const Failure& failure);
  void definitive(const Failure& failure);
  void lost(const Failure& failure);
  void wait(Duration delay);
  void compare(const std::string& live);
  void ambiguous(const std::string& why);
  void finish(Result result);
  void tell();

  // A second attempt finds what the first one did.
  bool idempotent() const {
    return spec.dry_run || spec.verb == What::apply ||
           (spec.verb == What::remove && !spec.uid.empty());
  }

  loop::Loop& loop;
  Fn fn;
  WriteSpec spec;
  ApiRequest request;
  State state = State::idle;
  WriteOutcome outcome;
  Warnings warnings;
  std::string body;
  int status = 0;
  bool maybe = false;  // an attempt that got no answer may have been executed
  bool again = false;  // that attempt was repeated
  int throttles = 0;
  Duration waited{};
  std::optional<Failure> doubt;  // why the answer is missing
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
  maybe = again = false;
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
  call.start(request);
}

void WriteCall::Impl::on_data(std::string_view bytes) {
  // Drops bytes beyond the size of any object but reads on, because the end of the answer shows the
  // write's outcome.
  if (body.size() + bytes.size() <= base::limits::kWatchFrameBytes) body.append(bytes);
}

void WriteCall::Impl::on_end(const Failure* failure) {
  if (failure) return failed(*failure);
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
  if (failure.unsent) return maybe ? lost(failure) : definitive(failure);
  const bool rejected = failure.status == 429 || (failure.status == 503 && failure.retry_after);
  if (rejected) {
    const bool more = failure.retry_after && throttles < kWriteThrottles &&
                      waited + *failure.retry_after <= kWriteWaitCap;
    if (!more) return maybe ? lost(failure) : definitive(failure);
    ++throttles;
    return wait(*failure.retry_after);
  }
  const int code = failure.status;
  const bool unknown = failure.transport() || failure.foreign || code == 408 || code == 502 ||
                       code == 503 || code == 504 || (code == 500 && failure.retry_after);
  unknown ? lost(failure) : definitive(failure);
}

// The server's decision, whatever happened before.
void WriteCall::Impl::definitive(const Failure& failure) {
  const bool other_uid = failure.says(409) && !spec.uid.empty();
  if (spec.verb == What::remove && maybe && (failure.says(404) || other_uid)) {
    return finish(Result::already_gone);
  }
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
  finish(Result::failed);
}

// It is unknown whether the write was executed.
void WriteCall::Impl::lost(const Failure& failure) {
  doubt = failure;
  if (!failure.unsent) maybe = true;
  if (idempotent() && !std::exchange(again, true)) {
    LOG_DEBUG("repeating a write", {"path", request.path}, {"error", failure.message});
    // At once after a broken connection, after a wait when the server reported trouble.
    return failure.transport() ? send() : wait(failure.retry_after.value_or(kWritePause));
  }
  if (spec.dry_run) return definitive(failure);
  if (spec.name.empty()) return ambiguous("the object has no name to read it by");
  state = State::looking;
  ApiRequest get;
  get.path = *spec.resource.path(spec.ns, spec.name);  // the write's path, except for create
  get.credentials = spec.credentials;
  look.start(std::move(get));
}

void WriteCall::Impl::wait(Duration delay) {
  state = State::waiting;
  waited = waited + delay;
  timer.arm(delay);
}

void WriteCall::Impl::on_look(ApiGet::Outcome got) {
  if (!got.failure) return compare(got.body);
  if (!got.failure->says(404)) {
    return ambiguous("the object cannot be read: " + got.failure->message);
  }
  if (spec.verb == What::remove) return finish(Result::already_gone);
  ambiguous("the object does not exist now");
}

void WriteCall::Impl::compare(const std::string& live) {
  base::json::Document now, sent;
  const auto object = now.parse(live);
  if (!object) return ambiguous("the object cannot be read");
  outcome.verified = true;
  outcome.object = live;
  if (spec.verb == What::remove) {
    const bool another = !spec.uid.empty() && (*object)["metadata"]["uid"].str() != spec.uid;
    if (another) {
      outcome.object.clear();  // not the object that was to be removed
      return finish(Result::already_gone);
    }
    if ((*object)["metadata"]["deletionTimestamp"].present()) return finish(Result::accepted);
    return ambiguous("the object exists now");
  }
  const auto intent = sent.parse(spec.body);
  if (intent && shows(*object, *intent)) {
    return finish(spec.verb == What::create ? Result::created : Result::changed);
  }
  ambiguous(spec.verb == What::create
                ? "an object of that name exists, but is not what was to be created"
                : "the object exists, but is not as it was written");
}

void WriteCall::Impl::ambiguous(const std::string& why) {
  outcome.object.clear();
  outcome.verified = false;
  outcome.failure = std::move(doubt);
  outcome.failure->message +=
      "; it is unknown whether the write was executed: " + why + "; it may still complete";
  finish(Result::ambiguous);
}

void WriteCall::Impl::finish(Result result) {
  outcome.result = result;
  tell();
}

void WriteCall::Impl::tell() {
  state = State::idle;
  outcome.warnings = warnings.all();
  outcome.warnings_dropped = warnings.dropped();
  fn(std::exchange(outcome, {}));
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
