// Listener: accepts connections on one address or Unix socket until stopped, at most kAcceptBatch per turn, so
// that a flood cannot starve the rest. When descriptors (EMFILE, ENFILE) or memory run out,
// accepting pauses for kAcceptPause and is tried again; this is logged once until a connection is
// accepted again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/delegate.h"
#include "base/error.h"
#include "base/fd.h"
#include "loop/loop.h"
#include "net/socket.h"

namespace net {

constexpr int kAcceptBatch = 64;
constexpr base::Duration kAcceptPause = base::milliseconds(100);
// The longest backlog of most kernels (net.core.somaxconn since Linux 5.4).
constexpr int kLastAccepts = 4096;

// A Unix socket's file. Its mode decides who may connect: write permission is needed.
struct UnixSocket {
  std::string path = {};  // absolute, at most 107 bytes (sockaddr_un)
  mode_t mode = 0600;
  std::optional<uid_t> owner = {};  // nullopt: the process's own
  std::optional<gid_t> group = {};
};

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
  // Makes the socket's file with its mode and owner before a client can connect. A file that is
  // there is replaced if it is a socket on which no server answers; else conflict: "a server
  // listens there", "is no socket". stop() removes the file if it is still this one.
  base::Result<void> listen_unix(const UnixSocket& socket);
  // Takes over a listening stream socket that another process made (socket activation); its file,
  // if it has one, is that process's. invalid_argument: "is not a listening stream socket".
  base::Result<void> adopt(base::Fd fd);
  // The bound address after listen(); still known after stop().
  const Address& address() const { return address_; }
  bool listening() const { return static_cast<bool>(fd_); }
  void pause(bool paused);  // no accepts while paused (connection limit); the backlog waits
  void stop();
  // Accepts what waits in the backlog (at most kLastAccepts), then stops: the peers of these are
  // connected already, and closing would reset them with a request on its way. Sockets that another
  // process made are only let go: it still holds their backlog. The callee must not call stop().
  void finish();

 private:
  base::Result<void> start(base::Fd fd, const std::string& name);
  void remove_file();
  void on_ready(std::uint32_t);
  int accept_some(int most);
  void on_pause_over();
  void update_watch();
  void starve(int err);
  AcceptFn fn_;
  Address address_;
  base::Fd fd_;
  std::string file_;  // of a Unix socket that is ours; "": none
  ino_t inode_ = 0;
  bool paused_ = false;
  bool passed_ = false;  // by adopt()
  bool starvation_logged_ = false;
  loop::FdWatch watch_;
  loop::Timer pause_timer_;
};

}  // namespace net
