// Whether a host is this machine, the only one to which credentials may be sent over http://.
#pragma once

#include <string_view>

namespace net {

// "localhost" in any case, or a literal address with Address::is_loopback(); an IPv6 one may have
// brackets. Names are not resolved.
bool is_loopback(std::string_view host);

}  // namespace net
