#include "base/text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

namespace base {
namespace {

constexpr std::size_t kMaxLabel = 63;       // RFC 1035 2.3.4
constexpr std::size_t kMaxSubdomain = 253;  // RFC 1035 2.3.4, as text without the root's dot
// The distance costs length squared, and the word may come from an untrusted client.
constexpr std::size_t kMaxNearest = 128;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_lower_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_unreserved(char c) {
  return is_lower_alnum(lower(c)) || c == '-' || c == '.' || c == '_' || c == '~';
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (lower(c) >= 'a' && lower(c) <= 'f') return lower(c) - 'a' + 10;
  return -1;
}

// A label without the limit on its length.
bool is_label(std::string_view s) {
  if (s.empty() || !is_lower_alnum(s.front()) || !is_lower_alnum(s.back())) return false;
  return std::all_of(s.begin(), s.end(), [](char c) { return is_lower_alnum(c) || c == '-'; });
}

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int16_t, 256> make_base64_values() {
  std::array<std::int16_t, 256> values{};
  for (auto& v : values)
    v = -1;
  for (std::size_t i = 0; i < kBase64.size(); ++i) {
    values[static_cast<unsigned char>(kBase64[i])] = static_cast<std::int16_t>(i);
  }
  return values;
}
constexpr auto kBase64Values = make_base64_values();

// Levenshtein distance with one row.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string to_lower(std::string_view s) {
  std::string out(s);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool iequals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view s) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = s.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return s.substr(first, s.find_last_not_of(kSpace) - first + 1);
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts)
    out.append(&part == &parts.front() ? std::string_view() : separator).append(part);
  return out;
}

std::vector<std::string_view> split(std::string_view s, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = s.find(separator);
    parts.push_back(s.substr(0, at));
    if (at == std::string_view::npos) return parts;
    s.remove_prefix(at + 1);
  }
}

std::optional<std::int64_t> parse_int(std::string_view s) {
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (s.empty() || ec != std::errc() || end != s.data() + s.size()) return std::nullopt;
  return value;
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    unsigned group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (j < n ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      out += j <= n ? kBase64[group >> (18 - 6 * j) & 63] : '=';
    }
  }
  return out;
}

std::optional<std::string> parse_base64(std::string_view s) {
  std::string out;
  out.reserve(s.size() / 4 * 3);
  unsigned group = 0;
  int have = 0;     // characters of the current group, padding included
  int padding = 0;  // in the last group
  for (const char c : s) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    const int value = kBase64Values[static_cast<unsigned char>(c)];
    if (value < 0 && (c != '=' || have < 2)) return std::nullopt;
    if (value >= 0 && padding > 0) return std::nullopt;
    if (value < 0) ++padding;
    group = group << 6 | static_cast<unsigned>(value < 0 ? 0 : value);
    if (++have < 4) continue;
    for (int j = 0; j < 3 - padding; ++j)
      out += static_cast<char>(group >> (16 - 8 * j) & 255);
    group = 0;
    have = 0;
  }
  if (have != 0) return std::nullopt;
  return out;
}

std::string percent_encode(std::string_view s) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(s.size());
  for (const char c : s) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    out += '%';
    out += kDigits[static_cast<unsigned char>(c) >> 4];
    out += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::optional<std::string> percent_decode(std::string_view s) {
  std::string out;
  out.reserve(s.size());
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] != '%') {
      out += s[i];
      continue;
    }
    const int high = i + 2 < s.size() ? hex_digit(s[i + 1]) : -1;
    const int low = i + 2 < s.size() ? hex_digit(s[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

bool is_dns_label(std::string_view s) {
  return s.size() <= kMaxLabel && is_label(s);
}

bool is_dns_subdomain(std::string_view s) {
  if (s.size() > kMaxSubdomain) return false;
  while (true) {
    const std::size_t dot = s.find('.');
    if (!is_label(s.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    s.remove_prefix(dot + 1);
  }
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  if (word.size() > kMaxNearest) return {};
  std::size_t best = word.size() / 3 + 1;
  std::string_view found;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > kMaxNearest) continue;
    const std::size_t d = distance(word, candidate);
    if (d < best || (d == best && found.empty())) {
      best = d;
      found = candidate;
    }
  }
  return found;
}

static Result<void> judge_secret(const std::string& op, unsigned mode) {
  constexpr unsigned kChangedByOthers = S_IWGRP | S_IWOTH;
  if ((mode & (kChangedByOthers | S_IROTH)) == 0) return {};
  static constexpr char kDigits[] = "01234567";
  const std::string octal{'0', kDigits[mode >> 6 & 7], kDigits[mode >> 3 & 7], kDigits[mode & 7]};
  return Error(Errc::invalid_argument,
               op + ": " +
                   ((mode & kChangedByOthers) != 0 ? "others than its owner may change it"
                                                   : "anybody may read it") +
                   " (mode " + octal + "); a secret has mode 0600, or 0440 in a pod (fsGroup)");
}

enum class FileKind : unsigned char { any, regular, secret };

static Result<std::string> read_whole(const std::string& path, std::size_t max, FileKind kind) {
  const std::string op = "read " + path;
  // Opening a pipe that has no writer would already block.
  const int now = kind == FileKind::any ? 0 : O_NONBLOCK;
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | now));
  if (!fd) return errno_error(op, errno);
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return errno_error(op, errno);
  if (kind != FileKind::any && !S_ISREG(info.st_mode))
    return Error(Errc::invalid_argument, op + ": is no regular file");
  if (kind == FileKind::secret) {
    if (auto good = judge_secret(op, info.st_mode & 0777U); !good) return std::move(good).error();
  }
  std::string out;
  // A pipe (kubectl-style /dev/fd/63) and the files of /proc have no size: the size is only a hint.
  if (info.st_size > 0) out.reserve(std::min(max, static_cast<std::size_t>(info.st_size)) + 1);
  std::array<char, 16384> piece;
  while (true) {
    const ssize_t got = ::read(fd.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error(op, errno);
    if (got == 0) return out;
    if (static_cast<std::size_t>(got) > max - out.size()) {
      return Error(Errc::too_large, op + ": more than " + std::to_string(max) + " bytes");
    }
    out.append(piece.data(), static_cast<std::size_t>(got));
  }
}

Result<std::string> read_file(const std::string& path, std::size_t max) {
  return read_whole(path, max, FileKind::any);
}
Result<std::string> read_regular_file(const std::string& path, std::size_t max) {
  return read_whole(path, max, FileKind::regular);
}
Result<std::string> read_secret_file(const std::string& path, std::size_t max) {
  return read_whole(path, max, FileKind::secret);
}

}  // namespace base
