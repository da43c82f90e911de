#include "net/listener.h"

#include <cerrno>
#include <climits>

#include "base/log.h"

namespace net {

Listener::Listener(loop::Loop& loop, AcceptFn fn)
    : fn_(fn),
      watch_(loop, "listener", loop::FdWatch::Fn::bind<&Listener::on_ready>(this)),
      pause_timer_(loop, "listener pause", loop::Timer::Fn::bind<&Listener::on_pause_over>(this)) {}

// Returns 0 or errno.
static int open_listener(const Address& address, base::Fd& out) {
  base::Fd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return errno;
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.is_v6()) {
    // Set in both cases: the default is a sysctl. Only "all addresses" serves IPv4 as well.
    const auto& six = reinterpret_cast<const sockaddr_in6&>(address.storage);
    const int only = IN6_IS_ADDR_UNSPECIFIED(&six.sin6_addr) ? 0 : 1;
    setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
  }
  if (::bind(fd.get(), address.get(), address.length) != 0) return errno;
  if (::listen(fd.get(), INT_MAX) != 0) return errno;
  out = std::move(fd);
  return 0;
}

base::Result<void> Listener::listen(std::string_view host, int port) {
  CHECK(!fd_);
  const bool all = host.empty();
  auto address = parse_address(all ? "::" : host == "localhost" ? "127.0.0.1" : host, port);
  if (!address) return std::move(address).error().within("listen");
  base::Fd fd;
  int err = open_listener(*address, fd);
  if (all && (err == EAFNOSUPPORT || err == EADDRNOTAVAIL)) {
    // This kernel has no IPv6, or a sysctl disables it.
    address = parse_address("0.0.0.0", port);
    err = open_listener(*address, fd);
  }
  if (err == 0) err = watch_.start(fd.get(), paused_ ? 0u : loop::kRead);
  if (err != 0) return base::errno_error("listen on " + address->text(), err);
  fd_ = std::move(fd);
  address_ = local_address(fd_.get());
  starvation_logged_ = false;
  return {};
}

void Listener::pause(bool paused) {
  if (paused_ == paused) return;
  paused_ = paused;
  update_watch();
}

void Listener::stop() {
  watch_.stop();
  pause_timer_.cancel();
  fd_.reset();
}

void Listener::on_pause_over() {
  update_watch();
}

void Listener::update_watch() {
  if (!fd_) return;
  const bool accept = !paused_ && !pause_timer_.armed();
  if (const int err = watch_.set(accept ? loop::kRead : 0u); err != 0) starve(err);
}

void Listener::starve(int err) {
  pause_timer_.arm(kAcceptPause);
  watch_.set(0);
  if (starvation_logged_) return;
  starvation_logged_ = true;
  LOG_WARN("cannot accept connections for now", {"listen", address_.text()},
           {"error", base::errno_error("accept", err)});
}

void Listener::on_ready(std::uint32_t) {
  for (int i = 0; i < kAcceptBatch && fd_ && !paused_; ++i) {
    Address peer;
    peer.length = sizeof peer.storage;
    base::Fd fd(::accept4(fd_.get(), peer.get(), &peer.length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      starvation_logged_ = false;
      fn_(std::move(fd), peer);
      continue;
    }
    switch (errno) {
      case EAGAIN:
        return;
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        return starve(errno);
      default:
        break;  // this connection failed before we accepted it (accept(2), "Error handling")
    }
  }
}

}  // namespace net
