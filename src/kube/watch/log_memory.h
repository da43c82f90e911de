// LogMemory: recognises lines that were delivered before when they come again after a resume. Pure:
// no loop, no network, no clock: times are those of the lines and are only compared with each
// other.
//
//   last line delivered           the resume requests         and drops
//   has the greatest time so far  lines since that second     the lines delivered in it (a multiset
//                                 (whole seconds, inclusive)  of time and line)
//   has a time, but times         the last kRecentLines       the lines it recognises by content
//   stepped back
//   has no time (a kubelet        everything                  as many lines as were delivered, as
//   without timestamps)                                       long as they are the same
//
// When the replay does not join up with the delivered lines, it reports a gap.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "kube/watch/log_lines.h"

namespace kube::watch {

// Further lines in one second are only counted.
constexpr std::size_t kMemoryLines = 50000;
// Lines remembered by content, independent of their times: 16 KiB a stream, some minutes of a busy
// container.
constexpr std::size_t kRecentLines = 2000;
// First lines kept to recognise a log that is sent from its beginning again.
constexpr std::size_t kFirstLines = 16;

class LogMemory {
 public:
  struct Verdict {
    bool deliver = true;
    // Before this line some may be missing or repeated; must be reported even when the line itself
    // is not delivered.
    bool gap = false;
  };
  enum class Way : unsigned char { nothing, since_last, recent, everything };

  // How to resume; nothing: no line was delivered yet.
  Way way() const;
  // A stream begins; `resumed`: it was requested as way() returned.
  void begin(bool resumed);
  Verdict judge(const RawLine& line);
  // The log of a new container instance begins. All is forgotten but the lines of the newest second:
  // a stream that was taken for the old instance's may have had them from the new one. They are
  // known by time and line when they come again; a line of another instance has another time.
  void begin_instance();

  // The time of the last delivered line that has one.
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
  bool came_early(std::uint64_t hash);
  void note_time(std::int64_t ns, std::uint64_t hash);
  Verdict judge_by_time(const RawLine& line);
  Verdict judge_by_content(const RawLine& line);
  bool same_place(std::uint64_t hash) const;

  std::optional<std::int64_t> first_;  // time of the first line delivered
  std::optional<base::WallTime> last_;
  std::int64_t newest_ = 0;           // the greatest time delivered
  bool timed_ = false;                // the last line delivered had a time
  std::vector<Seen> seen_;            // lines in newest_'s second
  std::uint64_t uncounted_ = 0;       // further ones, beyond kMemoryLines
  std::uint64_t delivered_ = 0;       // lines of this instance
  std::vector<std::uint64_t> front_;  // hashes of the first kFirstLines of them
  std::deque<std::uint64_t> recent_;  // of the last kRecentLines

  Way replay_way_ = Way::nothing;  // during a replay
  bool may_gap_ = false;           // no remembered line has come again yet
  std::int64_t replay_second_ = 0;
  std::uint64_t replay_uncounted_ = 0;
  std::unordered_map<Seen, std::uint32_t, HashOf> replay_;
  std::unordered_map<Seen, std::uint32_t, HashOf> early_;  // begin_instance()'s
  std::optional<std::int64_t> previous_;  // of the previous line; a line without a time inherits it
  // By content: the place in the whole log while that matches, then among the recent lines.
  bool in_place_ = false;
  std::uint64_t place_ = 0, strangers_left_ = 0;
  std::deque<std::uint64_t> known_;  // recent lines that have not come again
};

}  // namespace kube::watch
