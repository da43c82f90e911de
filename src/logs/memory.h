// Memory: the newest lines of a followed log, for newcomers and for subscribers that are
// behind; bounded by bytes, and by a budget for all logs together. Entries are numbered from 0 and
// keep their numbers; the oldest are dropped first.
//
// It also knows which part of the history it holds completely: what the stream began with (the
// whole log, or from a time on), less what was dropped, from the last restart of the container or
// gap on.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "base/limits.h"
#include "base/payload.h"
#include "base/queue_budget.h"
#include "base/time.h"

namespace logs {

// For one log: some thousand lines, more than a screen and less than a model's context.
constexpr std::size_t kLogMemoryBytes = 256 * base::limits::kKiB;
// For all logs together: 256 busy ones. Beyond it each log keeps what it finds room for.
constexpr std::size_t kLogMemoryBudget = 64 * base::limits::kMiB;

struct LogEntry {
  std::string_view kind;  // a literal: line, gap, restart, error
  base::WallTime time{};  // set for a line
  base::Payload text;
  bool truncated = false, partial = false;
  bool is_line() const { return kind == "line"; }
};

// The history that a follower wants; neither: the whole log.
struct LogHistory {
  std::optional<std::int64_t> tail_lines;
  std::optional<base::WallTime> since;
  bool all() const { return !tail_lines && !since; }
};

class Memory {
 public:
  // `began_with`: the history that the stream requested. `budget` must outlive this. `owner`: whose
  // share of it the lines use; "": nobody's.
  Memory(base::QueueBudget& budget, const LogHistory& began_with, std::string_view owner = {});
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory();

  void add(LogEntry entry);
  std::uint64_t first() const { return first_; }  // the oldest entry kept
  std::uint64_t end() const { return first_ + entries_.size(); }
  const LogEntry& operator[](std::uint64_t number) const {
    return entries_[static_cast<std::size_t>(number - first_)];
  }
  // The entry with which `wanted` begins; nullopt unless all of it that was written so far is held.
  std::optional<std::uint64_t> begin_of(const LogHistory& wanted) const;

 private:
  static std::size_t size_of(const LogEntry& entry) { return sizeof(LogEntry) + entry.text.size(); }
  void pop();
  std::uint64_t tail(std::int64_t lines, bool* whole) const;
  base::QueueBudget& budget_;
  const base::Account account_;
  std::deque<LogEntry> entries_;
  std::uint64_t first_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t base_ = 0;  // nothing older counts as held
  bool whole_;              // everything of this instance since base_ came through here …
  std::optional<base::WallTime> from_;  // … or everything written since then
};

}  // namespace logs
