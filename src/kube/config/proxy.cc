#include "kube/config/proxy.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include <arpa/inet.h>

#include "base/text.h"
#include "kube/config/kubeconfig_entries.h"
#include "net/loopback.h"

namespace kube::config {
namespace {

struct Ip {
  std::array<unsigned char, 16> bytes{};
  std::size_t size = 0;  // 4 or 16
  friend bool operator==(const Ip&, const Ip&) = default;
};

std::optional<Ip> parse_ip(std::string_view text) {
  const std::string z(text);
  Ip ip;
  if (::inet_pton(AF_INET, z.c_str(), ip.bytes.data()) == 1) return ip.size = 4, ip;
  if (::inet_pton(AF_INET6, z.c_str(), ip.bytes.data()) == 1) return ip.size = 16, ip;
  return std::nullopt;
}

// `range`: e.g. "10.0.0.0/8". nullopt: it is not a range.
std::optional<bool> in_range(std::string_view range, const std::optional<Ip>& ip) {
  const std::size_t slash = range.find('/');
  if (slash == range.npos) return std::nullopt;
  const auto net = parse_ip(range.substr(0, slash));
  const auto bits = base::parse_int(range.substr(slash + 1));
  if (!net || !bits || *bits < 0 || static_cast<std::size_t>(*bits) > net->size * 8)
    return std::nullopt;
  if (!ip || ip->size != net->size) return false;
  const auto whole = static_cast<std::size_t>(*bits) / 8;
  const int rest = static_cast<int>(*bits % 8);
  if (std::memcmp(ip->bytes.data(), net->bytes.data(), whole) != 0) return false;
  return rest == 0 || ((ip->bytes[whole] ^ net->bytes[whole]) >> (8 - rest)) == 0;
}

struct Entry {
  std::string_view host, port;
};

// "a:1", "[v6]:1"; a bare IPv6 address has no port.
Entry split_port(std::string_view entry) {
  const std::size_t colon = entry.rfind(':');
  if (colon == entry.npos) return {entry, {}};
  const std::string_view host = entry.substr(0, colon), port = entry.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) return {host.substr(1, host.size() - 2), port};
  if (host.find(':') != host.npos) return {entry, {}};
  return {host, port};
}

bool matches_domain(std::string_view domain, std::string_view host) {
  const bool below_only = domain.starts_with("*.") || domain.starts_with('.');
  if (domain.starts_with("*.")) domain.remove_prefix(1);
  if (below_only) return host.ends_with(domain);
  return host == domain || (host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.');
}

// Reads [user[:password]@] of a proxy's URL, percent-encoded.
bool set_proxy_user(ClusterConfig& cluster, std::string_view user) {
  const auto decoded = base::percent_decode(user);
  if (!decoded) return false;
  const bool colon = decoded->find(':') != std::string::npos;
  cluster.proxy.authorization = "Basic " + base::base64(colon ? *decoded : *decoded + ":");
  cluster.proxy.user = decoded->substr(0, decoded->find(':'));
  cluster.proxy.password = colon ? decoded->substr(decoded->find(':') + 1) : "";
  return cluster.proxy.user.size() <= net::Socks5::kPartBytes &&
         cluster.proxy.password.size() <= net::Socks5::kPartBytes;
}

}  // namespace

std::string set_proxy(ClusterConfig& cluster, std::string_view text) {
  const auto url = base::parse_url(text);
  const bool socks = url && url->scheme == "socks5", https = url && url->scheme == "https";
  if (!url || (url->scheme != "http" && !https && !socks) || url->host.empty() ||
      url->path.size() > 1 || !url->query.empty()) {
    return "must be http://HOST[:PORT], https://HOST[:PORT] or socks5://HOST[:PORT]";
  }
  if (url->has_userinfo) {
    const std::size_t begin = text.find("://") + 3, end = text.rfind('@');
    if (!set_proxy_user(cluster, text.substr(begin, end - begin)))
      return "has a user or a password that is not percent-encoded, or is longer than 255 bytes";
  }
  cluster.proxy.socks5 = socks;
  cluster.proxy.https = https;
  cluster.proxy.host = url->host;
  int usual = https ? 443 : 80;
  if (socks) usual = 1080;
  cluster.proxy.port = url->port > 0 ? url->port : usual;
  return {};
}

bool is_excepted(std::string_view no_proxy, std::string_view server, int port) {
  const std::string host = base::to_lower(server), number = std::to_string(port);
  const std::optional<Ip> ip = parse_ip(host);
  const std::string list = base::to_lower(no_proxy);
  for (std::string_view entry : base::split(list, ',')) {
    entry = base::trim(entry);
    if (entry == "*") return true;
    if (const auto inside = in_range(entry, ip)) {
      if (*inside) return true;
      continue;
    }
    const Entry wanted = split_port(entry);
    if (wanted.host.empty() || (!wanted.port.empty() && wanted.port != number)) continue;
    const std::optional<Ip> address = parse_ip(wanted.host);
    if (address ? address == ip : matches_domain(wanted.host, host)) return true;
  }
  return false;
}

base::Result<void> use_environment_proxy(ClusterConfig& cluster, const LoadOptions& options) {
  if (!cluster.tls || !cluster.proxy.host.empty() || net::is_loopback(cluster.host)) return {};
  const auto either = [&](const char* name, const char* other) {
    std::string value = env_value(options, name);
    return value.empty() ? env_value(options, other) : value;
  };
  std::string url(base::trim(either("HTTPS_PROXY", "https_proxy")));
  if (url.empty() || is_excepted(either("NO_PROXY", "no_proxy"), cluster.host, cluster.port))
    return {};
  if (url.find("://") == url.npos) url.insert(0, "http://");
  // In the environment Go accepts socks5h:// as well, with the same meaning.
  if (url.starts_with("socks5h://")) url.erase(6, 1);
  const std::string wrong = set_proxy(cluster, url);
  if (wrong.empty()) return {};
  return base::Error(base::Errc::invalid_argument,
                     "HTTPS_PROXY " + wrong + "; NO_PROXY=" + cluster.host + " excludes it");
}

}  // namespace kube::config
