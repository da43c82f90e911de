// KindLookup: the kind that a URI names by group, version and plural, among those that the cluster
// serves to a caller. One that is not found in a kept answer is looked for in a fresh one: a CRD may
// have been installed since
// (DiscoveryQuery::look_again()).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/delegate.h"
#include "base/error.h"
#include "cluster/cluster.h"
#include "cluster/served.h"
#include "kube/failure.h"
#include "objects/request.h"

namespace objects {

struct FoundKind {
  kube::Resource resource;
  std::string kind;                // "Pod"; "": the caller may not ask
  std::vector<std::string> verbs;  // empty: the caller may not ask
  bool can(std::string_view verb) const;
};

class KindLookup {
 public:
  // `failure`: of the request, or Errc::not_found: "this cluster does not serve …", with the nearest
  // names; or Errc::invalid_argument: the kind is in namespaces, or is not, unlike the request.
  using Fn = base::Delegate<void(const kube::Failure* failure, const FoundKind& kind)>;
  KindLookup(cluster::Cluster& cluster, Fn fn);  // `cluster` must outlive it
  // Runs `fn` once, never inside. Requires: not active.
  void start(kube::config::Credentials credentials, const Request& request);
  void cancel() { query_.cancel(); }

 private:
  void on_answer(kube::DiscoveryQuery::Outcome outcome);
  void fail(base::Errc code, std::string message);
  std::string not_served(const kube::ServedGroup& group) const;

  Fn fn_;
  Request request_;
  kube::config::Credentials credentials_ = kube::config::Credentials::none();
  cluster::ServedQuery query_;
};

}  // namespace objects
