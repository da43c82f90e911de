#include "http/head_rules.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "http/parser.h"

namespace http {

namespace {

using Table = std::array<bool, 256>;

constexpr bool is_control(unsigned c) {
  return (c < 0x20 && c != '\t') || c == 0x7f;
}

constexpr Table kControl = [] {
  Table t{};
  for (unsigned c = 0; c < 256; ++c)
    t[c] = is_control(c);
  return t;
}();

// RFC 9110 5.6.2
constexpr Table kTokenChar = [] {
  Table t{};
  for (unsigned c = 0; c < 256; ++c) {
    t[c] = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
  for (const char c : std::string_view("!#$%&'*+-.^_`|~"))
    t[static_cast<unsigned char>(c)] = true;
  return t;
}();

bool all_of(const Table& table, std::string_view s) {
  return std::all_of(s.begin(), s.end(),
                     [&](char c) { return table[static_cast<unsigned char>(c)]; });
}

bool is_token(std::string_view s) {
  return !s.empty() && all_of(kTokenChar, s);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool starts_with_ignoring_case(std::string_view s, std::string_view prefix) {
  return s.size() >= prefix.size() && base::iequals(s.substr(0, prefix.size()), prefix);
}

// The length of "http://" or "https://" at the start of `target`; 0 when there is neither.
std::size_t scheme_length(std::string_view target) {
  if (target.starts_with('/')) return 0;
  if (starts_with_ignoring_case(target, "http://")) return 7;
  return starts_with_ignoring_case(target, "https://") ? 8 : 0;
}

std::string_view authority(std::string_view target, std::size_t scheme) {
  const std::string_view rest = target.substr(scheme);
  return rest.substr(0, rest.find_first_of("/?"));
}

bool is_host(std::string_view host) {
  return host.find_first_of(" \t/\\?#@,\"<>") == std::string_view::npos;
}

Verdict check_length(MessageHead& head, std::string_view value) {
  if (head.content_length) return ParseFailure{400, "more than one Content-Length"};
  // 18 digits fit in 63 bits; no body of ours has more.
  if (value.empty() || value.size() > 18 || !std::all_of(value.begin(), value.end(), is_digit)) {
    return ParseFailure{400, "Content-Length is no number"};
  }
  std::uint64_t n = 0;
  for (const char c : value)
    n = n * 10 + static_cast<std::uint64_t>(c - '0');
  head.content_length = n;
  return std::nullopt;
}

Verdict check_encoding(MessageHead& head, std::string_view value) {
  if (head.chunked) return ParseFailure{400, "more than one Transfer-Encoding"};
  if (head.minor == 0) return ParseFailure{400, "Transfer-Encoding in HTTP/1.0"};
  if (!base::iequals(value, "chunked")) {
    return ParseFailure{501, "Transfer-Encoding other than chunked"};
  }
  head.chunked = true;
  return std::nullopt;
}

}  // namespace

HeadScan scan_head(std::string_view bytes, std::size_t seen) {
  const std::size_t n = bytes.size();
  // Starts three bytes back: a CR, LF or CR LF CR at the old end was scanned without what follows.
  for (std::size_t i = seen > 3 ? seen - 3 : 0; i < n; ++i) {
    const char c = bytes[i];
    if (!kControl[static_cast<unsigned char>(c)]) continue;
    if (c == '\r') {
      if (i + 1 < n && bytes[i + 1] != '\n') return {0, "CR without LF"};
    } else if (c == '\n') {
      if (i == 0 || bytes[i - 1] != '\r') return {0, "LF without CR"};
      if (i >= 3 && bytes[i - 2] == '\n') return {i + 1, nullptr};
      if (i + 1 < n && (bytes[i + 1] == ' ' || bytes[i + 1] == '\t')) {
        return {0, "folded header line"};
      }
    } else {
      return {0, "control character in the head"};
    }
  }
  return {};
}

Verdict check_request_line(std::string_view line) {
  const std::size_t one = line.find(' ');
  const std::size_t two = one == std::string_view::npos ? one : line.find(' ', one + 1);
  if (two == std::string_view::npos) return ParseFailure{400, "malformed request line"};
  const std::string_view target = line.substr(one + 1, two - one - 1);
  const std::string_view version = line.substr(two + 1);
  const auto bad = [](char c) { return c <= ' ' || c >= 0x7f || c == '#'; };
  if (!is_token(line.substr(0, one)) || target.empty() ||
      std::any_of(target.begin(), target.end(), bad)) {
    return ParseFailure{400, "malformed request line"};
  }
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) ||
      version[6] != '.' || !is_digit(version[7])) {
    return ParseFailure{400, "malformed request line"};
  }
  if (version[5] != '1') return ParseFailure{505, "HTTP version other than 1.1 and 1.0"};
  return std::nullopt;
}

Verdict check_status_line(std::string_view line) {
  const bool right = line.size() >= 12 && line.starts_with("HTTP/1.") && is_digit(line[7]) &&
                     line[8] == ' ' && is_digit(line[9]) && is_digit(line[10]) &&
                     is_digit(line[11]) && (line.size() == 12 || line[12] == ' ');
  if (!right) return ParseFailure{400, "malformed status line"};
  return std::nullopt;
}

Verdict check_headers(MessageHead& head, std::size_t max_headers) {
  if (head.headers.all().size() > max_headers) return ParseFailure{431, "too many headers"};
  for (const Header& h : head.headers.all()) {
    if (!is_token(h.name)) return ParseFailure{400, "malformed header name"};
    Verdict bad;
    if (h.name.size() == 14 && base::iequals(h.name, "content-length")) {
      bad = check_length(head, h.value);
    } else if (h.name.size() == 17 && base::iequals(h.name, "transfer-encoding")) {
      bad = check_encoding(head, h.value);
    }
    if (bad) return bad;
  }
  if (head.chunked && head.content_length) {
    return ParseFailure{400, "Content-Length with Transfer-Encoding"};
  }
  return std::nullopt;
}

Verdict check_request(MessageHead& head) {
  const int hosts = head.headers.count("host");
  if (hosts > 1 || (hosts == 0 && head.minor > 0)) {
    return ParseFailure{400, hosts ? "more than one Host" : "no Host"};
  }
  if (hosts && !is_host(*head.headers.find("host"))) return ParseFailure{400, "malformed Host"};
  if (head.method_name == "CONNECT") return ParseFailure{501, "CONNECT is not offered"};

  if (const std::size_t scheme = scheme_length(head.target)) {
    const std::string_view host = authority(head.target, scheme);
    if (host.empty() || !is_host(host)) return ParseFailure{400, "malformed target"};
    head.headers.replace("host", host);
  } else if (!head.target.starts_with('/') &&
             !(head.target == "*" && head.method == Method::options)) {
    return ParseFailure{400, "malformed target"};
  }

  if (head.minor == 0) return std::nullopt;  // RFC 9110 10.1.1: HTTP/1.0 has no Expect
  for (const Header& h : head.headers.all()) {
    if (!base::iequals(h.name, "expect")) continue;
    if (!base::iequals(h.value, "100-continue")) {
      return ParseFailure{417, "Expect other than 100-continue"};
    }
    head.expect_continue = true;
  }
  return std::nullopt;
}

void split_target(std::string_view target, std::string_view& path, std::string_view& query) {
  if (const std::size_t scheme = scheme_length(target)) {
    target.remove_prefix(scheme + authority(target, scheme).size());
  }
  const std::size_t mark = target.find('?');
  path = target.substr(0, mark);
  query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
  if (path.empty()) path = "/";
}

}  // namespace http
