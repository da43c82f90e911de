// ExchangedTokens: the tokens for the API server that stand for callers' own (--caller-credentials=
// exchange): each is got at the caller's issuer (token/exchange.h), once for all requests that wait for
// it, and kept with the caller's token, by that one's hash.
//
//   exchanged token            prepare()   and begins an exchange
//   good                       ready       no
//   due: kRenewAhead, or a     ready       yes; after a failed one no more before its pause is over
//     quarter of its life,
//     before its end
//   none, or over: kTokenEnd   running     yes
//     before its end
//   none, the last exchange    failed      when the pause is over: kRefusedPause after a refusal, else
//     failed                               1, 2, 4 … 60 s, or as long as the issuer asks (Retry-After),
//                                          which holds for all of its tokens
//   the caller's own is over   failed      no
//
// An exchanged token is used no longer than the caller's own counts. When the issuer refuses to renew
// one, or the API server does not take it (401), it is used no more.
//
// A name (Caller::acts_as) is that of all tokens of one user, client and scopes: its requests, those of
// open watches too, are made with the exchanged token of the one that ends last. So a watch goes on when
// a newer token comes, or the exchanged one is renewed.
//
// Exchanges wait for their turn (exchange_line.h). A caller whose share is full, of what waits or of
// what is kept, is told so: throttled.
//
// Bounded by number and by bytes, and for each caller: the one that was used longest ago is let go,
// whose caller pays an exchange with its next request. What was let go is wiped (base/wipe.h). Not used
// for kUnused: let go, too; what is open is checked each minute (mcp/shared/recheck.h), which counts as
// use.
//
// What an issuer says is for the log; a caller gets a text of ours, with the code of its refusal when it
// is a known one (token/exchange.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "auth/exchange_line.h"
#include "auth/token/exchange.h"
#include "auth/token_hash.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/random.h"
#include "kube/config/caller_tokens.h"
#include "loop/loop.h"
#include "watchutil/backoff.h"

namespace auth {

// Not used in its last seconds: a request takes some, and clocks differ.
constexpr base::Duration kTokenEnd = base::seconds(10);
constexpr base::Duration kRenewAhead = base::minutes(1);
// Without expires_in and exp: as long as a verdict is kept.
constexpr base::Duration kUnknownLife = base::minutes(1);
// As long as a refusal is kept (checked_tokens.h).
constexpr base::Duration kRefusedPause = base::seconds(10);
// Between two renewals that a 401 of the API server asked for.
constexpr base::Duration kUntakenPause = base::minutes(1);
// Longer than the time between two checks of what is open.
constexpr base::Duration kUnused = base::minutes(3);
constexpr base::Duration kSweep = base::seconds(30);
// Each holds both tokens, some KiB.
constexpr std::size_t kExchangedTokens = 4096;
constexpr std::size_t kExchangedTokensBytes = 16 * base::limits::kMiB;
// Kept of one caller: its programs, each with some tokens of the last minutes.
constexpr std::size_t kExchangedTokensOfCaller = 64;
class ExchangedTokens final : public kube::config::CallerTokens {
 public:
  struct Limits {
    std::size_t tokens = kExchangedTokens, bytes = kExchangedTokensBytes;
    std::size_t tokens_of_caller = kExchangedTokensOfCaller;
    ExchangeLine::Limits line = {};
  };
  struct Options {
    std::string user_agent;
    token::UrlRules rules = {};
    const char* (*getenv)(const char*) = nullptr;  // nullptr: the process's environment
    Limits limits = {};
  };
  // A caller's token that was accepted.
  struct Subject {
    std::string_view token, issuer;
    std::string_view name;    // what it acts as (Caller::acts_as)
    std::string_view caller;  // its identity, in whose share it counts
    base::TimePoint end{};    // it counts until then
  };
  struct Counts {
    std::uint64_t exchanged = 0, refused = 0, failed = 0;  // since the start
    std::uint64_t full = 0;                                // found no room, since the start
    std::size_t kept = 0, under_way = 0, waiting = 0;      // now
  };
  // `loop` and `resolver` must outlive it. Those of `issuers` that have `exchange` are served.
  ExchangedTokens(loop::Loop& loop, net::Resolver& resolver,
                  const std::vector<token::IssuerSettings>& issuers, const Options& options);
  ~ExchangedTokens() override;

  bool serves(std::string_view issuer) const { return line_.serves(issuer); }
  // Has it a token of the name, which requests use?
  bool knows(std::string_view name) const { return find(name) != nullptr; }
  // The same as below for one token of a caller, which is known from now on. Requires: serves().
  kube::config::CredentialState prepare(const Subject& subject);
  void wait(const Subject& subject, kube::config::Waiter& waiter);
  Counts counts() const;
  // Ends all exchanges, silently: those that wait are not told. Requires: those that wait are gone
  // before this is destroyed.
  void close();

  // CallerTokens
  kube::config::CredentialState prepare(std::string_view name) override;
  void wait(std::string_view name, kube::config::Waiter& waiter) override;
  const base::Error& error() const override { return error_; }
  // How long after that error the next exchange may begin; zero: it may at once.
  base::Duration pause() const { return pause_; }
  const std::string& token(std::string_view name) const override;
  std::uint64_t stamp(std::string_view name) const override;
  bool refused(std::string_view name, std::uint64_t stamp) override;

 private:
  struct Entry;
  struct Name {
    std::vector<Entry*> entries;  // one caller's, so few
    Entry* in_use = nullptr;      // of them, by requests
  };
  using State = kube::config::CredentialState;
  Entry* find(std::string_view name) const;
  Entry* best(std::string_view name);
  Entry* entry_of(const Subject& subject);
  State prepare(Entry& entry);
  void settle(Entry& entry, token::ExchangeOutcome outcome);
  void take(Entry& entry, token::ExchangedToken got);
  void fail(Entry& entry, const token::ExchangeOutcome& outcome);
  void say(const std::string& issuer, const base::Error& why, bool refused);
  void put_in_use(Entry& entry);
  void drop(Entry& entry);
  bool has_room_for(std::string_view caller);
  void make_room(const Entry& keep);
  void on_sweep();

  loop::Loop& loop_;
  const Limits limits_;
  ExchangeLine line_;
  std::unordered_map<TokenHash, std::unique_ptr<Entry>, TokenHashHash> entries_;
  base::List<Entry> order_;  // used longest ago first
  std::map<std::string, Name, std::less<>> names_;
  std::map<std::string, std::vector<Entry*>, std::less<>> callers_;
  std::size_t bytes_ = 0;
  bool closed_ = false;
  std::uint64_t stamps_ = 0;
  Counts counts_;
  base::Error error_;
  base::Duration pause_{};
  base::TimePoint said_{-base::hours(1)};  // in the log
  base::Random random_ = base::Random::from_system();
  loop::Timer sweep_;
};

}  // namespace auth
