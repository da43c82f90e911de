// A proxy of the tests' own, in the test's loop: it takes one connection, answers a CONNECT whatever
// it names, and carries bytes to a port of loopback and back whenever carry() is called.
#pragma once

#include <cerrno>
#include <memory>
#include <string>

#include <sys/socket.h>

#include "base/check.h"
#include "loop/loop.h"
#include "net/listener.h"
#include "net/tcp_stream.h"
#include "net/tls_stream.h"

namespace test {

struct Carrier {
  Carrier(loop::Loop& l, int port, net::TlsContext* context = nullptr)
      : loop(l), to(port), tls(context) {
    CHECK(listener.listen("127.0.0.1", 0));
  }
  void on_accept(base::Fd fd, const net::Address&) {
    if (tls != nullptr) {
      client = std::make_unique<net::TlsStream>(loop, *tls, std::move(fd));
    } else {
      client = std::make_unique<net::TcpStream>(loop, std::move(fd));
    }
    client->want(true, false);
  }
  // What one end said; "" when it said nothing.
  static std::string read(net::Stream& from) {
    char bytes[4096];
    const net::Io io = from.read(bytes, sizeof bytes);
    return io.kind == net::Io::Kind::bytes ? std::string(bytes, io.n) : "";
  }
  static void write(net::Stream& other, std::string text) {
    if (text.empty()) return;
    const iovec piece{text.data(), text.size()};
    const net::Io io = other.write(&piece, 1);
    CHECK(io.kind == net::Io::Kind::bytes && io.n == text.size());
  }
  void carry() {
    if (!client) return;
    if (back) {
      write(*back, read(*client));
      write(*client, read(*back));
      return;
    }
    head += read(*client);
    if (!head.ends_with("\r\n\r\n")) return;
    const auto address = net::parse_address("127.0.0.1", to);
    base::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    CHECK(::connect(fd.get(), address->get(), address->length) == 0 || errno == EINPROGRESS);
    back = std::make_unique<net::TcpStream>(loop, std::move(fd));
    write(*client, "HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n");
  }
  loop::Loop& loop;
  int to;
  net::TlsContext* tls;
  std::unique_ptr<net::Stream> client, back;
  std::string head;
  net::Listener listener{loop, net::Listener::AcceptFn::bind<&Carrier::on_accept>(this)};
};

}  // namespace test
