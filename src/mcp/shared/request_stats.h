// RequestStats: counts the JSON-RPC requests of both eras since the start, by method and outcome,
// and tools/call by tool, with the time from arrival to answer (as precise as one turn of the
// loop). The number of names is bounded: unknown methods count as "other".
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/metrics.h"

namespace mcp::shared {

enum class Outcome : unsigned char {
  ok,
  error,       // a JSON-RPC error, also when the server could not go on (shutdown)
  tool_error,  // tools/call: a result with isError
  cancelled,   // no answer: the client cancelled it or went away
};
constexpr int kOutcomes = 4;
std::string_view to_string(Outcome outcome);  // "ok", "error", "tool_error", "cancelled"

struct RequestCount {
  std::array<std::uint64_t, kOutcomes> ended{};  // by outcome
  base::metrics::Histogram duration;
};

class RequestStats {
 public:
  void ended(std::string_view method, Outcome outcome, base::Duration took);
  // Counts a tools/call in addition to ended(). Requires: `tool` is one of the registry's names.
  void tool_ended(std::string_view tool, Outcome outcome, base::Duration took);

  // fn(method, RequestCount), fn(tool, RequestCount): for each with at least one ended request.
  template <class Fn>
  void for_each_method(Fn fn) const {
    for (std::size_t i = 0; i < kMethods; ++i) {
      if (methods_[i]) fn(method_at(i), *methods_[i]);
    }
  }
  template <class Fn>
  void for_each_tool(Fn fn) const {
    for (const auto& [name, count] : tools_)
      fn(std::string_view(name), count);
  }

 private:
  static constexpr std::size_t kMethods = 19;
  static std::string_view method_at(std::size_t index);
  static std::size_t index_of(std::string_view method);
  std::array<std::unique_ptr<RequestCount>, kMethods> methods_;
  std::map<std::string, RequestCount, std::less<>> tools_;
};

}  // namespace mcp::shared
