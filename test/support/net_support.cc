#include "support/net_support.h"

#include <algorithm>
#include <cstdlib>

#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/check.h"
#include "net/socket.h"

namespace test {

std::pair<base::Fd, base::Fd> tcp_pair(int buffer) {
  base::Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  auto address = net::parse_address("127.0.0.1", 0);
  CHECK(::bind(listener.get(), address->get(), address->length) == 0);
  // What an accepted socket has it inherits, and before the handshake: later the window is already
  // announced.
  base::Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  for (const int fd : {listener.get(), client.get()}) {
    if (buffer == 0) break;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  }
  CHECK(::listen(listener.get(), 1) == 0);
  const net::Address where = net::local_address(listener.get());
  CHECK(::connect(client.get(), where.get(), where.length) == 0);
  base::Fd server(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  CHECK(server);
  CHECK(::fcntl(client.get(), F_SETFL, O_NONBLOCK) == 0);
  return {std::move(client), std::move(server)};
}

int open_fds() {
  DIR* dir = ::opendir("/proc/self/fd");
  CHECK(dir != nullptr);
  int count = -3;  // ".", "..", and the directory itself
  while (::readdir(dir) != nullptr)
    ++count;
  ::closedir(dir);
  return count;
}

Pump::Pump(net::Stream& stream) : stream_(stream) {
  stream_.set_ready(net::Stream::ReadyFn::bind<&Pump::on_ready>(this));
  update();
}

void Pump::send(std::string bytes) {
  out_.erase(0, std::exchange(taken_, 0));
  out_ += bytes;
  update();
}

void Pump::finish() {
  finish_ = true;
  if (sent()) stream_.shutdown_write();
}

void Pump::on_ready(bool readable, bool writable) {
  ++calls;
  if (writable) write_some();
  if (readable && reading) read_some();
  update();
}

void Pump::read_some() {
  std::string buffer(chunk, '\0');
  for (std::size_t got = 0; got < budget;) {
    const net::Io io = stream_.read(buffer.data(), std::min(chunk, budget - got));
    if (io.kind == net::Io::Kind::bytes) {
      received.append(buffer, 0, io.n);
      got += io.n;
      continue;
    }
    eof = io.kind == net::Io::Kind::eof;
    failed = io.kind == net::Io::Kind::error;
    return;
  }
}

void Pump::write_some() {
  while (!sent()) {
    iovec pieces[8];
    int count = 0;
    for (std::size_t at = taken_; at < out_.size() && count < 8; at += piece, ++count) {
      pieces[count] = {out_.data() + at, std::min(piece, out_.size() - at)};
    }
    const net::Io io = stream_.write(pieces, count);
    if (io.kind == net::Io::Kind::would_block) return;
    if (io.kind != net::Io::Kind::bytes) {
      write_failed = failed = true;
      taken_ = out_.size();
      return;
    }
    ++writes;
    taken_ += io.n;
  }
  if (finish_) stream_.shutdown_write();
}

std::string pattern(std::size_t n) {
  std::string bytes(n, '\0');
  std::uint32_t x = 1;
  for (char& c : bytes) {
    x = x * 1664525u + 1013904223u;
    c = static_cast<char>(x >> 24);
  }
  return bytes;
}

}  // namespace test
