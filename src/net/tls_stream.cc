#include "net/tls_stream.h"

#include <algorithm>
#include <cstring>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/wipe.h"
#include "net/tcp_stream.h"
#include "net/tls_openssl.h"
#include "net/tls_peer.h"
#include "net/tls_verify.h"

namespace net {

static constexpr std::size_t kRecordBytes = SSL3_RT_MAX_PLAIN_LENGTH;

// A BIO that distinguishes the end of the stream from an error.
struct TlsStream::Lower {
  static TlsStream& self(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }

  static int write(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    const iovec piece{const_cast<char*>(bytes), static_cast<std::size_t>(size)};
    const Io io = self(bio).lower_->write(&piece, 1);
    if (io.kind == Io::Kind::bytes) return static_cast<int>(io.n);
    if (io.kind == Io::Kind::would_block) {
      BIO_set_retry_write(bio);
    } else {
      self(bio).lower_failed_ = true;
    }
    return -1;
  }

  static int read(BIO* bio, char* to, int size) {
    BIO_clear_retry_flags(bio);
    const Io io = self(bio).lower_->read(to, static_cast<std::size_t>(size));
    switch (io.kind) {
      case Io::Kind::bytes:
        return static_cast<int>(io.n);
      case Io::Kind::eof:
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
        return 0;
      case Io::Kind::would_block:
        BIO_set_retry_read(bio);
        return -1;
      case Io::Kind::error:
        break;
    }
    self(bio).lower_failed_ = true;
    return -1;
  }

  static long control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    return 0;
  }

  static BIO* open(TlsStream* stream) {
    static BIO_METHOD* const method = [] {
      BIO_METHOD* m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
      BIO_meth_set_write(m, &Lower::write);
      BIO_meth_set_read(m, &Lower::read);
      BIO_meth_set_ctrl(m, &Lower::control);
      return m;
    }();
    BIO* bio = BIO_new(method);
    BIO_set_data(bio, stream);
    BIO_set_init(bio, 1);
    return bio;
  }
};

TlsStream::TlsStream(loop::Loop& loop, TlsContext& context, base::Fd fd)
    : TlsStream(loop, context, std::make_unique<TcpStream>(loop, std::move(fd))) {}

TlsStream::TlsStream(loop::Loop& loop, TlsContext& context, std::unique_ptr<Stream> lower)
    : loop_(loop),
      lower_(std::move(lower)),
      client_(!context.is_server()),
      user_(context.user_),
      handshake_needs_(client_ ? loop::kWrite : loop::kRead),
      again_(loop, "tls stream again", loop::Deferred::Fn::bind<&TlsStream::on_again>(this)) {
  lower_->set_ready(ReadyFn::bind<&TlsStream::on_lower>(this));
  ERR_clear_error();
  ssl_ = SSL_new(context.ctx_);
  CHECK(ssl_ != nullptr);
  BIO* bio = Lower::open(this);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_app_data(ssl_, &verification_);
  X509_VERIFY_PARAM_set_time(SSL_get0_param(ssl_), loop.wall_now().ns / 1000000000);
  if (!client_) {
    SSL_set_accept_state(ssl_);
    return;
  }
  SSL_set_connect_state(ssl_);
  if (!context.sni_.empty()) SSL_set_tlsext_host_name(ssl_, context.sni_.c_str());
  if (context.session_ == nullptr || SSL_SESSION_is_resumable(context.session_) != 1) return;
  SSL_set_session(ssl_, context.session_);
  // What was accepted then may have expired since: a full handshake shows the server's current
  // certificate.
  if (context.rule_ && !openssl::accepts_session(ssl_, *context.rule_))
    SSL_set_session(ssl_, nullptr);
}

// ---- readiness ---------------------------------------------------------------------------------

void TlsStream::start_handshake(HandshakeFn fn) {
  handshake_fn_ = fn;
  if (state_ == State::handshaking) {
    update_interest();
  } else {
    again_.schedule();
  }
}

void TlsStream::want(bool read, bool write) {
  if (state_ == State::closed) return;
  want_read_ = read;
  want_write_ = write;
  if (state_ == State::failed) {
    if (read || write) again_.schedule();
    return;
  }
  update_interest();
  if (state_ == State::open && read && SSL_pending(ssl_) > 0) again_.schedule();
}

void TlsStream::update_interest() {
  bool read = false, write = false;
  if (state_ == State::handshaking) {
    if (handshake_fn_ || want_read_ || want_write_) {
      read = handshake_needs_ == loop::kRead;
      write = !read;
    }
  } else if (state_ == State::open) {
    if (want_read_) (read_needs_write_ ? write : read) = true;
    if (want_write_) (write_needs_read_ ? read : write) = true;
    if (fin_due_) write = true;
  }
  lower_->want(read, write);
}

