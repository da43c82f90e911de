// One client connection: writes a request, parses the response and reports the outcome. It belongs
// to the call that uses it, then to the pool.
//
//   state   meaning                                event               next
//   fresh   just dialled, nothing sent             exchange()          busy
//   busy    sending, receiving, both, or paused    response complete   done, with on_conn_done
//   busy                                           failure             closed, with on_conn_failed
//   done    the response is complete               park()              parked
//   done                                           close()             closed
//   parked  no user; reads only to notice the end  exchange()          busy
//   parked                                         EOF, or bytes       closed, with `ended`
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
#include "http/message.h"
#include "http/parser.h"
#include "loop/loop.h"
#include "net/stream.h"

namespace http {

// kube-apiserver sends about ten; a proxy's own and many Warning headers must fit as well.
constexpr std::size_t kClientHeaderCount = 256;
// Bytes read from one connection before the others get their turn.
constexpr std::size_t kReadPerTurn = 256 * 1024;

// The user of a connection. Each of these may close and retire the connection; only one of the last
// two is called, once, as the last statement.
class ConnUser {
 public:
  virtual void on_conn_head(const ResponseHead& head) = 0;
  virtual void on_conn_body(std::string_view bytes) = 0;
  // The response is complete. `reusable`: the connection may be parked; otherwise close it.
  virtual void on_conn_done(bool reusable) = 0;
  // The connection is closed. `network`: it broke; else the peer or this side broke a rule.
  virtual void on_conn_failed(base::Error error, bool network) = 0;

 protected:
  ~ConnUser() = default;
};

class ClientConn {
 public:
  using EndedFn = base::Delegate<void(ClientConn&)>;

  // `stream` is connected. `generation` is stored for the pool. `loop` must outlive this.
  ClientConn(loop::Loop& loop, std::unique_ptr<net::Stream> stream, unsigned generation);
  ClientConn(const ClientConn&) = delete;
  ClientConn& operator=(const ClientConn&) = delete;

  // Starts one request; may call on_conn_failed before it returns. `head` and `body` must stay
  // unchanged until sent() or the end. Requires: fresh or parked; `user` outlives the exchange.
  void exchange(ConnUser& user, std::string_view head, std::string_view body, bool head_method);
  // See ClientCall::pause(). May be called before exchange(); park() resets it.
  void set_paused(bool paused);

  // Requires: done, and `reusable` was true. `ended` is called once when the peer ends the
  // connection or sends something unasked; the connection is closed by then.
  void park(base::TimePoint now, EndedFn ended);
  // Checks the socket once more. Returns false when the peer ended the connection or sent
  // something; close it then. Requires: parked.
  bool quiet();
  void close();

  // About the current or the last exchange.
  bool sent() const { return sent_ == head_.size() + body_.size(); }
  bool sent_any() const { return sent_ > 0; }
  bool answered() const { return answered_; }  // a byte of the response was received
  bool head_done() const { return head_done_; }
  unsigned generation() const { return generation_; }
  base::TimePoint parked_at() const { return parked_at_; }

 private:
  enum class State : unsigned char { fresh, busy, done, parked, closed };

  void on_ready(bool readable, bool writable);
  void on_resume();
  // The next four return false when the exchange is over and nothing of it may be touched.
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
  std::string held_;           // bytes read but not parsed when the user paused
  std::size_t held_from_ = 0;  // bytes of held_ before this are parsed
  Parser parser_;
  base::TimePoint parked_at_;
  unsigned generation_;
  State state_ = State::fresh;
  bool head_method_ = false, answered_ = false, head_done_ = false;
  bool keep_alive_ = false, paused_ = false;
  loop::Deferred resume_;
};

}  // namespace http
