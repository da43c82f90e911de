#include "app/reader.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "mcp/endpoint/origin.h"
#include "net/loopback.h"

namespace app {

namespace {

constexpr std::string_view kProxyHeaders[] = {"Forwarded", "X-Forwarded-For", "X-Forwarded-Host",
                                              "X-Real-IP", "Via"};

bool is_local(const http::Request& request, const std::vector<std::string>& hosts) {
  const http::Headers& headers = request.headers;
  if (headers.find("Origin")) return false;
  const bool same_machine =
      request.identity && request.identity->by == net::PeerIdentity::By::process;
  const std::string_view peer(request.peer);  // "127.0.0.1:54321"
  if (!same_machine && !net::is_loopback(peer.substr(0, peer.rfind(':')))) return false;
  for (const std::string_view name : kProxyHeaders) {
    if (headers.find(name)) return false;
  }
  if (same_machine) return true;  // through a Unix socket
  if (headers.count("Host") != 1) return false;
  const std::string_view host = mcp::endpoint::host_of(*headers.find("Host"));
  return net::is_loopback(host) ||
         std::any_of(hosts.begin(), hosts.end(),
                     [&](const std::string& each) { return base::iequals(each, host); });
}

}  // namespace

fanout::Reader reader_of(const http::Request& request, const ReaderRules& rules,
                         const std::vector<mcp::Authenticator*>& authenticators) {
  if (rules.local && is_local(request, rules.hosts))
    return {rules.own_identities ? fanout::Audience::local : fanout::Audience::owner};
  const bool proven = request.identity != nullptr;
  if (!rules.own_identities || (!proven && request.headers.count("Authorization") != 1)) return {};
  for (mcp::Authenticator* each : authenticators) {
    const auto verdict = each->known_on(request.identity, request.headers.find("Authorization"));
    if (verdict && !verdict->refusal) return {fanout::Audience::caller, verdict->caller.identity};
  }
  return {};
}

}  // namespace app
