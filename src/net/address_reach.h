// Whether an address is one of the public Internet: what a redirect of a public server may lead to.
#pragma once

#include <string_view>

#include "net/socket.h"

namespace net {

// False for loopback, private (RFC 1918, fc00::/7), shared (100.64.0.0/10), link-local, multicast,
// unspecified, documentation, benchmark and reserved addresses: IANA's registries of special-purpose
// addresses. An IPv6 address that carries an IPv4 one (mapped, NAT64, 6to4) is judged by that.
bool is_public(const Address& address);

// False for a literal address that is not public, and for "localhost"; true for other names, of which
// only the dial knows the address.
bool may_be_public(std::string_view host);

}  // namespace net
