#include "base/time.h"

#include <array>
#include <limits>

namespace base {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kMaxNs = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMinNs = std::numeric_limits<std::int64_t>::min();

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void append_padded(std::string& out, std::int64_t value, int width) {
  std::array<char, 20> digits{};
  int n = 0;
  do {
    digits[n++] = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value > 0 && n < 20);
  for (int i = n; i < width; ++i)
    out += '0';
  while (n > 0)
    out += digits[--n];
}

// Takes exactly `width` digits from the front.
std::optional<int> take_digits(std::string_view& s, std::size_t width) {
  if (s.size() < width) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    if (!is_digit(s[i])) return std::nullopt;
    value = value * 10 + (s[i] - '0');
  }
  s.remove_prefix(width);
  return value;
}

bool take(std::string_view& s, char c) {
  if (s.empty() || s.front() != c) return false;
  s.remove_prefix(1);
  return true;
}

// Any number of digits as a fraction of 10^9; those after the ninth are dropped.
std::int64_t take_fraction(std::string_view& s) {
  std::int64_t ns = 0;
  std::int64_t scale = kNsPerSecond / 10;
  while (!s.empty() && is_digit(s.front())) {
    ns += (s.front() - '0') * scale;
    scale /= 10;
    s.remove_prefix(1);
  }
  return ns;
}

