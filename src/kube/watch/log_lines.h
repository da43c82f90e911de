// LineAssembler: splits a log stream's bytes into lines. Pure: no loop, no network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/time.h"

namespace kube::watch {

// A line of a log requested with timestamps=true. Its views are valid until the next call of the
// assembler.
struct RawLine {
  std::optional<base::WallTime> time;  // none: the rest of a line whose start is missing
  std::string_view text;               // valid UTF-8 without NUL, without time and line end
  std::uint64_t hash = 0;              // of all its bytes, discarded ones included
  bool truncated = false;
};

// RFC 3339 with nine digits and an offset has 35 bytes.
constexpr std::size_t kStampBytes = 36;

// Splits bytes into lines, independent of how they are chunked. A line that lies whole in the given
// bytes is not copied; of a line longer than `cap` bytes the rest is discarded. One CR before the
// line end is dropped (others, as in progress bars, stay); invalid UTF-8 and NUL become U+FFFD.
class LineAssembler {
 public:
  explicit LineAssembler(std::size_t cap = base::limits::kLogLineBytes) : cap_(cap) {}
  // Consumes `bytes` from the front, through the first line end or entirely. Returns true when
  // `line` is complete.
  bool next(std::string_view& bytes, RawLine& line);
  // Takes the text after the last line end; false when there is none, or only part of a timestamp.
  bool rest(RawLine& line);
  void reset();

 private:
  void keep(std::string_view bytes);
  RawLine make(std::string_view bytes, bool ended);
  std::size_t cap_;
  std::string partial_;   // of the current line, at most cap_ and a timestamp
  std::string whole_;     // backs `line` when it arrived in several pieces
  std::string repaired_;  // backs `line` when it was not valid UTF-8
  std::uint64_t hash_ = 0;
  bool started_ = false, cut_ = false;
};

}  // namespace kube::watch
