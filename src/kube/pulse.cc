#include "kube/pulse.h"

#include <utility>

#include "base/log.h"

namespace kube {

Pulse::Pulse(loop::Loop& loop, Client& client, base::Duration period)
    : client_(client),
      period_(period),
      get_(client, ApiGet::Fn::bind<&Pulse::on_answer>(this)),
      timer_(loop, "pulse", loop::Timer::Fn::bind<&Pulse::ask>(this)) {}

Pulse::~Pulse() {
  listeners_.clear();
}

void Pulse::start() {
  if (period_ > base::Duration::zero()) timer_.arm(period_);
}

void Pulse::stop() {
  get_.cancel();
  timer_.cancel();
}

void Pulse::ask() {
  ApiRequest request;
  request.path = "/version";
  request.head_time = request.total_time = kPulseTime;
  get_.start(std::move(request));
}

// A listener may remove itself and its neighbour inside its callback, so each is moved to the end
// first.
template <class Fn>
void Pulse::tell(Fn fn) {
  base::List<Listener> due;
  due.take(listeners_);
  while (Listener* listener = due.pop()) {
    listeners_.add(*listener);
    fn(*listener);
  }
}

void Pulse::on_answer(const ApiGet::Outcome& outcome) {
  const std::optional<Failure>& failure = outcome.failure;
  const bool answers =
      !failure || (!failure->transport() && !failure->foreign && failure->status < 500);
  if (answers) {
    timer_.arm(period_);
    misses_ = 0;
    if (!std::exchange(silent_, std::nullopt)) return;
    LOG_INFO("the API server answers again", {"server", client_.server()});
    return tell([](Listener& listener) { listener.on_answers(); });
  }
  const base::Duration again = misses_ == 0 ? kPulseAgain : period_;
  timer_.arm(again);
  if (++misses_ < kPulseMisses) return;
  if (!silent_) {
    LOG_WARN("the API server does not answer", {"server", client_.server()},
             {"error", failure->message});
  }
  silent_ = failure;
  silent_->message = "the API server does not answer: " + failure->message;
  const Failure why = *silent_;
  tell([&](Listener& listener) { listener.on_silent(why, again); });
}

}  // namespace kube
