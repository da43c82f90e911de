// In every unit test a callback that keeps the loop longer than it may is an error, with its name.
#include "support/watchdog.h"

#include <cstdint>
#include <cstdlib>

#include <gtest/gtest.h>

#include "base/text.h"
#include "base/time.h"
#include "loop/loop.h"

namespace test {

namespace {

// The loop's own limit is 20 ms. In a test the other side of a connection, unoptimised, runs inside
// the same callbacks; and on a virtual machine a thread's CPU time has what the host took of it in
// it: 97 ms were counted once for a callback that takes 3 whenever it is repeated. What this has
// found took hundreds. TOLERATED_MS is for a product that is not optimised either (test/mutate/run.mjs).
constexpr std::int64_t kToleratedMs = 120;

base::Duration tolerated() {
  const char* const given = std::getenv("TOLERATED_MS");
  return base::milliseconds(given ? base::parse_int(given).value_or(kToleratedMs) : kToleratedMs);
}

// Linked into the tests as a whole: it is there before the first of them.
struct Watchdog {
  Watchdog() { start(); }
  void start() { loop::Loop::on_over_limit(loop::Loop::OverLimitFn::bind<&Watchdog::bark>(this)); }
  void bark(const char* kind, const char* name, base::Duration cpu) {
    if (quiet > 0 || cpu < tolerated()) return;
    ADD_FAILURE() << "a callback held the loop for " << base::to_ms(cpu)
                  << " ms of CPU time: " << kind << " " << name;
  }
  int quiet = 0;
} watchdog;

}  // namespace

void stop_watchdog() {
  loop::Loop::on_over_limit({});
}
void start_watchdog() {
  watchdog.start();
}

QuietWatchdog::QuietWatchdog() {
  ++watchdog.quiet;
}
QuietWatchdog::~QuietWatchdog() {
  --watchdog.quiet;
}

}  // namespace test
