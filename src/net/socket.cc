#include "net/socket.h"

#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/un.h>

#include "base/text.h"
#include "base/url.h"

namespace net {

static const sockaddr_in& v4(const Address& a) {
  return *reinterpret_cast<const sockaddr_in*>(&a.storage);
}
static const sockaddr_in6& v6(const Address& a) {
  return *reinterpret_cast<const sockaddr_in6*>(&a.storage);
}

bool Address::is_loopback() const {
  if (is_unix()) return true;
  if (storage.ss_family == AF_INET) return (ntohl(v4(*this).sin_addr.s_addr) >> 24) == 127;
  if (!is_v6()) return false;
  const in6_addr& a = v6(*this).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&a) || (IN6_IS_ADDR_V4MAPPED(&a) && a.s6_addr[12] == 127);
}

int Address::port() const {
  if (storage.ss_family == AF_INET) return ntohs(v4(*this).sin_port);
  return is_v6() ? ntohs(v6(*this).sin6_port) : 0;
}

void Address::set_port(int port) {
  const in_port_t n = htons(static_cast<in_port_t>(port));
  if (storage.ss_family == AF_INET) reinterpret_cast<sockaddr_in*>(&storage)->sin_port = n;
  if (is_v6()) reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port = n;
}

std::string Address::text() const {
  if (is_unix()) {
    const auto& name = reinterpret_cast<const sockaddr_un&>(storage).sun_path;
    const bool named = length > offsetof(sockaddr_un, sun_path) && name[0] != '\0';
    return named ? "unix:" + std::string(name, strnlen(name, sizeof name)) : "unix";
  }
  char host[INET6_ADDRSTRLEN] = "";
  if (storage.ss_family == AF_INET) {
    inet_ntop(AF_INET, &v4(*this).sin_addr, host, sizeof host);
    return base::join_host_port(host, port());
  }
  if (!is_v6()) return {};
  const sockaddr_in6& a = v6(*this);
  if (IN6_IS_ADDR_V4MAPPED(&a.sin6_addr)) {
    inet_ntop(AF_INET, a.sin6_addr.s6_addr + 12, host, sizeof host);
    return base::join_host_port(host, port());
  }
  inet_ntop(AF_INET6, &a.sin6_addr, host, sizeof host);
  std::string whole = host;
  if (a.sin6_scope_id != 0) whole += "%" + std::to_string(a.sin6_scope_id);
  return base::join_host_port(whole, port());
}

bool Address::operator==(const Address& other) const {
  if (storage.ss_family != other.storage.ss_family || port() != other.port()) return false;
  if (storage.ss_family == AF_INET) return v4(*this).sin_addr.s_addr == v4(other).sin_addr.s_addr;
  if (!is_v6()) return length == other.length;
  return std::memcmp(&v6(*this).sin6_addr, &v6(other).sin6_addr, sizeof(in6_addr)) == 0 &&
         v6(*this).sin6_scope_id == v6(other).sin6_scope_id;
}

base::Result<Address> parse_address(std::string_view host, int port) {
  const base::Error bad(base::Errc::invalid_argument,
                        "not an IP address: " + base::printable(host, 100));
  if (port < 0 || port > 65535) {
    return base::Error(base::Errc::invalid_argument, "not a port: " + std::to_string(port));
  }
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (host.find(':') == std::string_view::npos) return bad;
  }
  std::string address(host.substr(0, host.find('%')));
  if (address.find('\0') != std::string::npos) return bad;

  Address result;
  auto* four = reinterpret_cast<sockaddr_in*>(&result.storage);
  auto* six = reinterpret_cast<sockaddr_in6*>(&result.storage);
  if (inet_pton(AF_INET6, address.c_str(), &six->sin6_addr) == 1) {
    six->sin6_family = AF_INET6;
    result.length = sizeof *six;
    if (address.size() < host.size()) {
      const std::string zone(host.substr(address.size() + 1));
      const auto number = base::parse_int(zone);
      six->sin6_scope_id =
          number ? static_cast<std::uint32_t>(*number) : if_nametoindex(zone.c_str());
      if (six->sin6_scope_id == 0) return bad;
    }
  } else {
    result.storage = {};
    if (address.size() < host.size()) return bad;
    if (inet_pton(AF_INET, address.c_str(), &four->sin_addr) != 1) return bad;
    four->sin_family = AF_INET;
    result.length = sizeof *four;
  }
  result.set_port(port);
  return result;
}

Address local_address(int fd) {
  Address a;
  a.length = sizeof a.storage;
  if (getsockname(fd, a.get(), &a.length) != 0) return {};
  return a;
}

Address peer_address(int fd) {
  Address a;
  a.length = sizeof a.storage;
  if (getpeername(fd, a.get(), &a.length) != 0) return {};
  return a;
}

base::Result<base::Fd> stream_socket(int family) {
  base::Fd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return base::errno_error("socket", errno);
  set_stream_options(fd.get());
  return fd;
}

static void set_option(int fd, int level, int option, int value) {
  setsockopt(fd, level, option, &value, sizeof value);
}

static int in_seconds(base::Duration d) {
  return static_cast<int>(base::to_ms(d) / 1000);
}

void set_stream_options(int fd) {
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, in_seconds(kKeepaliveIdle));
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, in_seconds(kKeepaliveInterval));
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, kKeepaliveProbes);
  set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(base::to_ms(kUserTimeout)));
}

void set_server_options(int fd) {
  set_option(fd, SOL_SOCKET, SO_SNDBUF, kSendBufferBytes);
  set_option(fd, SOL_SOCKET, SO_RCVBUF, kReceiveBufferBytes);
  set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentBytes);
}

std::size_t unacknowledged_bytes(int fd) {
  int n = 0;
  return fd >= 0 && ::ioctl(fd, SIOCOUTQ, &n) == 0 && n > 0 ? static_cast<std::size_t>(n) : 0;
}

std::optional<PeerIdentity> process_peer(int fd) {
  ucred who{};
  socklen_t size = sizeof who;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0 || who.uid == uid_t(-1))
    return std::nullopt;
  PeerIdentity peer;
  peer.id = "unix:" + std::to_string(who.uid);
  peer.text = "unix uid " + std::to_string(who.uid) + " pid " + std::to_string(who.pid);
  return peer;
}

std::string peer_key(const Address& peer) {
  if (peer.length == 0 || peer.is_loopback()) return {};
  Address key = peer;
  key.set_port(0);
  if (peer.is_v6()) {
    in6_addr& a = reinterpret_cast<sockaddr_in6*>(&key.storage)->sin6_addr;
    if (!IN6_IS_ADDR_V4MAPPED(&a)) std::memset(a.s6_addr + 8, 0, 8);
  }
  const std::string text = key.text();
  return text.substr(0, text.rfind(':'));
}

void set_reset_on_close(int fd) {
  const linger now{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

}  // namespace net
