// Is a host this very machine? Credentials may travel over http:// to nothing else.
#pragma once

#include <string_view>

namespace kube {

// "localhost", 127.0.0.0/8 and ::1, as written in a URL (without brackets). Names are not resolved.
bool is_loopback(std::string_view host);

}  // namespace kube
