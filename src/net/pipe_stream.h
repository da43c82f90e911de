// PipeStream: a Stream over two descriptors that somebody gave us, one to read and one to write:
// standard input and output. Each may be a pipe, a socket, a terminal or a file.
//
// Their flags stay as they are: O_NONBLOCK belongs to the open file, which the parent and its other
// children share. So a read or write asks first whether it would block, and takes no more at once
// than then fits (pipes: PIPE_BUF). What epoll does not take (regular files, /dev/null) counts as
// always ready.
#pragma once

#include <string>

#include "loop/loop.h"
#include "net/stream.h"

namespace net {

class PipeStream final : public Stream {
 public:
  // Both descriptors are borrowed and stay open; they may be the same. `loop` outlives it.
  PipeStream(loop::Loop& loop, int in, int out);
  ~PipeStream() override { close(); }

  void set_ready(ReadyFn fn) override { fn_ = fn; }
  void want(bool read, bool write) override;
  Io read(char* to, std::size_t size) override;
  Io write(const iovec* pieces, int count) override;
  // A socket's end is told; a pipe's reader learns it when the process ends.
  void shutdown_write() override;
  void close() override;
  void abort() override { close(); }
  const std::string& error() const override { return error_; }
  base::Errc error_code() const override { return base::Errc::unavailable; }
  std::string peer() const override { return "stdio"; }
  int fd() const override { return read_.fd; }

 private:
  // One of the two.
  struct Side {
    Side(loop::Loop& loop, const char* name, int of, std::uint32_t kind, loop::FdWatch::Fn fn);
    int fd;
    std::uint32_t interest;  // loop::kRead or kWrite
    bool socket;
    bool always = false;  // epoll refuses it
    bool wanted = false;
    loop::FdWatch watch;
  };
  void want(Side& side, bool wanted);
  void on_readable(std::uint32_t);
  void on_writable(std::uint32_t);
  void on_always();
  Io fail(const char* op, int err);

  Side read_, write_;
  bool closed_ = false, failed_ = false;
  ReadyFn fn_;
  std::string error_;
  loop::Deferred always_;
};

}  // namespace net
