#include "auth/exchange_line.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace auth {

using base::Errc;
using base::Error;
using token::Exchange;
using token::ExchangeOutcome;

namespace {

constexpr const char* kAsksForPause = "the issuer asks for a pause";

ReviewTurns::Limits limits_of(const ExchangeLine::Limits& all, std::size_t issuers) {
  const std::size_t most = std::max<std::size_t>(kLeastExchanges, all.under_way / issuers);
  return {.most = most,
          .of_peer = std::max<std::size_t>(1, most / kCallersPart),
          .of_peers = most,
          .peers_waiting = all.waiting_of_caller,
          .waiting = std::max<std::size_t>(1, all.waiting / issuers)};
}

}  // namespace

class ExchangeLine::Site {
 public:
  Site(token::ExchangeSite where, const ReviewTurns::Limits& limits)
      : at(std::move(where)), turns(limits) {}
  token::ExchangeSite at;
  ReviewTurns turns;
  base::TimePoint pause{};  // it asked not to be asked before
};

ExchangeLine::Job::Job(ExchangeLine& line, std::string_view issuer, Fn fn)
    : line_(line),
      site_(*line.sites_.find(issuer)->second),
      fn_(fn),
      patience_(line.loop_, "exchange patience", loop::Timer::Fn::bind<&Job::on_impatient>(this)) {}

ExchangeLine::Job::~Job() {
  line_.end(*this);
  unlink();  // of those that are to be told
}

const std::string& ExchangeLine::Job::issuer() const {
  return site_.at.settings.issuer;
}

base::TimePoint ExchangeLine::Job::pause() const {
  return site_.pause;
}

void ExchangeLine::Job::on_exchanged(ExchangeOutcome outcome) {
  line_.settle(*this, std::move(outcome));
}

void ExchangeLine::Job::on_impatient() {
  line_.end(*this);
  const Fn told = fn_;
  told({Error(Errc::unavailable, "no turn in " + base::format_duration(kExchangePatience) +
                                     ": the issuer is too slow for the tokens that wait")});
}

ExchangeLine::ExchangeLine(loop::Loop& loop, net::Resolver& resolver,
                           const std::vector<token::IssuerSettings>& issuers,
                           const Options& options)
    : loop_(loop), resolver_(resolver) {
  const auto count = static_cast<std::size_t>(std::count_if(
      issuers.begin(), issuers.end(), [](const auto& each) { return each.exchange.has_value(); }));
  for (const token::IssuerSettings& each : issuers) {
    if (!each.exchange) continue;
    token::ExchangeSite where{.settings = each,
                              .user_agent = options.user_agent,
                              .rules = options.rules,
                              .getenv = options.getenv};
    sites_.emplace(each.issuer,
                   std::make_unique<Site>(std::move(where), limits_of(options.limits, count)));
  }
}

ExchangeLine::~ExchangeLine() = default;

std::optional<Error> ExchangeLine::enter(Job& job, std::string_view caller,
                                         const std::string& token) {
  Site& site = job.site_;
  if (loop_.now() < site.pause) return Error(Errc::unavailable, kAsksForPause);
  const ReviewTurns::Entered entered = site.turns.enter(job, caller);
  if (entered != ReviewTurns::Entered::yes) {
    ++full_;
    if (entered == ReviewTurns::Entered::peer_full)
      return Error(Errc::throttled, "too many of the caller's tokens wait to be exchanged");
    return Error(Errc::unavailable, "too many tokens wait to be exchanged");
  }
  job.token_ = &token;
  job.patience_.arm(kExchangePatience);
  start_next(site);
  return std::nullopt;
}

void ExchangeLine::end(Job& job) {
  job.patience_.cancel();
  job.exchange_.reset();
  if (job.entered()) job.site_.turns.leave(job);
}

void ExchangeLine::start_next(Site& site) {
  while (ReviewTurns::Place* const place = site.turns.next()) {
    Job& job = static_cast<Job&>(*place);
    job.patience_.cancel();
    job.exchange_ = std::make_unique<Exchange>(loop_, resolver_, site.at,
                                               Exchange::Fn::bind<&Job::on_exchanged>(&job));
    job.exchange_->start(*job.token_);
  }
}

void ExchangeLine::settle(Job& job, ExchangeOutcome outcome) {
  Site& site = job.site_;
  loop_.retire(std::move(job.exchange_));
  site.turns.leave(job);
  base::List<ReviewTurns::Place> over;
  if (outcome.retry_after) pause(site, *outcome.retry_after, over);
  start_next(site);
  // Each may free its own job, and others.
  const Job::Fn told = job.fn_;
  told(std::move(outcome));
  while (ReviewTurns::Place* const place = over.pop()) {
    const Job::Fn also = static_cast<Job&>(*place).fn_;
    also({Error(Errc::unavailable, kAsksForPause)});
  }
}

// Those that wait for their turn would wait in vain.
void ExchangeLine::pause(Site& site, base::Duration time, base::List<ReviewTurns::Place>& over) {
  LOG_WARN("the issuer asks for a pause; no tokens are exchanged",
           {"issuer", site.at.settings.issuer}, {"for", base::format_duration(time)});
  site.pause = loop_.now() + time;
  while (ReviewTurns::Place* const place = site.turns.first_waiting()) {
    site.turns.leave(*place);
    static_cast<Job&>(*place).patience_.cancel();
    over.add(*place);
  }
}

ExchangeLine::Counts ExchangeLine::counts() const {
  Counts out{.full = full_};
  for (const auto& [issuer, site] : sites_) {
    out.under_way += site->turns.started();
    out.waiting += site->turns.waiting();
  }
  return out;
}

}  // namespace auth
