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

// A request that comes before a watch or a log stream failed: it counts in the key's backoff and
// breaker like the stream's own, unless the API server answered and refuses whoever asks.
inline void note_failure(kube::Retry& retry, const kube::Failure& failure) {
  const bool refused = !failure.foreign && failure.status >= 400 && failure.status < 500 && failure.status != 408 &&
                       failure.status != 429;
  if (refused || !retry.allow()) return retry.note_error(failure.code);
  retry.failed(failure);
}

}  // namespace tools