void TlsStream::on_lower(bool readable, bool writable) {
  if (state_ == State::handshaking) {
    handshake();
    if (state_ == State::handshaking) return;
    return report();
  }
  if (fin_due_ && writable) send_fin();
  const bool read = want_read_ && (read_needs_write_ ? writable : readable);
  const bool write = want_write_ && (write_needs_read_ ? readable : writable);
  if (fn_ && (read || write)) fn_(read, write);
}

void TlsStream::on_again() {
  if (state_ == State::open && !handshake_fn_) {
    if (fn_ && want_read_ && SSL_pending(ssl_) > 0) fn_(true, false);
    return;
  }
  report();
}

// Called when the handshake has ended, well or badly, or when a failure has not been reported yet.
void TlsStream::report() {
  if (handshake_fn_) {
    const HandshakeFn fn = std::exchange(handshake_fn_, {});
    if (state_ == State::open) {
      fn({});
    } else {
      fn(base::Error(error_code_, error_));
    }
    return;
  }
  if (fn_ && state_ == State::failed && (want_read_ || want_write_)) fn_(want_read_, want_write_);
}

// ---- handshake ---------------------------------------------------------------------------------

void TlsStream::handshake() {
  ERR_clear_error();
  const int ret = SSL_do_handshake(ssl_);
  if (ret == 1) {
    if (!accept_alpn()) return;
    if (!client_) on_identity();
    state_ = State::open;
    return update_interest();
  }
  const int kind = SSL_get_error(ssl_, ret);
  if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) {
    handshake_needs_ = kind == SSL_ERROR_WANT_READ ? loop::kRead : loop::kWrite;
    return update_interest();
  }
  fail_tls(kind, "handshake");
}

void TlsStream::on_identity() {
  identity_ = openssl::identity_of_peer(ssl_, user_);
  if (!identity_) return;
  const std::int64_t left = identity_->expires - loop_.wall_now().ns / 1'000'000'000;
  expiry_ = std::make_unique<loop::Timer>(loop_, "client certificate's end",
                                          loop::Timer::Fn::bind<&TlsStream::on_expired>(this));
  // A certificate is good through the second of its end. What the connection carries is told then why it ends,
  // which the connection outlives.
  expiry_->arm(base::seconds(std::max<std::int64_t>(left, 0) + 1));
}

void TlsStream::on_expired() {
  if (state_ != State::open) return;
  fail(base::Errc::unauthorized, "the client's certificate has expired");
  report();
}

// Later releases of OpenSSL check that the server selected a protocol that was offered; earlier
// ones accept any.
bool TlsStream::accept_alpn() {
  if (!client_) return true;
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &chosen, &size);
  const std::string_view name(reinterpret_cast<const char*>(chosen), size);
  if (name.empty() || name == "http/1.1") return true;
  fail(base::Errc::protocol, "the server insists on another protocol than http/1.1 (ALPN)");
  return false;
}

bool TlsStream::may_io() {
  // An owner that waits for the end of the handshake learns of it before any read or write.
  if (state_ == State::handshaking && !handshake_fn_) handshake();
  return state_ == State::open && !handshake_fn_;
}

// ---- bytes -------------------------------------------------------------------------------------

Io TlsStream::read(char* to, std::size_t size) {
  if (!may_io()) {
    return {state_ == State::failed || state_ == State::closed ? Io::Kind::error
                                                               : Io::Kind::would_block};
  }
  ERR_clear_error();
  std::size_t n = 0;
  const int ret = SSL_read_ex(ssl_, to, size, &n);
  if (ret == 1) {
    heard_ = true;
    if (std::exchange(read_needs_write_, false)) update_interest();
    if (SSL_pending(ssl_) > 0) again_.schedule();
    return {Io::Kind::bytes, n};
  }
  return outcome(ret, true);
}

Io TlsStream::write(const iovec* pieces, int count) {
  if (!may_io()) {
    return {state_ == State::failed || state_ == State::closed ? Io::Kind::error
                                                               : Io::Kind::would_block};
  }
  // Gathers small pieces into one record: each record costs about 30 bytes, a system call and an
  // authentication.
  static char scratch[kRecordBytes];
  const char* bytes = static_cast<const char*>(pieces[0].iov_base);
  std::size_t size = std::min(pieces[0].iov_len, kRecordBytes);
  if (count > 1 && size < kRecordBytes) {
    size = 0;
    for (int i = 0; i < count && size < kRecordBytes; ++i) {
      const std::size_t part = std::min(pieces[i].iov_len, kRecordBytes - size);
      if (part > 0) std::memcpy(scratch + size, pieces[i].iov_base, part);
      size += part;
    }
    bytes = scratch;
  }
  if (size == 0) return {Io::Kind::would_block};
  CHECK(size >= held_);  // else OpenSSL fails with "bad length": the caller dropped bytes
  ERR_clear_error();
  std::size_t n = 0;
  const int ret = SSL_write_ex(ssl_, bytes, size, &n);
  if (bytes == scratch) base::wipe(scratch, size);  // it may hold tokens
  if (ret == 1) {
    held_ = 0;
    if (std::exchange(write_needs_read_, false)) update_interest();
    return {Io::Kind::bytes, n};
  }
  held_ = size;
  return outcome(ret, false);
}

