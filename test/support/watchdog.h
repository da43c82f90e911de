// QuietWatchdog: for a test whose own work inside a callback (a simulated API server that writes ten
// thousand objects at once) takes longer than the product's may.
#pragma once

namespace test {

// For the watchdog's own test.
void stop_watchdog();
void start_watchdog();

class QuietWatchdog {
 public:
  QuietWatchdog();
  ~QuietWatchdog();
  QuietWatchdog(const QuietWatchdog&) = delete;
  QuietWatchdog& operator=(const QuietWatchdog&) = delete;
};

}  // namespace test
