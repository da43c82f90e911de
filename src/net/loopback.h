// Whether a host is this machine, the only one to which credentials may be sent over http://.
#pragma once

#include <string_view>

namespace net {

// "localhost", 127.0.0.0/8 and ::1, as written in a URL (without brackets). Names are not resolved.
bool is_loopback(std::string_view host);

}  // namespace net
