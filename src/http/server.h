// The HTTP/1.1 server: a listener and its connections. One Handler gets every request, whole; it
// answers through a Reply, at once or later.
//
// Per connection (server_conn.h has the state table): keep-alive, pipelining (the next request is
// not parsed before the last is answered), chunked bodies both ways, Expect: 100-continue, HEAD
// (head of the GET, no body), HTTP/1.0 (close-delimited streams). Upgrade is ignored.
//
// Each limit has its answer, after which the connection closes (a lingering close: FIN, then what
// still arrives is thrown away for kLingerTime, so that the peer reads the answer and no reset eats
// it):
//   malformed (parser.h says what), cut off       400     head too large, too many headers  431
//   request line longer than a head may be        414     Expect other than 100-continue    417
//   body too large (announced or counted)         413     unknown method or encoding        501
//   head or body too slow                         408     other major version               505
//   no room for the body in the budget            503, Retry-After    for the answer: the same
//   too many connections, in all or of one peer: 503 with Retry-After, once it asked; the health
//   pages are answered all the same (Handler::serves_when_full). When there are too many in all, the
//   one that is idle the longest makes room.
// One write per response (head and body together, TCP_NODELAY).
//
// A peer that ends its side after a request (FIN) gets its answer; a stream to it would never be
// read, so for a stream it counts as gone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/budgets.h"
#include "base/delegate.h"
#include "base/limits.h"
#include "base/own_list.h"
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
  // Of one peer's address (net::peer_key; loopback's do not count). As many as `connections`: peers
  // are not told apart, as behind one proxy.
  std::size_t connections_per_peer = base::limits::kConnections / 4;
  std::size_t stream_queue_bytes = base::limits::kStreamQueueBytes;
  std::size_t stream_queue_messages = base::limits::kStreamQueueMessages;
  // Count what others can make us hold: bodies, answers and queues find room there or are refused.
  // Outlive the server; nullptr: some of its own, without a memory limit.
  base::Budgets* budgets = nullptr;
};

// Between looks at a peer that ended its side (Reply::watch_peer): how late it is seen to be gone.
constexpr base::Duration kProbeTime = base::milliseconds(250);
constexpr base::Duration kLingerTime = base::seconds(2);
// Over the connection cap so many at a time are heard; of more the oldest that has not asked is
// closed unanswered.
constexpr std::size_t kRefusedConnections = 64;
constexpr base::Duration kRefusedTime = base::seconds(2);  // for their request
// A connection that is idle for less may have a request on its way.
constexpr base::Duration kIdleGrace = base::seconds(1);
// Answers no larger than this are given although the budget has no room: errors, health.
constexpr std::size_t kSmallAnswer = 4096;
// What one stream may have queued although the budget has no room: keep-alives, event ids.
constexpr std::size_t kOwnQueueBytes = 1024;
// While the budget is full, and for as long after somebody was refused, a reader that takes nothing
// goes after this; whoever was refused looks every kReliefTime whether there is room again.
constexpr base::Duration kPressedStallTime = base::seconds(5);
constexpr base::Duration kReliefTime = base::milliseconds(100);
// A whole answer must be taken at 8 KiB/s at least: so much in each write_stall_time.
constexpr std::size_t kTakenBytes = 240 * 1024;
// Of one connection in one turn: a pipelining client gives the loop back after this.
constexpr int kRequestsPerTurn = 8;
constexpr std::size_t kAnswersPerTurn = 256 * 1024;  // bytes

// What the head of a request says about its body.
struct BodyRule {
  bool read = true;              // false: the request is handled now, without it, and the last one
  std::size_t most = SIZE_MAX;   // bytes; a larger one gets 413
};

class Handler {
 public:
  virtual ~Handler() = default;
  // Asked before a body that did not come with its head is read; `head` has no body yet.
  virtual BodyRule on_head(const Request& head) {
    (void)head;
    return {};
  }
  // A request that is to be answered although there are too many connections.
  virtual bool serves_when_full(const Request& request) const {
    (void)request;
    return false;
  }
  // The request's views are valid until this returns; the Reply may be kept.
  virtual void on_request(const Request& request, Reply reply) = 0;
};

class Server {
 public:
  // Lets a test or the simulator wrap each accepted socket (TLS, faults). Without one: TcpStream.
  using WrapFn = base::Delegate<std::unique_ptr<net::Stream>(base::Fd)>;

  // `loop` and `handler` outlive it.
  Server(loop::Loop& loop, Handler& handler, const ServerLimits& limits = {});
  // Closes everything; outstanding Replies are gone, untold. Any time, also inside on_request.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void set_wrap(WrapFn fn) { wrap_ = fn; }
  base::Result<void> listen(std::string_view host, int port);
  const net::Address& address() const { return listener_.address(); }
  // A connection made elsewhere (socketpair in tests). `peer_key`: as net::peer_key().
  void adopt(std::unique_ptr<net::Stream> stream, std::string_view peer_key = {});

  // Accepts no more. Connections without a request close in this turn or the next (one whose
  // request has already arrived answers it), each other one after its answer ("Connection: close").
  void stop_accepting();
  // Everything now, without waiting for queues. Outstanding Replies are gone and told.
  void close_all();
  std::size_t connections() const { return conns_.size() + idle_.size() + refused_.size(); }
  const base::Budget& slots() const { return slots_; }  // of those that are not refused
  // Connections with an answer under way (a request being handled, a stream, bytes not yet taken by
  // the peer).
  std::size_t busy() const;
  // What was answered since the start, streams included.
  const StatusCounts& answers() const { return answers_; }
  // Called when connections() reaches 0 after stop_accepting(), never inside a method of this.
  void on_empty(base::Delegate<void()> fn) { empty_fn_ = fn; }

 private:
  friend class ServerConn;
  void on_accept(base::Fd fd, const net::Address& peer);
  bool make_room();
  void refuse(ServerConn& conn);
  void set_idle(ServerConn& conn, bool idle);
  void note_refusal();
  void await_relief();
  void relieve();
  bool pressed() const;
  base::Duration stall_time() const;
  void remove(ServerConn& conn);   // retired
  std::string_view date_header();  // "Date: …\r\n", made once a second
  void tell_empty();

  loop::Loop& loop_;
  Handler& handler_;
  ServerLimits limits_;
  ParserLimits parser_limits_;
  WrapFn wrap_;
  std::unique_ptr<base::Budgets> own_budgets_;
  base::Budgets& budgets_;
  base::Budget slots_;
  base::OwnList<ServerConn> conns_, idle_, refused_;  // each is in one of them; the oldest first
  StatusCounts answers_;
  bool stopping_ = false;
  bool full_said_ = false;  // the connection cap is logged once until there is room again
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
