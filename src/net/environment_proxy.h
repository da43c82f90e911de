// The proxy that the environment names for an https:// server, with Go's rules
// (golang.org/x/net/http/httpproxy).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/proxy_tunnel.h"

namespace net {

// "http://HOST[:PORT]", https:// or socks5://, each with an optional user. The error is what is
// required: "must be …". Proxy::tls stays unset.
base::Result<Proxy> parse_proxy(std::string_view text);

// HTTPS_PROXY or https_proxy, unless the server is loopback or NO_PROXY (no_proxy) matches it;
// nullopt: none. Errc::invalid_argument: not a supported proxy. `getenv` nullptr: the process's.
base::Result<std::optional<Proxy>> environment_proxy(const std::string& host, int port,
                                                     const char* (*getenv)(const char*) = nullptr);

// Whether an entry of `no_proxy` matches. Entries are separated by commas: "*"; an address, or an
// address range (10.0.0.0/8); a domain with its subdomains (example.com), or the subdomains alone
// (.example.com, *.example.com). All but a range may end in ":port". Names are not resolved.
bool is_excepted(std::string_view no_proxy, std::string_view server, int port);

}  // namespace net
