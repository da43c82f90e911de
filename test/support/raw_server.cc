#include "support/raw_server.h"

#include <algorithm>
#include <cstdlib>

#include <sys/socket.h>

#include "base/check.h"
#include "net/tcp_stream.h"
#include "net/tls_stream.h"

namespace test {

Step request() {
  return {Step::Kind::request};
}
Step send(std::string bytes) {
  return {Step::Kind::send, std::move(bytes)};
}
Step fill(std::size_t count) {
  return {Step::Kind::fill, {}, count};
}
Step wait(base::Duration time) {
  return {Step::Kind::wait, {}, 0, time};
}
Step finish() {
  return {Step::Kind::finish};
}
Step cut() {
  return {Step::Kind::cut};
}
Step reset() {
  return {Step::Kind::reset};
}

struct RawServer::Peer {
  Peer(RawServer& server_in, loop::Loop& loop, std::unique_ptr<net::Stream> stream_in,
       std::vector<Step> steps_in)
      : server(server_in),
        stream(std::move(stream_in)),
        steps(std::move(steps_in)),
        timer(loop, "raw server wait", loop::Timer::Fn::bind<&Peer::on_time>(this)) {
    stream->set_ready(net::Stream::ReadyFn::bind<&Peer::on_ready>(this));
    run();
  }

  void on_ready(bool readable, bool) {
    if (readable) read();
    if (!timer.armed()) run();
  }

  void on_time() {
    ++at;
    run();
  }

  void read() {
    char bytes[16 * 1024];
    for (;;) {
      const net::Io io = stream->read(bytes, sizeof(bytes));
      if (io.kind == net::Io::Kind::bytes) {
        in.append(bytes, io.n);
        continue;
      }
      gone = gone || io.kind != net::Io::Kind::would_block;
      return;
    }
  }

  void run() {
    while (at < steps.size() && !gone && step(steps[at]))
      ++at;
    const bool writing = at < steps.size() &&
                         (steps[at].kind == Step::Kind::send || steps[at].kind == Step::Kind::fill);
    stream->want(!gone && (at >= steps.size() || steps[at].kind == Step::Kind::request),
                 writing && !gone);
  }

  // True when the step is done.
  bool step(Step& s) {
    switch (s.kind) {
      case Step::Kind::request:
        return take_request();
      case Step::Kind::send:
        return write(s.bytes);
      case Step::Kind::fill:
        return fill_some(s);
      case Step::Kind::wait:
        timer.arm(s.time);
        return false;
      case Step::Kind::finish:
        stream->shutdown_write();
        return true;
      case Step::Kind::cut:
        ::shutdown(stream->fd(), SHUT_WR);
        return true;
      case Step::Kind::reset:
        gone = true;
        stream->abort();
        return true;
    }
    return true;
  }

  bool take_request() {
    const std::size_t end = in.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    std::size_t size = end + 4;
    const std::size_t length = in.find("\r\nContent-Length: ");
    if (length < end) size += std::strtoul(in.c_str() + length + 18, nullptr, 10);
    if (in.size() < size) return false;
    server.requests.push_back(in.substr(0, size));
    in.erase(0, size);
    return true;
  }

  bool write(std::string& bytes) {
    while (!bytes.empty()) {
      const iovec piece{bytes.data(), bytes.size()};
      const net::Io io = stream->write(&piece, 1);
      if (io.kind == net::Io::Kind::would_block) return false;
      if (io.kind != net::Io::Kind::bytes) {
        gone = true;
        return false;
      }
      server.sent += io.n;
      bytes.erase(0, io.n);
    }
    return true;
  }

  bool fill_some(Step& s) {
    while (s.count > 0 || !s.bytes.empty()) {
      const std::size_t more = std::min<std::size_t>(s.count, 16 * 1024 - s.bytes.size());
      s.bytes.append(more, 'x');
      s.count -= more;
      if (!write(s.bytes)) return false;
    }
    return true;
  }

  RawServer& server;
  std::unique_ptr<net::Stream> stream;
  std::vector<Step> steps;
  std::size_t at = 0;
  std::string in;
  bool gone = false;
  loop::Timer timer;
};

RawServer::RawServer(loop::Loop& loop, net::TlsContext* tls, const char* host, int port)
    : loop_(loop),
      tls_(tls),
      listener_(loop, net::Listener::AcceptFn::bind<&RawServer::on_accept>(this)) {
  CHECK(listener_.listen(host, port));
}

RawServer::~RawServer() = default;

void RawServer::on_accept(base::Fd fd, const net::Address&) {
  std::unique_ptr<net::Stream> stream;
  if (tls_ != nullptr) {
    stream = std::make_unique<net::TlsStream>(loop_, *tls_, std::move(fd));
  } else {
    stream = std::make_unique<net::TcpStream>(loop_, std::move(fd));
  }
  std::vector<Step> steps{reset()};
  if (peers_.size() < scripts_.size()) {
    steps = scripts_[peers_.size()];
  } else {
    ++unexpected;
  }
  peers_.push_back(std::make_unique<Peer>(*this, loop_, std::move(stream), std::move(steps)));
}

bool RawServer::gone(std::size_t n) const {
  return peers_.at(n)->gone;
}

void RawServer::say(std::size_t n, std::string bytes) {
  peers_.at(n)->write(bytes);
}

void RawServer::close(std::size_t n) {
  peers_.at(n)->stream->close();
  peers_.at(n)->gone = true;
}

}  // namespace test
