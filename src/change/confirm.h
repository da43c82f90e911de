// How a change is confirmed: by a person, whom the client asks (elicitation), or by a second call
// with the token that the first one returned.
//
// Either is bound to everything that was shown: the tool, the cluster, each object with its uid and
// content, and what would become of it. Objects that have changed since void it; what changes by
// itself (status, resourceVersion) does not, or a cluster that reports its progress could never be
// confirmed. A token is good once, for kConfirmTime, and only for the caller that got it.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/error.h"
#include "base/seal.h"
#include "base/time.h"
#include "change/plan.h"

namespace change {

// Long enough to read a diff and ask a person; short enough that the reader still knows it.
constexpr base::Duration kConfirmTime = base::minutes(5);
// Used tokens that are remembered until they expire. Beyond it the oldest are forgotten: what they
// were made for has changed by then, since they were used.
constexpr std::size_t kUsedTokens = 4096;

// --confirm: which changes are confirmed.
enum class Confirm : unsigned char {
  always,       // each
  destructive,  // costly and destructive ones
  never,
};

constexpr bool needs_confirmation(Confirm mode, Weight weight) {
  return mode == Confirm::always || (mode == Confirm::destructive && weight != Weight::ordinary);
}

// The tokens of one process.
class Confirmations {
 public:
  explicit Confirmations(const base::Seal& seal) : seal_(seal) {}  // which must outlive this

  // `digest`: of what is to be confirmed. `identity`: the caller's.
  std::string token(std::string_view digest, std::string_view identity, base::WallTime now);
  // Uses the token up. Errors say what is wrong with it.
  base::Result<void> use(std::string_view token, std::string_view digest, std::string_view identity,
                         base::WallTime now);

 private:
  const base::Seal& seal_;
  std::unordered_set<std::string> used_;
  std::deque<std::string> order_;
};

}  // namespace change
