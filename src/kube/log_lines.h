// What a log stream is made of: bytes become lines (LineAssembler), and lines that were delivered
// before are recognised when they come again (LogMemory). Pure: no loop, no network.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

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

// More lines than this in one second are only counted.
constexpr std::size_t kMemoryLines = 50000;

// Remembers the delivered lines of the last second seen. A resume asks for all lines from that
// second on (sinceTime has whole seconds) and drops those that are remembered
// (the kubelet's filter is inclusive). Times that step back by more than the second are delivered but not
// remembered.
class LogMemory {
 public:
  struct Verdict {
    bool deliver = true;
    // Before this line, some may be missing: nothing of what was delivered came again.
    bool gap = false;
  };

  // A stream begins; `resumed`: it repeats the last second.
  void begin(bool resumed);
  Verdict judge(const RawLine& line);
  // A new container instance: nothing of it was delivered.
  void clear();

  // Of the latest line delivered.
  std::optional<base::WallTime> last() const { return last_; }

 private:
  struct Seen {
    std::int64_t ns;
    std::uint64_t hash;
    bool operator==(const Seen&) const = default;
  };
  struct HashOf {
    std::size_t operator()(const Seen& s) const {
      return static_cast<std::size_t>(s.hash ^ static_cast<std::uint64_t>(s.ns));
    }
  };
  void note(std::int64_t ns, std::uint64_t hash);

  std::optional<std::int64_t> first_;  // time of the first line delivered
  std::optional<base::WallTime> last_;
  std::vector<Seen> seen_;       // of last_'s second
  std::uint64_t uncounted_ = 0;  // of the same, beyond kMemoryLines

  bool replaying_ = false;
  bool may_gap_ = false;  // nothing remembered has come again yet
  std::int64_t replay_second_ = 0;
  std::uint64_t replay_uncounted_ = 0;
  std::unordered_map<Seen, std::uint32_t, HashOf> replay_;
  std::optional<std::int64_t> previous_;  // time of the line before, which one without inherits
};

}  // namespace kube
