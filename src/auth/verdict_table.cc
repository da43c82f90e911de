#include "auth/verdict_table.h"

#include <utility>

namespace auth {

const VerdictTable::Kept* VerdictTable::find(const auth::TokenHash& hash) const {
  const auto at = entries_.find(hash);
  return at == entries_.end() ? nullptr : &at->second.kept;
}

void VerdictTable::keep(const auth::TokenHash& hash, Kept kept) {
  Entry& entry = entries_[hash];
  entry.hash = hash;
  entry.kept = std::move(kept);
  order_.move_here(entry);
  if (entries_.size() > most_) forget(auth::TokenHash(order_.first()->hash));
}

void VerdictTable::forget(const auth::TokenHash& hash) {
  const auto at = entries_.find(hash);
  if (at == entries_.end()) return;
  at->second.unlink();
  entries_.erase(at);
}

}  // namespace auth
