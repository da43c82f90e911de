// Socks5: the client side of the SOCKS5 protocol (RFC 1928; user and password: RFC 1929) without a
// connection: its owner sends and reads the bytes. The proxy resolves names, as it does for Go's
// clients.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace net {

class Socks5 {
 public:
  // `host`: a name or a literal address without brackets. Requires: `host`, `user` and `password`
  // have at most kPartBytes bytes each.
  Socks5(std::string host, int port, std::string user, std::string password);
  static constexpr std::size_t kPartBytes = 255;  // lengths have one byte

  // What to send first.
  std::string greeting() const;
  // The number of bytes that take() needs next; 0: the tunnel is open, what follows is the
  // server's.
  std::size_t wanted() const { return wanted_; }
  // Requires: `bytes` has wanted() bytes. Returns what to send next, which may be empty. Errors:
  // invalid_argument when the proxy requires another user, unavailable when it refuses the tunnel,
  // protocol when it does not speak SOCKS5.
  base::Result<std::string> take(std::string_view bytes);

 private:
  enum class Step : unsigned char { method, password, head, length, rest };
  std::string request();
  base::Result<std::string> choose(unsigned char method);
  base::Result<std::string> judge(std::string_view head);

  std::string host_, user_, password_;
  int port_;
  Step step_ = Step::method;
  std::size_t wanted_ = 2;
};

}  // namespace net
