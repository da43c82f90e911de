#include "app/open_rules.h"

#include <algorithm>
#include <utility>

#include <sys/socket.h>
#include <sys/stat.h>

#include "app/setting_values.h"
#include "base/text.h"
#include "base/url.h"
#include "net/loopback.h"
#include "net/socket.h"

namespace app {

using base::Result;

AuthMode auth_of(const Listen& listen, const Settings& settings) {
  return listen.auth.value_or(settings.auth_mode);
}

bool listens_in(const Settings& settings, AuthMode mode) {
  return std::any_of(settings.listens.begin(), settings.listens.end(),
                     [&](const Listen& listen) { return auth_of(listen, settings) == mode; });
}

bool uses_mode(const Settings& settings, AuthMode mode) {
  return settings.auth_mode == mode || listens_in(settings, mode);
}

bool callers_have_identities(const Settings& settings) {
  return !std::all_of(settings.listens.begin(), settings.listens.end(), [&](const Listen& listen) {
    return auth_of(listen, settings) == AuthMode::dev_allow_any;
  });
}

bool needs_credentials(const Settings& settings) {
  return !std::all_of(settings.listens.begin(), settings.listens.end(), [&](const Listen& listen) {
    return auth_of(listen, settings) == AuthMode::oidc_required;
  });
}

bool speaks_tls(const Listen& listen, const Settings& settings) {
  const bool tcp = listen.kind != Listen::Kind::unix_socket;
  return listen.tls.value_or(tcp && !settings.tls.cert.empty());
}

// The host of the URL by which clients reach the server; "": that is a loopback name, or not said.
static std::string public_host(const Settings& settings) {
  if (!uses_mode(settings, AuthMode::oauth)) return {};
  const auto url = base::parse_url(settings.oauth.public_url);
  return url && !net::is_loopback(url->host) ? url->host : std::string();
}

std::vector<std::string> served_hosts(const Settings& settings) {
  std::vector<std::string> out = settings.allowed_hosts;
  if (std::string host = public_host(settings); !host.empty()) out.push_back(std::move(host));
  return out;
}

std::vector<std::string> served_origins(const Settings& settings) {
  std::vector<std::string> out = settings.allowed_origins;
  const std::string& url = settings.oauth.public_url;
  if (url.empty() || !uses_mode(settings, AuthMode::oauth)) return out;
  out.push_back(url.substr(0, url.find('/', url.find("://") + 3)));
  return out;
}

// What says that a proxy passes on the requests of others; "": nothing does.
static std::string relayed(const Settings& settings) {
  if (settings.behind_tls_proxy) return "--behind-tls-proxy says that there is a proxy";
  for (const std::string& host : settings.allowed_hosts) {
    if (!net::is_loopback(host)) return "--allowed-hosts has " + base::printable(host, 255);
  }
  if (const std::string host = public_host(settings); !host.empty())
    return "--public-url has " + base::printable(host, 255);
  return {};
}

Result<void> may_open(const Listen& listen, const Settings& settings) {
  if (listen.tls.value_or(false) && settings.tls.cert.empty()) {
    return bad("--listen " + to_string(listen) +
               " has tls=on, which needs --tls-cert-file and --tls-key-file");
  }
  if (auth_of(listen, settings) == AuthMode::client_cert &&
      (settings.tls.client_ca.empty() || !speaks_tls(listen, settings))) {
    return bad("--listen " + to_string(listen) +
               " has the auth mode CLIENT_CERT, which needs TLS and --tls-client-ca-file");
  }
  if (listen.kind == Listen::Kind::passed) return {};
  const Reach reach = reach_of(listen);
  if (const std::string why = relayed(settings); settings.show_secrets && !why.empty()) {
    return bad("--show-secrets on is refused because " + why + ", by which others reach --listen " +
               to_string(listen) + ": leave it out, or leave secrets hidden");
  }
  const bool tcp = listen.kind == Listen::Kind::tcp;
  if (reach == Reach::owner || (reach == Reach::machine && tcp)) return {};
  const std::string says =
      "--listen " + to_string(listen) +
      (tcp ? " is reachable from other machines" : " is open to every user of this machine");
  if (reach == Reach::network && settings.show_secrets) {
    return bad("--show-secrets on is refused because " + says +
               ": listen on a loopback address, e.g. 127.0.0.1:6767, or leave secrets hidden");
  }
  const AuthMode mode = auth_of(listen, settings);
  if (mode == AuthMode::dev_allow_any) {
    if (listen.auth || settings.auth_mode_said) return {};
    return bad(
        says +
        " and AUTH_MODE is not set: set "
        "AUTH_MODE=OAUTH or AUTH_MODE=OIDC_REQUIRED (callers bring their own tokens) or, if every client that "
        "can reach the address may act as this server, AUTH_MODE=DEV_ALLOW_ANY");
  }
  if (reach != Reach::network || settings.behind_tls_proxy || speaks_tls(listen, settings))
    return {};
  return bad(says +
             " and would take bearer tokens over plain HTTP, where a peer that sees the traffic "
             "can use them: set --tls-cert-file and --tls-key-file or, if a proxy in front of the "
             "server terminates TLS and nothing else reaches the address, --behind-tls-proxy");
}

Result<Listen> described(const Listen& listen, int fd) {
  int listening = 0, type = 0;
  socklen_t size = sizeof listening;
  if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 || listening == 0 ||
      ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM)
    return bad("it is not a listening stream socket");
  Listen out = listen;
  const net::Address address = net::local_address(fd);
  if (address.is_unix()) {
    out.kind = Listen::Kind::unix_socket;
    const std::string name = address.text();
    out.socket.path = name.starts_with("unix:") ? name.substr(5) : std::string();
    struct stat file {};
    // An abstract socket has no file, and every process may connect.
    const bool known = !out.socket.path.empty() && ::stat(out.socket.path.c_str(), &file) == 0;
    out.socket.mode = known ? file.st_mode & 0777 : 0777;
    return out;
  }
  out.kind = Listen::Kind::tcp;
  const std::string text = address.text();
  out.host = text.substr(0, text.rfind(':'));
  if (out.host.starts_with('[')) out.host = out.host.substr(1, out.host.size() - 2);
  out.port = address.port();
  return out;
}

}  // namespace app
