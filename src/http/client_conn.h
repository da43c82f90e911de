// One client connection: writes a request, parses the response, says how it went. Owned by the call
// that uses it, then by the pool.
//
//   state   means                                       leaves by
//   fresh   just dialled, nothing sent                  exchange() → busy
//   busy    request going out, response coming in,      response whole → done; failure → closed
//           both at once, or paused
//   done    the user was told on_conn_done              park() → parked; close() → closed
//   parked  no user; reads only to notice the end       exchange() → busy; something came → closed,
//                                                       and the pool is told
//   closed  silent; to be freed by retire()
//
// At rest (parked, or busy with no bytes waiting) it holds no buffers; all connections read into
// one shared scratch buffer.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/delegate.h"
#include "base/error.h"
#include "http/client.h"
#include "http/message.h"
#include "http/parser.h"
#include "loop/loop.h"
#include "net/stream.h"

namespace http {

// Whoever uses a connection. The connection may be closed and retired in each of these; the last
// two come once, as the last statement.
class ConnUser {
 public:
  virtual void on_conn_head(const ResponseHead& head) = 0;
  virtual void on_conn_body(std::string_view bytes) = 0;
  // The response is whole. `reusable`: the connection may be parked; otherwise it is to be closed.
  virtual void on_conn_done(bool reusable) = 0;
  // Closed. `network`: the connection broke; false: the peer or we broke a rule.
  virtual void on_conn_failed(base::Error error, bool network) = 0;

 protected:
  ~ConnUser() = default;
};

class ClientConn {
 public:
  using EndedFn = base::Delegate<void(ClientConn&)>;

  // `stream` is connected. `generation` is the pool's, kept for it. `loop` outlives it.
  ClientConn(loop::Loop& loop, std::unique_ptr<net::Stream> stream, unsigned generation);
  ClientConn(const ClientConn&) = delete;
  ClientConn& operator=(const ClientConn&) = delete;

  // Starts one request; may call on_conn_failed before it returns. `head` and `body` stay where
  // they are until sent() or the end. Requires: fresh or parked; `user` outlives the exchange.
  void exchange(ConnUser& user, std::string_view head, std::string_view body, bool head_method);
  // ClientCall::pause(). May be said before exchange(); undone by park().
  void set_paused(bool paused);

  // Requires: done, and `reusable` was true. `ended` is called once when the peer ends it or says
  // something unasked; it is closed then.
  void park(base::TimePoint now, EndedFn ended);
  // Asks the socket once more. False: the peer ended it or sent something; to be closed. Requires:
  // parked.
  bool quiet();
  void close();

  // About the exchange under way, or the last one.
  bool sent() const { return sent_ == head_.size() + body_.size(); }
  bool sent_any() const { return sent_ > 0; }
  bool answered() const { return answered_; }  // a byte of the response came
  bool head_done() const { return head_done_; }
  unsigned generation() const { return generation_; }
  base::TimePoint parked_at() const { return parked_at_; }

 private:
  enum class State : unsigned char { fresh, busy, done, parked, closed };

  void on_ready(bool readable, bool writable);
  void on_resume();
  // The next four: false when the exchange is over; nothing of it may be touched then.
  bool write_some();
  bool read_some();
  bool feed(std::string_view& in);
  bool take_head();
  void finish(bool clean);
  void on_eof();
  void fail(base::Error error, bool network);
  void fail_stream();
  const char* where() const;
  bool reading() const { return !paused_ && !resume_.scheduled(); }

  std::unique_ptr<net::Stream> stream_;
  ConnUser* user_ = nullptr;
  EndedFn ended_;
  std::string_view head_, body_;
  std::size_t sent_ = 0;
  std::string held_;           // read but not parsed when the user paused
  std::size_t held_from_ = 0;  // parsed up to here
  Parser parser_;
  base::TimePoint parked_at_;
  unsigned generation_;
  State state_ = State::fresh;
  bool head_method_ = false, answered_ = false, head_done_ = false;
  bool keep_alive_ = false, paused_ = false;
  loop::Deferred resume_;
};

}  // namespace http
