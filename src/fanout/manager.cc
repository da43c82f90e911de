#include "fanout/manager.h"

#include <utility>

#include "base/limits.h"
#include "base/log.h"

namespace fanout {

// Left of the lists' budget when another watch is made, for it and for each that is starting: half of what
// the graph of an identity takes, which has a connection for each of its twenty kinds.
constexpr std::size_t kWatchRoom = 256 * base::limits::kKiB;

Manager::Manager(const Context& context, std::string_view name)
    : context_(context),
      name_(name),
      scope_(context.kube.scope, std::string(name), {}),
      report_(context.kube.loop, "manager stopped",
              loop::Deferred::Fn::bind<&Manager::report>(this)),
      deadline_(context.kube.loop, "manager stop", loop::Timer::Fn::bind<&Manager::report>(this)) {
  scope_.when_empty(loop::Scope::Fn::bind<&Manager::on_empty>(this));
}

Manager::~Manager() {
  scope_.when_empty({});
  drop_watches();
}

void Manager::start() {
  if (state_ == State::made) state_ = State::running;
}

std::size_t Manager::subscribers() const {
  std::size_t sum = 0;
  for (const auto& [slot, watch] : watches_)
    sum += watch->subscribers();
  return sum;
}

std::vector<std::string> Manager::keys() const {
  std::vector<std::string> out;
  for (const auto& [slot, watch] : watches_)
    out.push_back(watch->key());
  return out;
}

std::vector<WatchInfo> Manager::watches() const {
  std::vector<WatchInfo> out;
  for (const auto& [slot, watch] : watches_)
    watch->describe(out);
  return out;
}

std::optional<mcp::RpcError> Manager::refusal(const std::string& key, std::string_view what) {
  const auto refuse = [&](std::string message) {
    return mcp::RpcError{mcp::RpcCode::internal_error, std::move(message), {}};
  };
  if (state_ == State::made) return refuse("the server is starting; try again in 1s");
  // A cancelled scope counts as stopped: a watch made now would be dead from the start.
  if (state_ != State::running || scope_.cancelled()) return refuse("the server is shutting down");
  const kube::watch::RetryTable::Use retry = context_.kube.retries.use(key);
  const base::Duration wait = retry->held_back();
  const bool open = retry->state() == watchutil::CircuitBreaker::State::open;
  if (wait <= (open ? base::Duration::zero() : kSubscribePatience)) return std::nullopt;
  LOG_INFO("subscription refused", {"watch", key},
           {"breaker", watchutil::to_string(retry->state())}, {"retry_in_ms", base::to_ms(wait)});
  return refuse(std::string(what) + ": the API server kept failing; try again in " +
                base::format_duration(std::chrono::ceil<base::seconds>(wait)));
}

std::optional<mcp::RpcError> Manager::share_refusal(const mcp::Caller& caller) {
  if (context_.budgets == nullptr) return std::nullopt;
  const std::string again = "try again in " + base::format_duration(base::limits::kFullRetryAfter);
  const std::size_t starting = context_.budgets->starting.used() + 1;
  if (base::Budget& lists = context_.budgets->lists; !lists.has_room(kWatchRoom * starting)) {
    lists.count_refusal();
    LOG_INFO("subscription refused: no room", {"identity", caller.identity},
             {"watches", context_.budgets->watches.used()});
    return mcp::RpcError{mcp::RpcCode::internal_error,
                         "the server has no room for another watch now (--memory-limit); " + again,
                         {}};
  }
  base::Budget& watches = context_.budgets->watches;
  const std::string& identity = caller.identity;
  const std::size_t has = watches.used_by(identity);
  if (has < watches.share()) return std::nullopt;
  watches.count_refusal();
  LOG_INFO("subscription refused", {"identity", identity}, {"watches", has});
  return mcp::RpcError{mcp::RpcCode::internal_error,
                       "this caller has " + std::to_string(has) +
                           " watches at the API server, and may have no more: unsubscribe from "
                           "some, then " +
                           again,
                       {}};
}

void Manager::add(std::unique_ptr<SharedWatch> watch) {
  SharedWatch& added = *watch;
  if (context_.budgets != nullptr) {
    added.place_.emplace(context_.budgets->watches).force(1, added.identity());
    added.starting_.emplace(context_.budgets->starting).force(1);
  }
  watches_.emplace(added.slot(), std::move(watch));
  added.start();
}

void Manager::release(SharedWatch& watch) {
  auto [at, end] = watches_.equal_range(watch.slot());
  while (at != end && at->second.get() != &watch)
    ++at;
  if (at == end) return;
  std::unique_ptr<SharedWatch> dead = std::move(at->second);
  watches_.erase(at);
  context_.kube.loop.retire(std::move(dead));
}

void Manager::stop(base::Duration deadline, StopFn done) {
  state_ = State::stopping;
  stop_at_ = context_.kube.loop.now();
  done_ = done;
  deadline_.arm(deadline);
  scope_.cancel();
  on_empty();
}

void Manager::on_empty() {
  if (state_ == State::stopping && scope_.active() == 0) report_.schedule();
}

void Manager::report() {
  state_ = State::stopped;
  deadline_.cancel();
  report_.cancel();
  StopReport report{name_, scope_.names(), context_.kube.loop.now() - stop_at_};
  for (const std::string& name : report.left) {
    LOG_ERROR("watch did not end in time", {"watch", name}, {"manager", name_},
              {"ms", base::to_ms(report.took)});
  }
  LOG_INFO("manager stopped", {"manager", name_}, {"left", report.left.size()},
           {"ms", base::to_ms(report.took)});
  if (done_) std::exchange(done_, {})(report);
}

}  // namespace fanout
