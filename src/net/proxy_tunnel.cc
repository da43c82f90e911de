#include "net/proxy_tunnel.h"

#include <cerrno>
#include <utility>

#include <sys/socket.h>

#include "base/text.h"

namespace net {

ProxyTunnel::ProxyTunnel(loop::Loop& loop, Fn fn)
    : fn_(fn), watch_(loop, "proxy tunnel", loop::FdWatch::Fn::bind<&ProxyTunnel::on_ready>(this)) {
}

void ProxyTunnel::start(base::Fd fd, const Proxy& proxy, const std::string& host, int port) {
  fd_ = std::move(fd);
  in_.clear();
  socks_.reset();
  if (proxy.socks5) {
    out_ = socks_.emplace(host, port, proxy.user, proxy.password).greeting();
  } else {
    const std::string target = base::join_host_port(host, port);
    out_ = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
    if (!proxy.authorization.empty())
      out_ += "Proxy-Authorization: " + proxy.authorization + "\r\n";
    out_ += "\r\n";
  }
  // A new connection is writable at once: its first turn reports an error, too.
  watch_.start(fd_.get(), loop::kRead | loop::kWrite);
}

void ProxyTunnel::cancel() {
  watch_.stop();
  fd_.reset();
}

void ProxyTunnel::on_ready(std::uint32_t) {
  if (!write_some()) return;
  read_some();
}

bool ProxyTunnel::write_some() {
  while (!out_.empty()) {
    const ssize_t n = ::send(fd_.get(), out_.data(), out_.size(), MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (n < 0) {
      fail(base::Errc::unavailable, base::errno_error("send", errno).what());
      return false;
    }
    out_.erase(0, static_cast<std::size_t>(n));
    if (out_.empty()) watch_.set(loop::kRead);
  }
  return true;
}

// Reads byte by byte: what follows the proxy's response belongs to the user of the tunnel.
void ProxyTunnel::read_some() {
  for (;;) {
    char c = 0;
    const ssize_t n = ::recv(fd_.get(), &c, 1, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n < 0)
      return fail(base::Errc::unavailable, base::errno_error("recv", errno).what());
    if (n == 0) return fail(base::Errc::unavailable, "the proxy closed the connection");
    if (!take(c)) return;
  }
}

// Returns false when it is over, or when there is something to send first.
bool ProxyTunnel::take(char c) {
  in_.push_back(c);
  if (socks_) return in_.size() < socks_->wanted() || take_socks();
  if (in_.ends_with("\r\n\r\n")) return judge();
  if (in_.size() < kProxyHeadBytes) return true;
  fail(base::Errc::protocol, "the proxy's answer has no end");
  return false;
}

bool ProxyTunnel::take_socks() {
  auto answer = socks_->take(in_);
  in_.clear();
  if (!answer) {
    fail(answer.error().code(), answer.error().what());
    return false;
  }
  if (socks_->wanted() == 0) {
    finish();
    return false;
  }
  if (answer->empty()) return true;
  out_ = *std::move(answer);
  watch_.set(loop::kRead | loop::kWrite);
  return false;
}

bool ProxyTunnel::judge() {
  const std::string line = base::printable(std::string_view(in_).substr(0, in_.find('\r')), 100);
  const bool http = in_.starts_with("HTTP/1.") && in_.size() > 12 && in_[8] == ' ';
  const auto status = http ? base::parse_int(std::string_view(in_).substr(9, 3)) : std::nullopt;
  if (!status) {
    fail(base::Errc::protocol, "the proxy does not speak HTTP: " + line);
  } else if (*status == 407) {
    fail(base::Errc::invalid_argument,
         "the proxy wants a user and a password in its URL, or others: " + line);
  } else if (*status < 200 || *status > 299) {
    fail(base::Errc::unavailable, "the proxy refuses the tunnel: " + line);
  } else {
    finish();
  }
  return false;
}

void ProxyTunnel::finish() {
  watch_.stop();
  const Fn told = fn_;
  told(std::move(fd_));
}

void ProxyTunnel::fail(base::Errc code, std::string what) {
  cancel();
  const Fn told = fn_;
  told(base::Error(code, std::move(what)));
}

}  // namespace net
