#include "kube/config/kubeconfig_entries.h"

#include <algorithm>
#include <utility>

#include "base/encoding.h"
#include "base/url.h"
#include "kube/config/jwt.h"
#include "kube/config/kubeconfig_fields.h"
#include "kube/config/proxy.h"
#include "kube/config/watched_file.h"
#include "net/loopback.h"

namespace kube::config {

using base::yaml::Node;

namespace {

constexpr std::string_view kExecGroup = "client.authentication.k8s.io/";
constexpr std::string_view kExecExtension = "client.authentication.k8s.io/exec";

std::string resolve(const std::string& dir, std::string path) {
  if (path.empty() || path.starts_with('/')) return path;
  return dir + "/" + path;
}

// "user:password" of "https://user:password@host…", as written; "" without '@' before the path.
std::string_view userinfo_of(std::string_view server) {
  const std::size_t begin = std::min(server.find("://"), server.size() - 3) + 3;
  const std::string_view authority =
      server.substr(begin, server.find_first_of("/?#", begin) - begin);
  const std::size_t at = authority.rfind('@');
  return at == authority.npos ? std::string_view() : authority.substr(0, at);
}

void read_login(FieldReader& in, std::string_view userinfo, ClusterConfig& cluster) {
  if (userinfo.empty()) return;
  const std::size_t colon = std::min(userinfo.find(':'), userinfo.size());
  const auto user = base::percent_decode(userinfo.substr(0, colon));
  const auto password = base::percent_decode(userinfo.substr(std::min(colon + 1, userinfo.size())));
  if (!user || !password)
    return in.fail("server", "is wrong: its user name or password has a bad escape (%)");
  if (user->empty()) return in.fail("server", "is wrong: it holds a password without a user name");
  cluster.login = Login{*user, *password};
}

void read_server(FieldReader& in, ClusterConfig& cluster, std::vector<std::string>& warnings) {
  const std::string server = in.line("server");
  if (server.empty()) return in.fail("server", "is missing");
  // Anything after '#' has no effect on a request.
  const auto url = base::parse_url(std::string_view(server).substr(0, server.find('#')));
  if (!url) return in.fail("server", "is wrong: " + url.error().what());
  if (url->scheme != "https" && url->scheme != "http") {
    return in.fail("server", "must begin with https:// or http://");
  }
  if (url->has_userinfo) read_login(in, userinfo_of(server), cluster);
  if (!url->query.empty() || server.find('#') != std::string::npos) {
    warnings.push_back(in.where() + ": the part of server after '?' or '#' is ignored");
  }
  cluster.tls = url->scheme == "https";
  cluster.host = url->host;
  if (cluster.host.size() > net::Socks5::kPartBytes)
    return in.fail("server", "is wrong: the host name is too long");
  const int usual = cluster.tls ? 443 : 80;
  cluster.port = url->port != 0 ? url->port : usual;
  cluster.path_prefix = url->path;
  while (cluster.path_prefix.ends_with('/'))
    cluster.path_prefix.pop_back();
}

// `beside`: the user has another authentication method, so that the plugin is never run.
void read_exec_version(FieldReader& in, ExecConfig& exec, bool beside) {
  exec.api_version = in.line("apiVersion");
  const bool v1 = exec.api_version == std::string(kExecGroup) + "v1";
  if (!v1 && exec.api_version != std::string(kExecGroup) + "v1beta1") {
    in.fail("apiVersion", "must be client.authentication.k8s.io/v1 or v1beta1");
  }
  const std::string mode = in.text("interactiveMode");
  if (mode == "Always" && !beside) {
    in.fail("interactiveMode", "Always is not supported: there is no terminal to prompt on");
  } else if (mode.empty() ? v1 : mode != "Never" && mode != "IfAvailable" && mode != "Always") {
    in.fail("interactiveMode", "must be Never or IfAvailable");
  }
}

void read_exec_env(FieldReader& in, ExecConfig& exec) {
  const Node* env = in.sequence("env");
  if (!env) return;
  for (const Node& item : env->items) {
    FieldReader pair(&item, in.where() + ": env");
    std::string name = pair.line("name");
    std::string value = pair.text("value");
    if (name.empty() || name.find('=') != std::string::npos) {
      pair.fail("name", "must be a variable name");
    }
    if (value.find('\0') != std::string::npos) pair.fail("value", "holds a NUL");
    if (!pair.ok()) return in.fail("env", "entry is wrong: " + pair.take_error().what());
    exec.env.emplace_back(std::move(name), std::move(value));
  }
}

base::Result<ExecConfig> read_exec(const Node* node, const Place& place, bool beside,
                                   std::vector<std::string>& warnings) {
  FieldReader in(node, place.where + ": exec");
  in.warn_unknown({"apiVersion", "command", "args", "env", "installHint", "provideClusterInfo",
                   "interactiveMode"},
                  warnings);
  ExecConfig exec;
  read_exec_version(in, exec, beside);
  exec.command = in.line("command");
  if (exec.command.empty()) in.fail("command", "is missing");
  // A bare name is looked up in PATH; a name with a '/' is relative to the file.
  if (exec.command.find('/') != std::string::npos) exec.command = resolve(place.dir, exec.command);
  if (const Node* args = in.sequence("args")) {
    for (const Node& arg : args->items) {
      if (arg.kind != Node::Kind::scalar || arg.scalar.find('\0') != std::string::npos) {
        in.fail("args", "must be a list of strings");
      }
      exec.args.push_back(arg.scalar);
    }
  }
  read_exec_env(in, exec);
  exec.install_hint = in.text("installHint");
  exec.provide_cluster_info = in.flag("provideClusterInfo");
  if (!in.ok()) return in.take_error();
  return exec;
}

void read_impersonation(FieldReader& in, UserConfig& user) {
  user.impersonate_user = in.line("as");
  user.impersonate_uid = in.line("as-uid");
  user.impersonate_groups = in.lines("as-groups");
  if (const Node* extra = in.mapping("as-user-extra")) {
    FieldReader keys(extra, in.where() + ": as-user-extra");
    for (const auto& [key, values] : extra->members) {
      for (std::string& value : keys.lines(key)) {
        user.impersonate_extra.emplace_back(key, std::move(value));
      }
    }
    if (!keys.ok()) in.fail("as-user-extra", "is wrong: " + keys.take_error().what());
  }
  if (!user.impersonate_user.empty()) return;
  if (!user.impersonate_uid.empty()) in.fail("as-uid", "needs as");
  if (!user.impersonate_groups.empty()) in.fail("as-groups", "needs as");
  if (!user.impersonate_extra.empty()) in.fail("as-user-extra", "needs as");
}

void read_certificate(FieldReader& in, const Place& place, UserConfig& user) {
  in.exclude("client-certificate", "client-certificate-data");
  in.exclude("client-key", "client-key-data");
  user.client_cert_file = resolve(place.dir, in.line("client-certificate"));
  user.client_key_file = resolve(place.dir, in.line("client-key"));
  user.client_cert_pem = in.pem("client-certificate-data");
  user.client_key_pem = in.pem("client-key-data");
  const bool cert = !user.client_cert_file.empty() || !user.client_cert_pem.empty();
  const bool key = !user.client_key_file.empty() || !user.client_key_pem.empty();
  if (cert && !key) in.fail("client-certificate", "is set without client-key");
  if (key && !cert) in.fail("client-key", "is set without client-certificate");
}

void read_secrets(FieldReader& in, const Place& place, UserConfig& user) {
  user.token = without_trailing_blanks(in.text("token"));
  if (!user.token.empty() && !is_bearer_token(user.token)) {
    in.fail("token", "holds a space, a control or a non-ASCII character, which a token must not");
  }
  user.token_file = resolve(place.dir, in.line("tokenFile"));
  user.username = in.line("username");
  user.password = in.line("password");
  if (user.username.find(':') != std::string::npos) {
    in.fail("username", "must not hold ':', which ends it in a request");
  }
  if (user.username.empty() && !user.password.empty()) in.fail("password", "needs username");
  if (user.username.empty()) return;
  if (!user.token.empty()) in.fail("token", "and username are both set: only one may be");
  if (!user.token_file.empty()) in.fail("tokenFile", "and username are both set: only one may be");
}

void read_proxy(FieldReader& in, ClusterConfig& cluster) {
  const std::string text = in.line("proxy-url");
  if (text.empty()) return;
  if (const std::string wrong = set_proxy(cluster, text); !wrong.empty())
    return in.fail("proxy-url", wrong);
  if (!cluster.tls && !cluster.proxy.socks5)
    in.fail("proxy-url", "needs a server with https://, or must be socks5://");
}

// `beside`: the user has a token or a password, which takes precedence.
std::optional<OidcConfig> read_auth_provider(FieldReader& in, bool beside) {
  const Node* provider = in.mapping("auth-provider");
  if (!provider) return std::nullopt;
  FieldReader outer(provider, in.where());
  if (outer.text("name") != "oidc") {
    in.fail("auth-provider", "other than oidc is not supported: use exec or a token");
    return std::nullopt;
  }
  FieldReader inner(outer.mapping("config"), in.where());
  OidcConfig oidc;
  oidc.issuer = inner.line("idp-issuer-url");
  oidc.client_id = inner.line("client-id");
  if (oidc.issuer.empty() || oidc.client_id.empty())
    in.fail("auth-provider", "oidc needs idp-issuer-url and client-id");
  oidc.client_secret = inner.text("client-secret");
  oidc.refresh_token = inner.text("refresh-token");
  oidc.ca_file = inner.line("idp-certificate-authority");
  oidc.ca_pem = inner.pem("idp-certificate-authority-data");
  oidc.id_token = inner.text("id-token");
  if (!inner.ok()) in.fail("auth-provider", "is wrong: " + inner.take_error().what());
  if (beside || !in.ok()) return std::nullopt;
  if (oidc.id_token.empty()) return oidc;
  const auto expires = jwt_expiry(oidc.id_token);
  if (!expires || !is_bearer_token(oidc.id_token))
    in.fail("auth-provider", "has an id-token that is not a JWT");
  oidc.expires = expires.value_or(base::WallTime{});
  return oidc;
}

}  // namespace

base::Result<ClusterConfig> read_cluster(const Node* node, const Place& place,
                                         std::vector<std::string>& warnings) {
  FieldReader in(node, place.where);
  in.warn_unknown({"server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority",
                   "certificate-authority-data", "proxy-url", "disable-compression", "extensions"},
                  warnings);
  ClusterConfig cluster;
  read_server(in, cluster, warnings);
  read_proxy(in, cluster);
  in.exclude("certificate-authority", "certificate-authority-data");
  cluster.ca_file = resolve(place.dir, in.line("certificate-authority"));
  cluster.ca_pem = in.pem("certificate-authority-data");
  cluster.insecure = in.flag("insecure-skip-tls-verify");
  cluster.tls_server_name = in.line("tls-server-name");
  if (cluster.insecure && (!cluster.ca_file.empty() || !cluster.ca_pem.empty())) {
    in.fail("insecure-skip-tls-verify",
            "and a certificate-authority are both set: verify with it, or don't verify");
  }
  if (!in.ok()) return in.take_error();
  return cluster;
}

base::Result<UserConfig> read_user(const Node* node, const Place& place,
                                   std::vector<std::string>& warnings) {
  FieldReader in(node, place.where);
  in.warn_unknown({"client-certificate", "client-certificate-data", "client-key", "client-key-data",
                   "token", "tokenFile", "username", "password", "as", "as-uid", "as-groups",
                   "as-user-extra", "exec", "auth-provider", "extensions"},
                  warnings);
  UserConfig user;
  read_certificate(in, place, user);
  read_secrets(in, place, user);
  read_impersonation(in, user);
  const bool secret = !user.token.empty() || !user.token_file.empty() || !user.username.empty();
  const bool cert = !user.client_cert_file.empty() || !user.client_cert_pem.empty();
  if (const Node* node_of_exec = in.mapping("exec")) {
    if (in.has("auth-provider")) in.fail("exec", "and auth-provider are both set: only one may be");
    auto exec = read_exec(node_of_exec, place, secret || cert, warnings);
    if (in.ok() && !exec) return std::move(exec).error();
    if (exec && !secret && !cert) user.exec = *std::move(exec);
  }
  if (auto oidc = read_auth_provider(in, secret)) user.oidc = *std::move(oidc);
  if (!in.ok()) return in.take_error();
  return user;
}

base::Result<std::string> exec_extension(const Node* cluster, const Place& place) {
  FieldReader in(cluster, place.where);
  const Node* extensions = in.sequence("extensions");
  if (!in.ok()) return in.take_error();
  if (!extensions) return std::string();
  for (const Node& item : extensions->items) {
    if (item.str("name") != kExecExtension) continue;
    const Node* extension = item.find("extension");
    return extension ? base::yaml::to_json(*extension) : std::string();
  }
  return std::string();
}

void use_login(Config& config, std::vector<std::string>& warnings) {
  if (!config.cluster.login) return;
  UserConfig& user = config.user;
  if (!user.token.empty() || !user.token_file.empty() || !user.username.empty() || user.exec ||
      user.oidc) {
    warnings.push_back("cluster \"" + config.cluster.name +
                       "\": the user name and password in its server replace what user \"" +
                       user.name + "\" has");
  }
  user.token.clear();
  user.token_file.clear();
  user.exec.reset();
  user.oidc.reset();
  user.username = config.cluster.login->user;
  user.password = config.cluster.login->password;
}

base::Result<void> check_together(const Config& config, std::vector<std::string>& warnings) {
  const ClusterConfig& cluster = config.cluster;
  const UserConfig& user = config.user;
  if (cluster.tls) return {};
  const bool secret = !user.token.empty() || !user.token_file.empty() || !user.username.empty() ||
                      user.exec || user.oidc;
  const bool cert = !user.client_cert_file.empty() || !user.client_cert_pem.empty();
  if (secret && !net::is_loopback(cluster.host)) {
    return base::Error(base::Errc::invalid_argument,
                       "user \"" + user.name + "\" has credentials, but cluster \"" + cluster.name +
                           "\" is reached over http://, which does not encrypt them: use https://");
  }
  if (cert || !cluster.ca_file.empty() || !cluster.ca_pem.empty() || cluster.insecure) {
    warnings.push_back("cluster \"" + cluster.name +
                       "\" is reached over http://: certificates are not used");
  }
  return {};
}

}  // namespace kube::config
