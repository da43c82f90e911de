// Where the API server is and who we are to it: from kubeconfig files (v1) or from a pod's service account.
//
// Search order: `file` (flag), K0RDENT_MGMT_KUBECONFIG_PATH, KUBECONFIG (a ':' list, merged: the first file wins for a whole named entry; missing
// files are skipped), the pod's service account (both KUBERNETES_SERVICE_* variables and its token file), ~/.kube/config. Relative paths are
// relative to the file they stand in. proxy-url: an http:// proxy, asked for a tunnel (CONNECT) to an
// https:// server, or a socks5:// one; without it HTTPS_PROXY and NO_PROXY count (proxy.h). A file's first document counts (yaml.h,
// parse_first). exec beside a token, a password or a client certificate is checked and not run. auth-provider oidc: its id-token, as long as
// it is valid; the file is read again then, and renewing it is left to kubectl. Refused with a clear error: other proxies and providers,
// insecure together with a CA, token together with basic, a certificate without its key, both X and X-data, exec together with an
// auth-provider, interactiveMode Always, a missing context, cluster or user, credentials over http to anything but loopback.
// (client-go's clientcmd, kubeconfig v1; test/e2e/apiserver/parity compares.)
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "net/proxy_tunnel.h"

namespace kube {

constexpr std::size_t kKubeconfigBytes = 4 * 1024 * 1024;  // per file
constexpr std::string_view kServiceAccountDir = "/var/run/secrets/kubernetes.io/serviceaccount";

struct ExecConfig {
  std::string api_version;  // client.authentication.k8s.io/v1 or v1beta1
  std::string command;      // made absolute when it holds a '/' and was relative to the file
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> env;
  std::string install_hint;
  bool provide_cluster_info = false;
  std::string cluster_extension_json;  // extensions[client.authentication.k8s.io/exec] of the cluster, or ""
};

// auth-provider oidc.
struct OidcConfig {
  std::string id_token;      // "" : there is none
  base::WallTime expires{};  // its exp; 0 without one
};

struct UserConfig {
  std::string name;
  std::string client_cert_pem, client_key_pem;    // inline …
  std::string client_cert_file, client_key_file;  // … or files, re-read when they change
  std::string token;
  std::string token_file;  // wins over token once it could be read
  std::string username, password;
  std::string impersonate_user, impersonate_uid;
  std::vector<std::string> impersonate_groups;
  std::vector<std::pair<std::string, std::string>> impersonate_extra;
  std::optional<ExecConfig> exec;  // without other means
  std::optional<OidcConfig> oidc;  // without other means than a client certificate
};

struct ClusterConfig {
  std::string name;
  bool tls = true;
  std::string host;  // without brackets
  int port = 443;
  std::string path_prefix;  // "" or "/k8s/clusters/c-1"; no trailing '/'
  std::string ca_pem, ca_file;
  bool insecure = false;
  std::string tls_server_name;  // "" : host
  net::Proxy proxy;             // its host "" : none
};

struct LoadOptions {
  std::string file;     // --kubeconfig
  std::string context;  // --context; "" : current-context
  bool regular_files = false;  // while serving: a pipe would stop the loop
  // Tests give their own; default getenv.
  const char* (*getenv)(const char*) = nullptr;
  std::string service_account_dir{kServiceAccountDir};
};

struct Config {
  ClusterConfig cluster;
  UserConfig user;
  std::string context;  // "" for a service account
  std::string ns;       // the context's namespace, or the pod's; "default" when unset
  std::string source;   // for people: "file …", "KUBECONFIG (2 files)", "service account", "~/.kube/config"
  std::vector<std::string> warnings;
  LoadOptions loaded;   // what load_config() was given
};

base::Result<Config> load_config(const LoadOptions& options);

}  // namespace kube
