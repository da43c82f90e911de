// GraphProbe: finds the kinds of one API group: which version of it serves them, under which
// plural. Asks the versions one after another, until every kind is found or none is left.
#pragma once

#include <string>
#include <vector>

#include "base/delegate.h"
#include "kube/discovery.h"
#include "tools/graph_kinds.h"

namespace tools {

class GraphProbe {
 public:
  using FoundFn = base::Delegate<void(KindId)>;
  // `failure`: the API server could not be asked; nullptr: done. What was asked for and not found
  // is not_served then.
  using DoneFn = base::Delegate<void(const kube::Failure*)>;
  // All outlive it.
  GraphProbe(GraphKinds& kinds, kube::Discovery& discovery, std::string group, FoundFn found,
             DoneFn done);

  // Requires: !active(). Never calls back inside. `afresh`: what discovery remembers is asked anew.
  void start(std::vector<KindId> wanted, const kube::Credentials& credentials, bool afresh);
  void cancel() { query_.cancel(); }
  bool active() const { return query_.active(); }
  const std::string& group() const { return group_; }

 private:
  bool next();
  void on_answer(kube::DiscoveryQuery::Outcome outcome);
  GraphKinds& kinds_;
  kube::Discovery& discovery_;
  std::string group_;
  FoundFn found_;
  DoneFn done_;
  std::vector<KindId> wanted_;  // not found yet
  std::vector<std::string> versions_;
  std::size_t at_ = 0;
  bool afresh_ = false;
  kube::Credentials credentials_ = kube::Credentials::none();
  kube::DiscoveryQuery query_;
};

}  // namespace tools
