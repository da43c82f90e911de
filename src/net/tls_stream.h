// TlsStream: a Stream that is TLS over another Stream, as client or server: over a connected socket,
// or over TLS to a proxy. The handshake
// starts as soon as reading or writing is wanted or tried. An owner that needs to know when it is
// done calls start_handshake().
//
//   state        event                           next    effect
//   handshaking  handshake done                  open    start_handshake()'s fn, else on_ready
//   handshaking  failure                         failed  the same, with error()
//   open         failure                         failed  read() and write() return error
//   any          close(), abort()                closed  silent
//
// error() includes OpenSSL's reason; for a refused certificate it gives the problem, the subject
// and what was expected. error_code() is one of
//
//   unauthorized  the peer refused our certificate by an alert; under TLS 1.3 it arrives after the
//                 handshake has "succeeded"
//   protocol      not TLS, no common version, another ALPN, broken records; FIN without
//                 close_notify (then truncated() is true)
//   unavailable   we refused the peer's certificate; the connection broke
//   timeout       the connection broke by a timeout of the kernel
//
// It handles SSL_read that needs to write and SSL_write that needs to read, bytes left inside
// OpenSSL (SSL_pending: on_ready again in the next turn), and messages after the handshake
// (tickets, KeyUpdate). Renegotiation is refused.
//
// On the server's side identity() is that of the client's certificate, if it has shown one; when
// that certificate ends, the stream fails (unauthorized).
//
// A write() after would_block must begin with the same bytes as before; more may follow (OpenSSL
// may hold a part of their record).
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

  // `fd` is a connected, non-blocking socket; set_stream_options() is applied. `loop` must outlive
  // this, and so must `context`, unless it is a server's.
  TlsStream(loop::Loop& loop, TlsContext& context, base::Fd fd);
  // Takes `lower` over. Closing or aborting this does the same to `lower`.
  TlsStream(loop::Loop& loop, TlsContext& context, std::unique_ptr<Stream> lower);
  ~TlsStream() override { close(); }

  // Starts the handshake now. `fn` is called once, never inside start_handshake(), as the last
  // statement; it may close or free the stream. Until then read() and write() return would_block.
  void start_handshake(HandshakeFn fn);
  bool handshake_done() const { return state_ == State::open; }
  bool resumed() const;  // whether the handshake resumed a session
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
  int fd() const override { return lower_->fd(); }
  const PeerIdentity* identity() const override { return identity_.get(); }

 private:
  enum class State : unsigned char { handshaking, open, failed, closed };
  struct Lower;  // OpenSSL's BIO over lower_
  void on_lower(bool readable, bool writable);
  void on_again();
  void on_identity();
  void on_expired();
  void report();
  bool may_io();  // does a step of the handshake if that is not done; whether the stream is open
  void handshake();
  bool accept_alpn();
  void send_fin();
  Io outcome(int ret, bool reading);
  void fail(base::Errc code, std::string what);
  void fail_tls(int kind, const char* op);
  void fail_alert_behind_write();
  void update_interest();

  loop::Loop& loop_;
  std::unique_ptr<Stream> lower_;
  std::unique_ptr<PeerIdentity> identity_;
  ssl_st* ssl_ = nullptr;
  State state_ = State::handshaking;
  bool client_;
  const UserField user_;
  bool want_read_ = false, want_write_ = false;               // set by the owner
  bool read_needs_write_ = false, write_needs_read_ = false;  // set by OpenSSL
  std::uint8_t handshake_needs_;                              // loop::kRead or kWrite
  bool fin_due_ = false;                                      // shutdown_write() waits for room
  bool heard_ = false;                                        // the peer has sent bytes
  bool truncated_ = false;
  base::Errc error_code_ = base::Errc::unavailable;
  bool lower_failed_ = false;  // lower_->error() says why
  std::size_t held_ = 0;       // bytes of a write that OpenSSL must be given again
  ReadyFn fn_;
  HandshakeFn handshake_fn_;
  std::string error_;
  std::string verification_;  // why the peer's certificate was refused
  loop::Deferred again_;
  std::unique_ptr<loop::Timer> expiry_;  // of identity_
};

}  // namespace net
