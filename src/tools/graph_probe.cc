#include "tools/graph_probe.h"

#include <algorithm>
#include <utility>

namespace tools {

GraphProbe::GraphProbe(GraphKinds& kinds, kube::Discovery& discovery, std::string group,
                       const Told& told)
    : kinds_(kinds),
      discovery_(discovery),
      group_(std::move(group)),
      told_(told),
      query_(discovery, kube::DiscoveryQuery::Fn::bind<&GraphProbe::on_answer>(this)) {}

void GraphProbe::start(std::vector<KindId> wanted, const kube::Credentials& credentials,
                       bool afresh) {
  wanted_ = std::move(wanted);
  credentials_ = credentials;
  afresh_ = afresh;
  hidden_ = false;
  versions_.clear();
  at_ = 0;
  for (const KindId kind : wanted_) {
    for (const std::string& version : kinds_[kind].versions) {
      if (std::find(versions_.begin(), versions_.end(), version) == versions_.end())
        versions_.push_back(version);
    }
  }
  next();
}

// False: nothing is left to ask.
bool GraphProbe::next() {
  if (at_ == versions_.size() || wanted_.empty()) return false;
  if (afresh_) discovery_.forget(group_, versions_[at_]);
  query_.start(group_, versions_[at_], credentials_);
  return true;
}

void GraphProbe::on_answer(kube::DiscoveryQuery::Outcome outcome) {
  if (outcome.failure) return told_.done(&*outcome.failure);
  hidden_ = hidden_ || outcome.group.hidden;
  const std::string& version = versions_[at_++];
  std::vector<KindId> found;
  for (const kube::ServedResource& served : outcome.group.resources) {
    for (const KindId id : wanted_) {
      GraphKind& kind = kinds_[id];
      // A scope that is not the table's: another API of the same name.
      if (kind.group != group_ || kind.type.substr(0, kind.type.find('.')) != served.kind ||
          kind.namespaced != served.namespaced)
        continue;
      kind.resource = {group_, version, served.plural, served.namespaced};
      found.push_back(id);
    }
  }
  wanted_.erase(std::remove_if(wanted_.begin(), wanted_.end(),
                               [&](KindId id) {
                                 return std::find(found.begin(), found.end(), id) != found.end();
                               }),
                wanted_.end());
  for (const KindId id : found)
    told_.found(id);
  if (next()) return;
  for (const KindId id : wanted_) {
    // Of a kind that was seen, not being allowed to ask says nothing.
    if (!hidden_ || kinds_[id].state != KindState::known) told_.missing(id);
  }
  told_.done(nullptr);
}

}  // namespace tools
