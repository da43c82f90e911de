// TlsStream: a Stream that is TLS over a connected socket, client or server. The handshake runs by itself as soon as reading or writing is
// wanted or tried; a client that must know when it is done sets start_handshake() going.
//
//   handshaking → open → closed          any failure → failed: error() says what, with OpenSSL's reason, and for verification the
//                                        certificate's problem, its subject, and what was expected
//
// Deals with: SSL_read wanting to write and the reverse, bytes left inside OpenSSL (SSL_pending: on_ready again next turn), post-handshake
// messages (tickets, KeyUpdate), renegotiation (refused).
//
// error_code():  unauthorized  the peer refused our certificate (its alert; under TLS 1.3 it comes after the handshake "succeeded")
//                protocol      no TLS, no common version, another ALPN, broken records; FIN without close_notify (then truncated() is true)
//                unavailable   we refused the peer's certificate; the connection broke
//
// write() after would_block must begin with the bytes it was called with before; more may follow them (OpenSSL may hold a part of their record).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/delegate.h"
#include "base/fd.h"
#include "loop/loop.h"
#include "net/stream.h"
#include "net/tls.h"

struct ssl_st;

namespace net {

class TlsStream final : public Stream {
 public:
  using HandshakeFn = base::Delegate<void(base::Result<void>)>;

  // `fd` is a connected, non-blocking socket; set_stream_options() is applied here. `context` and `loop` outlive it.
  TlsStream(loop::Loop& loop, TlsContext& context, base::Fd fd);
  ~TlsStream() override { close(); }

  // Starts the handshake now; `fn` is called once, never inside start_handshake(), as the last statement. It may close or free the stream.
  void start_handshake(HandshakeFn fn);
  bool handshake_done() const { return state_ == State::open; }
  bool resumed() const;  // the session was resumed
  bool truncated() const { return truncated_; }

  void set_ready(ReadyFn fn) override { fn_ = fn; }
  void want(bool read, bool write) override;
  Io read(char* to, std::size_t size) override;
  Io write(const iovec* pieces, int count) override;
  void shutdown_write() override;
  void close() override;
  void abort() override;
  const std::string& error() const override { return error_; }
  base::Errc error_code() const override { return error_code_; }
  std::string peer() const override;
  int fd() const override { return fd_.get(); }

 private:
  enum class State : unsigned char { handshaking, open, failed, closed };
  struct Socket;  // OpenSSL's way to our descriptor
  void on_socket(std::uint32_t ready);
  void on_again();
  void report();
  bool may_io();  // open, after a step of the handshake when that is still due
  void handshake();
  bool accept_alpn();
  void send_fin();
  Io outcome(int ret, bool reading);
  void fail(base::Errc code, std::string what);
  void fail_tls(int kind, const char* op);
  void fail_alert_behind_write();
  void update_interest();

  base::Fd fd_;
  ssl_st* ssl_ = nullptr;
  State state_ = State::handshaking;
  bool client_;
  bool want_read_ = false, want_write_ = false;               // the owner's
  bool read_needs_write_ = false, write_needs_read_ = false;  // OpenSSL's
  std::uint8_t handshake_needs_;                              // loop::kRead or kWrite
  bool fin_due_ = false;                                      // shutdown_write() waits for room
  bool heard_ = false;                                        // bytes of the peer's have come
  bool truncated_ = false;
  base::Errc error_code_ = base::Errc::unavailable;
  int socket_error_ = 0;     // errno of the last failed call on the socket
  std::size_t held_ = 0;     // bytes of a write that OpenSSL wants again
  ReadyFn fn_;
  HandshakeFn handshake_fn_;
  std::string error_;
  std::string verification_;  // why the peer's certificate was refused
  loop::FdWatch watch_;
  loop::Deferred again_;
};

}  // namespace net
