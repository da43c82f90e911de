#include "app/listen.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "app/setting_values.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "base/url.h"
#include "net/loopback.h"
#include "net/socket.h"

namespace app {

using base::Result;

namespace {

constexpr std::size_t kAccountBytes = 4 * base::limits::kMiB;  // of /etc/passwd or /etc/group

// The number of a user or group: itself a number, or a name in `file`, whose lines are
// NAME:…:NUMBER:… (passwd(5), group(5)). The C library's functions would load shared libraries.
std::optional<unsigned> number_of(std::string_view name, const char* file) {
  if (const auto n = base::parse_int(name)) {
    if (*n < 0 || *n >= 0xFFFFFFFFLL) return std::nullopt;
    return static_cast<unsigned>(*n);
  }
  const auto text = base::read_regular_file(file, kAccountBytes);
  if (!text) return std::nullopt;
  for (const std::string_view line : base::split(*text, '\n')) {
    const auto fields = base::split(line, ':');
    if (fields.size() < 3 || fields[0] != name) continue;
    if (const auto n = base::parse_int(fields[2])) return static_cast<unsigned>(*n);
  }
  return std::nullopt;
}

Result<void> set_owner(net::UnixSocket& socket, std::string_view value) {
  const std::size_t colon = value.find(':');
  const std::string_view user = value.substr(0, colon);
  if (!user.empty() && !(socket.owner = number_of(user, "/etc/passwd")))
    return bad("must name a user of this machine after owner=");
  if (colon == std::string_view::npos) return {};
  if (!(socket.group = number_of(value.substr(colon + 1), "/etc/group")))
    return bad("must name a group of this machine after owner=" + std::string(user) + ":");
  return {};
}

Result<void> set_mode(net::UnixSocket& socket, std::string_view value) {
  mode_t mode = 0;
  bool good = value.size() >= 3 && value.size() <= 4 && (value.size() == 3 || value[0] == '0');
  for (const char c : value) {
    good = good && c >= '0' && c <= '7';
    mode = mode * 8 + static_cast<mode_t>(c - '0');
  }
  if (!good) return bad("must give the permissions in octal after mode=, e.g. mode=0660");
  socket.mode = mode;
  return {};
}

Result<void> set_address(Listen& out, std::string_view address) {
  if (address.starts_with("fd:")) {
    out.kind = Listen::Kind::passed;
    out.name = address.substr(3);
    return {};
  }
  if (address.starts_with("unix:")) {
    out.kind = Listen::Kind::unix_socket;
    out.socket.path = address.substr(5);
    if (out.socket.path.starts_with('/')) return {};
    return bad("must name an absolute path after unix:, e.g. unix:/run/k0rdent-mcp.sock");
  }
  auto parsed = base::parse_host_port(address);
  if (!parsed) return bad("must be HOST:PORT, e.g. 127.0.0.1:6767: " + parsed.error().what());
  if (!parsed->host.empty() && parsed->host != "localhost" &&
      !net::parse_address(parsed->host, 0)) {
    return bad("must name an IP address or localhost before the port, e.g. 127.0.0.1:6767");
  }
  out.host = parsed->host;
  out.port = parsed->port;
  return {};
}

Result<void> set_option(Listen& out, std::string_view option) {
  const std::size_t equals = option.find('=');
  const std::string_view key = option.substr(0, equals);
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view() : option.substr(equals + 1);
  if (key == "auth") {
    out.auth = parse_auth_mode(value);
    if (!out.auth) return bad("must have " + std::string(auth_mode_names()) + " after auth=");
    return {};
  }
  if (key == "tls" && (value == "on" || value == "off")) {
    out.tls = value == "on";
    return {};
  }
  const bool file = out.kind == Listen::Kind::unix_socket;
  if (key == "mode" && file) return set_mode(out.socket, value);
  if (key == "owner" && file) return set_owner(out.socket, value);
  return bad(file ? "must have only auth=MODE, tls=on|off, mode=0660 and owner=USER[:GROUP] after "
                    "the address"
                  : "must have only auth=MODE and tls=on|off after the address");
}

}  // namespace

Result<Listen> parse_listen(std::string_view value) {
  Listen out;
  bool first = true;
  std::vector<std::string_view> given;
  for (const std::string_view part : base::split(value, ',')) {
    const bool address = std::exchange(first, false);
    if (auto ok = address ? set_address(out, part) : set_option(out, part); !ok)
      return std::move(ok).error();
    if (address) continue;
    // Which of two is meant would be a guess, and one may open what the other closes.
    const std::string_view key = part.substr(0, part.find('='));
    if (std::find(given.begin(), given.end(), key) != given.end())
      return bad("must have " + std::string(key) + "= once");
    given.push_back(key);
  }
  return out;
}

std::string to_string(const Listen& listen) {
  switch (listen.kind) {
    case Listen::Kind::unix_socket:
      return "unix:" + listen.socket.path;
    case Listen::Kind::passed:
      return "fd:" + listen.name;
    case Listen::Kind::tcp:
      break;
  }
  return base::join_host_port(listen.host, listen.port);
}

Reach reach_of(const Listen& listen) {
  constexpr mode_t kOthersWrite = 0002;
  if (listen.kind == Listen::Kind::unix_socket)
    return (listen.socket.mode & kOthersWrite) != 0 ? Reach::machine : Reach::owner;
  return net::is_loopback(listen.host) ? Reach::machine : Reach::network;
}

}  // namespace app
