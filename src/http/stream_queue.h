// StreamQueue: the messages of one streamed response that the socket has not taken yet. Shared
// payloads, framed (as chunks) while they are written; holds no heap when empty.
#pragma once

#include <cstddef>
#include <vector>

#include <sys/uio.h>

#include "base/payload.h"

namespace http {

class StreamQueue {
 public:
  // What gather() may fill: three pieces a message.
  static constexpr int kMessagesPerWrite = 16;
  struct Pieces {
    iovec list[3 * kMessagesPerWrite + 1];
    int count = 0;
    void add(const char* at, std::size_t n) { list[count++] = {const_cast<char*>(at), n}; }
    char sizes[kMessagesPerWrite][20];  // chunk size lines
  };

  // Whether each message is one chunk. Requires: empty().
  void set_chunked(bool chunked) { chunked_ = chunked; }
  bool chunked() const { return chunked_; }
  // An empty message is the terminating chunk. Requires: chunked or not empty.
  void push(const base::Payload& message);
  // Appends the first messages' unwritten bytes to `pieces`, which has room for them.
  void gather(Pieces& pieces) const;
  // `n` of the bytes that gather() gave were written.
  void consume(std::size_t n);
  void clear();

  bool empty() const { return first_ == items_.size(); }
  std::size_t messages() const { return items_.size() - first_; }
  std::size_t bytes() const { return bytes_; }  // of payloads not wholly written

 private:
  std::size_t frame(const base::Payload& message, char* line) const;
  std::vector<base::Payload> items_;
  std::size_t first_ = 0;    // items before it are written and empty
  std::size_t written_ = 0;  // of the first one with its frame
  std::size_t bytes_ = 0;
  bool chunked_ = true;
};

}  // namespace http
