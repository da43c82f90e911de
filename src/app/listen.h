// Listen: one value of --listen, and what it may be opened for.
//
//   ADDRESS[,KEY=VALUE]...
//
//   address      means
//   HOST:PORT    TCP; an IP address or localhost, "" for all addresses; port 0: the kernel's choice
//   unix:/PATH   a Unix socket
//   fd:NAME      sockets passed by socket activation under this name; "fd:": all passed ones
//
//   key          value
//   auth         as --auth-mode, for this listener only
//   tls          on or off: whether it speaks TLS (default: TCP does if there is a certificate)
//   mode         (unix) permissions of the socket's file, octal; default 0600
//   owner        (unix) USER[:GROUP], names or numbers
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/auth_mode.h"
#include "base/error.h"
#include "net/listener.h"

namespace app {

struct Listen {
  enum class Kind : unsigned char { tcp, unix_socket, passed };
  Kind kind = Kind::tcp;
  std::string host = "127.0.0.1";
  int port = 6767;
  net::UnixSocket socket = {};
  std::string name = {};              // of passed sockets; "": all
  std::optional<AuthMode> auth = {};  // nullopt: --auth-mode
  std::optional<bool> tls = {};
};

// Errors: "must be …", for the value of a flag.
base::Result<Listen> parse_listen(std::string_view value);
// The address as it is written in the flag.
std::string to_string(const Listen& listen);

// The peers that can connect, by what is known before it is open.
enum class Reach : unsigned char {
  owner,    // processes of the socket's owner, or of a group that the operator named
  machine,  // any process on this machine
  network,  // other machines
};
Reach reach_of(const Listen& listen);

}  // namespace app
