// KindQuery: the kind that a caller named (kind_name.h), among those that the cluster serves to it. A
// name that is not found in a kept catalog is looked for in a fresh one: a CRD may have been
// installed since.
#pragma once

#include <string>
#include <utility>

#include "base/delegate.h"
#include "cluster/cluster.h"
#include "cluster/kind_name.h"
#include "cluster/served.h"

namespace cluster {

struct KindAnswer {
  const NamedKind* kind = nullptr;
  std::string error;     // why there is none, in words
  bool unknown = false;  // there is none, and what is served has no name near it or was not read
};

class KindQuery {
 public:
  // Runs once, never inside start(). The answer is valid inside the call only.
  using Fn = base::Delegate<void(const KindAnswer& answer)>;
  KindQuery(Cluster& cluster, Fn fn);  // `cluster` must outlive it
  // Requires: not active.
  void start(const kube::config::Credentials& credentials, std::string name,
             KindsIn groups = KindsIn::one_group);
  void start(const mcp::Caller& caller, std::string name) {
    start(credentials_of(caller), std::move(name));
  }
  void cancel() { query_.cancel(); }

 private:
  void on_catalog(const kube::ApiCatalog* catalog, const kube::Failure* failure);

  Fn fn_;
  std::string name_;
  KindsIn groups_ = KindsIn::one_group;
  bool fresh_ = false;
  kube::config::Credentials credentials_ = kube::config::Credentials::none();
  CatalogQuery query_;
};

}  // namespace cluster
