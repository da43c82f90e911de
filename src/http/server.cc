#include "http/server.h"

#include <ctime>

#include "base/check.h"
#include "base/log.h"
#include "http/server_conn.h"
#include "net/tcp_stream.h"

namespace http {

Server::Server(loop::Loop& loop, Handler& handler, const ServerLimits& limits)
    : loop_(loop),
      handler_(handler),
      limits_(limits),
      parser_limits_{limits.head_bytes, limits.header_count, limits.body_bytes},
      scratch_(std::make_unique<ServerScratch>()),
      listener_(loop, net::Listener::AcceptFn::bind<&Server::on_accept>(this)),
      empty_task_(loop, "http server empty", loop::Deferred::Fn::bind<&Server::tell_empty>(this)) {}

Server::~Server() {
  while (!conns_.empty()) {
    conns_.front().abandon();
    loop_.retire(conns_.take(conns_.front()));
  }
  // A handler that destroys the server may still look at its request.
  loop_.retire(std::move(scratch_));
}

base::Result<void> Server::listen(std::string_view host, int port) {
  return listener_.listen(host, port);
}

void Server::on_accept(base::Fd fd, const net::Address&) {
  adopt(wrap_ ? wrap_(std::move(fd)) : std::make_unique<net::TcpStream>(loop_, std::move(fd)));
}

void Server::adopt(std::unique_ptr<net::Stream> stream) {
  if (stopping_ || conns_.size() >= limits_.connections + kRefusedConnections) {
    stream->close();
    // The stream may be the one whose accept is on the stack.
    loop_.retire(std::move(stream));
    return;
  }
  const bool full = conns_.size() >= limits_.connections;
  ServerConn& conn = conns_.add(std::make_unique<ServerConn>(*this, std::move(stream)));
  if (!full) return conn.start();
  if (!std::exchange(full_said_, true)) {
    LOG_WARN("too many connections", {"peer", conn.peer()}, {"limit", limits_.connections});
  }
  conn.start_refused();
}

void Server::stop_accepting() {
  if (stopping_) return;
  stopping_ = true;
  listener_.stop();
  for (ServerConn& conn : conns_)
    conn.drain();
  if (conns_.empty()) empty_task_.schedule();
}

void Server::close_all() {
  conns_.for_each([](ServerConn& conn) { conn.close_now(); });
}

std::size_t Server::busy() const {
  std::size_t n = 0;
  for (const ServerConn& conn : conns_)
    n += conn.busy() ? 1 : 0;
  return n;
}

void Server::remove(ServerConn& conn) {
  loop_.retire(conns_.take(conn));
  if (conns_.size() < limits_.connections - limits_.connections / 8) full_said_ = false;
  if (stopping_ && conns_.empty()) empty_task_.schedule();
}

void Server::tell_empty() {
  if (empty_fn_) empty_fn_();
}

std::string_view Server::date_header() {
  const std::int64_t second = loop_.wall_now().ns / 1'000'000'000;
  if (second != date_second_) {
    date_second_ = second;
    const std::time_t t = second;
    std::tm tm{};
    gmtime_r(&t, &tm);
    char text[64];
    // The process keeps the "C" locale, so the names are English.
    date_.assign(text, std::strftime(text, sizeof text, "Date: %a, %d %b %Y %T GMT\r\n", &tm));
  }
  return date_;
}

}  // namespace http
