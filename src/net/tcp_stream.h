// TcpStream: a Stream over a connected socket, TCP's or a Unix socket.
#pragma once

#include <memory>
#include <string>

#include "base/fd.h"
#include "loop/loop.h"
#include "net/socket.h"
#include "net/stream.h"

namespace net {

class TcpStream : public Stream {
 public:
  // `fd` is connected and non-blocking; set_stream_options() is applied. `loop` must outlive this.
  TcpStream(loop::Loop& loop, base::Fd fd);
  // The peer, where the socket proves it (process_peer()).
  void set_identity(std::unique_ptr<PeerIdentity> peer) { identity_ = std::move(peer); }
  const PeerIdentity* identity() const override { return identity_.get(); }
  ~TcpStream() override { TcpStream::close(); }

  void set_ready(ReadyFn fn) override { fn_ = fn; }
  void want(bool read, bool write) override;
  // Also after a write() that failed: what the peer sent before is still there (a TLS alert).
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
  void on_ready(std::uint32_t ready);
  void on_failed();
  Io fail(const char* op, int err);
  base::Fd fd_;
  std::unique_ptr<PeerIdentity> identity_;
  bool want_read_ = false, want_write_ = false;
  bool failed_ = false;
  base::Errc error_code_ = base::Errc::unavailable;
  ReadyFn fn_;
  std::string error_;
  loop::FdWatch watch_;
  loop::Deferred failure_;  // on_ready after a failure: the next read or write returns the error
};

}  // namespace net
