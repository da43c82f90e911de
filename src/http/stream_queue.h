// StreamQueue: the messages of one streamed response that the socket has not taken yet. Holds
// shared payloads, framed as chunks while they are written; holds no heap when empty.
#pragma once

#include <cstddef>
#include <string_view>

#include <sys/uio.h>

#include "base/fifo.h"
#include "base/payload.h"
#include "base/queue_budget.h"
#include "http/reply.h"

namespace http {

class StreamQueue {
 public:
  // `budget` counts the waiting bytes and must outlive the queue; it may be nullptr.
  explicit StreamQueue(base::QueueBudget* budget = nullptr) : budget_(budget) {}
  ~StreamQueue() { clear(); }
  StreamQueue(const StreamQueue&) = delete;
  StreamQueue& operator=(const StreamQueue&) = delete;

  // Filled by gather(): at most four pieces a message.
  static constexpr int kMessagesPerWrite = 16;
  struct Pieces {
    iovec list[4 * kMessagesPerWrite + 1];
    int count = 0;
    void add(const char* at, std::size_t n) { list[count++] = {const_cast<char*>(at), n}; }
    char sizes[kMessagesPerWrite][20];  // chunk size lines
  };

  // Whose share of the budget the messages use; "": nobody's. Requires: empty().
  void set_owner(std::string_view owner) {
    account_ = budget_ ? base::Account(*budget_, owner) : base::Account();
  }
  // Whether each message is one chunk. Requires: empty().
  void set_chunked(bool chunked) { chunked_ = chunked; }
  bool chunked() const { return chunked_; }
  bool in_budget(const base::Payload& message) const {
    return !budget_ || budget_->has_room(message, sizeof(Item), account_);
  }
  // Within the owner's share.
  bool in_share(std::size_t bytes) const { return account_.allows(bytes); }
  // Copies `head` (see Reply::write). An empty message is the terminating chunk. Requires: chunked,
  // or `message` is not empty.
  void push(const base::Payload& message, std::string_view head = {});
  // Appends the first messages' unwritten bytes to `pieces`, which must have room for them.
  void gather(Pieces& pieces) const;
  // Records that `n` of the bytes that gather() returned were written.
  void consume(std::size_t n);
  void clear();

  bool empty() const { return items_.empty(); }
  std::size_t messages() const { return items_.size(); }
  std::size_t bytes() const { return bytes_; }  // of payloads not completely written

 private:
  struct Item {
    base::Payload message;
    char head[Reply::kHeadBytes];
    unsigned char head_size;
  };
  std::size_t frame(const Item& item, char* line) const;
  base::QueueBudget* budget_;
  base::Account account_;
  base::Fifo<Item> items_;
  std::size_t written_ = 0;  // bytes written of the first one with its frame
  std::size_t bytes_ = 0;
  bool chunked_ = true;
};

}  // namespace http
