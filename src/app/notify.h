// systemd's Type=notify: one datagram to $NOTIFY_SOCKET (sd_notify(3)); nothing happens without it.
#pragma once

#include <string_view>

namespace app {

// "READY=1", "STOPPING=1". Never blocks, never fails the caller.
void notify_systemd(std::string_view state);

}  // namespace app
