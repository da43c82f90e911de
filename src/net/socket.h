// Socket addresses, and the options of all our sockets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/fd.h"
#include "base/time.h"
#include "net/peer_identity.h"

namespace net {

// A dead peer is noticed within half a minute: while idle, after 15 s + 3 probes 5 s apart = 30 s;
// with bytes in flight, by TCP_USER_TIMEOUT.
constexpr base::Duration kKeepaliveIdle = base::seconds(15);
constexpr base::Duration kKeepaliveInterval = base::seconds(5);
constexpr int kKeepaliveProbes = 3;
constexpr base::Duration kUserTimeout = base::seconds(30);

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;

  bool is_v6() const { return storage.ss_family == AF_INET6; }
  bool is_unix() const { return storage.ss_family == AF_UNIX; }
  // 127.0.0.0/8, ::1, 127.0.0.0/8 mapped into IPv6, and Unix sockets.
  bool is_loopback() const;
  int port() const;
  void set_port(int port);
  // "127.0.0.1:80", "[::1]:80", "[fe80::1%2]:80"; IPv4 mapped into IPv6 is written as IPv4; "" when
  // not set. A Unix socket's: "unix:/run/x.sock", or "unix" without a name (a client's).
  std::string text() const;
  bool operator==(const Address& other) const;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

// A literal IPv4 or IPv6 address (an IPv6 one may have brackets and a zone); invalid_argument for
// anything else.
base::Result<Address> parse_address(std::string_view host, int port);

// The address that the socket is bound or connected to; an empty Address when there is none.
Address local_address(int fd);
Address peer_address(int fd);

// A non-blocking, close-on-exec stream socket with the options of set_stream_options(). Running out
// of descriptors is an ordinary error.
base::Result<base::Fd> stream_socket(int family);
// NODELAY, keepalive, TCP_USER_TIMEOUT. Options that the socket does not support (a test's
// socketpair) are skipped.
void set_stream_options(int fd);

// Limits for connections from outside. By itself the kernel lets both buffers grow to 4 to 6 MiB,
// and in a container they count as its memory: a stalled reader must cost only tens of KiB, however
// many there are.

// Bytes not sent yet: a few round trips of a stream's frames. Whenever the peer takes half of them,
// the socket becomes writable and progress is seen.
constexpr int kUnsentBytes = 32 * 1024;
// Bytes in flight, each way: 128 KiB every 20 ms of round trip are 6 MB/s; a response or a body has
// up to a megabyte.
constexpr int kSendBufferBytes = 128 * 1024;
constexpr int kReceiveBufferBytes = 64 * 1024;
void set_server_options(int fd);
// Bytes given to the socket that the peer has not acknowledged (SIOCOUTQ); 0 when unknown.
std::size_t unacknowledged_bytes(int fd);

// The process at the other end of a Unix socket, as it was when it connected; nullopt: `fd` is no
// Unix socket. All users of another user namespace that have no number here look like one (65534).
std::optional<PeerIdentity> process_peer(int fd);

// What counts as one peer: the address without its port; for IPv6 its /64, all of which one machine
// may use. "" for loopback: behind a proxy on the same machine all peers look like one.
std::string peer_key(const Address& peer);

// SO_LINGER 0: close() sends a reset and drops unsent bytes.
void set_reset_on_close(int fd);

}  // namespace net
