// DemoLife: keeps the simulated cluster of `make demo` alive: fresh events in kcm-system and
// team-a, log lines of pods there, at steady intervals. Old events vanish, as they do from a real
// cluster after an hour.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "loop/loop.h"
#include "sim/cluster.h"

namespace sim {

// Fresh events kept; a demo of hours stays small.
constexpr std::size_t kDemoEvents = 400;

class DemoLife {
 public:
  // Both outlive it. Makes the pods.
  DemoLife(loop::Loop& loop, Cluster& cluster);
  // Zero: none of that kind.
  void start(base::Duration events_every, base::Duration lines_every);

 private:
  void on_event();
  void on_line();
  void write_line(std::uint64_t n, bool to_all);

  Cluster& cluster_;
  base::Duration events_every_{}, lines_every_{};
  std::uint64_t events_ = 0, lines_ = 0;
  std::deque<std::pair<std::string, std::string>> fresh_;  // namespace, name
  loop::Timer event_timer_, line_timer_;
};

}  // namespace sim
