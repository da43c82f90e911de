#include "mcp/endpoint/origin.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "net/loopback.h"

namespace mcp::endpoint {

namespace {

constexpr std::size_t kShown = 128;  // bytes of a host that a refusal repeats

bool all_digits(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_listed(std::string_view host, const OriginRules& rules) {
  return !host.empty() &&
         std::any_of(rules.allowed_hosts.begin(), rules.allowed_hosts.end(),
                     [&](const std::string& each) { return base::iequals(each, host); });
}

// `host`: the Host header. A page of this server's own origin is no page of another site; its name
// must be one that cannot be rebound.
bool origin_is_allowed(std::string_view origin, std::optional<std::string_view> host,
                       const OriginRules& rules) {
  for (const std::string& each : rules.allowed_origins) {
    if (base::iequals(each, origin)) return true;
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.size() <= scheme.size() || !base::iequals(origin.substr(0, scheme.size()), scheme))
      continue;
    const std::string_view authority = origin.substr(scheme.size());
    if (is_listed(host_of(authority), rules)) return true;
    return host && base::iequals(authority, *host) && net::is_loopback(host_of(authority));
  }
  return false;
}

std::string line(std::string_view name, std::string_view value) {
  return std::string(name).append(": ").append(value).append("\r\n");
}

}  // namespace

std::string_view host_of(std::string_view authority) {
  std::string_view host, rest;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return {};
    host = authority.substr(1, end - 1);
    rest = authority.substr(end + 1);
  } else {
    const std::size_t colon = authority.find(':');
    host = authority.substr(0, colon);
    if (colon != std::string_view::npos) rest = authority.substr(colon);
  }
  if (!rest.empty() && (rest[0] != ':' || !all_digits(rest.substr(1)))) return {};
  if (host.ends_with('.')) host.remove_suffix(1);  // an absolute name is the same name
  return host;
}

OriginProblem host_problem(const http::Headers& headers, const OriginRules& rules,
                           bool check_host) {
  if (check_host) {
    const auto host = headers.find("Host");
    if (host && !net::is_loopback(host_of(*host)) && !is_listed(host_of(*host), rules)) {
      // Shows the name without port, if it is well-formed: the setting expects that.
      const std::string_view bare = host_of(*host);
      const std::string name = base::printable(bare.empty() ? *host : bare, kShown);
      return {"this Host is not served here: \"" + name + "\" is neither a loopback name nor in " +
                  rules.hosts_setting,
              name};
    }
  }
  return {};
}

OriginProblem origin_problem(const http::Headers& headers, const OriginRules& rules,
                             bool check_host) {
  if (OriginProblem problem = host_problem(headers, rules, check_host); !problem.text.empty())
    return problem;
  const auto origin = headers.find("Origin");
  if (!origin) return {};
  if (headers.count("Origin") > 1) return {"Origin occurs more than once", "two origins"};
  if (origin_is_allowed(*origin, headers.find("Host"), rules)) return {};
  const std::string name = base::printable(*origin, kShown);
  return {"this Origin is not allowed: \"" + name + "\" is neither in " + rules.origins_setting +
              " nor of a host in " + rules.hosts_setting,
          name};
}

std::string cors_headers(const http::Headers& headers) {
  const auto origin = headers.find("Origin");
  if (!origin) return {};
  return line("Access-Control-Allow-Origin", *origin) +
         line("Access-Control-Expose-Headers",
              "Mcp-Session-Id, MCP-Protocol-Version, WWW-Authenticate, Retry-After") +
         line("Vary", "Origin");
}

std::string preflight_headers(const http::Headers& headers) {
  if (!headers.find("Origin") || !headers.find("Access-Control-Request-Method")) return {};
  // Two hours: Chromium's maximum.
  std::string lines = line("Access-Control-Allow-Methods", "GET, POST, DELETE") +
                      line("Access-Control-Max-Age", "7200");
  if (const auto asked = headers.find("Access-Control-Request-Headers")) {
    lines += line("Access-Control-Allow-Headers", *asked);
  }
  // Chromium asks this in addition, for a public page's request to a server on this machine or
  // network.
  if (headers.find("Access-Control-Request-Private-Network")) {
    lines += line("Access-Control-Allow-Private-Network", "true");
  }
  return lines;
}

}  // namespace mcp::endpoint
