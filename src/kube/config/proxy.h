// The HTTP or SOCKS5 proxy for the API server: the kubeconfig's proxy-url, or the environment's,
// with client-go's rules (golang.org/x/net/http/httpproxy).
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

// Whether an entry of `no_proxy` matches. Entries are separated by commas: "*"; an address, or an
// address range (10.0.0.0/8); a domain with its subdomains (example.com), or the subdomains alone
// (.example.com, *.example.com). All but a range may end in ":port". Names are not resolved.
bool is_excepted(std::string_view no_proxy, std::string_view server, int port);

}  // namespace kube::config
