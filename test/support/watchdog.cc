// In every unit test a callback that keeps the loop longer than it may is an error, with its name.
#include "support/watchdog.h"

#include <gtest/gtest.h>

#include "base/time.h"
#include "loop/loop.h"

namespace test {

namespace {

// The loop's own limit is 20 ms. In a test the other side of a connection, unoptimised, runs inside
// the same callbacks; and on a virtual machine a thread's CPU time has what the host took of it in
// it: 97 ms were counted once for a callback that takes 3 whenever it is repeated. What this has
// found took hundreds. Without optimisation (make mutate) everything takes three times as long.
#ifdef __OPTIMIZE__
constexpr base::Duration kTolerated = base::milliseconds(120);
#else
constexpr base::Duration kTolerated = base::milliseconds(400);
#endif

// Linked into the tests as a whole: it is there before the first of them.
struct Watchdog {
  Watchdog() { start(); }
  void start() { loop::Loop::on_over_limit(loop::Loop::OverLimitFn::bind<&Watchdog::bark>(this)); }
  void bark(const char* kind, const char* name, base::Duration cpu) {
    if (quiet > 0 || cpu < kTolerated) return;
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
