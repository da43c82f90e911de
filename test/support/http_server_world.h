// The world of the HTTP server's tests: a loop on virtual time, a server, a handler that a test
// scripts, and peers that speak raw bytes through socket pairs.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "base/log.h"
#include "http/server.h"
#include "loop/loop.h"
#include "net/tcp_stream.h"

namespace test {

struct Peer {
  base::Fd fd;
  std::string got;
  bool eof = false, reset = false;

  void send(std::string_view bytes) {
    const ssize_t n = ::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    EXPECT_EQ(n, static_cast<ssize_t>(bytes.size()));
  }
  void read() {
    char buffer[65536];
    for (;;) {
      const ssize_t n = ::recv(fd.get(), buffer, sizeof buffer, 0);
      if (n > 0) {
        got.append(buffer, static_cast<std::size_t>(n));
        continue;
      }
      if (n == 0) eof = true;
      if (n < 0 && errno == ECONNRESET) reset = true;
      return;
    }
  }
  // What came since the last call.
  std::string take() { return std::exchange(got, {}); }
  void half_close() { ::shutdown(fd.get(), SHUT_WR); }
  void close() { fd.reset(); }
};

struct SeenRequest {
  std::string method, target, path, query, body, headers;
};

class ScriptedHandler final : public http::Handler {
 public:
  void on_request(const http::Request& request, http::Reply reply) override {
    SeenRequest r{std::string(request.method_name), std::string(request.target),
                  std::string(request.path),        std::string(request.query),
                  std::string(request.body),        {}};
    for (const http::Header& h : request.headers.all()) {
      r.headers.append(h.name).append("=").append(h.value).append(";");
    }
    seen.push_back(std::move(r));
    if (script) {
      script(request, std::move(reply));
    } else {
      reply.send(200, "text/plain", "ok:" + seen.back().body);
    }
  }
  // Keeps every Reply for the test.
  void keep() {
    script = [this](const http::Request&, http::Reply r) {
      kept.push_back(std::make_unique<http::Reply>(std::move(r)));
    };
  }
  http::BodyRule on_head(const http::Request& head) override {
    return rule ? rule(head) : http::BodyRule();
  }
  // One that the test ends.
  struct Check final : http::BodyCheck {
    Check(ScriptedHandler& of, std::string_view path, http::Handler::RuleFn to)
        : owner(of), target(path), fn(to) {
      owner.checks.push_back(this);
    }
    ~Check() override { std::erase(owner.checks, this); }
    void tell(const http::BodyRule& rule) { fn(rule); }
    void answer(const http::Request& request, http::Reply reply) override {
      ++owner.answered_by_checks;
      owner.on_request(request, std::move(reply));
    }
    ScriptedHandler& owner;
    const std::string target;
    http::Handler::RuleFn fn;
  };
  std::unique_ptr<http::BodyCheck> check_body(const http::Request& head, std::string_view,
                                              RuleFn fn) override {
    return std::make_unique<Check>(*this, head.target, fn);
  }
  std::vector<Check*> checks;  // alive
  int answered_by_checks = 0;
  bool serves_when_full(const http::Request& request) const override {
    return request.path == "/healthz";
  }
  std::function<http::BodyRule(const http::Request&)> rule;
  std::vector<SeenRequest> seen;
  std::vector<std::unique_ptr<http::Reply>> kept;
  std::function<void(const http::Request&, http::Reply)> script;
};

class HttpServerWorld : public testing::Test {
 protected:
  HttpServerWorld() : tick_(loop, "tick", loop::Timer::Fn::bind<&HttpServerWorld::nothing>(this)) {
    base::log::capture(&log);
  }
  ~HttpServerWorld() override { base::log::capture(nullptr); }

  http::Server& start(const http::ServerLimits& limits = {}) {
    server = std::make_unique<http::Server>(loop, handler, limits);
    return *server;
  }
  std::unique_ptr<Peer> connect(int send_buffer = 0, std::string_view peer_key = {}) {
    if (!server) start();
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    if (send_buffer) setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    server->adopt(std::make_unique<net::TcpStream>(loop, base::Fd(fds[0])), peer_key);
    auto peer = std::make_unique<Peer>();
    peer->fd = base::Fd(fds[1]);
    return peer;
  }
  // Turns of the loop without any time passing.
  void settle(int turns = 12) {
    while (turns-- > 0) {
      tick_.arm(base::Duration::zero());
      loop.run_once();
    }
    tick_.cancel();
  }
  // Time passes, in one jump; timers that are due fire.
  void pass(base::Duration d) {
    clock.advance(d);
    settle();
  }
  // Sends, lets the server work, returns what came back.
  std::string ask(Peer& peer, std::string_view bytes) {
    peer.send(bytes);
    settle();
    peer.read();
    return peer.take();
  }

  loop::VirtualClock clock;
  loop::Loop loop{clock};
  std::string log;
  ScriptedHandler handler;
  std::unique_ptr<http::Server> server;

 private:
  void nothing() {}
  loop::Timer tick_;
};

inline std::string get(std::string_view path = "/", std::string_view headers = {}) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n" + std::string(headers) + "\r\n";
}
inline std::string post(std::string_view body, std::string_view headers = {}) {
  return "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(headers) + "\r\n" + std::string(body);
}
inline std::string status_of(std::string_view response) {
  return response.size() < 12 ? std::string(response) : std::string(response.substr(9, 3));
}
inline std::string body_of(std::string_view response) {
  const std::size_t end = response.find("\r\n\r\n");
  return end == std::string_view::npos ? std::string() : std::string(response.substr(end + 4));
}
inline bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// A listener that counts.
struct Count {
  int n = 0;
  void up() { ++n; }
  base::Delegate<void()> fn() { return base::Delegate<void()>::bind<&Count::up>(this); }
};

class HttpReplyWorld : public HttpServerWorld {
 protected:
  // A connection whose GET is being answered by reply().
  std::unique_ptr<Peer> asked(std::string_view request = {}, int send_buffer = 0) {
    handler.keep();
    auto peer = connect(send_buffer);
    EXPECT_EQ(ask(*peer, request.empty() ? get() : std::string(request)), "");
    return peer;
  }
  http::Reply& reply() { return *handler.kept.back(); }
  std::string received(Peer& peer) {
    settle();
    peer.read();
    return peer.take();
  }
  // Fills the stream's queue behind a reader that takes nothing; how many messages were taken.
  int fill(const base::Payload& message) {
    int n = 0;
    for (; n < 100000 && reply().write(message); ++n)
      settle(1);
    return n;
  }
};

}  // namespace test
