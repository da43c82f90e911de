#include "http/server.h"

#include <algorithm>
#include <ctime>

#include "base/check.h"
#include "base/log.h"
#include "http/server_conn.h"
#include "net/dial.h"
#include "net/tcp_stream.h"

namespace http {

Server::Server(loop::Loop& loop, Handler& handler, const ServerLimits& limits)
    : loop_(loop),
      handler_(handler),
      limits_(limits),
      parser_limits_{limits.head_bytes, limits.header_count, limits.body_bytes},
      own_budgets_(limits.budgets ? nullptr : std::make_unique<base::Budgets>()),
      budgets_(limits.budgets ? *limits.budgets : *own_budgets_),
      slots_(limits.connections),
      scratch_(std::make_unique<ServerScratch>()),
      listener_(loop, net::Listener::AcceptFn::bind<&Server::on_accept>(this)),
      empty_task_(loop, "http server empty", loop::Deferred::Fn::bind<&Server::tell_empty>(this)),
      relief_(loop, "http budget relief", loop::Timer::Fn::bind<&Server::relieve>(this)) {
  slots_.set_share(limits.connections_per_peer);
}

Server::~Server() {
  for (auto* list : {&conns_, &idle_, &refused_}) {
    while (!list->empty()) {
      list->front().abandon();
      loop_.retire(list->take(list->front()));
    }
  }
  // A handler that destroys the server may still use its request.
  loop_.retire(std::move(scratch_));
}

base::Result<void> Server::listen(std::string_view host, int port) {
  return listener_.listen(host, port);
}

void Server::on_accept(base::Fd fd, const net::Address& peer) {
  net::set_server_options(fd.get());
  adopt(wrap_ ? wrap_(std::move(fd)) : std::make_unique<net::TcpStream>(loop_, std::move(fd)),
        net::peer_key(peer));
}

void Server::adopt(std::unique_ptr<net::Stream> stream, std::string_view peer_key, unsigned door) {
  if (stopping_) {
    stream->close();
    // The accept of this stream may be on the stack.
    loop_.retire(std::move(stream));
    return;
  }
  if (limits_.connections_per_peer >= limits_.connections) peer_key = {};
  ServerConn& conn =
      conns_.add(std::make_unique<ServerConn>(*this, std::move(stream), peer_key, door));
  if (make_room() && conn.take_slot()) {
    conn.start();
  } else {
    refuse(conn);
  }
}

// Connections that are accepted however many descriptors our own dials hold, at most an eighth of all.
constexpr std::size_t kSureConnections = 16;

// Makes room for one connection. A client whose idle connection closes opens another when it needs
// one; a new connection has a request to send.
bool Server::make_room() {
  // What we dialled has its descriptors already, but never the last ones (net/dial.h).
  const base::Budget& all = budgets_.descriptors;
  const bool sure = slots_.used() < std::min(kSureConnections, all.limit() / 8);
  if (slots_.has_room(1) && all.has_room(sure ? 1 : 1 + net::dialled())) return true;
  if (idle_.empty() || !idle_.front().idle_for(kIdleGrace)) return false;
  idle_.front().make_way();
  return true;
}

void Server::refuse(ServerConn& conn) {
  if (!std::exchange(full_said_, true)) {
    LOG_WARN("too many connections", {"peer", conn.peer()}, {"connections", slots_.used()},
             {"limit", limits_.connections}, {"limit_per_peer", limits_.connections_per_peer});
  }
  refused_.add(conns_.take(conn));
  const std::size_t most = std::min(kRefusedConnections, budgets_.descriptors.limit() / 4);
  if (refused_.size() > std::max<std::size_t>(most, 1)) refused_.front().make_way();
  conn.start_refused();
}

void Server::say_tls(ServerConn& conn) {
  if (std::exchange(tls_said_, true)) return;
  LOG_WARN("a client speaks TLS to a port that serves plain HTTP", {"peer", conn.peer()});
}

// Requires: a change.
void Server::set_idle(ServerConn& conn, bool idle) {
  if (conn.refused()) return;
  idle ? idle_.add(conns_.take(conn)) : conns_.add(idle_.take(conn));
}

// Called after a refusal for lack of room: checks for room soon, and shortens the stall time of
// readers that take nothing.
void Server::note_refusal() {
  pressed_until_ = loop_.now() + kPressedStallTime;
  await_relief();
}

void Server::await_relief() {
  if (!relief_.armed()) relief_.arm(kReliefTime);
}

void Server::relieve() {
  const bool full = pressed(), room = budgets_.queues.has_room(kOwnQueueBytes);
  bool waiting = false;
  for (ServerConn& conn : conns_)
    waiting |= conn.relieve(full, room);
  if (full || waiting) await_relief();
}

bool Server::pressed() const {
  return loop_.now() < pressed_until_ || !budgets_.memory.has_room(kSmallAnswer) ||
         !budgets_.answers.has_room(kSmallAnswer) || !budgets_.queues.has_room(kOwnQueueBytes) ||
         !budgets_.kernel.has_room(kSmallAnswer);
}

base::Duration Server::stall_time() const {
  return pressed() ? std::min<base::Duration>(kPressedStallTime, limits_.write_stall_time)
                   : limits_.write_stall_time;
}

void Server::stop_accepting() {
  if (stopping_) return;
  stopping_ = ending_ = true;
  listener_.stop();
  for (auto* list : {&conns_, &idle_, &refused_}) {
    for (ServerConn& conn : *list)
      conn.drain();
  }
  if (connections() == 0) empty_task_.schedule();
}

void Server::close_all() {
  for (auto* list : {&conns_, &idle_, &refused_})
    list->for_each([](ServerConn& conn) { conn.close_now(); });
}

void Server::end_certified() {
  for (auto* list : {&conns_, &idle_, &refused_}) {
    list->for_each([](ServerConn& conn) {
      if (conn.certified()) conn.close_now();
    });
  }
}

std::size_t Server::busy() const {
  std::size_t n = 0;
  for (const auto* list : {&conns_, &refused_}) {
    for (const ServerConn& conn : *list)
      n += conn.busy() ? 1 : 0;
  }
  return n;
}

void Server::remove(ServerConn& conn) {
  conn.give_slot();
  loop_.retire((conn.refused() ? refused_ : conn.idle() ? idle_ : conns_).take(conn));
  if (slots_.used() < limits_.connections - limits_.connections / 8 && refused_.empty())
    full_said_ = false;
  if (ending_ && connections() == 0) empty_task_.schedule();
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
