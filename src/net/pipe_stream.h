// PipeStream: a Stream over two inherited descriptors, one to read and one to write: standard input
// and output. Each may be a pipe, a socket, a terminal or a file.
//
// The descriptors' flags stay unchanged: O_NONBLOCK belongs to the open file, which the parent
// process and its other children share. Therefore each read or write first polls whether it would
// block, and writes no more at once than is sure to fit (pipes: PIPE_BUF). A descriptor that epoll
// refuses (regular files, /dev/null) counts as always ready.
#pragma once

#include <string>

#include "loop/loop.h"
#include "net/stream.h"

namespace net {

class PipeStream final : public Stream {
 public:
  // Both descriptors are borrowed and must stay open; they may be the same. `loop` must outlive
  // this.
  PipeStream(loop::Loop& loop, int in, int out);
  ~PipeStream() override { close(); }

  void set_ready(ReadyFn fn) override { fn_ = fn; }
  void want(bool read, bool write) override;
  Io read(char* to, std::size_t size) override;
  Io write(const iovec* pieces, int count) override;
  // Has an effect on a socket only; a pipe's reader sees the end when this process exits.
  void shutdown_write() override;
  void close() override;
  void abort() override { close(); }
  const std::string& error() const override { return error_; }
  base::Errc error_code() const override { return base::Errc::unavailable; }
  std::string peer() const override { return "stdio"; }
  int fd() const override { return read_.fd; }

 private:
  // One of the two descriptors.
  struct Side {
    Side(loop::Loop& loop, const char* name, int of, std::uint32_t kind, loop::FdWatch::Fn fn);
    int fd;
    std::uint32_t interest;  // loop::kRead or kWrite
    bool socket;
    bool always = false;  // epoll refuses it: always ready
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
