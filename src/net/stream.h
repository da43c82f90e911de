// Stream: a connected, non-blocking, ordered byte stream. TcpStream, TlsStream, PipeStream and the
// tests' MemoryStream and FaultStream implement it.
//
// It is pull style: the owner declares what it waits for (want), on_ready is called, and the owner
// then reads or writes until would_block or until its budget is used up. A Stream buffers nothing
// beyond what the kernel and OpenSSL hold, so that an idle connection costs no heap.
//
//   state   want(read)         read()                             write()
//   open    may call on_ready  bytes | would_block | eof | error  bytes | would_block | error
//   closed  silent             error                              error
//
// Readiness is a hint (L6). After on_ready the owner must read to would_block or keep want(read)
// set: an implementation that still holds decrypted bytes (SSL_pending) calls again in the next
// turn as long as reading is wanted, so that a budget loses nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <sys/uio.h>

#include "base/delegate.h"
#include "base/error.h"
#include "net/peer_identity.h"

namespace net {

struct Io {
  enum class Kind : unsigned char {
    bytes,        // n bytes, n > 0
    would_block,  // try again when ready
    eof,          // the peer ended its side properly (FIN; under TLS: close_notify)
    // The stream is finished; see Stream::error(). Under TLS, FIN without close_notify is an error
    // with Errc::protocol.
    error,
  };
  Kind kind;
  std::size_t n = 0;
};

class Stream {
 public:
  // readable: read() may return something (also eof or error); writable: write() may take
  // something.
  using ReadyFn = base::Delegate<void(bool readable, bool writable)>;

  virtual ~Stream() = default;

  // Sets on_ready, replacing the previous one. It is never called inside a method of this object.
  virtual void set_ready(ReadyFn fn) = 0;
  virtual void want(bool read, bool write) = 0;

  virtual Io read(char* to, std::size_t size) = 0;
  // Takes some of the bytes in one system call (TLS: one record of up to 16 KiB, small pieces
  // gathered).
  virtual Io write(const iovec* pieces, int count) = 0;

  // Ends our side: what was written is sent, then FIN (TLS: close_notify first). Reading continues.
  virtual void shutdown_write() = 0;
  // Closes now; TLS sends close_notify if it can without blocking. Idempotent; silences on_ready.
  virtual void close() = 0;
  // Closes with a reset (SO_LINGER 0) and no close_notify.
  virtual void abort() = 0;

  // The reason why read() or write() returned Kind::error.
  virtual const std::string& error() const = 0;
  virtual base::Errc error_code() const = 0;
  // "127.0.0.1:54321", for logs.
  virtual std::string peer() const = 0;
  // What is known about the peer besides its address; nullptr: nothing. It lives as long as the
  // stream does, and is complete once bytes were read.
  virtual const PeerIdentity* identity() const { return nullptr; }
  // The descriptor, for options and for counting; -1 when there is none.
  virtual int fd() const = 0;
};

}  // namespace net
