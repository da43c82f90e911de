// KindChoice: the kind that a caller means by the name that it gives (cluster/kind_name.h): "pods",
// "cld", "deployments.apps". The objects of events have only a kind: any that is served counts, in
// whichever group. A name that is not found in a kept catalog is looked for in a fresh one.
#pragma once

#include <string>

#include "base/delegate.h"
#include "cluster/cluster.h"
#include "cluster/served.h"
#include "kube/failure.h"

namespace events {

class KindChoice {
 public:
  // Runs once, never inside start(). Errc::invalid_argument: no kind has that name, and some are near,
  // which the message names; several kinds have it. A name that is near none means what it says, as a
  // kind's that is not served any more. A caller that may not ask what is served, or cannot for now, means what it says: `kind` is
  // the name.
  using Fn = base::Delegate<void(const kube::Failure* failure, const std::string& kind)>;
  KindChoice(cluster::Cluster& cluster, Fn fn);  // `cluster` must outlive it
  // Requires: not active.
  void start(const kube::config::Credentials& credentials, std::string name);
  void cancel() { query_.cancel(); }

 private:
  void on_catalog(const kube::ApiCatalog* catalog, const kube::Failure* failure);

  Fn fn_;
  std::string name_;
  bool fresh_ = false;
  kube::config::Credentials credentials_ = kube::config::Credentials::none();
  cluster::CatalogQuery query_;
};

}  // namespace events
