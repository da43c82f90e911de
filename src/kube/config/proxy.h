// The HTTP or SOCKS5 proxy for the API server: the kubeconfig's proxy-url, or the environment's
// (net/environment_proxy.h).
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "kube/config/kubeconfig.h"

namespace kube::config {

// Sets the proxy of `cluster` from the URL `text`. Returns "", or what is required ("must be …").
std::string set_proxy(ClusterConfig& cluster, std::string_view text);

// For an https:// server without proxy-url: HTTPS_PROXY or https_proxy, unless the server is
// loopback or NO_PROXY (no_proxy) matches it. Errc::invalid_argument: not a supported proxy.
base::Result<void> use_environment_proxy(ClusterConfig& cluster, const LoadOptions& options);

}  // namespace kube::config
