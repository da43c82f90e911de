#include "kube/config/proxy.h"

#include <utility>

#include "net/environment_proxy.h"

namespace kube::config {

std::string set_proxy(ClusterConfig& cluster, std::string_view text) {
  auto proxy = net::parse_proxy(text);
  if (!proxy) return proxy.error().what();
  cluster.proxy = *std::move(proxy);
  return {};
}

base::Result<void> use_environment_proxy(ClusterConfig& cluster, const LoadOptions& options) {
  if (!cluster.tls || !cluster.proxy.host.empty()) return {};
  auto proxy = net::environment_proxy(cluster.host, cluster.port, options.getenv);
  if (!proxy) return std::move(proxy).error();
  if (*proxy) cluster.proxy = **std::move(proxy);
  return {};
}

}  // namespace kube::config
