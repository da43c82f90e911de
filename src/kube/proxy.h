// Which HTTP or SOCKS5 proxy the API server is reached through: kubeconfig's proxy-url, or what the
// environment says, read as client-go does (golang.org/x/net/http/httpproxy).
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "kube/kubeconfig.h"

namespace kube {

// Sets the proxy of `cluster`. What is wrong with `text` ("must be …"), or "".
std::string set_proxy(ClusterConfig& cluster, std::string_view text);

// For a server with https:// and no proxy-url: HTTPS_PROXY or https_proxy, unless the server is
// this machine or NO_PROXY (no_proxy) names it. invalid_argument: no proxy that we can use.
base::Result<void> use_environment_proxy(ClusterConfig& cluster, const LoadOptions& options);

// Does an entry of `no_proxy` match? Separated by commas: "*"; an address, or a range of addresses
// (10.0.0.0/8); a domain and what is below it (example.com), or only that (.example.com,
// *.example.com). All but a range may end in ":port". Names are not resolved.
bool is_excepted(std::string_view no_proxy, std::string_view server, int port);

}  // namespace kube
