#include "net/tcp_stream.h"

#include <cerrno>

namespace net {

TcpStream::TcpStream(loop::Loop& loop, base::Fd fd)
    : fd_(std::move(fd)),
      watch_(loop, "tcp stream", loop::FdWatch::Fn::bind<&TcpStream::on_ready>(this)),
      failure_(loop, "tcp stream failure", loop::Deferred::Fn::bind<&TcpStream::on_failed>(this)) {
  set_stream_options(fd_.get());
}

void TcpStream::want(bool read, bool write) {
  if (!fd_) return;
  want_read_ = read;
  want_write_ = write;
  if (failed_) {
    // The socket reports nothing more; the owner must still learn that the stream is over.
    if (watch_.started()) watch_.set(0);
    if (read || write) failure_.schedule();
    return;
  }
  const std::uint32_t interest = (read ? loop::kRead : 0u) | (write ? loop::kWrite : 0u);
  int err = 0;
  if (watch_.started()) {
    err = watch_.set(interest);
  } else if (interest != 0) {
    err = watch_.start(fd_.get(), interest);
  }
  if (err != 0) {
    fail("epoll", err);
    failure_.schedule();
  }
}

void TcpStream::on_ready(std::uint32_t ready) {
  // A hangup shows in the owner's next read or write.
  const bool hangup = (ready & loop::kHangup) != 0;
  const bool readable = want_read_ && (hangup || (ready & loop::kRead) != 0);
  const bool writable = want_write_ && (hangup || (ready & loop::kWrite) != 0);
  if (fn_ && (readable || writable)) fn_(readable, writable);
}

void TcpStream::on_failed() {
  if (fn_ && (want_read_ || want_write_)) fn_(want_read_, want_write_);
}

Io TcpStream::read(char* to, std::size_t size) {
  if (!fd_) return {Io::Kind::error};
  ssize_t n;
  do {
    n = ::recv(fd_.get(), to, size, 0);
  } while (n < 0 && errno == EINTR);
  if (n > 0) return {Io::Kind::bytes, static_cast<std::size_t>(n)};
  if (failed_) return {Io::Kind::error};
  if (n == 0) return {Io::Kind::eof};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {Io::Kind::would_block};
  return fail("read", errno);
}

Io TcpStream::write(const iovec* pieces, int count) {
  if (!fd_ || failed_) return {Io::Kind::error};
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces);
  message.msg_iovlen = static_cast<std::size_t>(count);
  ssize_t n;
  do {
    n = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  if (n > 0) return {Io::Kind::bytes, static_cast<std::size_t>(n)};
  if (n == 0 || errno == EAGAIN || errno == EWOULDBLOCK) return {Io::Kind::would_block};
  return fail("write", errno);
}

Io TcpStream::fail(const char* op, int err) {
  const base::Error error = base::errno_error(op, err);
  error_ = error.what();
  // EPERM and the like come from a firewall: the peer cannot be reached; our identity was not
  // refused.
  error_code_ = error.code() == base::Errc::timeout ? error.code() : base::Errc::unavailable;
  failed_ = true;
  if (watch_.started()) watch_.set(0);
  return {Io::Kind::error};
}

void TcpStream::shutdown_write() {
  if (fd_) ::shutdown(fd_.get(), SHUT_WR);
}

void TcpStream::close() {
  watch_.stop();
  failure_.cancel();
  fn_ = {};
  if (!fd_) return;
  fd_.reset();
  if (error_.empty()) error_ = "closed here";
}

void TcpStream::abort() {
  if (fd_) set_reset_on_close(fd_.get());
  close();
}

std::string TcpStream::peer() const {
  if (identity_) return identity_->text;
  return fd_ ? peer_address(fd_.get()).text() : std::string();
}

}  // namespace net
