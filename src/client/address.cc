#include "client/address.h"

#include <utility>

#include <sys/un.h>

#include "base/url.h"

namespace client {

using base::Errc;
using base::Error;

namespace {

constexpr std::string_view kUnix = "unix:";
constexpr int kHttpPort = 80, kHttpsPort = 443;

Error bad(std::string what) {
  return Error(Errc::invalid_argument, std::move(what));
}

}  // namespace

std::string Address::host_header() const {
  if (!unix_path.empty()) return "localhost";
  if (port == (tls ? kHttpsPort : kHttpPort)) {
    const std::string both = base::join_host_port(host, port);
    return both.substr(0, both.rfind(':'));
  }
  return base::join_host_port(host, port);
}

base::Result<Address> parse_address(std::string_view text) {
  Address out;
  if (text.starts_with(kUnix)) {
    text.remove_prefix(kUnix.size());
    if (text.starts_with("//")) text.remove_prefix(2);
    if (!text.starts_with('/')) return bad("must name the socket by its whole path: unix:/PATH");
    if (text.size() >= sizeof(sockaddr_un::sun_path))
      return bad("names a socket with a path of more than " +
                 std::to_string(sizeof(sockaddr_un::sun_path) - 1) + " bytes");
    out.unix_path = text;
    return out;
  }
  auto url = base::parse_url(text);
  if (!url || (url->scheme != "http" && url->scheme != "https"))
    return bad("must be http://HOST[:PORT][/PATH], https://… or unix:/PATH");
  if (url->has_userinfo || !url->query.empty())
    return bad("must have neither a user nor a query; a token is given by --token-file");
  out.tls = url->scheme == "https";
  out.host = url->host;
  out.port = url->port != 0 ? url->port : out.tls ? kHttpsPort : kHttpPort;
  if (url->path.size() > 1) out.path = url->path;
  return out;
}

}  // namespace client
