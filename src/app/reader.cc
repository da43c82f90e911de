#include "app/reader.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "mcp/endpoint/origin.h"
#include "net/socket.h"

namespace app {

namespace {

constexpr std::string_view kProxyHeaders[] = {"Forwarded", "X-Forwarded-For", "X-Forwarded-Host",
                                              "X-Real-IP", "Via"};

bool is_loopback_peer(std::string_view peer) {
  std::string_view host = peer.substr(0, peer.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto address = net::parse_address(host, 0);
  return address && address->is_loopback();
}

bool is_local(const http::Request& request, const std::vector<std::string>& hosts) {
  const http::Headers& headers = request.headers;
  if (!is_loopback_peer(request.peer) || headers.find("Origin")) return false;
  for (const std::string_view name : kProxyHeaders) {
    if (headers.find(name)) return false;
  }
  if (headers.count("Host") != 1) return false;
  const std::string_view host = mcp::endpoint::host_of(*headers.find("Host"));
  return mcp::endpoint::is_loopback_name(host) ||
         std::any_of(hosts.begin(), hosts.end(),
                     [&](const std::string& each) { return base::iequals(each, host); });
}

}  // namespace

fanout::Reader reader_of(const http::Request& request, const std::vector<std::string>& hosts,
                         mcp::Authenticator& authenticator) {
  const bool own_identities = authenticator.expires();
  if (is_local(request, hosts))
    return {own_identities ? fanout::Audience::local : fanout::Audience::owner};
  if (!own_identities || request.headers.count("Authorization") != 1) return {};
  const auto verdict = authenticator.known(request.headers.find("Authorization"));
  if (!verdict || verdict->refusal) return {};
  return {fanout::Audience::caller, verdict->caller.identity};
}

}  // namespace app
