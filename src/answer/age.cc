#include "answer/age.h"

namespace answer {

namespace {

std::string two(std::int64_t most, char unit, std::int64_t rest, char unit_of_rest) {
  std::string out = std::to_string(most) + unit;
  if (rest > 0) out += std::to_string(rest) + unit_of_rest;
  return out;
}

}  // namespace

std::string age_text(base::Duration age) {
  const std::int64_t seconds = std::chrono::duration_cast<base::seconds>(age).count();
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return std::to_string(seconds) + "s";
  const std::int64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return std::to_string(minutes) + "m";
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return std::to_string(hours) + "h";
  if (hours < 24 * 8) return two(days, 'd', hours % 24, 'h');
  if (days < 365 * 2) return std::to_string(days) + "d";
  if (days < 365 * 8) return two(days / 365, 'y', days % 365, 'd');
  return std::to_string(days / 365) + "y";
}

std::string age_of(std::string_view created, base::WallTime now) {
  const auto time = base::parse_rfc3339(created);
  return time ? age_text(base::Duration(now.ns - time->ns)) : "<unknown>";
}

}  // namespace answer
