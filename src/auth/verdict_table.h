// VerdictTable: verdicts on tokens, each under the token's SHA-256 (the token itself is not kept).
// When the table is full the entry that was kept longest is evicted.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

#include "auth/token_hash.h"
#include "base/list.h"
#include "base/time.h"

namespace auth {

class VerdictTable {
 public:
  struct Kept {
    std::string identity;     // of an accepted token
    int status = 200;         // or the status of the refusal
    base::TimePoint at{};     // when the verdict was given
    base::TimePoint until{};  // it holds; after that it only shows that the token was known once
    std::optional<base::TimePoint> expires = {};  // the token's own exp
  };
  explicit VerdictTable(std::size_t most) : most_(most) {}

  const Kept* find(const auth::TokenHash& hash) const;
  void keep(const auth::TokenHash& hash, Kept kept);
  void forget(const auth::TokenHash& hash);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry : base::Link {
    auth::TokenHash hash{};
    Kept kept;
  };
  std::size_t most_;
  std::unordered_map<auth::TokenHash, Entry, TokenHashHash> entries_;
  base::List<Entry> order_;  // kept longest first
};

}  // namespace auth
