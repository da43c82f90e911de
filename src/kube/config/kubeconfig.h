// The API server's address and the identity to use, from kubeconfig files (v1) or from a pod's
// service account.
//
// Search order; the first that exists is used:
//
//   1  `file` (flag)
//   2  K0RDENT_MGMT_KUBECONFIG_PATH
//   3  KUBECONFIG, a ':' list, merged: a named entry is taken whole from the first file that has
//      it; missing files are skipped
//   4  the pod's service account (both KUBERNETES_SERVICE_* variables and its token file, or only
//      ca.crt where `needs_credentials` is false)
//   5  ~/.kube/config
//
// Reading:
//
//   paths               relative ones are relative to the file that contains them
//   documents           a file's first YAML document is used (yaml.h, parse_first)
//   proxy-url           an http:// or https:// proxy, which opens a tunnel (CONNECT) to an https://
//                       server, or a socks5:// proxy; without it HTTPS_PROXY and NO_PROXY apply
//                       (proxy.h)
//   exec                beside a token, a password or a client certificate it is checked, not run
//   auth-provider oidc  its id-token is used while it is valid, then renewed with the refresh
//                       token and written back (oidc.h)
//
// Refused with a clear error: other proxies and auth-providers, insecure together with a CA, a
// token together with basic auth, a certificate without its key, both X and X-data, exec together
// with an auth-provider, interactiveMode Always, a missing context, cluster or user, and
// credentials over http to anything but loopback. The reference is client-go's clientcmd,
// kubeconfig v1; test/e2e/apiserver/parity compares.
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

namespace kube::config {

constexpr std::size_t kKubeconfigBytes = 4 * 1024 * 1024;  // per file
constexpr std::string_view kServiceAccountDir = "/var/run/secrets/kubernetes.io/serviceaccount";

struct ExecConfig {
  std::string api_version;  // client.authentication.k8s.io/v1 or v1beta1
  std::string command;      // absolute if it has a '/': resolved against the file
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> env;
  std::string install_hint;
  bool provide_cluster_info = false;
  // The cluster's extensions[client.authentication.k8s.io/exec], or "".
  std::string cluster_extension_json;
};

// auth-provider oidc.
struct OidcConfig {
  std::string id_token;       // "" : none
  base::WallTime expires{};   // the exp claim; 0 without one
  std::string refresh_token;  // "" : none, the id-token cannot be renewed
  std::string issuer, client_id, client_secret;
  std::string ca_pem, ca_file;  // of the issuer; without both the system's
  std::string file;             // the kubeconfig that contains the user
};

struct UserConfig {
  std::string name;
  std::string client_cert_pem, client_key_pem;    // inline …
  std::string client_cert_file, client_key_file;  // … or files, re-read when they change
  std::string token;
  std::string token_file;  // overrides token once it could be read
  std::string username, password;
  std::string impersonate_user, impersonate_uid;
  std::vector<std::string> impersonate_groups;
  std::vector<std::pair<std::string, std::string>> impersonate_extra;
  std::optional<ExecConfig> exec;  // only when it is the only method
  std::optional<OidcConfig> oidc;  // with no other method but a client certificate
};

struct Login {
  std::string user, password;
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
  // "user:password@" of the server's URL, without escapes. It goes before each other credential of
  // the Authorization header, as with client-go (net/http sets it first).
  std::optional<Login> login;
  net::Proxy proxy;  // host "" : none
};

struct LoadOptions {
  std::string file;            // --kubeconfig
  std::string context;         // --context; "" : current-context
  bool regular_files = false;  // true while serving: reading a pipe would block the loop
  // False where each caller brings its own (OIDC_REQUIRED): a pod without a service account token
  // will do then. A token that is there is read all the same.
  bool needs_credentials = true;
  // nullptr: getenv. Tests set their own.
  const char* (*getenv)(const char*) = nullptr;
  std::string service_account_dir{kServiceAccountDir};
};

struct Config {
  ClusterConfig cluster;
  UserConfig user;
  std::string context;  // "" for a service account
  std::string ns;       // the context's namespace, or the pod's; "default" when unset
  // For messages: "file …", "KUBECONFIG (2 files)", "service account", "~/.kube/config".
  std::string source;
  std::vector<std::string> warnings;
  LoadOptions loaded;  // the options that load_config() was called with
};

base::Result<Config> load_config(const LoadOptions& options);
// The contexts of the files that load_config() would read; none where they cannot be read.
std::vector<std::string> context_names(const LoadOptions& options);

}  // namespace kube::config
