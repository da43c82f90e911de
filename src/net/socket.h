// Socket addresses and the options that every socket of ours has.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/fd.h"
#include "base/time.h"

namespace net {

// A peer that answers nothing is noticed within half a minute, idle or not:
// idle: 15 s + 3 probes 5 s apart = 30 s; with bytes under way: TCP_USER_TIMEOUT.
constexpr base::Duration kKeepaliveIdle = base::seconds(15);
constexpr base::Duration kKeepaliveInterval = base::seconds(5);
constexpr int kKeepaliveProbes = 3;
constexpr base::Duration kUserTimeout = base::seconds(30);

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;

  bool is_v6() const { return storage.ss_family == AF_INET6; }
  // 127.0.0.0/8, ::1, and the former mapped into IPv6.
  bool is_loopback() const;
  int port() const;
  void set_port(int port);
  // "127.0.0.1:80", "[::1]:80", "[fe80::1%2]:80"; IPv4 mapped into IPv6 reads as IPv4. "" when not set.
  std::string text() const;
  bool operator==(const Address& other) const;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

// A literal IPv4 or IPv6 address (brackets and zone allowed for v6); invalid_argument for anything else.
base::Result<Address> parse_address(std::string_view host, int port);

// Where the socket is bound, whom it is connected to; an empty Address when the kernel does not know.
Address local_address(int fd);
Address peer_address(int fd);

// Non-blocking, close-on-exec stream socket with the options below. Out of descriptors is an error like any other.
base::Result<base::Fd> stream_socket(int family);
// NODELAY, keepalive, TCP_USER_TIMEOUT. What the socket does not support (a test's socketpair) is passed over.
void set_stream_options(int fd);
// Of a connection from outside. The kernel lets both buffers grow to 4 to 6 MiB, and in a container
// they count as its memory: a reader that stalls must cost tens of KiB, whatever their number.
// Unsent bytes: some round trips of a stream's frames; the socket is writable again, and progress is
// seen, with every half of it that the peer takes. Sent and not acknowledged, both ways: 128 KiB each
// 20 ms of round trip are 6 MB/s; answers and bodies are a megabyte.
constexpr int kUnsentBytes = 32 * 1024;
constexpr int kSendBufferBytes = 128 * 1024;
constexpr int kReceiveBufferBytes = 64 * 1024;
void set_server_options(int fd);
// Bytes handed to the socket that the peer has not acknowledged (SIOCOUTQ); 0 when unknown.
std::size_t unacknowledged_bytes(int fd);

// Who counts as one peer: the address without its port, of IPv6 its /64 (one machine has all of it).
// "" for loopback: behind a proxy on the same machine all peers look like one.
std::string peer_key(const Address& peer);

// SO_LINGER 0: closing sends a reset and drops what is unsent.
void set_reset_on_close(int fd);

}  // namespace net
