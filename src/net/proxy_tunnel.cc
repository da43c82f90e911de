#include "net/proxy_tunnel.h"

#include <utility>

#include "base/text.h"
#include "base/url.h"

namespace net {

ProxyTunnel::ProxyTunnel(loop::Loop& loop, Fn fn) : loop_(loop), fn_(fn) {}

void ProxyTunnel::start(std::unique_ptr<Stream> stream, const Proxy& proxy, const std::string& host,
                        int port) {
  stream_ = std::move(stream);
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
  stream_->set_ready(Stream::ReadyFn::bind<&ProxyTunnel::on_ready>(this));
  // A fresh connection is writable at once: its first turn tells of an error, too.
  stream_->want(true, true);
}

void ProxyTunnel::cancel() {
  if (!stream_) return;
  stream_->close();
  loop_.retire(std::move(stream_));  // it may be on the stack
}

void ProxyTunnel::on_ready(bool, bool) {
  if (!write_some()) return;
  read_some();
}

bool ProxyTunnel::write_some() {
  while (!out_.empty()) {
    const iovec piece{out_.data(), out_.size()};
    const Io io = stream_->write(&piece, 1);
    if (io.kind == Io::Kind::would_block) break;
    if (io.kind != Io::Kind::bytes) {
      fail(base::Errc::unavailable, stream_->error());
      return false;
    }
    out_.erase(0, io.n);
    if (out_.empty()) stream_->want(true, false);
  }
  return true;
}

// Reads byte by byte: what follows the proxy's response belongs to the user of the tunnel.
void ProxyTunnel::read_some() {
  for (;;) {
    char c = 0;
    const Io io = stream_->read(&c, 1);
    switch (io.kind) {
      case Io::Kind::would_block:
        return;
      case Io::Kind::error:
        return fail(base::Errc::unavailable, stream_->error());
      case Io::Kind::eof:
        return fail(base::Errc::unavailable, "the proxy closed the connection");
      case Io::Kind::bytes:
        break;
    }
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
  stream_->want(true, true);
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
  stream_->set_ready({});
  stream_->want(false, false);
  const Fn told = fn_;
  told(std::move(stream_));
}

void ProxyTunnel::fail(base::Errc code, std::string what) {
  cancel();
  const Fn told = fn_;
  told(base::Error(code, std::move(what)));
}

}  // namespace net
