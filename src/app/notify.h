// systemd's Type=notify: one datagram to $NOTIFY_SOCKET (sd_notify(3)). No effect without the
// variable.
#pragma once

#include <string_view>

namespace app {

// `state`: "READY=1" or "STOPPING=1". Never blocks; errors are ignored.
void notify_systemd(std::string_view state);

}  // namespace app
