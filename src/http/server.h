// The HTTP/1.1 server: a listener and its connections. One Handler gets every request, complete,
// and answers through a Reply, at once or later.
//
// Each connection (state table in server_conn.h) supports keep-alive, pipelining (the next request
// is not parsed before the last is answered), chunked bodies both ways, Expect: 100-continue, HEAD
// (the head of the GET, without a body) and HTTP/1.0 (close-delimited streams). Upgrade is ignored.
// A response is one write (head and body together, TCP_NODELAY).
//
// Each limit has its response, after which the connection closes. The close lingers: FIN, then what
// still arrives is discarded for kLingerTime, so that the peer reads the response and no reset
// destroys it.
//
//   status  reason
//   400     malformed (see parser.h), or cut off
//   408     head or body too slow
//   413     body too large (announced or counted)
//   414     request line longer than a head may be
//   417     Expect other than 100-continue
//   431     head too large, or too many headers
//   501     unknown method or encoding
//   503     with Retry-After: no room in the budget for the body or for the response
//   503     with Retry-After: too many connections, in all or of one peer
//   505     other major version
//
// A connection beyond the limit gets its 503 after it has sent a request; the health pages are
// answered all the same (Handler::serves_when_full). When there are too many connections in all,
// the one that has been idle the longest makes room.
//
// A peer that speaks TLS could read no answer: it ends cleanly, and the first one is logged.
// A peer that ends its side after a request (FIN) gets its response; but it would not read a
// stream, so for a stream it counts as gone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/budgets.h"
#include "base/delegate.h"
#include "base/limits.h"
#include "base/own_list.h"
#include "http/handler.h"
#include "http/message.h"
#include "http/parser.h"
#include "http/reply.h"
#include "http/status_counts.h"
#include "loop/loop.h"
#include "net/listener.h"
#include "net/stream.h"

namespace http {

class ServerConn;
struct ServerScratch;

struct ServerLimits {
  std::size_t head_bytes = base::limits::kHeadBytes;
  std::size_t header_count = base::limits::kHeaderCount;
  std::size_t body_bytes = base::limits::kBodyBytes;
  base::Duration head_time = base::limits::kHeadTime;
  base::Duration body_time = base::limits::kBodyTime;
  base::Duration idle_time = base::limits::kIdleTime;
  base::Duration write_stall_time = base::limits::kWriteStallTime;
  std::size_t connections = base::limits::kConnections;
  // Per peer's address (net::peer_key; loopback is not limited). With a value of at least
  // `connections` all peers share one limit, as behind one proxy.
  std::size_t connections_per_peer = base::limits::kConnections / 4;
  std::size_t stream_queue_bytes = base::limits::kStreamQueueBytes;
  std::size_t stream_queue_messages = base::limits::kStreamQueueMessages;
  // Bodies, responses and queues take their memory from these budgets or are refused. They must
  // outlive the server; nullptr: the server has its own, without a memory limit.
  base::Budgets* budgets = nullptr;
};

// Interval between probes of a peer that ended its side (Reply::watch_peer): how late its absence
// is noticed.
constexpr base::Duration kProbeTime = base::milliseconds(250);
constexpr base::Duration kLingerTime = base::seconds(2);
// Connections beyond the limit that may send a request at a time, at most a quarter of the descriptors;
// with more, the oldest one that has not sent one is closed without a response.
constexpr std::size_t kRefusedConnections = 64;
constexpr base::Duration kRefusedTime = base::seconds(2);  // for their request
// A connection that is idle for less may have a request on its way.
constexpr base::Duration kIdleGrace = base::seconds(1);
// Responses up to this size are sent even when the budget has no room: errors, health.
constexpr std::size_t kSmallAnswer = 4096;
// What one stream may queue even when the budget has no room: keep-alives, event ids.
constexpr std::size_t kOwnQueueBytes = 1024;
// While a budget is full, and for as long after a refusal, a reader that takes nothing is cut after
// this time.
constexpr base::Duration kPressedStallTime = base::seconds(5);
// How often refused streams check whether there is room again.
constexpr base::Duration kReliefTime = base::milliseconds(100);
// A whole response must be read at 8 KiB/s at least: this much in each write_stall_time.
constexpr std::size_t kTakenBytes = 240 * 1024;
// Limits on one connection in one turn: a pipelining client must not hold up the loop.
constexpr int kRequestsPerTurn = 8;
constexpr std::size_t kAnswersPerTurn = 256 * 1024;  // bytes

class Server {
 public:
  // Wraps each accepted socket, for tests and the simulator (TLS, faults). Without one: TcpStream.
  using WrapFn = base::Delegate<std::unique_ptr<net::Stream>(base::Fd)>;

