// Context: what every tool and manager needs to talk to the cluster. The app makes one and
// passes it down by reference.
#pragma once

#include <string>

#include "base/seal.h"
#include "cluster/namespace_filter.h"
#include "kube/client.h"
#include "kube/discovery.h"
#include "kube/pulse.h"
#include "kube/watch/retry.h"
#include "loop/lifecycle.h"
#include "loop/loop.h"
#include "mcp/caller.h"

namespace cluster {

struct Context {
  loop::Loop& loop;
  kube::Client& client;
  kube::Discovery& discovery;
  kube::watch::RetryTable& retries;
  const NamespaceFilter& filter;
  loop::Scope& scope;  // the server's: all watches live below it
  // k0rdent's own namespace, used for references from cluster-scoped objects that give none.
  std::string system_namespace = "kcm-system";
  kube::Pulse* pulse = nullptr;  // nullptr: only failing requests reveal a frozen API server
  base::Seal seal = base::Seal::random();  // of the cursors that callers carry
};

// The caller's own bearer token replaces our credentials entirely; without one the request is made
// as ourselves.
inline kube::config::Credentials credentials_of(const mcp::Caller& caller) {
  return caller.bearer.empty() ? kube::config::Credentials::configured()
                               : kube::config::Credentials::bearer(caller.bearer);
}

}  // namespace cluster
