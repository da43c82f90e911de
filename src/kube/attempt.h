// Attempt: one attempt of a watch key (retry.h), from the permission to its end. Whatever a watch
// asks the API server for belongs to one: its discovery, its first look-up, its list and its watch
// are one attempt together, handed from one to the next. It is settled once: by succeeded(),
// failed(), or drop(), which is also what its destructor does.
#pragma once

#include <cstdint>
#include <memory>

#include "base/time.h"
#include "kube/failure.h"

namespace kube {

class Retry;

class Attempt {
 public:
  Attempt() = default;  // none
  Attempt(Attempt&& other) noexcept;
  Attempt& operator=(Attempt&& other) noexcept;
  ~Attempt() { drop(); }

  // Allowed, and not settled.
  explicit operator bool() const { return open_; }
  bool is_of(const Retry& retry) const { return retry_ == &retry; }

  void succeeded();
  // Returns how long to wait before the next attempt, `at_least` among the reasons. Also after
  // succeeded(): the stream that it led to broke. Requires: it was allowed once.
  base::Duration failed(const Failure& why, base::Duration at_least = {});
  // An answer that is a failure or not, as outcome.h has it: what the API server refuses to one
  // caller says nothing of the server, and the place is given back (zero is returned then).
  base::Duration refused(const Failure& why);
  // It neither succeeded nor failed.
  void drop();
  // `other`, of another key, is settled as this is: a log's look-up by what comes of the log.
  void join(Attempt other);
  // Nothing came of it, since something else has to be waited for so long: so does its key.
  void put_off(base::Duration delay);

 private:
  friend class Retry;
  Attempt(Retry& retry, std::uint64_t number) : retry_(&retry), number_(number), open_(true) {}

  Retry* retry_ = nullptr;  // outlives it while it is open
  std::uint64_t number_ = 0;
  bool open_ = false;
  std::unique_ptr<Attempt> joined_;
};

// What Retry::ask() answers.
struct Permit {
  Attempt attempt;        // open: allowed
  base::Duration wait{};  // else: to be asked again after this
  // Not by a delay alone: the breaker is open, or its one trial is another's.
  bool blocked = false;
};

}  // namespace kube
