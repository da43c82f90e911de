// Listener: accepts connections on one address until stopped. Up to kAcceptBatch per turn, so that a flood cannot starve the rest.
// Out of descriptors (EMFILE, ENFILE) or memory: accepting pauses for kAcceptPause and is tried again; said once in the log until
// a connection is accepted again.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/delegate.h"
#include "base/error.h"
#include "base/fd.h"
#include "loop/loop.h"
#include "net/socket.h"

namespace net {

constexpr int kAcceptBatch = 64;
constexpr base::Duration kAcceptPause = base::milliseconds(100);

class Listener {
 public:
  // The descriptor is non-blocking and close-on-exec; stream options are the stream's business.
  // It may call stop() and pause(); it must not free the Listener (retire it, L5).
  using AcceptFn = base::Delegate<void(base::Fd, const Address& peer)>;
  // `loop` outlives it.
  Listener(loop::Loop& loop, AcceptFn fn);
  ~Listener() { stop(); }

  // `host` is a literal address, "localhost" (127.0.0.1), or "" for all (v6 with v4 mapped where the kernel has v6, else v4).
  // Port 0: the kernel picks. Backlog: as much as the kernel allows (net.core.somaxconn). SO_REUSEADDR. Requires: not listening.
  // Errors: invalid_argument for a host that is none of these, else what the kernel said: "listen on 127.0.0.1:80: Permission denied".
  base::Result<void> listen(std::string_view host, int port);
  // After listen(): where; stays known after stop().
  const Address& address() const { return address_; }
  bool listening() const { return static_cast<bool>(fd_); }
  void pause(bool paused);  // no accept while paused (connection cap); the backlog waits
  void stop();

 private:
  void on_ready(std::uint32_t);
  void on_pause_over();
  void update_watch();
  void starve(int err);
  AcceptFn fn_;
  Address address_;
  base::Fd fd_;
  bool paused_ = false;
  bool starvation_logged_ = false;
  loop::FdWatch watch_;
  loop::Timer pause_timer_;
};

}  // namespace net