// Whole days since the epoch; nullopt when there is no such date.
std::optional<std::int64_t> take_date(std::string_view& s) {
  const auto year = take_digits(s, 4);
  if (!year || !take(s, '-')) return std::nullopt;
  const auto month = take_digits(s, 2);
  if (!month || !take(s, '-')) return std::nullopt;
  const auto day = take_digits(s, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

// Seconds of the day; a leap second (:59:60) counts as the following second.
std::optional<std::int64_t> take_time_of_day(std::string_view& s) {
  const auto hour = take_digits(s, 2);
  if (!hour || *hour > 23 || !take(s, ':')) return std::nullopt;
  const auto minute = take_digits(s, 2);
  if (!minute || *minute > 59 || !take(s, ':')) return std::nullopt;
  const auto second = take_digits(s, 2);
  if (!second || *second > (*minute == 59 ? 60 : 59)) return std::nullopt;
  return *hour * 3600 + *minute * 60 + *second;
}

// Z or +hh:mm, in seconds east of UTC.
std::optional<std::int64_t> take_offset(std::string_view& s) {
  if (take(s, 'Z') || take(s, 'z')) return 0;
  const bool west = !s.empty() && s.front() == '-';
  if (!take(s, '+') && !take(s, '-')) return std::nullopt;
  const auto hour = take_digits(s, 2);
  if (!hour || *hour > 23 || !take(s, ':')) return std::nullopt;
  const auto minute = take_digits(s, 2);
  if (!minute || *minute > 59) return std::nullopt;
  const std::int64_t offset = *hour * 3600 + *minute * 60;
  return west ? -offset : offset;
}

struct Unit {
  std::string_view name;
  std::int64_t ns;
};
// Longer names first, so that "ms" does not match as "m".
constexpr std::array<Unit, 8> kUnits = {{{"ns", 1},
                                         {"us", 1'000},
                                         {"\u00b5s", 1'000},
                                         {"\u03bcs", 1'000},
                                         {"ms", 1'000'000},
                                         {"s", kNsPerSecond},
                                         {"m", 60 * kNsPerSecond},
                                         {"h", 3600 * kNsPerSecond}}};

Error duration_error(std::string_view why) {
  return Error(Errc::invalid_argument,
               std::string(why) + "; a duration is written as 500ms, 10s, 2m or 1m30s");
}

// Converts `whole` and `fraction` (in 10^-9) of a unit to ns; nullopt on overflow.
std::optional<std::int64_t> scaled(std::int64_t whole, std::int64_t fraction, std::int64_t unit) {
  if (whole > kMaxNs / unit) return std::nullopt;
  const std::int64_t part =
      unit >= kNsPerSecond ? fraction * (unit / kNsPerSecond) : fraction / (kNsPerSecond / unit);
  if (whole * unit > kMaxNs - part) return std::nullopt;
  return whole * unit + part;
}

// Parses one "1.5s" from the front.
Result<std::int64_t> take_term(std::string_view& s) {
  const std::size_t before = s.size();
  std::int64_t whole = 0;
  while (!s.empty() && is_digit(s.front())) {
    const int digit = s.front() - '0';
    if (whole > (kMaxNs - digit) / 10) return duration_error("too long");
    whole = whole * 10 + digit;
    s.remove_prefix(1);
  }
  std::size_t digits = before - s.size();
  std::int64_t fraction = 0;
  if (take(s, '.')) {
    const std::size_t at = s.size();
    fraction = take_fraction(s);
    digits += at - s.size();
  }
  if (digits == 0) return duration_error("not a number");
  for (const Unit& unit : kUnits) {
    if (!s.starts_with(unit.name)) continue;
    s.remove_prefix(unit.name.size());
    const auto ns = scaled(whole, fraction, unit.ns);
    if (!ns) return duration_error("too long");
    return *ns;
  }
  if (s.empty()) return duration_error("the unit is missing");
  return duration_error("unknown unit");
}

// "1.5" for value 1'500 and unit 1'000; no trailing zeros.
void append_decimal(std::string& out, std::int64_t value, std::int64_t unit) {
  out += std::to_string(value / unit);
  std::int64_t rest = value % unit;
  if (rest == 0) return;
  out += '.';
  while (rest > 0) {
    unit /= 10;
    out += static_cast<char>('0' + rest / unit);
    rest %= unit;
  }
}

}  // namespace

std::string format_rfc3339(WallTime t, int digits) {
  std::int64_t total = t.ns / kNsPerSecond;
  std::int64_t ns = t.ns % kNsPerSecond;
  if (ns < 0) {
    ns += kNsPerSecond;
    --total;
  }
  std::int64_t days = total / kSecondsPerDay;
  std::int64_t second = total % kSecondsPerDay;
  if (second < 0) {
    second += kSecondsPerDay;
    --days;
  }
  const std::chrono::year_month_day date{
      std::chrono::sys_days(std::chrono::days(static_cast<int>(days)))};
  std::string out;
  out.reserve(32);
  append_padded(out, static_cast<int>(date.year()), 4);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_padded(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_padded(out, second / 3600, 2);
  out += ':';
  append_padded(out, second / 60 % 60, 2);
  out += ':';
  append_padded(out, second % 60, 2);
  if (digits > 0) {
    for (int i = digits; i < 9; ++i)
      ns /= 10;
    out += '.';
    append_padded(out, ns, digits < 9 ? digits : 9);
  }
  out += 'Z';
  return out;
}

std::optional<WallTime> parse_rfc3339(std::string_view s) {
  const auto days = take_date(s);
  if (!days || !(take(s, 'T') || take(s, 't'))) return std::nullopt;
  const auto second = take_time_of_day(s);
  if (!second) return std::nullopt;
  std::int64_t ns = 0;
  if (take(s, '.')) {
    if (s.empty() || !is_digit(s.front())) return std::nullopt;
    ns = take_fraction(s);
  }
  const auto offset = take_offset(s);
  if (!offset || !s.empty()) return std::nullopt;
  const std::int64_t total = *days * kSecondsPerDay + *second - *offset;
  if (total >= kMaxNs / kNsPerSecond) return WallTime{kMaxNs};
  if (total <= kMinNs / kNsPerSecond) return WallTime{kMinNs};
  return WallTime{total * kNsPerSecond + ns};
}

Result<Duration> parse_duration(std::string_view s) {
  if (s == "0") return Duration::zero();
  if (s.empty()) return duration_error("empty");
  if (s.front() == '-' || s.front() == '+') return duration_error("a sign is not allowed");
  std::int64_t sum = 0;
  while (!s.empty()) {
    const auto term = take_term(s);
    if (!term) return term.error();
    if (*term > kMaxNs - sum) return duration_error("too long");
    sum += *term;
  }
  return Duration(sum);
}

std::string format_duration(Duration d) {
  if (d == kForever) return "forever";
  if (d == Duration::zero()) return "0s";
  if (d == Duration::min()) d += Duration(1);  // has no positive counterpart
  std::string out;
  std::int64_t ns = d.count();
  if (ns < 0) {
    out += '-';
    ns = -ns;
  }
  if (ns < kNsPerSecond) {
    const Unit& unit = ns < 1'000 ? kUnits[0] : ns < 1'000'000 ? kUnits[1] : kUnits[4];
    append_decimal(out, ns, unit.ns);
    out += unit.name;
    return out;
  }
  const std::int64_t hour = ns / (3600 * kNsPerSecond);
  const std::int64_t minute = ns / (60 * kNsPerSecond) % 60;
  const std::int64_t rest = ns % (60 * kNsPerSecond);
  if (hour > 0) out += std::to_string(hour) + "h";
  if (minute > 0) out += std::to_string(minute) + "m";
  if (rest > 0) {
    append_decimal(out, rest, kNsPerSecond);
    out += 's';
  }
  return out;
}

}  // namespace base
