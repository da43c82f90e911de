#include "graph/probe.h"

#include <algorithm>
#include <utility>

namespace graph {

Probe::Probe(cluster::Cluster& cluster, kube::watch::RetryTable::Use retry, model::Kinds& kinds,
             std::string group, const Told& told)
    : kinds_(kinds),
      cluster_(cluster),
      group_(std::move(group)),
      told_(told),
      retry_(std::move(retry)),
      query_(cluster, kube::DiscoveryQuery::Fn::bind<&Probe::on_answer>(this)),
      wait_timer_(cluster.loop, "graph probe wait", loop::Timer::Fn::bind<&Probe::ask>(this)) {}

void Probe::cancel() {
  query_.cancel();
  wait_timer_.cancel();
  attempt_.drop();
}

void Probe::start(std::vector<model::KindId> wanted, const kube::config::Credentials& credentials,
                  bool afresh) {
  wanted_ = std::move(wanted);
  credentials_ = credentials;
  afresh_ = afresh;
  hidden_ = false;
  versions_.clear();
  at_ = 0;
  for (const model::KindId kind : wanted_) {
    for (const std::string& version : kinds_[kind].versions) {
      if (std::find(versions_.begin(), versions_.end(), version) == versions_.end())
        versions_.push_back(version);
    }
  }
  next();
}

// Returns false when nothing is left to ask.
bool Probe::next() {
  if (at_ == versions_.size() || wanted_.empty()) return false;
  ask();
  return true;
}

void Probe::ask() {
  // Requests end by themselves: the floor between the starts of a stream does not concern them.
  kube::watch::Permit permit = retry_->ask(kube::watch::Retry::Floor::none);
  if (!permit.attempt) return wait_timer_.arm(permit.wait);
  attempt_ = std::move(permit.attempt);
  if (afresh_) cluster::forget_served(cluster_, group_, versions_[at_]);
  query_.start(group_, versions_[at_], credentials_);
}

void Probe::on_answer(kube::DiscoveryQuery::Outcome outcome) {
  if (outcome.failure) {
    const base::Duration delay = attempt_.refused(*outcome.failure);
    if (delay > base::Duration::zero()) wait_timer_.arm(delay);
    return told_.done(*this, &*outcome.failure, delay);
  }
  if (outcome.remembered) {
    attempt_.drop();
  } else {
    attempt_.succeeded();
  }
  hidden_ = hidden_ || outcome.group.hidden;
  const std::string& version = versions_[at_++];
  std::vector<model::KindId> found;
  for (const kube::ServedResource& served : outcome.group.resources) {
    for (const model::KindId id : wanted_) {
      model::Kind& kind = kinds_[id];
      // A scope other than the table's: another API of the same name.
      if (kind.group != group_ || kind.type.substr(0, kind.type.find('.')) != served.kind ||
          kind.namespaced != served.namespaced)
        continue;
      kind.resource = {group_, version, served.plural, served.namespaced};
      found.push_back(id);
    }
  }
  wanted_.erase(std::remove_if(wanted_.begin(), wanted_.end(),
                               [&](model::KindId id) {
                                 return std::find(found.begin(), found.end(), id) != found.end();
                               }),
                wanted_.end());
  for (const model::KindId id : found)
    told_.found(id);
  if (next()) return;
  for (const model::KindId id : wanted_) {
    // For a kind that was seen, not being allowed to ask means nothing.
    if (!hidden_ || kinds_[id].state != model::KindState::known) told_.missing(id);
  }
  told_.done(*this, nullptr, {});
}

}  // namespace graph
