// VerdictTable: verdicts on tokens, each under the token's SHA-256 (the token itself is not kept).
// When the table is full, by number or by bytes, the entry that was kept longest is evicted.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>

#include "auth/token_hash.h"
#include "base/list.h"
#include "base/time.h"
#include "mcp/caller.h"

namespace auth {

class VerdictTable {
 public:
  struct Kept {
    mcp::Caller caller = {};  // of an accepted token, without `bearer`
    int status = 200;         // or the status of the refusal
    std::string why = {};     // of one with 403: what the client is told
    base::TimePoint until{};  // it holds; after that it only shows that the token was known once
  };
  // `bytes`: of the texts of the callers and refusals.
  explicit VerdictTable(std::size_t most, std::size_t bytes) : most_(most), most_bytes_(bytes) {}

  const Kept* find(const auth::TokenHash& hash) const;
  void keep(const auth::TokenHash& hash, Kept kept);
  void forget(const auth::TokenHash& hash);
  // No verdict holds longer than until `now`.
  void end_all(base::TimePoint now);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry : base::Link {
    auth::TokenHash hash{};
    Kept kept;
  };
  static std::size_t bytes_of(const Kept& kept);

  std::size_t most_, most_bytes_, bytes_ = 0;
  std::unordered_map<auth::TokenHash, Entry, TokenHashHash> entries_;
  base::List<Entry> order_;  // kept longest first
};

}  // namespace auth
