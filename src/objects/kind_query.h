// KindQuery: the kind that a caller named, among those that the cluster serves to it. A name that is
// not found in a kept catalog is looked for in a fresh one: a CRD may have been installed since.
#pragma once

#include <string>

#include "base/delegate.h"
#include "cluster/cluster.h"
#include "cluster/kind_name.h"
#include "cluster/served.h"

namespace objects {

class KindQuery {
 public:
  // nullptr with an error in words.
  using Fn = base::Delegate<void(const cluster::NamedKind* kind, const std::string& error)>;
  KindQuery(cluster::Cluster& context, Fn fn);  // `context` must outlive it
  // Never calls `fn` inside. Requires: not active.
  void start(const mcp::Caller& caller, std::string name);

 private:
  void ask(base::Duration max_age);
  void on_catalog(const kube::ApiCatalog* catalog, const kube::Failure* failure);

  Fn fn_;
  std::string name_;
  bool fresh_ = false;
  kube::config::Credentials credentials_ = kube::config::Credentials::none();
  cluster::CatalogQuery query_;
};

}  // namespace objects
