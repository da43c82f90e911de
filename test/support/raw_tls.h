// A TLS server that misbehaves: OpenSSL used directly, stepped by the test between the loop's
// turns.
#pragma once

#include <string>

#include <openssl/ssl.h>

#include "base/fd.h"
#include "support/certs.h"

namespace test {

class RawTls {
 public:
  struct Options {
    bool select_h2 = false;         // whatever the client offers
    bool refuse_alpn = false;       // "no application protocol"
    int max_version = 0;            // TLS1_1_VERSION
    const char* ciphers = nullptr;  // of TLS 1.2
  };
  RawTls(base::Fd fd, const TestCerts& certs, const Options& options);
  ~RawTls();
  RawTls(const RawTls&) = delete;
  RawTls& operator=(const RawTls&) = delete;

  // One step of the handshake; true when it is done.
  bool handshake() { return SSL_do_handshake(ssl_) == 1; }
  // False when the kernel takes no more.
  bool write(const std::string& bytes);
  // What is there; "" when nothing.
  std::string read();
  // Asks for new keys in both directions; the message goes out with the next write().
  void update_keys() { SSL_key_update(ssl_, SSL_KEY_UPDATE_REQUESTED); }
  void close_notify() { SSL_shutdown(ssl_); }
  void cut() { fd_.reset(); }  // FIN (or a reset, when something is unread) without close_notify
  int fd() const { return fd_.get(); }

 private:
  base::Fd fd_;
  SSL_CTX* ctx_;
  SSL* ssl_;
};

}  // namespace test
