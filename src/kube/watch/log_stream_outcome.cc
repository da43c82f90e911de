// What the end of a log request, its refusal and the pod's state mean (log_stream.h).
#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/log.h"
#include "kube/answer_kind.h"
#include "kube/watch/log_stream.h"
#include "kube/watch/outcome.h"

namespace kube::watch {

using base::Duration;

namespace {

// The request itself is refused, and will be again (outcome.h). 400 and 404 may also follow from
// the pod's state, so the pod decides about those.
bool refuses_for_good(const Failure& failure) {
  if (failure.says(400) || failure.says(404)) return false;
  Tally alone;
  return judge({.what = Observation::What::refused, .failure = &failure}, alone).tell ==
         Outcome::Tell::denied;
}

}  // namespace

// Starts a new attempt, not caused by a failure, as soon as the floor allows.
void LogStream::again(std::string_view how, const Failure* why) {
  attempt_.drop();
  wait(retry_.ended(how, why));
}

void LogStream::finish(const LogEnd& end) {
  stop();
  sink_.on_end(end);
}

// No further stream will start. When the last one broke, the lines it did not deliver are lost,
// which is reported as a gap.
void LogStream::finish_log(std::string reason) {
  if (!flush()) return;
  if (unfinished_ && opened_ &&
      !mark("gap", "the log was cut before its end, and the rest is not available")) {
    return;
  }
  finish({std::move(reason), std::nullopt});
}

void LogStream::give_up(const Failure& failure) {
  LOG_DEBUG("log stream refused", {"watch", retry_.key()}, {"status", failure.status},
            {"error", failure.message});
  retry_.note_error(failure.code);
  const Failure why = failure;  // `failure` may be a member
  finish({why.message, why});
}

void LogStream::count_failure(const Failure& failure) {
  const Duration delay = attempt_.failed(failure);
  wait(delay);
  note_down(failure, delay);
}

// The container has not started, or not restarted: that is no failure.
void LogStream::poll() {
  attempt_.drop();
  refusal_.reset();
  refusals_ = 0;
  wait(poll_);
  poll_ = std::min<Duration>(2 * poll_, kLogPollCap);
  accept();
}

void LogStream::on_end(const Failure* failure) {
  if (held_.empty()) return read_over(failure);
  // The lines received before the end are delivered first.
  read_over_ = true;
  if (failure) read_failure_ = *failure;
  age_timer_.cancel();
}

void LogStream::read_over(const Failure* failure) {
  const State was = state_;
  silence();
  if (failure && was == State::opening) return refused(*failure);
  unfinished_ = failure != nullptr;
  ended(failure);
}

// The answer to an accepted request has ended.
void LogStream::ended(const Failure* failure) {
  if (no_content_ && spec_.follow) return poll();
  if (!spec_.follow) {
    if (!accept() || !flush()) return;
    if (failure) {
      const Failure why = *failure;
      attempt_.failed(why);
      return finish({why.message, why});
    }
    attempt_.succeeded();
    return finish({no_content_ ? "the pod has not started" : "end of the log", std::nullopt});
  }
  if (failure) {
    // A confirmed stream: it becomes an outage only if the next attempt fails, too.
    if (state_ == State::flowing && mode_ != Mode::rest) return wait(attempt_.failed(*failure));
    return count_failure(*failure);
  }
  at_once_ = state_ != State::flowing;
  if (over_ || mode_ == Mode::rest) complete_ = true;
  if (attempt_) return look();
  again("ended");
}

void LogStream::refused(const Failure& failure) {
  if (failure.status == 0) return count_failure(failure);
  const bool of_the_pod = failure.says(400) || failure.says(404);
  if (!spec_.follow && (of_the_pod || refuses_for_good(failure))) return give_up(failure);
  if (refuses_for_good(failure)) return give_up(failure);
  if (!of_the_pod) return count_failure(failure);
  if (mode_ == Mode::rest || over_) {
    // The kubelet has deleted that instance's log.
    complete_ = true;
    if (mode_ == Mode::rest &&
        !mark("gap", "the last lines of the earlier instance are lost: " + failure.message)) {
      return;
    }
    return look();
  }
  if (failure.says(404) && !accepted_) return give_up(failure);
  ++refusals_;
  refusal_ = failure;
  look();
}

void LogStream::on_pod(ApiGet::Outcome outcome) {
  const bool beside = state_ != State::looking;  // requested by on_open, only to learn the instance
  if (outcome.failure) {
    if (beside) return;  // the pod is read again after the stream's end
    const Failure& failure = *outcome.failure;
    if (failure.says(404)) {
      if (!accepted_) return give_up(refusal_ ? *refusal_ : failure);
      return finish_log("pod deleted");
    }
    if (refuses_for_good(failure) || failure.says(400)) {
      return give_up(refusal_ ? *refusal_ : failure);
    }
    return count_failure(failure);
  }
  base::json::Document doc;
  const auto root = doc.parse(outcome.body);
  if (!root || !is_object_named(*root, spec_.pod)) {
    if (beside) return;
    return count_failure(Failure::from_bad_answer(outcome.status, "get pod", outcome.body));
  }
  const LogPod pod = LogPod::of(*root, spec_.container);
  if (!beside) return decide(pod);
  if (instance_.empty() && !pod.instance.empty()) adopt(pod);
}

void LogStream::adopt(const LogPod& pod) {
  uid_ = pod.uid;
  instance_ = pod.instance;
  restarts_ = pod.restarts;
}

void LogStream::decide(const LogPod& pod) {
  if (!uid_.empty() && pod.uid != uid_) {
    return finish_log("pod deleted; a new pod has its name");
  }
  uid_ = pod.uid;
  if (pod.instance.empty()) {
    if (refusal_ && !pod.listed) return give_up(*refusal_);
    if (pod.finished) {
      if (accept()) finish_log(pod.reason);
      return;
    }
    return poll();
  }
  if (instance_.empty() || pod.instance == instance_) return decide_same(pod);
  decide_other(pod);
}

void LogStream::decide_same(const LogPod& pod) {
  adopt(pod);
  if (complete_) {
    if (!pod.finished) return poll();
    return finish_log(pod.reason);
  }
  if (pod.running) unfinished_ = true;  // the stream ended before its container
  if (!pod.running) {
    // It may have written more before it ended than was received: one more request at once; after
    // that the floor and the backoff apply.
    if (!std::exchange(over_, true)) return open(Mode::resume);
  } else if (refusal_) {
    // The container may just have started. The second refusal in a row concerns the request.
    if (refusals_ > 1 && !accepted_) return give_up(*refusal_);
    if (refusals_ > 1) return count_failure(*std::exchange(refusal_, std::nullopt));
    refusal_.reset();
  } else if (std::exchange(at_once_, false)) {
    return count_failure(Failure::from_error(
        base::Error(base::Errc::unavailable, "the log stream ended at once without a line")));
  }
  if (asked_log_) return again("refused");
  open(Mode::resume);
}

void LogStream::decide_other(const LogPod& pod) {
  at_once_ = false;
  // The ended stream was already the new instance's: the container restarted between the look at
  // the pod and the request. `started` is in whole seconds: of lines in that second the memory
  // tells (begin_instance()).
  const auto last = memory_.last();
  const bool followed = !complete_ && last && pod.started &&
                        last->ns >= pod.started->ns + Duration(base::seconds(1)).count();
  if (followed) {
    over_ = complete_ = false;
    return decide_same(pod);
  }
  const bool was_complete = complete_;
  if (!was_complete && pod.previous == instance_) return open(Mode::rest);
  if (!flush()) return;
  if (!was_complete || unfinished_ || pod.restarts > restarts_ + 1) {
    if (!mark("gap", "lines of earlier instances are missing; their logs are lost")) return;
  }
  adopt(pod);
  over_ = complete_ = false;
  lines_.reset();
  memory_.begin_instance();
  if (!mark("restart", "container restarted (restart count " + std::to_string(pod.restarts) + ")"))
    return;
  open(Mode::fresh);
}

}  // namespace kube::watch