  // `loop` and `handler` must outlive the server.
  Server(loop::Loop& loop, Handler& handler, const ServerLimits& limits = {});
  // Closes everything; when_gone of outstanding Replies is not called. Allowed at any time, also
  // inside on_request.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void set_wrap(WrapFn fn) { wrap_ = fn; }
  base::Result<void> listen(std::string_view host, int port);
  const net::Address& address() const { return listener_.address(); }
  // Takes over a connection made elsewhere (a socketpair). `peer_key`: as from net::peer_key(). Its
  // requests carry `door`.
  void adopt(std::unique_ptr<net::Stream> stream, std::string_view peer_key = {},
             unsigned door = 0);

  // From now on each response ends its connection ("Connection: close").
  void end_keep_alive() { ending_ = true; }
  // The same, and stops accepting. Connections without a request close in this turn or the next;
  // one whose request has already arrived answers it.
  void stop_accepting();
  // Closes everything now, without waiting for queues. when_gone of outstanding Replies is called.
  void close_all();
  void end_certified();  // the same for those whose peer has shown a certificate
  std::size_t connections() const { return conns_.size() + idle_.size() + refused_.size(); }
  const base::Budget& slots() const { return slots_; }  // used by connections within the limit
  // Connections with a response under way: a request, a stream, bytes that the peer has not taken.
  std::size_t busy() const;
  // Responses since the start, streams included.
  const StatusCounts& answers() const { return answers_; }
  // Called when connections() reaches 0 after one of these two, never inside a method of this.
  void when_empty(base::Delegate<void()> fn) { empty_fn_ = fn; }

 private:
  friend class ServerConn;
  void on_accept(base::Fd fd, const net::Address& peer);
  bool make_room();
  void refuse(ServerConn& conn);
  void say_tls(ServerConn& conn);
  void set_idle(ServerConn& conn, bool idle);
  void note_refusal();
  void await_relief();
  void relieve();
  bool pressed() const;
  base::Duration stall_time() const;
  void remove(ServerConn& conn);   // retired
  std::string_view date_header();  // "Date: …\r\n", renewed once a second
  void tell_empty();

  loop::Loop& loop_;
  Handler& handler_;
  ServerLimits limits_;
  ParserLimits parser_limits_;
  WrapFn wrap_;
  std::unique_ptr<base::Budgets> own_budgets_;
  base::Budgets& budgets_;
  base::Budget slots_;
  base::OwnList<ServerConn> conns_, idle_, refused_;  // each is in one of them, the oldest first
  StatusCounts answers_;
  bool ending_ = false, stopping_ = false;  // end_keep_alive() or more; stop_accepting()
  bool tls_said_ = false;                   // a peer has spoken TLS
  bool full_said_ = false;  // the connection limit is logged once until there is room again
  std::int64_t date_second_ = -1;
  std::string date_;
  std::unique_ptr<ServerScratch> scratch_;
  base::Delegate<void()> empty_fn_;
  net::Listener listener_;
  loop::Deferred empty_task_;
  loop::Timer relief_;
  loop::TimePoint pressed_until_;
};

}  // namespace http