Io TlsStream::outcome(int ret, bool reading) {
  const int kind = SSL_get_error(ssl_, ret);
  if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) {
    bool& crossed = reading ? read_needs_write_ : write_needs_read_;
    const bool now = kind == (reading ? SSL_ERROR_WANT_WRITE : SSL_ERROR_WANT_READ);
    if (std::exchange(crossed, now) != now) update_interest();
    return {state_ == State::failed ? Io::Kind::error : Io::Kind::would_block};
  }
  if (kind == SSL_ERROR_ZERO_RETURN && reading) return {Io::Kind::eof};
  fail_tls(kind, reading ? "read" : "write");
  return {Io::Kind::error};
}

// ---- the end -----------------------------------------------------------------------------------

void TlsStream::shutdown_write() {
  if (state_ == State::closed || fin_due_) return;
  if (state_ == State::open && held_ == 0) {
    fin_due_ = true;
    return send_fin();
  }
  lower_->shutdown_write();
}

void TlsStream::send_fin() {
  ERR_clear_error();
  const int ret = SSL_shutdown(ssl_);
  fin_due_ = ret < 0 && SSL_get_error(ssl_, ret) == SSL_ERROR_WANT_WRITE;
  if (!fin_due_) lower_->shutdown_write();
  update_interest();
}

void TlsStream::close() {
  if (state_ == State::closed) return;
  again_.cancel();
  if (expiry_) expiry_->cancel();
  fn_ = {};
  handshake_fn_ = {};
  ERR_clear_error();
  if (state_ == State::open) SSL_shutdown(ssl_);
  state_ = State::closed;
  SSL_free(std::exchange(ssl_, nullptr));
  ERR_clear_error();
  lower_->close();
  if (error_.empty()) error_ = "closed here";
}

void TlsStream::abort() {
  if (state_ == State::closed) return;
  // Sends nothing, yet keeps the session valid for the next connection.
  if (state_ == State::open) SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  if (state_ == State::open) state_ = State::failed;
  lower_->abort();
  close();
}

bool TlsStream::resumed() const {
  return ssl_ != nullptr && SSL_session_reused(ssl_) == 1;
}

std::string TlsStream::peer() const {
  return lower_->peer();
}

// ---- failures ----------------------------------------------------------------------------------

void TlsStream::fail(base::Errc code, std::string what) {
  state_ = State::failed;
  error_code_ = code;
  error_ = std::move(what);
  lower_->want(false, false);
}

void TlsStream::fail_tls(int kind, const char* op) {
  const bool handshaking = state_ == State::handshaking;
  const int reason = ERR_GET_REASON(ERR_peek_error());
  const bool cut = kind == SSL_ERROR_SSL && reason == SSL_R_UNEXPECTED_EOF_WHILE_READING;
  if (cut || (kind == SSL_ERROR_SYSCALL && !lower_failed_)) {
    if (handshaking) {
      return fail(base::Errc::unavailable, "the peer closed the connection during the handshake");
    }
    truncated_ = true;
    return fail(base::Errc::protocol, "the peer ended the connection without close_notify");
  }
  if (kind == SSL_ERROR_SYSCALL) {
    fail(lower_->error_code(), lower_->error());
    if (!handshaking && client_ && !heard_) fail_alert_behind_write();
    return;
  }
  if (!verification_.empty()) return fail(base::Errc::unavailable, verification_);
  const base::Error error = openssl::take_tls_error(op);
  fail(error.code(), error.what());
}

// A server that refuses our certificate under TLS 1.3 sends an alert and closes; our request,
// written meanwhile, fails with a reset. The alert arrived before the reset and can still be read.
void TlsStream::fail_alert_behind_write() {
  char byte;
  ERR_clear_error();
  if (SSL_peek(ssl_, &byte, 1) > 0) return;
  const base::Error error = openssl::take_tls_error("read");
  if (error.code() == base::Errc::unauthorized) fail(error.code(), error.what());
}

}  // namespace net
