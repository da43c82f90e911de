// Small text work: ASCII case, trimming, numbers, hex and base64, percent-encoding, UTF-8 repair, Kubernetes names, nearness.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace base {

std::string to_lower(std::string_view s);  // ASCII
bool iequals(std::string_view a, std::string_view b);  // ASCII, ignoring case
std::string_view trim(std::string_view s);  // spaces, tabs, CR, LF at both ends
std::vector<std::string_view> split(std::string_view s, char separator);  // keeps empty parts

// Whole text, decimal, optional leading '-'; nullopt when anything else or out of range.
std::optional<std::int64_t> parse_int(std::string_view s);

std::string hex(std::string_view bytes);
std::string base64(std::string_view bytes);
// Standard alphabet; white space is skipped (kubeconfig files wrap lines), padding is required; nullopt for anything
// else that is wrong.
std::optional<std::string> parse_base64(std::string_view s);

// Everything but RFC 3986's unreserved characters becomes %XX.
std::string percent_encode(std::string_view s);
// nullopt on a bad or cut escape. '+' stays '+'.
std::optional<std::string> percent_decode(std::string_view s);

// Each maximal invalid sequence becomes U+FFFD. Valid input is returned as it came.
std::string repair_utf8(std::string_view s);
bool valid_utf8(std::string_view s);

// RFC 1123 label: [a-z0-9]([-a-z0-9]*[a-z0-9])?, at most 63 characters: namespaces and containers.
bool is_dns_label(std::string_view s);
// RFC 1123 subdomain: labels joined by dots, at most 253 characters in all (Kubernetes sets no limit to each): pods, most objects.
bool is_dns_subdomain(std::string_view s);

// Among `candidates` the one with the smallest edit distance to `word`, when that is at most a third of its length plus one;
// else "". For "did you mean". Words beyond 128 bytes are near to nothing.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

// `s` made fit for one log line or error text: control characters replaced, at most `max` bytes, "…" when cut.
std::string printable(std::string_view s, std::size_t max);
// `s` for a terminal: what moves_terminal() (utf8.h) becomes \u001b and the like, what is no UTF-8 U+FFFD. No limit, nothing is lost.
std::string visible(std::string_view s);

// "scheme://host[:port]/path?query"; what kubeconfig servers and our resource URIs need of RFC 3986. The host is required, an IPv6
// one needs brackets; a port is 1..65535. Spaces, control and non-ASCII characters and fragments are refused. The errors never hold
// the text, which may hold a password.
struct Url {
  std::string scheme;  // lower case
  std::string host;    // without brackets; as written, a zone after "%"
  int port = 0;        // 0: not given
  std::string path;    // with its leading '/', or empty; escapes as written
  std::string query;   // without '?'
  bool has_userinfo = false;  // "user:password@" stood before the host; it is not kept
};
Result<Url> parse_url(std::string_view text);

// "host:port", "[v6]:port", ":port" (host empty); the port is needed, 0..65535.
struct HostPort {
  std::string host;
  int port = 0;
};
Result<HostPort> parse_host_port(std::string_view text);
// Brackets added for IPv6.
std::string join_host_port(std::string_view host, int port);

// Value of the file, at most `max` bytes (Errc::too_large beyond); blocking, for small local files only.
Result<std::string> read_file(const std::string& path, std::size_t max);
// The same while serving, where nothing may block: a file that is none (a pipe, a terminal, a directory) is refused (invalid_argument).
Result<std::string> read_regular_file(const std::string& path, std::size_t max);
// The same for a secret of ours: refused when others than its owner can change it, or anybody can read it. Its group may read it, which is
// what a pod's fsGroup needs.
Result<std::string> read_secret_file(const std::string& path, std::size_t max);

}  // namespace base
