// URLs, and host with port.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace base {

// "scheme://host[:port]/path?query": the part of RFC 3986 that kubeconfig servers and our resource
// URIs need. The host is required, an IPv6 address needs brackets; a port is 1..65535. Spaces,
// control and non-ASCII characters and fragments are refused. Errors never contain the text, which
// may hold a password.
struct Url {
  std::string scheme;         // lower case
  std::string host;           // without brackets; as written, with an IPv6 zone after "%"
  int port = 0;               // 0: not given
  std::string path;           // with its leading '/', or empty; escapes as written
  std::string query;          // without '?'
  bool has_userinfo = false;  // "user:password@" preceded the host; it is not kept
};
Result<Url> parse_url(std::string_view text);

// "host:port", "[v6]:port" or ":port" (host empty); the port is required, 0..65535.
struct HostPort {
  std::string host;
  int port = 0;
};
Result<HostPort> parse_host_port(std::string_view text);
// Adds brackets around an IPv6 address.
std::string join_host_port(std::string_view host, int port);

}  // namespace base
