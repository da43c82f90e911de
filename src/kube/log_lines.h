// What a log stream is made of: bytes become lines. Pure: no loop, no network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.h"
#include "base/time.h"

namespace kube {

// A line asked for with timestamps=true. Views live until the next call of the assembler.
struct RawLine {
  std::optional<base::WallTime> time;  // none: the continuation of a line whose start is not here
  std::string_view text;               // valid UTF-8 without NUL, without time and line end
  std::uint64_t hash = 0;              // of all its bytes, also of those thrown away
  bool truncated = false;
};

// RFC 3339 with nine digits and an offset has 35 bytes.
constexpr std::size_t kStampBytes = 36;

// Cuts bytes into lines, wherever they were cut on the way. A line that lies whole in the bytes
// given is not copied; of one longer than `cap` bytes the rest is thrown away. One CR before the
// line end is dropped (others, of progress bars, stay); invalid UTF-8 and NUL become U+FFFD.
class LineAssembler {
 public:
  explicit LineAssembler(std::size_t cap = base::limits::kLogLineBytes) : cap_(cap) {}
  // Takes bytes off the front of `bytes`, through the first line end or all of them. True: `line`
  // is whole.
  bool next(std::string_view& bytes, RawLine& line);
  // What came after the last line end; false when nothing did, or only a part of a timestamp.
  // Forgets it.
  bool rest(RawLine& line);
  void reset();

 private:
  void keep(std::string_view bytes);
  RawLine make(std::string_view bytes, bool ended);
  std::size_t cap_;
  std::string partial_;   // of the line under way, at most cap_ and a timestamp
  std::string whole_;     // what `line` views, when it was not whole in one piece
  std::string repaired_;  // the same, when it was no UTF-8
  std::uint64_t hash_ = 0;
  bool started_ = false, cut_ = false;
};

}  // namespace kube
