#include "mcp/shared/pace.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/limits.h"
#include "base/link.h"
#include "base/time.h"
#include "mcp/shared/answer.h"
#include "mcp/shared/scope.h"

namespace mcp::shared {

// The time at which a caller's requests would be even with its rate, by class: at most kBurst from
// now.
struct Pace::Caller : base::Link {
  explicit Caller(std::string_view whose) : owner(whose) {}
  const std::string owner;
  std::array<base::TimePoint, kClasses> even{};
  base::TimePoint arrivals_even{};
};

struct Pace::Refusal : base::Link {
  Refusal(http::Reply to, std::string_view id, RpcError what, base::Duration wait)
      : reply(std::move(to)), id_json(id), error(std::move(what)), retry(wait) {}
  void send() { send_error(reply, 429, id_json, error, retry_after(retry)); }
  http::Reply reply;
  const std::string id_json;
  const RpcError error;
  const base::Duration retry;
  base::TimePoint due{};
};

static std::string_view to_string(Class which) {
  return kClassNames[static_cast<std::size_t>(which)];
}

// 0: no limit.
static double sum_of(const Rates& rates) {
  double sum = 0;
  for (const Rate& each : rates) {
    if (each.per_second <= 0) return 0;
    sum += each.per_second;
  }
  return sum;
}

Pace::Pace(loop::Loop& loop, const Rates& rates)
    : loop_(loop),
      at_once_{base::Budget(base::Budget::kNone), base::Budget(base::Budget::kNone),
               base::Budget(base::Budget::kNone), base::Budget(base::Budget::kNone)},
      timer_(loop, "mcp refusals", loop::Timer::Fn::bind<&Pace::on_time>(this)) {
  set_rates(rates);
}

void Pace::set_rates(const Rates& rates) {
  rates_ = rates;
  arrivals_ = sum_of(rates);
  for (std::size_t i = 0; i < kClasses; ++i)
    at_once_[i].set_share(rates_[i].at_once > 0 ? rates_[i].at_once : base::Budget::kNone);
}

Pace::~Pace() {
  for (const auto& [owner, caller] : callers_)
    caller->unlink();
}

Pace::Caller& Pace::caller_of(std::string_view owner) {
  if (const auto at = callers_.find(owner); at != callers_.end()) {
    at->second->unlink();
    unseen_.add(*at->second);
    return *at->second;
  }
  if (callers_.size() == kPacedCallers) {
    Caller& oldest = *unseen_.first();
    oldest.unlink();
    callers_.erase(callers_.find(oldest.owner));
  }
  auto made = std::make_unique<Caller>(owner);
  Caller& out = *made;
  callers_.emplace(std::string_view(out.owner), std::move(made));
  unseen_.add(out);
  return out;
}

static base::Duration each_of(double per_second) {
  return base::Duration(std::llround(1e9 / per_second));
}

std::optional<base::Duration> Pace::take(std::string_view owner, Class which) {
  const Rate& rate = rates_[index(which)];
  if (owner.empty() || rate.per_second <= 0) return std::nullopt;
  return spend(caller_of(owner).even[index(which)], each_of(rate.per_second), which);
}

std::optional<base::Duration> Pace::arrive(std::string_view owner, std::size_t body_bytes) {
  if (owner.empty() || arrivals_ <= 0) return std::nullopt;
  const auto requests = static_cast<std::int64_t>(1 + body_bytes / kArrivalBytes);
  return spend(caller_of(owner).arrivals_even, each_of(arrivals_) * requests, Class::other);
}

std::optional<base::Duration> Pace::spend(base::TimePoint& even, base::Duration cost,
                                          Class counted) {
  const base::TimePoint next = std::max(even, loop_.now()) + cost;
  // A rate below one in kBurst still takes one at a time.
  const base::TimePoint latest = loop_.now() + std::max<base::Duration>(kBurst, cost);
  if (next > latest) {
    ++refused_[index(counted)];
    return next - latest;
  }
  even = next;
  return std::nullopt;
}

bool Pace::has_room(std::string_view owner, Class which) {
  base::Budget& budget = at_once_[index(which)];
  if (rates_[index(which)].at_once == 0 || budget.allows(owner, 1)) return true;
  budget.count_refusal();
  return false;
}

void Pace::refuse(http::Reply reply, std::string_view id_json, const RpcError& error,
                  base::Duration wait) {
  auto refusal = std::make_unique<Refusal>(std::move(reply), id_json, error, wait);
  if (delayed_.size() >= kDelayedRefusals) return refusal->send();
  refusal->due = loop_.now() + kRefusalDelay;
  delayed_.add(std::move(refusal));
  if (!timer_.armed()) timer_.arm(kRefusalDelay);
}

void Pace::on_time() {
  for (std::size_t n = 0; n < kRefusalsATime && !delayed_.empty(); ++n) {
    if (delayed_.front().due > loop_.now()) break;
    const auto one = delayed_.take(delayed_.front());
    one->send();
  }
  if (!delayed_.empty()) timer_.arm_at(std::max(delayed_.front().due, loop_.now() + kRefusalGap));
}

Class class_of(const Tool& tool) {
  if (!tool.info().read_only) return Class::write;
  return scope_of(tool.info()) == Scope::logs ? Class::logs : Class::read;
}

Class class_of(const Registry& registry, const Message& message) {
  const std::string_view method = message.method;
  if (method == "tools/call") {
    const Tool* tool = registry.find_tool(message.params["name"].str());
    return tool ? class_of(*tool) : Class::read;
  }
  if (method.starts_with("resources/") || method == "subscriptions/listen") {
    if (scope_of(registry, message) == Scope::logs) return Class::logs;
  }
  const bool reads = method == "resources/read" || method == "resources/subscribe" ||
                     method == "subscriptions/listen" || method == "prompts/get" ||
                     method == "completion/complete";
  return reads ? Class::read : Class::other;
}

RpcError rate_error(std::optional<Class> which, base::Duration wait) {
  const base::Duration rounded = base::milliseconds(base::to_ms(wait) + 1);
  return {RpcCode::internal_error,
          "this caller makes too many " +
              (which ? std::string(to_string(*which)) + " " : std::string()) +
              "requests a second: try again in " + base::format_duration(rounded),
          R"({"retryAfterMs":)" + std::to_string(base::to_ms(rounded)) + "}"};
}

RpcError at_once_error(Class which) {
  constexpr base::Duration kWait = base::limits::kFullRetryAfter;
  return {RpcCode::internal_error,
          "this caller has too many " + std::string(to_string(which)) +
              " calls in progress: end one, or try again in " + base::format_duration(kWait),
          R"({"retryAfterMs":)" + std::to_string(base::to_ms(kWait)) + "}"};
}

}  // namespace mcp::shared
