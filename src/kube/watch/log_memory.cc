#include "kube/watch/log_memory.h"

#include <algorithm>
#include <utility>

namespace kube::watch {
namespace {

constexpr std::int64_t kSecond = 1000000000;

std::int64_t second_of(std::int64_t ns) {
  return ns >= 0 ? ns / kSecond : -((-ns + kSecond - 1) / kSecond);
}

}  // namespace

void LogMemory::begin_instance() {
  LogMemory fresh;
  for (const Seen& seen : seen_)
    ++fresh.early_[seen];
  *this = std::move(fresh);
}

LogMemory::Way LogMemory::way() const {
  if (delivered_ == 0) return Way::nothing;
  if (!timed_) return Way::everything;
  // The lines in the last line's second are remembered when no later one was seen.
  return second_of(last_->ns) == second_of(newest_) ? Way::since_last : Way::recent;
}

void LogMemory::begin(bool resumed) {
  previous_.reset();
  replay_.clear();
  known_.clear();
  replay_way_ = resumed ? way() : Way::nothing;
  may_gap_ = replay_way_ != Way::nothing;
  if (replay_way_ == Way::since_last) {
    for (const Seen& seen : seen_)
      ++replay_[seen];
    replay_uncounted_ = uncounted_;
    replay_second_ = second_of(last_->ns);
  } else if (may_gap_) {
    known_ = recent_;
    place_ = 0;
    in_place_ = replay_way_ == Way::everything;
    strangers_left_ = in_place_ ? delivered_ - recent_.size() : 0;
  }
}

void LogMemory::note(const RawLine& line) {
  timed_ = previous_.has_value();
  if (timed_) note_time(*previous_, line.hash);
  if (++delivered_ <= kFirstLines) front_.push_back(line.hash);
  recent_.push_back(line.hash);
  if (recent_.size() > kRecentLines) recent_.pop_front();
}

void LogMemory::note_time(std::int64_t ns, std::uint64_t hash) {
  const std::int64_t second = second_of(ns);
  const bool any = last_.has_value();
  if (!first_) first_ = ns;
  last_ = base::WallTime{ns};
  if (any && second < second_of(newest_)) return;
  if (!any || second > second_of(newest_)) {
    seen_.clear();
    uncounted_ = 0;
  }
  newest_ = any ? std::max(newest_, ns) : ns;
  if (seen_.size() < kMemoryLines) {
    seen_.push_back({ns, hash});
  } else {
    ++uncounted_;
  }
}

bool LogMemory::came_early(std::uint64_t hash) {
  if (early_.empty() || !previous_) return false;
  if (second_of(*previous_) > second_of(early_.begin()->first.ns)) {
    early_ = {};  // none of them comes any more
    return false;
  }
  const auto it = early_.find({*previous_, hash});
  if (it == early_.end()) return false;
  if (--it->second == 0) early_.erase(it);
  return true;
}

LogMemory::Verdict LogMemory::judge(const RawLine& line) {
  Verdict verdict;
  if (line.time) previous_ = line.time->ns;
  if (replay_way_ == Way::nothing && came_early(line.hash)) {
    note(line);
    return {.deliver = false};
  }
  if (replay_way_ == Way::since_last) {
    verdict = judge_by_time(line);
  } else if (replay_way_ != Way::nothing) {
    verdict = judge_by_content(line);
  }
  if (verdict.deliver) note(line);
  return verdict;
}

LogMemory::Verdict LogMemory::judge_by_time(const RawLine& line) {
  Verdict verdict;
  // At the front of a resume: the tail of a record whose line was delivered or will never be
  // complete.
  if (!previous_) return {.deliver = false};
  const std::int64_t second = second_of(*previous_);
  if (second < replay_second_) return {.deliver = false};
  if (second == replay_second_) {
    const auto it = replay_.find({*previous_, line.hash});
    const bool known = it != replay_.end();
    if (known || replay_uncounted_ > 0) {
      may_gap_ = false;
      if (!known) {
        --replay_uncounted_;
      } else if (--it->second == 0) {
        replay_.erase(it);
      }
      return {.deliver = false};
    }
    // A line of the second in which the first line was written: tailLines left it out.
    if (may_gap_ && *previous_ <= *first_) return {.deliver = false};
  } else {
    replay_way_ = Way::nothing;
    replay_.clear();
  }
  verdict.gap = may_gap_;
  may_gap_ = false;
  return verdict;
}

// Whether the line at place_ of the log was this one, as far as is known: the middle of a long log
// is only counted.
bool LogMemory::same_place(std::uint64_t hash) const {
  if (place_ < front_.size()) return front_[static_cast<std::size_t>(place_)] == hash;
  const std::uint64_t forgotten = delivered_ - recent_.size();
  return place_ < forgotten || recent_[static_cast<std::size_t>(place_ - forgotten)] == hash;
}

LogMemory::Verdict LogMemory::judge_by_content(const RawLine& line) {
  if (in_place_ && place_ < delivered_ && same_place(line.hash)) {
    if (++place_ == delivered_) replay_way_ = Way::nothing;
    return {.deliver = false};
  }
  // The log came from its beginning, so the first different line is not older than the known ones.
  if (std::exchange(in_place_, false) && place_ > 0) strangers_left_ = 0;
  const auto at = std::find(known_.begin(), known_.end(), line.hash);
  if (at != known_.end()) {
    known_.erase(known_.begin(), at + 1);
    may_gap_ = false;
    strangers_left_ = 0;
    if (known_.empty()) replay_way_ = Way::nothing;
    return {.deliver = false};
  }
  // Probably older than the known lines, as none of them has come yet; uncertain, so it is a gap.
  if (strangers_left_ > 0) {
    --strangers_left_;
    const bool gap = may_gap_;
    may_gap_ = false;
    return {.deliver = false, .gap = gap};
  }
  // A new line although not all known lines came again: lines in between may be lost.
  const bool told = replay_way_ == Way::everything && !may_gap_ && known_.size() == recent_.size();
  replay_way_ = Way::nothing;
  known_.clear();
  may_gap_ = false;
  return {.deliver = true, .gap = !told};
}

}  // namespace kube::watch
