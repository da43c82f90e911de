// Text helpers: ASCII case, trimming, numbers, hex and base64, percent-encoding, UTF-8 repair,
// Kubernetes names, nearest match, URLs, small files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace base {

std::string to_lower(std::string_view s);              // ASCII
bool iequals(std::string_view a, std::string_view b);  // ASCII, ignoring case
std::string_view trim(std::string_view s);             // spaces, tabs, CR, LF at both ends
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::vector<std::string_view> split(std::string_view s, char separator);  // keeps empty parts

// The whole text must be a decimal number with an optional leading '-'; nullopt otherwise or when
// it is out of range.
std::optional<std::int64_t> parse_int(std::string_view s);

std::string hex(std::string_view bytes);
std::string base64(std::string_view bytes);
// Standard alphabet; white space is skipped (kubeconfig files wrap lines), padding is required;
// nullopt for anything else that is wrong.
std::optional<std::string> parse_base64(std::string_view s);

// Everything except RFC 3986's unreserved characters becomes %XX.
std::string percent_encode(std::string_view s);
// nullopt on a bad or truncated escape. '+' stays '+'.
std::optional<std::string> percent_decode(std::string_view s);

// Each maximal invalid sequence becomes U+FFFD. Valid text is returned unchanged.
std::string repair_utf8(std::string_view s);
bool valid_utf8(std::string_view s);

// RFC 1123 label, for namespaces and containers: [a-z0-9]([-a-z0-9]*[a-z0-9])?, at most 63
// characters.
bool is_dns_label(std::string_view s);
// RFC 1123 subdomain, for pods and most objects: labels joined by dots, at most 253 characters in
// all (Kubernetes sets no limit for each label).
bool is_dns_subdomain(std::string_view s);

// For "did you mean": the candidate with the smallest edit distance to `word`, if the distance is
// at most a third of the word's length plus one; else "". A word longer than 128 bytes has no
// match.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

// `s` made fit for one log line or error text: control characters replaced, at most `max` bytes,
// "…" when cut.
std::string printable(std::string_view s, std::size_t max);
// `s` made safe for a terminal: each character of moves_terminal() (utf8.h) becomes an escape like
// \u001b, invalid UTF-8 becomes U+FFFD. No limit; nothing is dropped.
std::string visible(std::string_view s);

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

// The content of the file, at most `max` bytes (Errc::too_large beyond). Blocks; for small local
// files only.
Result<std::string> read_file(const std::string& path, std::size_t max);
// The same while serving, where nothing may block: refuses anything but a regular file, such as a
// pipe, a terminal or a directory (invalid_argument).
Result<std::string> read_regular_file(const std::string& path, std::size_t max);
// The same for a secret of ours: refuses a file that anyone but its owner can change, or that
// everyone can read. Its group may read it, as a pod's fsGroup requires.
Result<std::string> read_secret_file(const std::string& path, std::size_t max);

}  // namespace base
