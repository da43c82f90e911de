// KubeContext: what every tool and manager needs of the cluster side, made once by the app and
// handed down by reference.
#pragma once

#include <string>

#include "kube/client.h"
#include "kube/discovery.h"
#include "kube/pulse.h"
#include "kube/retry.h"
#include "loop/lifecycle.h"
#include "loop/loop.h"
#include "mcp/caller.h"
#include "tools/namespace_filter.h"

namespace tools {

struct KubeContext {
  loop::Loop& loop;
  kube::Client& client;
  kube::Discovery& discovery;
  kube::RetryTable& retries;
  const NamespaceFilter& filter;
  loop::Scope& scope;  // of the server: whatever watches lives below it
  // Where k0rdent itself runs: what its cluster-scoped objects name without a namespace is there.
  std::string system_namespace = "kcm-system";
  kube::Pulse* pulse = nullptr;  // none: a frozen API server shows by what fails alone
};

// A caller's own bearer replaces our credentials whole; without one the call is made as ourselves.
inline kube::Credentials credentials_of(const mcp::Caller& caller) {
  return caller.bearer.empty() ? kube::Credentials::configured()
                               : kube::Credentials::bearer(caller.bearer);
}

}  // namespace tools
