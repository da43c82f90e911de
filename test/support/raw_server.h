// A server that says exactly what a test tells it to, byte by byte, over TCP or TLS on loopback, in
// the test's own loop. Connection n plays script n and then just stays open; a connection without a
// script is reset and counted in `unexpected`.
//
//   RawServer server(loop);
//   server.script({request(), send("HTTP/1.1 200 OK\r\nContent-Le"), wait(base::seconds(1)),
//   reset()});
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "loop/loop.h"
#include "net/listener.h"
#include "net/stream.h"
#include "net/tls.h"

namespace test {

struct Step {
  enum class Kind { request, send, fill, wait, finish, cut, reset };
  Kind kind;
  std::string bytes{};
  std::size_t count = 0;
  base::Duration time{};
};
// Reads one whole request (Content-Length bodies only) and keeps it in `requests`.
Step request();
Step send(std::string bytes);
// `count` bytes 'x', as fast as the client takes them.
Step fill(std::size_t count);
// On the loop's clock. Zero: until the next turn. With a virtual clock any time longer than zero
// lets the client first take all it can.
Step wait(base::Duration time);
Step finish();  // FIN; TLS: close_notify first. Reading goes on
Step cut();     // FIN without close_notify
Step reset();   // RST

class RawServer {
 public:
  // `loop` and `tls` (nullptr: plain) outlive it. `port` 0: any.
  explicit RawServer(loop::Loop& loop, net::TlsContext* tls = nullptr,
                     const char* host = "127.0.0.1", int port = 0);
  ~RawServer();

  void script(std::vector<Step> steps) { scripts_.push_back(std::move(steps)); }
  int port() const { return listener_.address().port(); }
  // No connection is taken from now on; the port refuses.
  void stop_listening() { listener_.stop(); }
  void set_tls(net::TlsContext* tls) { tls_ = tls; }  // of the connections from now on

  std::size_t connections() const { return peers_.size(); }
  std::size_t scripted() const { return scripts_.size(); }
  std::size_t unexpected = 0;
  std::vector<std::string> requests;  // whole, in the order in which they were complete
  std::size_t sent = 0;               // bytes that the sockets took

  // Whether, on connection n, the client closed or reset it (noticed while a request is awaited or the
  // script is over).
  bool gone(std::size_t n) const;
  // Says something outside the script.
  void say(std::size_t n, std::string bytes);
  void close(std::size_t n);

 private:
  struct Peer;
  void on_accept(base::Fd fd, const net::Address& from);
  loop::Loop& loop_;
  net::TlsContext* tls_;
  std::vector<std::vector<Step>> scripts_;
  std::vector<std::unique_ptr<Peer>> peers_;
  net::Listener listener_;
};

}  // namespace test
