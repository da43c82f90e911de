// Helpers for tests of src/net and what stands on it: connected sockets, an owner of a Stream,
// turning the loop until something holds.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "base/fd.h"
#include "loop/loop.h"
#include "net/stream.h"

namespace test {

// Turns the loop until `done()` or `turns` are over; says whether it holds. With a virtual clock no
// turn waits.
template <class Done>
bool run_until(loop::Loop& loop, Done done, int turns = 20000) {
  for (int i = 0; i < turns && !done(); ++i)
    loop.run_once();
  return done();
}

// Two ends of one TCP connection over loopback, non-blocking. `buffer` > 0 makes their kernel
// buffers about that small.
std::pair<base::Fd, base::Fd> tcp_pair(int buffer = 0);

// How many descriptors this process has open.
int open_fds();

// Owns no stream but runs one as the stream's owner should: reads within a budget, writes what it
// is given, ends when told.
class Pump {
 public:
  explicit Pump(net::Stream& stream);

  void send(std::string bytes);
  void finish();  // our side ends when everything is sent
  void update() { stream_.want(reading && !ended(), !sent()); }

  bool ended() const { return eof || failed; }
  bool sent() const { return taken_ == out_.size(); }

  std::string received;
  bool eof = false, failed = false, write_failed = false;
  bool reading = true;
  int calls = 0;                   // of on_ready
  int writes = 0;                  // that took something
  std::size_t chunk = 16 * 1024;   // per read()
  std::size_t budget = 64 * 1024;  // per on_ready
  std::size_t piece = 1u << 20;    // out is handed to write() in pieces of this size

 private:
  void on_ready(bool readable, bool writable);
  void read_some();
  void write_some();
  net::Stream& stream_;
  std::string out_;
  std::size_t taken_ = 0;  // of out_
  bool finish_ = false;
};

// `n` bytes that differ from place to place.
std::string pattern(std::size_t n);

}  // namespace test
