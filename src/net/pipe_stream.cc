#include "net/pipe_stream.h"

#include <algorithm>
#include <cerrno>
#include <climits>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

namespace net {

namespace {

bool is_socket(int fd) {
  struct stat st {};
  return ::fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
}

bool would_block(int fd, short events) {
  pollfd ready{fd, events, 0};
  int n = 0;
  do {
    n = ::poll(&ready, 1, 0);
  } while (n < 0 && errno == EINTR);
  return n == 0;
}

}  // namespace

PipeStream::Side::Side(loop::Loop& loop, const char* name, int of, std::uint32_t kind,
                       loop::FdWatch::Fn fn)
    : fd(of), interest(kind), socket(is_socket(of)), watch(loop, name, fn) {}

PipeStream::PipeStream(loop::Loop& loop, int in, int out)
    : read_(loop, "standard input", in, loop::kRead,
            loop::FdWatch::Fn::bind<&PipeStream::on_readable>(this)),
      write_(loop, "standard output", out, loop::kWrite,
             loop::FdWatch::Fn::bind<&PipeStream::on_writable>(this)),
      always_(loop, "standard files", loop::Deferred::Fn::bind<&PipeStream::on_always>(this)) {}

void PipeStream::want(bool read, bool write) {
  if (closed_) return;
  want(read_, read);
  want(write_, write);
  const bool now = (read_.wanted && read_.always) || (write_.wanted && write_.always);
  now ? always_.schedule() : always_.cancel();
}

void PipeStream::want(Side& side, bool wanted) {
  side.wanted = wanted;
  if (side.always) return;
  // After a failure the descriptor may stay readable for good; on_always() informs the owner.
  if (failed_) {
    side.watch.stop();
    side.always = true;
    return;
  }
  int err = 0;
  if (side.watch.started()) {
    err = side.watch.set(wanted ? side.interest : 0);
  } else if (wanted) {
    err = side.watch.start(side.fd, side.interest);
  }
  // EPERM: a file. Any other error shows in the read or write that follows.
  if (err != 0) side.always = true;
}

void PipeStream::on_readable(std::uint32_t) {
  if (fn_ && read_.wanted) fn_(true, false);
}

void PipeStream::on_writable(std::uint32_t) {
  if (fn_ && write_.wanted) fn_(false, true);
}

void PipeStream::on_always() {
  const bool readable = read_.wanted && read_.always, writable = write_.wanted && write_.always;
  if (!readable && !writable) return;
  always_.schedule();
  if (fn_) fn_(readable, writable);
}

Io PipeStream::read(char* to, std::size_t size) {
  if (closed_ || failed_) return {Io::Kind::error};
  if (would_block(read_.fd, POLLIN)) return {Io::Kind::would_block};
  ssize_t n = 0;
  do {
    n = ::read(read_.fd, to, size);
  } while (n < 0 && errno == EINTR);
  if (n > 0) return {Io::Kind::bytes, static_cast<std::size_t>(n)};
  // EIO: the terminal has closed.
  if (n == 0 || errno == EIO) return {Io::Kind::eof};
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {Io::Kind::would_block};
  return fail("read", errno);
}

Io PipeStream::write(const iovec* pieces, int count) {
  if (closed_ || failed_) return {Io::Kind::error};
  ssize_t n = 0;
  if (write_.socket) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(pieces);
    message.msg_iovlen = static_cast<std::size_t>(count);
    do {
      n = ::sendmsg(write_.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (n < 0 && errno == EINTR);
  } else {
    if (would_block(write_.fd, POLLOUT)) return {Io::Kind::would_block};
    const iovec* first = pieces;
    while (count > 1 && first->iov_len == 0) {
      ++first;
      --count;
    }
    const std::size_t most = write_.always ? first->iov_len : std::size_t{PIPE_BUF};
    do {
      n = ::write(write_.fd, first->iov_base, std::min(first->iov_len, most));
    } while (n < 0 && errno == EINTR);
  }
  if (n > 0) return {Io::Kind::bytes, static_cast<std::size_t>(n)};
  if (n == 0 || errno == EAGAIN || errno == EWOULDBLOCK) return {Io::Kind::would_block};
  return fail("write", errno);
}

Io PipeStream::fail(const char* op, int err) {
  error_ = base::errno_error(op, err).what();
  failed_ = true;
  want(read_.wanted, write_.wanted);
  return {Io::Kind::error};
}

void PipeStream::shutdown_write() {
  if (!closed_ && write_.socket) ::shutdown(write_.fd, SHUT_WR);
}

void PipeStream::close() {
  closed_ = true;
  read_.watch.stop();
  write_.watch.stop();
  always_.cancel();
  fn_ = {};
  if (error_.empty()) error_ = "closed here";
}

}  // namespace net
