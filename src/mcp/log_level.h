// The levels of logging/setLevel: RFC 5424's severities, least severe first.
#pragma once

#include <array>
#include <string_view>

namespace mcp {

enum class LogLevel : unsigned char {
  debug,
  info,
  notice,
  warning,
  error,
  critical,
  alert,
  emergency
};
constexpr std::array<std::string_view, 8> kLogLevelNames = {
    "debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"};

inline std::string_view to_string(LogLevel level) {
  return kLogLevelNames[static_cast<std::size_t>(level)];
}

// Returns false when `text` is no level's name (case matters).
inline bool parse_log_level(std::string_view text, LogLevel& level) {
  for (std::size_t i = 0; i < kLogLevelNames.size(); ++i) {
    if (kLogLevelNames[i] != text) continue;
    level = static_cast<LogLevel>(i);
    return true;
  }
  return false;
}

}  // namespace mcp
