#include "kube/watch/attempt.h"

#include <utility>

#include "base/check.h"
#include "kube/watch/outcome.h"
#include "kube/watch/retry.h"

namespace kube::watch {

Attempt::Attempt(Attempt&& other) noexcept
    : retry_(other.retry_),
      number_(other.number_),
      open_(std::exchange(other.open_, false)),
      joined_(std::move(other.joined_)) {}

Attempt& Attempt::operator=(Attempt&& other) noexcept {
  if (this == &other) return *this;
  drop();
  retry_ = other.retry_;
  number_ = other.number_;
  open_ = std::exchange(other.open_, false);
  joined_ = std::move(other.joined_);
  return *this;
}

void Attempt::succeeded() {
  if (!std::exchange(open_, false)) return;
  retry_->succeeded(number_);
  if (const auto other = std::exchange(joined_, nullptr)) other->succeeded();
}

base::Duration Attempt::failed(const Failure& why, base::Duration at_least) {
  CHECK(retry_);
  const bool was_open = std::exchange(open_, false);
  if (const auto other = std::exchange(joined_, nullptr)) other->failed(why, at_least);
  return was_open ? retry_->failed(why, at_least, number_) : retry_->broke(why, at_least, number_);
}

base::Duration Attempt::refused(const Failure& why) {
  Tally alone;
  const Outcome outcome = judge({.what = Observation::What::refused, .failure = &why}, alone);
  if (outcome.breaker == Outcome::Breaker::failure) return failed(why);
  retry_->note_error(why.code);
  drop();
  return {};
}

void Attempt::drop() {
  if (std::exchange(open_, false)) retry_->cancelled(number_);
  joined_ = nullptr;
}

void Attempt::join(Attempt other) {
  if (other) joined_ = std::make_unique<Attempt>(std::move(other));
}

void Attempt::put_off(base::Duration delay) {
  if (open_) retry_->put_off(delay);
  drop();
}

}  // namespace kube::watch
