// ProgressPace: which of a call's progress reports go out: only those that grow, and no faster than
// anybody can read.
#pragma once

#include <string>
#include <string_view>

#include "loop/clock.h"
#include "mcp/context.h"

namespace mcp {

// Between two progress notifications of one call; what comes faster is left out.
constexpr base::Duration kProgressPace = base::milliseconds(20);

class ProgressPace {
 public:
  // `token_json`: what the client gave, "" : none.
  explicit ProgressPace(std::string token_json) : token_json_(std::move(token_json)) {}
  bool wanted() const { return !token_json_.empty(); }
  // notifications/progress, or "" when this one is left out.
  std::string message(const Progress& progress, loop::TimePoint now);

 private:
  std::string token_json_;
  loop::TimePoint last_;
  double done_ = 0;
  bool told_ = false;
};

}  // namespace mcp
