// The watchdog's limit: work that holds the loop is a fault that is said and counted.
#include "support/watchdog.h"

#include <string>

#include <gtest/gtest.h>
#include <time.h>

#include "base/log.h"
#include "loop/loop.h"

namespace loop {
namespace {

struct Burner {
  explicit Burner(Loop& loop) : task(loop, "burner", Deferred::Fn::bind<&Burner::burn>(this)) {}
  // By the thread's own time: a busy machine makes it no longer.
  void burn() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    const Duration end = base::seconds(t.tv_sec) + Duration(t.tv_nsec) + work;
    while (base::seconds(t.tv_sec) + Duration(t.tv_nsec) < end)
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  }
  Duration work{};
  Deferred task;
};

TEST(LoopWatchdog, SaysAndCountsWhatHoldsTheLoop) {
  VirtualClock clock;
  Loop loop(clock);
  Burner burner(loop);
  std::string lines;
  base::log::capture(&lines);
  test::stop_watchdog();
  const auto run = [&](Duration work) {
    burner.work = work;
    burner.task.schedule();
    loop.run_once();
  };
  run(kCallbackLimit / 2);
  EXPECT_EQ(loop.over_limit(), 0u);
  EXPECT_EQ(lines, "");
  run(41 * kCallbackLimit);  // also where an instrumented program may take longer
  EXPECT_EQ(loop.over_limit(), 1u);
  EXPECT_NE(lines.find("callback holds the loop"), std::string::npos) << lines;
  EXPECT_NE(lines.find("\"name\":\"burner\""), std::string::npos) << lines;
  test::start_watchdog();
  base::log::capture(nullptr);
}

}  // namespace
}  // namespace loop
