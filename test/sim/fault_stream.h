// FaultStream: a Stream that does to its bytes what a bad network does, at exact places. It stands
// between the server's HTTP and its TLS, and counts the bytes that the server sends: byte 0 is the
// first of the connection.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loop/loop.h"
#include "net/stream.h"

namespace sim {

struct ByteFault {
  enum class Kind : unsigned char {
    close,    // proper end: close_notify, FIN
    fin,      // FIN without close_notify: truncation
    reset,    // RST
    garbage,  // bytes that are no TLS record, then nothing
    stall,    // nothing more for `time` (kForever: never), the connection stays
    corrupt,  // the byte is sent with `mask` flipped in it
    trickle,  // from here on `bytes` at a time, `time` between
  };
  Kind kind = Kind::close;
  std::uint64_t at = 0;  // the first byte that it happens to
  base::Duration time = loop::kForever;
  std::size_t bytes = 1;
  unsigned char mask = 0x20;
};

class FaultStream final : public net::Stream {
 public:
  // `loop` outlives it.
  FaultStream(loop::Loop& loop, std::unique_ptr<net::Stream> inner);
  ~FaultStream() override { close(); }

  // Counted from the connection's first byte; one that lies behind what was sent happens at once.
  void add(const ByteFault& fault);
  // Counted from here.
  void add_from_here(ByteFault fault) {
    fault.at += sent_;
    add(fault);
  }
  std::uint64_t sent() const { return sent_; }
  // "127.0.0.1:1234": known also after the end.
  const std::string& remembered_peer() const { return peer_; }
  // Called once, when the owner closes it.
  void on_closed(base::Delegate<void(FaultStream&)> fn) { closed_fn_ = fn; }

  void set_ready(ReadyFn fn) override { fn_ = fn; }
  void want(bool read, bool write) override;
  net::Io read(char* to, std::size_t size) override;
  net::Io write(const iovec* pieces, int count) override;
  void shutdown_write() override;
  void close() override;
  void abort() override;
  const std::string& error() const override;
  base::Errc error_code() const override;
  std::string peer() const override { return inner_->peer(); }
  int fd() const override { return inner_->fd(); }

 private:
  std::size_t allowance();
  void act();
  void on_act();
  void on_time();
  void on_inner(bool readable, bool writable);
  void finish(ByteFault::Kind kind);
  void update();
  void silence();

  std::unique_ptr<net::Stream> inner_;
  ReadyFn fn_;
  base::Delegate<void(FaultStream&)> closed_fn_;
  std::vector<ByteFault> faults_;  // by place; the first is next
  std::optional<ByteFault> trickle_;
  std::uint64_t sent_ = 0;
  std::size_t trickle_left_ = 0;
  bool stalled_ = false, finished_ = false, closed_ = false, shutdown_due_ = false;
  bool want_read_ = false, want_write_ = false;
  std::string scratch_, error_ = "ended by a fault", peer_;
  loop::Timer timer_;
  loop::Deferred act_;
};

}  // namespace sim
