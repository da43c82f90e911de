#include "net/environment_proxy.h"

#include <array>
#include <cstdlib>
#include <cstring>

#include <arpa/inet.h>

#include "base/encoding.h"
#include "base/text.h"
#include "base/url.h"
#include "net/loopback.h"

namespace net {
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
bool set_user(Proxy& proxy, std::string_view user) {
  const auto decoded = base::percent_decode(user);
  if (!decoded) return false;
  const bool colon = decoded->find(':') != std::string::npos;
  proxy.authorization = "Basic " + base::base64(colon ? *decoded : *decoded + ":");
  proxy.user = decoded->substr(0, decoded->find(':'));
  proxy.password = colon ? decoded->substr(decoded->find(':') + 1) : "";
  return proxy.user.size() <= Socks5::kPartBytes && proxy.password.size() <= Socks5::kPartBytes;
}

base::Error bad(std::string what) {
  return base::Error(base::Errc::invalid_argument, std::move(what));
}

}  // namespace

base::Result<Proxy> parse_proxy(std::string_view text) {
  const auto url = base::parse_url(text);
  const bool socks = url && url->scheme == "socks5", https = url && url->scheme == "https";
  if (!url || (url->scheme != "http" && !https && !socks) || url->host.empty() ||
      url->path.size() > 1 || !url->query.empty()) {
    return bad("must be http://HOST[:PORT], https://HOST[:PORT] or socks5://HOST[:PORT]");
  }
  Proxy proxy;
  if (url->has_userinfo) {
    const std::size_t begin = text.find("://") + 3, end = text.rfind('@');
    if (!set_user(proxy, text.substr(begin, end - begin)))
      return bad(
          "has a user or a password that is not percent-encoded, or is longer than 255 bytes");
  }
  proxy.socks5 = socks;
  proxy.https = https;
  proxy.host = url->host;
  int usual = https ? 443 : 80;
  if (socks) usual = 1080;
  proxy.port = url->port > 0 ? url->port : usual;
  return proxy;
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

base::Result<std::optional<Proxy>> environment_proxy(const std::string& host, int port,
                                                     const char* (*getenv)(const char*)) {
  if (is_loopback(host)) return std::optional<Proxy>();
  const auto either = [&](const char* name, const char* other) {
    for (const char* each : {name, other}) {
      const char* value = getenv ? getenv(each) : ::getenv(each);
      if (value && *value) return std::string(value);
    }
    return std::string();
  };
  std::string url(base::trim(either("HTTPS_PROXY", "https_proxy")));
  if (url.empty() || is_excepted(either("NO_PROXY", "no_proxy"), host, port))
    return std::optional<Proxy>();
  if (url.find("://") == url.npos) url.insert(0, "http://");
  // In the environment Go accepts socks5h:// as well, with the same meaning.
  if (url.starts_with("socks5h://")) url.erase(6, 1);
  auto proxy = parse_proxy(url);
  if (!proxy) {
    return bad("HTTPS_PROXY " + proxy.error().what() + "; NO_PROXY=" + host + " excludes it");
  }
  return std::optional<Proxy>(*std::move(proxy));
}

}  // namespace net
