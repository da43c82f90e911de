#include "base/url.h"

#include <algorithm>

#include <arpa/inet.h>
#include <net/if.h>

#include "base/text.h"

namespace base {
namespace {

constexpr int kMaxPort = 65535;
constexpr std::string_view kMarks = "-._~!$&'()*+,;=%";  // of a reg-name, beside letters and digits

Error bad(std::string_view why) {
  return Error(Errc::invalid_argument, std::string(why));
}

bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// RFC 3986 reg-name. The resolver decides which names exist.
bool is_name(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || kMarks.find(c) != std::string_view::npos;
  });
}

// `mark` precedes a zone (an interface's name or number): "%", in a URL "%25" (RFC 6874).
bool is_ipv6(std::string_view host, std::string_view mark) {
  if (const std::size_t at = host.find('%'); at != host.npos) {
    const std::string_view zone = host.substr(std::min(at + mark.size(), host.size()));
    const bool good = host.substr(at).starts_with(mark) && zone.size() < IF_NAMESIZE &&
                      is_name(zone) && zone.find('%') == zone.npos;
    if (!good) return false;
    host = host.substr(0, at);
  }
  in6_addr address{};
  return ::inet_pton(AF_INET6, std::string(host).c_str(), &address) == 1;
}

bool is_scheme(std::string_view s) {
  return !s.empty() && is_alpha(s.front()) && std::all_of(s.begin(), s.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
}

// Digits only (RFC 3986 3.2.3), with zeros before the number; from_chars alone would accept a sign.
Result<int> parse_port(std::string_view s, int least) {
  while (s.size() > 1 && s.front() == '0')
    s.remove_prefix(1);
  const bool digits = !s.empty() && s.size() <= 5 && std::all_of(s.begin(), s.end(), is_digit);
  const auto port = digits ? parse_int(s) : std::nullopt;
  if (!port || *port < least || *port > kMaxPort) {
    return bad("the port must be a number from " + std::to_string(least) + " to 65535");
  }
  return static_cast<int>(*port);
}

struct Authority {
  std::string_view host;
  std::optional<std::string_view> port;  // as written, may be empty
};

// "host", "host:port", "[v6]", "[v6]:port"; the caller decides whether the host may be empty.
Result<Authority> split_authority(std::string_view s, std::string_view zone_mark) {
  if (s.starts_with('[')) {
    const std::size_t end = s.find(']');
    if (end == std::string_view::npos) return bad("']' is missing after an IPv6 address");
    const std::string_view host = s.substr(1, end - 1);
    if (!is_ipv6(host, zone_mark)) return bad("not an IPv6 address in brackets");
    const std::string_view rest = s.substr(end + 1);
    if (rest.empty()) return Authority{host, std::nullopt};
    if (rest.front() != ':') return bad("only a port may follow ']'");
    return Authority{host, rest.substr(1)};
  }
  const std::size_t colon = s.find(':');
  const std::string_view host = s.substr(0, colon);
  if (colon != std::string_view::npos && s.find(':', colon + 1) != std::string_view::npos) {
    return bad("an IPv6 address needs brackets, as in [::1]:6767");
  }
  if (!host.empty() && !is_name(host)) return bad("a character that no host name has");
  if (colon == std::string_view::npos) return Authority{host, std::nullopt};
  return Authority{host, s.substr(colon + 1)};
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  // Errors do not contain the text: it may hold a password.
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte >= 0x7F)
      return bad("a space, a control or a non-ASCII character in the URL");
  }
  const std::size_t colon = text.find("://");
  if (colon == std::string_view::npos || !is_scheme(text.substr(0, colon))) {
    return bad("not a URL: it must begin with a scheme, as in https://");
  }
  if (text.find('#') != std::string_view::npos) return bad("a URL here has no #fragment");
  Url url;
  url.scheme = to_lower(text.substr(0, colon));
  std::string_view rest = text.substr(colon + 3);
  const std::size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, authority_end);
  rest.remove_prefix(authority_end);

  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    url.has_userinfo = true;
    authority.remove_prefix(at + 1);
  }
  const auto parts = split_authority(authority, "%25");
  if (!parts) return parts.error();
  if (parts->host.empty()) return bad("the URL names no host");
  url.host = parts->host;
  const std::size_t zone = url.host.find('%');
  if (authority.starts_with('[') && zone != url.host.npos) url.host.erase(zone + 1, 2);
  if (parts->port) {
    const auto port = parse_port(*parts->port, 1);
    if (!port) return port.error();
    url.port = *port;
  }
  const std::size_t question = rest.find('?');
  url.path = rest.substr(0, question);
  if (question != std::string_view::npos) url.query = rest.substr(question + 1);
  return url;
}

Result<HostPort> parse_host_port(std::string_view text) {
  const auto parts = split_authority(text, "%");
  if (!parts) return parts.error();
  if (!parts->port) return bad("the port is missing: it is written as HOST:PORT");
  const auto port = parse_port(*parts->port, 0);
  if (!port) return port.error();
  return HostPort{std::string(parts->host), *port};
}

std::string join_host_port(std::string_view host, int port) {
  const bool v6 = host.find(':') != std::string_view::npos;
  std::string out = v6 ? "[" + std::string(host) + "]" : std::string(host);
  return out + ":" + std::to_string(port);
}

}  // namespace base
