#include "logs/memory.h"

#include <algorithm>
#include <utility>

namespace logs {

Memory::Memory(base::QueueBudget& budget, const LogHistory& began_with, std::string_view owner)
    : budget_(budget), account_(budget, owner), whole_(began_with.all()) {
  if (!began_with.tail_lines) from_ = began_with.since;
}

Memory::~Memory() {
  while (!entries_.empty())
    pop();
}

void Memory::pop() {
  bytes_ -= size_of(entries_.front());
  budget_.remove(entries_.front().text, sizeof(LogEntry), account_);
  entries_.pop_front();
  ++first_;
}

void Memory::add(LogEntry entry) {
  while (!entries_.empty() && (bytes_ + size_of(entry) > kLogMemoryBytes ||
                               !budget_.has_room(entry.text, sizeof entry, account_)))
    pop();
  const std::string_view kind = entry.kind;
  // An entry that is larger than the whole memory is not kept; its number is used up.
  if (size_of(entry) > kLogMemoryBytes || !budget_.has_room(entry.text, sizeof entry, account_)) {
    ++first_;
  } else {
    bytes_ += size_of(entry);
    budget_.add(entry.text, sizeof entry, account_);
    entries_.push_back(std::move(entry));
  }
  if (kind != "gap" && kind != "restart") return;
  base_ = end();
  whole_ = kind == "restart";  // a new instance is followed from its beginning
  from_.reset();
}

// The number of the entry with which the last `lines` lines begin; *whole: so many are held.
std::uint64_t Memory::tail(std::int64_t lines, bool* whole) const {
  std::uint64_t at = end();
  const std::uint64_t least = std::max(first_, base_);
  while (lines > 0 && at > least) {
    if ((*this)[--at].is_line()) --lines;
  }
  *whole = lines == 0;
  return at;
}

std::optional<std::uint64_t> Memory::begin_of(const LogHistory& wanted) const {
  const std::uint64_t oldest = std::max(first_, base_);
  const bool nothing_went = first_ <= base_;
  const bool all = whole_ && nothing_went;
  std::uint64_t begin = oldest;
  bool held = all;
  if (wanted.since) {
    held = held || (nothing_went && from_ && *from_ <= *wanted.since);
    for (; begin < end(); ++begin) {
      const LogEntry& entry = (*this)[begin];
      if (!entry.is_line()) continue;
      if (entry.time >= *wanted.since) break;
      held = true;  // this line is older than `since`: all later ones are held
    }
  }
  if (wanted.tail_lines) {
    bool enough = false;
    const std::uint64_t from = tail(*wanted.tail_lines, &enough);
    held = held || enough;
    begin = std::max(begin, from);
  }
  if (!held) return std::nullopt;
  return begin;
}

}  // namespace logs
