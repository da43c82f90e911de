// Listener: accepts connections on one address until stopped, at most kAcceptBatch per turn, so
// that a flood cannot starve the rest. When descriptors (EMFILE, ENFILE) or memory run out,
// accepting pauses for kAcceptPause and is tried again; this is logged once until a connection is
// accepted again.
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
  // The descriptor is non-blocking and close-on-exec; the stream sets its own options. The callee
  // may call stop() and pause(); it must not free the Listener (retire it, L5).
  using AcceptFn = base::Delegate<void(base::Fd, const Address& peer)>;
  // `loop` must outlive the Listener.
  Listener(loop::Loop& loop, AcceptFn fn);
  ~Listener() { stop(); }

  // `host` is a literal address, "localhost" (127.0.0.1), or "" for all addresses (IPv6 with IPv4
  // mapped if the kernel has IPv6, else IPv4). Port 0: the kernel picks one. Uses SO_REUSEADDR and
  // the longest backlog that the kernel allows (net.core.somaxconn). Requires: not listening.
  // Errors: invalid_argument for any other host, else the kernel's: "listen on 127.0.0.1:80:
  // Permission denied".
  base::Result<void> listen(std::string_view host, int port);
  // The bound address after listen(); still known after stop().
  const Address& address() const { return address_; }
  bool listening() const { return static_cast<bool>(fd_); }
  void pause(bool paused);  // no accepts while paused (connection limit); the backlog waits
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
