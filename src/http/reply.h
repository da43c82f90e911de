// Reply: the right to answer one request. ReplySink: what sends the response: a connection of the
// Server, or a stand-in for one (a message on standard input).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/delegate.h"
#include "base/payload.h"

namespace http {

class Reply;

// Only the Reply calls these, and only while connected(); see Reply for their meaning.
class ReplySink {
 public:
  virtual bool connected() const = 0;  // unanswered or streaming, and the peer is there
  virtual bool streaming() const = 0;
  virtual void send(int status, std::string_view type, std::string_view body,
                    std::string_view extra) = 0;
  virtual void begin(int status, std::string_view type, std::string_view extra) = 0;
  virtual bool write(const base::Payload& message, std::string_view head) = 0;
  virtual void end() = 0;
  virtual void cut() = 0;
  // The Reply is destroyed, in whatever state.
  virtual void drop() = 0;
  virtual std::size_t queued_bytes() const = 0;
  virtual std::size_t queued_messages() const = 0;
  virtual const std::string& peer() const = 0;
  virtual void watch_peer() {}
  // The defaults are for a sink with one client, which may have all.
  virtual std::string_view peer_key() const { return {}; }
  virtual std::string_view owner() const { return {}; }
  virtual void charge_to(std::string_view owner) { (void)owner; }
  virtual bool has_room(std::size_t bytes) const { return (void)bytes, true; }

 protected:
  virtual ~ReplySink() = default;
  bool attached() const { return reply_ != nullptr; }
  // Detaches the Reply without a call.
  void detach();
  // Detaches the Reply when the peer has gone and returns what to call; may be empty.
  base::Delegate<void()> detach_gone();
  // What to call when the queue is low again; may be empty.
  base::Delegate<void()> drained() const;

 private:
  friend class Reply;
  Reply* reply_ = nullptr;
};

// The right to answer one request. Move-only; held by the code that answers. If it is destroyed
// without an answer, 500 is sent; if a stream has begun, the connection is cut, so that the peer
// sees that the response is incomplete.
//
//   state      event        next
//   fresh      send()       done
//   fresh      begin()      streaming
//   streaming  write()      streaming
//   streaming  end()        done
//   any        peer leaves  gone
//
// When the peer leaves, when_gone (if set by then) is called once, never inside a method of this
// object; from then on connected() is false and calls have no effect. when_gone is not called after
// send(), end() or cut(), even if the peer left earlier in the same turn, nor when the Server is
// destroyed.
class Reply {
 public:
  Reply() = default;  // gone
  // Requires: `sink` has no Reply and is connected; it must outlive this or detach it.
  explicit Reply(ReplySink& sink);
  Reply(Reply&& other) noexcept { take(other); }
  Reply& operator=(Reply&& other) noexcept;
  ~Reply() { drop(); }

  // Fresh or streaming, and the peer is still there.
  bool connected() const;
  bool streaming() const;

  // Adds header lines, each ending in CRLF, to the response, whichever code sends it. Requires: not
  // streaming.
  void add_headers(std::string lines);

  // Sends the whole response. `extra`: full header lines, each ending in CRLF, or "". Date,
  // Content-Length and Connection are added. For 204, 304 and HEAD no body is sent. An empty
  // `content_type` omits that header. Requires: not streaming.
  void send(int status, std::string_view content_type, std::string_view body,
            std::string_view extra = {});

  // Begins a stream: chunked for HTTP/1.1, close-delimited for 1.0. For HEAD it ends at once.
  // Requires: not streaming.
  void begin(int status, std::string_view content_type, std::string_view extra = {});
  // Queues one message, shared and never copied; an empty one is ignored. Returns false and queues
  // nothing when the stream's queue is full (bytes or messages) or the peer is gone. A message
  // larger than the byte limit is accepted when the queue is empty. Messages written in one turn
  // are sent together. `head` precedes the message and is copied: it is specific to this stream (an
  // event id). Requires: streaming, or gone; head.size() <= kHeadBytes.
  static constexpr std::size_t kHeadBytes = 39;
  bool write(const base::Payload& message, std::string_view head = {});
  // Sends what is queued, then the terminating chunk; the connection continues (or closes if it
  // must). Requires: streaming, or gone.
  void end();
  // Cuts the connection without the terminating chunk.
  void cut();

  std::size_t queued_bytes() const;
  std::size_t queued_messages() const;

  // Called when the peer leaves before end() or send(). May be set or cleared (with {}) at any
  // time.
  void when_gone(base::Delegate<void()> fn) { gone_ = fn; }
  // Detects whether a peer that has ended its side still waits for the response. From now on it
  // gets an interim response (100, RFC 9110 section 15.2) every kProbeTime until the response: a
  // waiting peer skips them; one that is gone refuses them, and when_gone is called. Not for
  // HTTP/1.0, which has no interim responses. Without this, its absence is noticed only with the
  // response. Requires: not streaming, or gone.
  void watch_peer();
  // Called when the stream's queue, which refused a message or was more than half full, is below
  // half of its limits again; or when the budget, which had no room for a message, has room again.
  void when_drained(base::Delegate<void()> fn) { drained_ = fn; }

  // "127.0.0.1:54321"; "" when gone.
  std::string peer() const;
  // The peer as the owner of shares, from net::peer_key(); "": peers are not told apart.
  std::string peer_key() const;

  // Sets whose share of the budget of answers this one uses until the socket has taken it: a
  // caller's, once it is known, because one caller may have many peers, and many callers may come
  // through one peer. Initially the peer's.
  void charge_to(std::string_view owner);
  // Whose share that is; "": none, only the whole limits it, or the peer is gone.
  std::string owner() const;
  // Is there room for an answer of so many bytes, in that share and in the whole? True when gone.
  bool has_room(std::size_t bytes) const;

 private:
  friend class ReplySink;
  void take(Reply& other);
  void drop();
  void forget();
  std::string with_headers(std::string_view extra) const;
  ReplySink* sink_ = nullptr;
  base::Delegate<void()> gone_, drained_;
  std::unique_ptr<std::string> headers_;  // a pointer: few have any, and streams live for hours
};

}  // namespace http
