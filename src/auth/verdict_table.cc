#include "auth/verdict_table.h"

#include <algorithm>
#include <utility>

namespace auth {

const VerdictTable::Kept* VerdictTable::find(const auth::TokenHash& hash) const {
  const auto at = entries_.find(hash);
  return at == entries_.end() ? nullptr : &at->second.kept;
}

void VerdictTable::keep(const auth::TokenHash& hash, Kept kept) {
  forget(hash);
  bytes_ += bytes_of(kept);
  Entry& entry = entries_[hash];
  entry.hash = hash;
  entry.kept = std::move(kept);
  order_.move_here(entry);
  while (entries_.size() > most_ || (bytes_ > most_bytes_ && entries_.size() > 1))
    forget(auth::TokenHash(order_.first()->hash));
}

void VerdictTable::forget(const auth::TokenHash& hash) {
  const auto at = entries_.find(hash);
  if (at == entries_.end()) return;
  bytes_ -= bytes_of(at->second.kept);
  at->second.unlink();
  entries_.erase(at);
}

void VerdictTable::end_all(base::TimePoint now) {
  for (auto& [hash, entry] : entries_)
    entry.kept.until = std::min(entry.kept.until, now);
}

std::size_t VerdictTable::bytes_of(const Kept& kept) {
  const mcp::Caller& c = kept.caller;
  return c.identity.size() + c.acts_as.size() + c.client_id.size() + c.token_id.size() +
         kept.why.size();
}

}  // namespace auth
