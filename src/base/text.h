// Text helpers: ASCII case, trimming, splitting, numbers, UTF-8 repair, text for people to read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace base {

std::string to_lower(std::string_view s);              // ASCII
bool iequals(std::string_view a, std::string_view b);  // ASCII, ignoring case
std::string_view trim(std::string_view s);             // spaces, tabs, CR, LF at both ends
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::vector<std::string_view> split(std::string_view s, char separator);  // keeps empty parts

// The whole text must be a decimal number with an optional leading '-'; nullopt otherwise or when
// it is out of range.
std::optional<std::int64_t> parse_int(std::string_view s);

// Each maximal invalid sequence becomes U+FFFD. Valid text is returned unchanged.
std::string repair_utf8(std::string_view s);
bool valid_utf8(std::string_view s);

// For "did you mean": the candidate with the smallest edit distance to `word`, if the distance is
// at most a third of the word's length plus one; else "". The case of ASCII letters does not count. A
// word longer than 128 bytes has no match.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

// `s` made fit for one log line or error text: control characters replaced, at most `max` bytes,
// "…" when cut.
std::string printable(std::string_view s, std::size_t max);
// `s` made safe for a terminal: each character of moves_terminal() (utf8.h) becomes an escape like
// \u001b, invalid UTF-8 becomes U+FFFD. No limit; nothing is dropped.
std::string visible(std::string_view s);

}  // namespace base
