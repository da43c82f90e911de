// Cluster: the only door to a Kubernetes cluster. Features above this folder ask for what they need
// by the operations beside this file:
//
//   list.h       List          the objects of one kind, page by page
//   get.h        Get           one object by namespace and name
//   watch.h      watch()       the objects of one kind and their changes
//   log.h        follow_log()  a container's log, line by line; LogCall: as it stands
//   served.h     ServedQuery   what the API server serves of one group and version
//
// Each operation sends the caller's own identity and applies the operator's namespace filter: a
// namespace that is not allowed is refused before any request, and objects of hidden namespaces
// never reach the feature. The API client is private (upstream.h), so that no tool, resource,
// subscription, completion or graph can bypass identity or filter; test/layers.sh checks the
// includes.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/json.h"
#include "base/seal.h"
#include "cluster/namespace_filter.h"
#include "kube/config/credentials.h"
#include "kube/pulse.h"
#include "kube/resource.h"
#include "kube/watch/retry.h"
#include "loop/lifecycle.h"
#include "loop/loop.h"
#include "mcp/caller.h"

namespace kube {
class Client;
class Discovery;
}  // namespace kube
namespace redact {
class Redactor;
}
namespace audit {
class Log;
}

namespace cluster {

class PolicyGate;

class Cluster {
 public:
  // What is referred to must outlive the Cluster.
  struct Parts {
    loop::Loop& loop;
    kube::Client& client;
    kube::Discovery& discovery;
    kube::watch::RetryTable& retries;
    const NamespaceFilter& filter;
    loop::Scope& scope;
    std::string system_namespace = "kcm-system";
    kube::Pulse* pulse = nullptr;
  };
  explicit Cluster(Parts parts)
      : loop(parts.loop),
        retries(parts.retries),
        filter(parts.filter),
        scope(parts.scope),
        system_namespace(std::move(parts.system_namespace)),
        pulse(parts.pulse),
        client_(parts.client),
        discovery_(parts.discovery) {}
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // The filter's rules, as the operations apply them. Errc::forbidden: no request for the collection
  // in `ns` ("": all) or for its object `name` ("": all of them) is allowed.
  base::Result<void> check(const kube::Resource& what, std::string_view ns,
                           std::string_view name = {}) const;
  // Whether this object of the collection is in a hidden namespace, or is one.
  bool hides(const kube::Resource& what, base::json::Value object) const;

  loop::Loop& loop;
  kube::watch::RetryTable& retries;
  // The operations apply it. Others need it for texts, and for what an object says about objects
  // of other namespaces.
  const NamespaceFilter& filter;
  loop::Scope& scope;  // the server's: all watches live below it
  // k0rdent's own namespace, used for references from cluster-scoped objects that give none.
  const std::string system_namespace;
  std::string name = "local";  // the cluster's, in the answers of writes (--cluster-name)
  kube::Pulse* const pulse;    // nullptr: only failing requests reveal a frozen API server
  base::Seal seal = base::Seal::random();  // of the cursors that callers carry
  // For tools that show whole objects or parts of them; nullptr: secrets are shown.
  const redact::Redactor* redactor = nullptr;
  // The operator's policy, which also stands at the client's gate; nullptr: none.
  PolicyGate* policy = nullptr;
  // Where each write is recorded (audit/log.h), before it is sent and after; nullptr: nowhere.
  audit::Log* audit = nullptr;

 private:
  friend struct Upstream;
  kube::Client& client_;
  kube::Discovery& discovery_;
};

// Masks the secrets of an object, given as JSON, while it is whole: a text that a feature takes out of
// it and cuts may not show any more that it is one.
void clean(const Cluster& cluster, std::string& json);

// A caller that acts as a user is impersonated with our credentials, or a token for which its own was
// exchanged is sent, but never its own; else its own bearer token replaces our credentials entirely; without one the request is made as
// ourselves. Their origin is the caller and its tool.
kube::config::Credentials credentials_of(const mcp::Caller& caller);

}  // namespace cluster
