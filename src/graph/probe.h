// Probe: finds the kinds of one API group: which version serves them, and under which plural.
// Asks for one version after another, until every kind is found or none is left. Each request is an
// attempt of the group's key (retry.h); one that fails is repeated when the key permits it, until
// cancel().
#pragma once

#include <string>
#include <vector>

#include "base/delegate.h"
#include "cluster/cluster.h"
#include "cluster/served.h"
#include "graph/model/kinds.h"
#include "kube/watch/retry.h"

namespace graph {

class Probe {
 public:
  using FoundFn = base::Delegate<void(model::KindId)>;
  // `failure`: discovery failed and is retried after `retry_in` (zero: not by itself). nullptr:
  // done; for each kind that was not found, `missing` ran before (the server says that it does not
  // serve it), or nothing did (it may not be asked for).
  using DoneFn =
      base::Delegate<void(Probe&, const kube::Failure* failure, base::Duration retry_in)>;
  struct Told {
    FoundFn found, missing;
    DoneFn done;
  };
  // `retry`: the group's. All must outlive this.
  Probe(cluster::Cluster& cluster, kube::watch::RetryTable::Use retry, model::Kinds& kinds,
        std::string group, const Told& told);

  // Requires: !active(). Never calls back inside. `afresh`: asks anew for what discovery remembers.
  void start(std::vector<model::KindId> wanted, const kube::config::Credentials& credentials,
             bool afresh);
  void cancel();
  bool active() const { return asking() || wait_timer_.armed(); }
  // A request is in flight; false while it waits because the last one failed.
  bool asking() const { return query_.active(); }
  void set_credentials(const kube::config::Credentials& credentials) { credentials_ = credentials; }
  const std::string& group() const { return group_; }

 private:
  void ask();
  bool next();
  void on_answer(kube::DiscoveryQuery::Outcome outcome);
  model::Kinds& kinds_;
  cluster::Cluster& cluster_;
  std::string group_;
  Told told_;
  std::vector<model::KindId> wanted_;  // not found yet
  std::vector<std::string> versions_;
  std::size_t at_ = 0;
  bool afresh_ = false, hidden_ = false;
  kube::config::Credentials credentials_ = kube::config::Credentials::none();
  kube::watch::RetryTable::Use retry_;
  kube::watch::Attempt attempt_;
  cluster::ServedQuery query_;
  loop::Timer wait_timer_;
};

}  // namespace graph
