// LogMemory: lines that were delivered before are recognised when they come again after a resume.
// Pure: no loop, no network, no clock: times are the lines' own, and only compared with each other.
//
//   the last line delivered …              the resume asks for       and drops
//   has a time, the greatest so far        since that second         what was delivered in it (a multiset of
//                                          (whole seconds, inclusive) time and line)
//   has one, but times stepped back        the last kRecentLines     what it recognises by content
//   has none (a kubelet without them)      everything                as many lines as were delivered, as long as
//                                                                    they are the same ones
// What does not meet is told as a gap.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "kube/log_lines.h"

namespace kube {

// More lines than this in one second are only counted.
constexpr std::size_t kMemoryLines = 50000;
// Known by content whatever their times: 16 KiB a stream, some minutes of a busy container.
constexpr std::size_t kRecentLines = 2000;
// By its first lines a log is recognised that comes from its beginning again.
constexpr std::size_t kFirstLines = 16;

class LogMemory {
 public:
  struct Verdict {
    bool deliver = true;
    // Before this line some may be missing, or come again: it is to be told, also when the line is not
    // delivered.
    bool gap = false;
  };
  enum class Way : unsigned char { nothing, since_last, recent, everything };

  // How to go on; nothing: no line was delivered.
  Way way() const;
  // A stream begins; `resumed`: it was asked for in that way.
  void begin(bool resumed);
  Verdict judge(const RawLine& line);
  // A new container instance: nothing of it was delivered.
  void clear();

  // Its own, of the last line delivered that has one.
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
  void note(const RawLine& line);
  void note_time(std::int64_t ns, std::uint64_t hash);
  Verdict judge_by_time(const RawLine& line);
  Verdict judge_by_content(const RawLine& line);
  bool same_place(std::uint64_t hash) const;

  std::optional<std::int64_t> first_;  // time of the first line delivered
  std::optional<base::WallTime> last_;
  std::int64_t newest_ = 0;      // the greatest time delivered
  bool timed_ = false;           // the last line delivered had a time
  std::vector<Seen> seen_;       // of newest_'s second
  std::uint64_t uncounted_ = 0;  // of the same, beyond kMemoryLines
  std::uint64_t delivered_ = 0;  // lines of this instance
  std::vector<std::uint64_t> front_;   // hashes of the first kFirstLines of them
  std::deque<std::uint64_t> recent_;   // of the last kRecentLines

  Way replay_way_ = Way::nothing;  // while a replay is under way
  bool may_gap_ = false;           // nothing remembered has come again yet
  std::int64_t replay_second_ = 0;
  std::uint64_t replay_uncounted_ = 0;
  std::unordered_map<Seen, std::uint32_t, HashOf> replay_;
  std::optional<std::int64_t> previous_;  // time of the line before, which one without inherits
  // By content: the place in the whole log while it is the same one, then in what was recent.
  bool in_place_ = false;
  std::uint64_t place_ = 0, strangers_left_ = 0;
  std::deque<std::uint64_t> known_;  // recent lines that have not come again
};

}  // namespace kube
