// Door: one listener of the server. It accepts connections, makes streams of them, and hands them
// to the HTTP server under its number, after the handshake if it speaks TLS. Peers of a Unix socket
// get their identity here.
#pragma once

#include <string_view>

#include "door/handshakes.h"
#include "http/server.h"
#include "loop/loop.h"
#include "net/listener.h"

namespace door {

class Door {
 public:
  // `number`: Request::door of its requests. `tls`: does the handshakes; nullptr: plain HTTP. All
  // must outlive this.
  Door(loop::Loop& loop, http::Server& server, unsigned number, Handshakes* tls = nullptr);
  ~Door();

  // See net::Listener. Requires: one of them, once.
  base::Result<void> listen(std::string_view host, int port) {
    return listener_.listen(host, port);
  }
  base::Result<void> listen_unix(const net::UnixSocket& socket) {
    return listener_.listen_unix(socket);
  }
  base::Result<void> adopt(base::Fd fd) { return listener_.adopt(std::move(fd)); }

  const net::Address& address() const { return listener_.address(); }
  // Accepts nothing any more, and removes the file of its Unix socket. finish(): after what waits in
  // the backlog was accepted.
  void stop() { listener_.stop(); }
  void finish() { listener_.finish(); }

 private:
  void on_accept(base::Fd fd, const net::Address& peer);
  void pause(bool paused) { listener_.pause(paused); }
  loop::Loop& loop_;
  http::Server& server_;
  const unsigned number_;
  Handshakes* const tls_;
  net::Listener listener_;
  Handshakes::Pause pause_;
};

}  // namespace door
