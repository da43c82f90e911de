// CheckedTokens: what the authenticators that check bearer tokens have in common. One check of a
// token runs at a time; all callers that send the token meanwhile wait for it (review_turns.h decides
// which token is checked first). Verdicts are cached under the token's SHA-256:
//
//   accepted      for kVerdictTime, never longer than until the token's own end
//   refused       for kRefusalTime
//   unavailable   not at all: the token could not be checked
//
// Both caches are bounded, each for itself, so that made-up tokens evict no good one. A peer of whose
// tokens too many were refused gets 429 (refused_checks.h), but for tokens that were accepted before.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "auth/refused_checks.h"
#include "auth/review_turns.h"
#include "auth/token_hash.h"
#include "auth/verdict_table.h"
#include "base/delegate.h"
#include "base/limits.h"
#include "loop/loop.h"
#include "mcp/caller.h"

namespace auth {

// A revoked token is accepted for this long at most.
constexpr base::Duration kVerdictTime = base::minutes(1);
// A client that retries a bad token costs one check in this time; after it, a user who was
// repaired at the identity provider is let in.
constexpr base::Duration kRefusalTime = base::seconds(10);
constexpr std::size_t kVerdicts = 4096;  // in each cache; about 500 bytes each
// What the verdicts of one cache may take: users with thousands of groups make theirs larger.
constexpr std::size_t kVerdictBytes = 8 * base::limits::kMiB;
// Checks in flight. A review takes some milliseconds, so this allows thousands a second, each on a
// connection of its own.
constexpr std::size_t kReviewsUnderWay = 64;
// How long a token waits for its check to start. Clients wait some 30 s at least; after this one
// gets 503 and may retry.
constexpr base::Duration kReviewPatience = base::seconds(10);
// Callers that waited for one token and get its verdict in one turn of the loop: each then begins a
// request.
constexpr std::size_t kToldPerTurn = 32;

// What a check found out.
struct Finding {
  enum class Said : unsigned char { accepted, refused, unavailable };
  Said said = Said::unavailable;
  mcp::Caller caller = {};    // accepted: all but `bearer` and `checked`
  mcp::Refusal refusal = {};  // otherwise
  // Unavailable, for a token that may be made up: it counts for its peer as a refused one.
  bool in_vain = false;
};

// One check in flight; destroying it cancels it.
class TokenCheck {
 public:
  virtual ~TokenCheck() = default;
};

class CheckedTokens : public mcp::Authenticator {
 public:
  using FoundFn = base::Delegate<void(Finding)>;
  // What a check tells; neither is called inside begin().
  struct Tells {
    // Once, as the last statement.
    FoundFn found;
    // What is waited for from here on (an issuer's keys, an exchange) is no work of ours and has
    // bounds of its own: the check's place is free for other tokens. Before `found`, any number of
    // times.
    base::Delegate<void()> waits;
  };
  // `loop` must outlive this. `checks`: most checks in flight.
  CheckedTokens(loop::Loop& loop, std::size_t checks);
  // Callers that still wait get no verdict.
  ~CheckedTokens() override;
  std::optional<mcp::Verdict> known(std::optional<std::string_view> authorization) override;
  std::unique_ptr<mcp::PendingVerdict> ask(std::string_view authorization, std::string_view peer,
                                           Fn fn) override;
  bool expires() const override { return true; }
  mcp::AuthStats stats() const override;

 protected:
  // Implemented by the mode. begin(): `token` outlives the check. found_at_once(): a check that needs no request, if this token can have one now; made
  // where the head of a request is all that was read, and where refused_checks() may not allow it.
  virtual std::unique_ptr<TokenCheck> begin(const std::string& token, Tells tells) = 0;
  virtual std::optional<Finding> found_at_once(std::string_view) { return std::nullopt; }
  // The answers without a check: to a request without the header, with one of another form or with too
  // long a token, and to a token that was refused with this status before (with 403: the same words again).
  virtual mcp::Refusal absent() const = 0;
  virtual mcp::Refusal malformed(std::string_view authorization) = 0;
  virtual mcp::Refusal refused_before(int status) const = 0;
  // Is what the mode keeps for an accepted caller there? Else its token is checked again.
  virtual bool still_held(const mcp::Caller&) const { return true; }

  loop::Loop& loop() const { return loop_; }
  RefusedChecks& refused_checks() { return refused_checks_; }
  // Cached verdicts hold no longer; the yeses still show which tokens are in use.
  void doubt_all() {
    accepted_.end_all(loop_.now());
    refused_.end_all(loop_.now());
  }

 private:
  class Asked;
  class Review;
  void start_next();
  void drop(Review& review);
  void retire(Review& review);
  mcp::Verdict conclude(const TokenHash& hash, std::string_view token, Finding finding);

  loop::Loop& loop_;
  ReviewTurns turns_;
  RefusedChecks refused_checks_;
  VerdictTable accepted_{kVerdicts, kVerdictBytes}, refused_{kVerdicts, kVerdictBytes};
  mcp::AuthStats counts_;
  std::unordered_map<TokenHash, std::unique_ptr<Review>, TokenHashHash> reviews_;
};

}  // namespace auth
