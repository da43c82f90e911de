#include "cluster/cluster.h"

#include <utility>

#include "redact/redactor.h"

namespace cluster {

static bool is_namespaces(const kube::Resource& what) {
  return what.group.empty() && what.plural == "namespaces";
}

base::Result<void> Cluster::check(const kube::Resource& what, std::string_view ns,
                                  std::string_view name) const {
  if (is_namespaces(what)) return name.empty() ? base::Result<void>() : filter.check(name);
  return ns.empty() ? base::Result<void>() : filter.check(ns);
}

bool Cluster::hides(const kube::Resource& what, base::json::Value object) const {
  if (is_namespaces(what)) return !filter.allows(object["metadata"]["name"].str());
  return what.namespaced && !filter.allows(object["metadata"]["namespace"].str());
}

kube::config::Credentials credentials_of(const mcp::Caller& caller) {
  using kube::config::Credentials;
  const bool exchanged = caller.acts_as.view().starts_with(kube::config::kExchanged);
  Credentials out = exchanged                 ? Credentials::exchanged(caller.acts_as)
                    : !caller.acts_as.empty() ? Credentials::impersonated(caller.acts_as)
                    : caller.bearer.empty()   ? Credentials::configured()
                                              : Credentials::bearer(caller.bearer);
  return std::move(out).from(
      {caller.identity, caller.tool, caller.client, caller.client_id, caller.token_id});
}

void clean(const Cluster& cluster, std::string& json) {
  if (std::string shown; cluster.redactor && cluster.redactor->body(json, shown))
    json = std::move(shown);
}

}  // namespace cluster
