// PeerIdentity: the peer of a connection, as something other than its bytes proves it: the kernel
// for a unix socket (SO_PEERCRED), a verified certificate under TLS.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace net {

struct PeerIdentity {
  enum class By : unsigned char { process, certificate };
  By by = By::process;
  // Tells it from every other peer: "unix:1000" (the user's number); "cert:NAME/DIGEST", where the
  // digest covers name and groups. No two kinds of identity have the same text;
  // a caller that acts as the server for its certificate is "own:cert:NAME/DIGEST".
  std::string id;
  std::string text;  // for logs: "unix uid 1000 pid 42"
  // From a certificate: what the operator's rule takes as the user, and each organization (O) as a
  // group, as Kubernetes does (its documentation, "X509 client certificates").
  std::string user;
  std::vector<std::string> groups;
  std::string problem;       // of a certificate that yields no user: the reason; "": there is one
  std::int64_t expires = 0;  // of a certificate: its notAfter, in s since 1970; 0: never
};

}  // namespace net
