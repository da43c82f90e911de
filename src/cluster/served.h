// What the API server serves: a query for one group and version, and the choice of a Collection's
// version. Answers are remembered (kube/discovery.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/delegate.h"
#include "cluster/cluster.h"
#include "cluster/collection.h"
#include "kube/api_catalog.h"
#include "kube/discovery.h"

namespace cluster {

// kube::DiscoveryQuery of a Cluster, which must outlive it.
class ServedQuery : public kube::DiscoveryQuery {
 public:
  ServedQuery(Cluster& cluster, Fn fn);
};

// kube::CatalogQuery of a Cluster, which must outlive it: everything that is served.
class CatalogQuery : public kube::CatalogQuery {
 public:
  CatalogQuery(Cluster& cluster, Fn fn);
};

// The next query for this group and version asks the API server again.
void forget_served(Cluster& cluster, const std::string& group, const std::string& version);

// In words, if it may mean that the kind went since what is served was read: the API server's own
// router answers such a path with a bare 404, as many a proxy does. What was read of its group is
// forgotten, so that the next request knows.
std::optional<kube::Failure> maybe_gone(Cluster& cluster, const kube::Resource& resource,
                                        const kube::Failure& failure);

// Finds the first of a Collection's versions that is served to a caller. A remembered answer does not
// prove that none is: the CRD may have been installed since. A caller that may not ask
// what is served gets the first version: the request itself will tell.
class VersionChoice {
 public:
  // Runs once, never inside start(). `failure`: of the query, or Errc::not_found: "this cluster does
  // not serve …".
  using Fn = base::Delegate<void(const kube::Failure* failure, kube::Resource resource)>;
  VersionChoice(Cluster& cluster, Fn fn);
  // False: the version needs no look, and `fn` will not run. Requires: not active.
  bool start(const Collection& what, kube::config::Credentials credentials);
  void cancel() { query_.cancel(); }
  bool active() const { return query_.active(); }

 private:
  void next();
  void on_answer(kube::DiscoveryQuery::Outcome outcome);
  Fn fn_;
  Collection what_;
  kube::config::Credentials credentials_ = kube::config::Credentials::none();
  std::size_t at_ = 0;  // of the versions
  ServedQuery query_;
};

}  // namespace cluster
