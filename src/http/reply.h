// Reply: the right to answer one request, and ReplySink, who carries the answer out: a connection
// of the Server, or what stands in for one (a message of standard input).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/delegate.h"
#include "base/payload.h"

namespace http {

class Reply;

// Methods are called by its Reply alone, and only while connected(); Reply says what each means.
class ReplySink {
 public:
  virtual bool connected() const = 0;  // no answer yet, or a stream; and the peer is there
  virtual bool streaming() const = 0;
  virtual void send(int status, std::string_view type, std::string_view body,
                    std::string_view extra) = 0;
  virtual void begin(int status, std::string_view type, std::string_view extra) = 0;
  virtual bool write(const base::Payload& message, std::string_view head) = 0;
  virtual void end() = 0;
  virtual void cut() = 0;
  // The Reply goes, whatever the state.
  virtual void drop() = 0;
  virtual std::size_t queued_bytes() const = 0;
  virtual std::size_t queued_messages() const = 0;
  virtual const std::string& peer() const = 0;
  virtual void watch_peer() {}

 protected:
  virtual ~ReplySink() = default;
  bool attached() const { return reply_ != nullptr; }
  // The Reply is gone, untold.
  void detach();
  // What to call when the peer went: the Reply is gone then. Empty: nobody to tell.
  base::Delegate<void()> detach_gone();
  // What to call when the queue is low again.
  base::Delegate<void()> drained() const;

 private:
  friend class Reply;
  Reply* reply_ = nullptr;
};

// The right to answer one request. Move-only; held by whoever answers. Dropped unanswered: 500 is
// sent; dropped with a stream begun: the connection is cut, so that the peer can see that the
// answer is not whole.
//
//   fresh --send--> done        fresh --begin--> streaming --write*--> streaming --end--> done
//   any --peer gone--> gone
//
// The peer going away is told once through on_gone (if set by then), never inside a method of this
// object; from then on connected() is false and calls are harmless no-ops. After send(), end() or
// cut() it is not told, though the peer went before, in the same turn; nor when the Server is
// destroyed.
class Reply {
 public:
  Reply() = default;  // gone
  // Requires: `sink` has no Reply, is connected, and outlives this or detaches it.
  explicit Reply(ReplySink& sink);
  Reply(Reply&& other) noexcept { take(other); }
  Reply& operator=(Reply&& other) noexcept;
  ~Reply() { drop(); }

  // Fresh or streaming, with the peer still there.
  bool connected() const;
  bool streaming() const;

  // Header lines, each ending in CRLF, for the answer, whoever gives it. Requires: not streaming.
  void add_headers(std::string lines);

  // The whole answer. `extra`: full header lines, each ending in CRLF, or "". Date, Content-Length
  // and Connection are added. With 204, 304 and for HEAD no body is sent. `content_type` empty: no
  // such header. Requires: not streaming.
  void send(int status, std::string_view content_type, std::string_view body,
            std::string_view extra = {});

  // A stream: chunked for HTTP/1.1, close-delimited for 1.0. For HEAD it ends at once.
  // Requires: not streaming.
  void begin(int status, std::string_view content_type, std::string_view extra = {});
  // Queues one message, shared, never copied; an empty one is nothing. False, and nothing queued,
  // when the stream's queue is full (bytes or messages) or the peer is gone. A message larger than
  // the byte limit is taken when the queue is empty. What is written in one turn goes out together.
  // `head` goes right in front of it and is copied: what is this stream's own (an event id).
  // Requires: head.size() <= kHeadBytes.
  static constexpr std::size_t kHeadBytes = 39;
  bool write(const base::Payload& message, std::string_view head = {});
  // What is queued goes out, then the terminating chunk; the connection goes on (or closes if it
  // must). Requires: streaming, or gone.
  void end();
  // Cuts the connection without the terminating chunk.
  void cut();

  std::size_t queued_bytes() const;
  std::size_t queued_messages() const;

  // The peer went before end() or send(). Set again (or cleared with {}) at any time.
  void on_gone(base::Delegate<void()> fn) { gone_ = fn; }
  // Of a peer that ends its side before the answer one cannot see whether it still waits for it.
  // From here on it is sent interim responses (100, RFC 9110 section 15.2) every kProbeTime until
  // the answer: one that waits skips them, one that is gone refuses them, and on_gone tells it.
  // Without this it is noticed with the answer. Requires: not streaming, or gone.
  void watch_peer();
  // The stream's queue, refused or above half before, is below half of its limits again.
  void on_drained(base::Delegate<void()> fn) { drained_ = fn; }

  // "127.0.0.1:54321"; "" when gone.
  std::string peer() const;

 private:
  friend class ReplySink;
  void take(Reply& other);
  void drop();
  void forget();
  std::string with_headers(std::string_view extra) const;
  ReplySink* sink_ = nullptr;
  base::Delegate<void()> gone_, drained_;
  std::unique_ptr<std::string> headers_;  // few have some, and a stream's Reply lives for hours
};

}  // namespace http
