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

#include "base/delegate.h"
#include "base/limits.h"
#include "base/link.h"
#include "base/payload.h"
#include "http/message.h"
#include "http/parser.h"
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
};

constexpr base::Duration kLingerTime = base::seconds(2);
// Over the connection cap so many at a time are told 503; more are closed unanswered.
constexpr std::size_t kRefusedConnections = 64;

// The right to answer one request. Move-only; held by whoever answers. Dropped unanswered: 500 is
// sent; dropped with a stream begun: the connection is cut, so that the peer can see that the
// answer is not whole.
//
//   fresh --send--> done        fresh --begin--> streaming --write*--> streaming --end--> done
//   any --peer gone--> gone
//
// The peer going away is told once through on_gone (if set by then), never inside a method of this
// object; from then on connected() is false and calls are harmless no-ops. It is not told after
// send() or end(), nor when the Server is destroyed.
class Reply {
 public:
  Reply() = default;  // gone
  Reply(Reply&& other) noexcept { take(other); }
  Reply& operator=(Reply&& other) noexcept;
  ~Reply() { drop(); }

  // Fresh or streaming, with the peer still there.
  bool connected() const;
  bool streaming() const;

  // The whole answer. `extra`: full header lines, each ending in CRLF, or "". Date, Content-Length
  // and Connection are added. With 204, 304 and for HEAD no body is sent. `content_type` empty: no
  // such header. Requires: not streaming.
  void send(int status, std::string_view content_type, std::string_view body,
            std::string_view extra = {});

  // A stream: chunked for HTTP/1.1, close-delimited for 1.0. For HEAD it ends at once.
  // Requires: not streaming.
  void begin(int status, std::string_view content_type, std::string_view extra = {});
  // Queues one message, shared, never copied; an empty one is nothing. False, and nothing queued,
  // when the stream's queue is full (bytes or messages) or the peer is gone. A message larger than
  // the byte limit is taken when the queue is empty. What is written in one turn goes out together.
  bool write(const base::Payload& message);
  // What is queued goes out, then the terminating chunk; the connection goes on (or closes if it
  // must). Requires: streaming, or gone.
  void end();
  // Cuts the connection without the terminating chunk.
  void cut();

  std::size_t queued_bytes() const;
  std::size_t queued_messages() const;

  // The peer went before end() or send(). Set again (or cleared with {}) at any time.
  void on_gone(base::Delegate<void()> fn) { gone_ = fn; }
  // The stream's queue, refused or above half before, is below half of its limits again.
  void on_drained(base::Delegate<void()> fn) { drained_ = fn; }

  // "127.0.0.1:54321"; "" when gone.
  std::string peer() const;

 private:
  friend class ServerConn;
  explicit Reply(ServerConn& conn);
  void take(Reply& other);
  void drop();
  ServerConn* conn_ = nullptr;
  base::Delegate<void()> gone_, drained_;
};

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
  std::size_t connections() const { return count_; }
  // Connections with an answer under way (a request being handled, a stream, bytes not yet taken by
  // the peer).
  std::size_t busy() const;
  // Called when connections() reaches 0 after stop_accepting(), never inside a method of this.
  void on_empty(base::Delegate<void()> fn) { empty_fn_ = fn; }

 private:
  friend class ServerConn;
  void on_accept(base::Fd fd, const net::Address& peer);
  void remove(ServerConn& conn);   // unlinks and retires
  std::string_view date_header();  // "Date: …\r\n", made once a second
  void tell_empty();

  loop::Loop& loop_;
  Handler& handler_;
  ServerLimits limits_;
  ParserLimits parser_limits_;
  WrapFn wrap_;
  base::Link conns_;
  std::size_t count_ = 0;
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
