// Attempt: one attempt of a watch key (retry.h), from the permission to its end. Every request of a
// watch to the API server belongs to an attempt: its discovery, first look-up, list and watch are
// one attempt together, handed from one to the next. An attempt is settled once, by succeeded(),
// failed() or drop(); the destructor drops it.
#pragma once

#include <cstdint>
#include <memory>

#include "base/time.h"
#include "kube/failure.h"

namespace kube::watch {

class Retry;

class Attempt {
 public:
  Attempt() = default;  // none
  Attempt(Attempt&& other) noexcept;
  Attempt& operator=(Attempt&& other) noexcept;
  ~Attempt() { drop(); }

  // True while it is allowed and not settled.
  explicit operator bool() const { return open_; }
  bool is_of(const Retry& retry) const { return retry_ == &retry; }

  void succeeded();
  // Returns how long to wait before the next attempt, at least `at_least`. May also follow
  // succeeded(), when the stream that it led to broke. Requires: it was allowed once.
  base::Duration failed(const Failure& why, base::Duration at_least = {});
  // The server answered with an error, which counts as a failure or not according to outcome.h: a
  // refusal of one caller's request is no failure of the server; the attempt is then dropped and
  // zero returned.
  base::Duration refused(const Failure& why);
  // Settles it as neither succeeded nor failed.
  void drop();
  // `other`, an attempt of another key, is settled with the same result as this one, as a log's
  // look-up is with the log request's.
  void join(Attempt other);
  // Drops it because something else has to be waited for; its key makes no attempt for `delay`.
  void put_off(base::Duration delay);

 private:
  friend class Retry;
  Attempt(Retry& retry, std::uint64_t number) : retry_(&retry), number_(number), open_(true) {}

  Retry* retry_ = nullptr;  // must outlive it while it is open
  std::uint64_t number_ = 0;
  bool open_ = false;
  std::unique_ptr<Attempt> joined_;
};

// The result of Retry::ask().
struct Permit {
  Attempt attempt;        // open when it is allowed
  base::Duration wait{};  // otherwise: ask again after this
  // Not allowed for more than a delay: the breaker is open, or another watch has its single trial.
  bool blocked = false;
};

}  // namespace kube::watch
