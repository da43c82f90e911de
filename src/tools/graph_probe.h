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
  // `failure`: the API server could not be asked; nullptr: done, and what was asked for and not
  // found was told as missing before (the server says that it does not serve it), or nothing was
  // told of it (it may not be asked for).
  using DoneFn = base::Delegate<void(const kube::Failure*)>;
  struct Told {
    FoundFn found, missing;
    DoneFn done;
  };
  // All outlive it.
  GraphProbe(GraphKinds& kinds, kube::Discovery& discovery, std::string group, const Told& told);

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
  Told told_;
  std::vector<KindId> wanted_;  // not found yet
  std::vector<std::string> versions_;
  std::size_t at_ = 0;
  bool afresh_ = false, hidden_ = false;
  kube::Credentials credentials_ = kube::Credentials::none();
  kube::DiscoveryQuery query_;
};

}  // namespace tools
