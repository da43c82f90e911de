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
//   too many connections: 503 with Retry-After (accepted, answered, closed)
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
  std::size_t stream_queue_bytes = base::limits::kStreamQueueBytes;
  std::size_t stream_queue_messages = base::limits::kStreamQueueMessages;
  // Count what others can make us hold; when the one of queues is full a stream's queue takes only
  // one message at a time. Outlive the server; nullptr: not counted.
  base::Budgets* budgets = nullptr;
};

// Between looks at a peer that ended its side (Reply::watch_peer): how late it is seen to be gone.
constexpr base::Duration kProbeTime = base::milliseconds(250);
constexpr base::Duration kLingerTime = base::seconds(2);
// Over the connection cap so many at a time are told 503; more are closed unanswered.
constexpr std::size_t kRefusedConnections = 64;

class Handler {
 public:
  virtual ~Handler() = default;
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
  // A connection made elsewhere (socketpair in tests).
  void adopt(std::unique_ptr<net::Stream> stream);

  // Accepts no more. Connections without a request close in this turn or the next (one whose
  // request has already arrived answers it), each other one after its answer ("Connection: close").
  void stop_accepting();
  // Everything now, without waiting for queues. Outstanding Replies are gone and told.
  void close_all();
  std::size_t connections() const { return conns_.size(); }
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
  void remove(ServerConn& conn);   // retired
  std::string_view date_header();  // "Date: …\r\n", made once a second
  void tell_empty();

  loop::Loop& loop_;
  Handler& handler_;
  ServerLimits limits_;
  ParserLimits parser_limits_;
  WrapFn wrap_;
  base::OwnList<ServerConn> conns_;
  StatusCounts answers_;
  bool stopping_ = false;
  bool full_said_ = false;  // the connection cap is logged once until there is room again
  std::int64_t date_second_ = -1;
  std::string date_;
  std::unique_ptr<ServerScratch> scratch_;
  base::Delegate<void()> empty_fn_;
  net::Listener listener_;
  loop::Deferred empty_task_;
};

}  // namespace http
