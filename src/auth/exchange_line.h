// ExchangeLine: exchanges of tokens at their issuers (token/exchange.h), some at a time. Each issuer
// has places of its own, and a line for what finds none: one that hangs takes nothing from the others.
// At an issuer its callers have turns, and a share each (review_turns.h).
//
//   enter() finds no room       an error: throttled, when it is the caller's share that is full; else
//                               unavailable
//   no turn in kExchangePatience   ended: unavailable
//   the issuer asks for a pause    all that wait are ended, and none enters before it is over:
//     (429 or 503, Retry-After)    unavailable
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/review_turns.h"
#include "auth/token/exchange.h"
#include "base/delegate.h"
#include "base/error.h"
#include "base/time.h"
#include "loop/loop.h"
#include "net/resolve.h"

namespace auth {

// All issuers divide these, but each has kLeastExchanges. Each exchange has a connection of its own
// and, without a CA file, a megabyte of the system's authorities. An issuer that answers in 50 ms makes
// 160 a second with 8.
constexpr std::size_t kExchangesUnderWay = 8;
constexpr std::size_t kLeastExchanges = 2;
// One caller may have a quarter of its issuer's places, at least one.
constexpr std::size_t kCallersPart = 4;
// Those that wait; all issuers divide these: with tokens of 14 KiB less than half of what may be kept of them
// (exchanged_tokens.h).
constexpr std::size_t kExchangesWaiting = 512;
// That wait, of one caller: more than the programs of one user that start at once.
constexpr std::size_t kExchangesWaitingOfCaller = 16;
// As long as a token waits for its check (checked_tokens.h): clients wait some 30 s at least, and the
// exchange takes up to 20 itself.
constexpr base::Duration kExchangePatience = base::seconds(10);

class ExchangeLine {
 public:
  struct Limits {
    std::size_t under_way = kExchangesUnderWay;
    std::size_t waiting = kExchangesWaiting, waiting_of_caller = kExchangesWaitingOfCaller;
  };
  struct Options {
    std::string user_agent;
    token::UrlRules rules = {};
    const char* (*getenv)(const char*) = nullptr;  // nullptr: the process's environment
    Limits limits = {};
  };
  struct Counts {
    std::uint64_t full = 0;  // found no room, since the start
    std::size_t under_way = 0, waiting = 0;
  };
  class Site;
  // An exchange of one token, again and again; a member of its owner. The destructor cancels.
  class Job : private ReviewTurns::Place {
   public:
    using Fn = token::Exchange::Fn;
    // `fn`: called once for each enter() without an error, never inside it, as the last statement.
    // Requires: the line serves the issuer, and outlives this.
    Job(ExchangeLine& line, std::string_view issuer, Fn fn);
    ~Job();
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    // It waits, or is under way.
    bool busy() const { return entered(); }
    const std::string& issuer() const;
    // Before it the line is closed for its issuer, which asked for that.
    base::TimePoint pause() const;

   private:
    friend class ExchangeLine;
    void on_exchanged(token::ExchangeOutcome outcome);
    void on_impatient();

    ExchangeLine& line_;
    Site& site_;
    Fn fn_;
    const std::string* token_ = nullptr;
    std::unique_ptr<token::Exchange> exchange_;  // under way
    loop::Timer patience_;
  };

  // `loop` and `resolver` must outlive it. Those of `issuers` that have `exchange` are served.
  ExchangeLine(loop::Loop& loop, net::Resolver& resolver,
               const std::vector<token::IssuerSettings>& issuers, const Options& options);
  ~ExchangeLine();

  bool serves(std::string_view issuer) const { return sites_.find(issuer) != sites_.end(); }
  // Requires: it is not busy; `token` remains live while it is. Errors are fit for a caller.
  std::optional<base::Error> enter(Job& job, std::string_view caller, const std::string& token);
  // Silently. Not retired: until the end of the turn what is under way could still be called.
  void end(Job& job);
  Counts counts() const;

 private:
  void start_next(Site& site);
  void settle(Job& job, token::ExchangeOutcome outcome);
  void pause(Site& site, base::Duration time, base::List<ReviewTurns::Place>& over);

  loop::Loop& loop_;
  net::Resolver& resolver_;
  std::map<std::string, std::unique_ptr<Site>, std::less<>> sites_;  // by issuer
  std::uint64_t full_ = 0;
};

}  // namespace auth
