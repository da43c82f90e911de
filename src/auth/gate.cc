#include "auth/gate.h"

#include <algorithm>
#include <utility>

namespace auth {

class Gate::Ask {
 public:
  Ask(Gate& owner, kube::config::Credentials credentials)
      : owner_(owner),
        credentials_(std::move(credentials)),
        check_(owner.cluster_, Check::Fn::bind<&Ask::on_outcome>(this)) {
    check_.start(credentials_, owner.handler_.needs());
  }
  const kube::config::Credentials& credentials() const { return credentials_; }
  void cancel() { check_.cancel(); }

 private:
  void on_outcome(const Check::Outcome& outcome) { owner_.on_outcome(*this, outcome); }
  Gate& owner_;
  const kube::config::Credentials credentials_;
  Check check_;
};

Gate::Gate(cluster::Cluster& cluster, GateHandler& handler)
    : cluster_(cluster), handler_(handler) {}

Gate::~Gate() = default;

bool Gate::open(const kube::config::Credentials& credentials) const {
  if (!credentials.of_caller() || handler_.needs().empty()) return true;
  const auth::TokenHash hash = auth::token_hash(credentials.key());
  const base::TimePoint now = cluster_.loop.now();
  return std::any_of(yes_.begin(), yes_.end(), [&](const Yes& each) {
    return each.hash == hash && now - each.at < kAccessKept;
  });
}

void Gate::note(const kube::config::Credentials& credentials) {
  if (!credentials.of_caller()) return;
  const auth::TokenHash hash = auth::token_hash(credentials.key());
  const base::TimePoint now = cluster_.loop.now();
  std::erase_if(yes_,
                [&](const Yes& each) { return each.hash == hash || now - each.at >= kAccessKept; });
  if (yes_.size() >= kAccessTokens) yes_.erase(yes_.begin());
  yes_.push_back({hash, now});
  last_yes_ = now;
}

void Gate::ask(const kube::config::Credentials& credentials) {
  for (const auto& each : asks_) {
    if (each->credentials() == credentials) return;
  }
  asks_.push_back(std::make_unique<Ask>(*this, credentials));
}

void Gate::stop() {
  for (auto& ask : asks_) {
    ask->cancel();
    cluster_.loop.retire(std::move(ask));  // its code may be on the stack
  }
  asks_.clear();
}

void Gate::on_outcome(Ask& ask, const Check::Outcome& outcome) {
  const auto at = std::find_if(asks_.begin(), asks_.end(),
                               [&](const auto& each) { return each.get() == &ask; });
  std::unique_ptr<Ask> done = std::move(*at);
  asks_.erase(at);
  const kube::config::Credentials credentials = done->credentials();
  cluster_.loop.retire(std::move(done));
  if (outcome.said == Check::Said::yes) note(credentials);
  handler_.on_access(credentials, outcome);
}

}  // namespace auth
