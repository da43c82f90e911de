#include <utility>

#include <sys/stat.h>

#include "base/file.h"
#include "base/names.h"
#include "base/text.h"
#include "base/url.h"
#include "kube/config/kubeconfig_entries.h"
#include "kube/config/watched_file.h"

namespace kube::config {
namespace {

base::Error wrong(std::string what) {
  return base::Error(base::Errc::invalid_argument, "service account: " + std::move(what));
}

std::string namespace_of(const LoadOptions& options) {
  std::string ns = env_value(options, "POD_NAMESPACE");
  if (!ns.empty()) return ns;
  const auto file =
      base::read_regular_file(options.service_account_dir + "/namespace", kSecretFileBytes);
  if (file) ns = base::trim(*file);
  return ns.empty() ? "default" : ns;
}

bool has_file(const LoadOptions& options, const char* name) {
  struct stat st {};
  return ::stat((options.service_account_dir + name).c_str(), &st) == 0 && !S_ISDIR(st.st_mode);
}

}  // namespace

bool in_cluster(const LoadOptions& options) {
  if (env_value(options, "KUBERNETES_SERVICE_HOST").empty()) return false;
  if (env_value(options, "KUBERNETES_SERVICE_PORT").empty()) return false;
  return has_file(options, "/token") ||
         (!options.needs_credentials && has_file(options, "/ca.crt"));
}

base::Result<Config> load_in_cluster(const LoadOptions& options) {
  Config config;
  config.source = "service account";
  config.cluster.name = config.user.name = "service account";
  config.cluster.host = env_value(options, "KUBERNETES_SERVICE_HOST");
  const auto port = base::parse_int(env_value(options, "KUBERNETES_SERVICE_PORT"));
  if (!port || *port < 1 || *port > 65535) return wrong("KUBERNETES_SERVICE_PORT is not a port");
  config.cluster.port = static_cast<int>(*port);
  // Only a hand-made pod has brackets here; parse_url checks the host so that no unexpected byte
  // gets into a request.
  const auto url =
      base::parse_url("https://" + base::join_host_port(config.cluster.host, config.cluster.port));
  if (!url || !url->path.empty() || !url->query.empty() || url->has_userinfo) {
    return wrong("KUBERNETES_SERVICE_HOST is not a host name or IP address");
  }
  // Required to verify the API server, because its CA is never among the system's.
  config.cluster.ca_file = options.service_account_dir + "/ca.crt";
  auto ca = base::read_regular_file(config.cluster.ca_file, kSecretFileBytes);
  if (ca) ca = accept_pem(*ca);
  if (!ca) return wrong("ca.crt: " + ca.error().what());
  if (options.needs_credentials || has_file(options, "/token")) {
    config.user.token_file = options.service_account_dir + "/token";
  }
  config.ns = namespace_of(options);
  if (!base::is_dns_label(config.ns)) return wrong("the pod's namespace is not a DNS label");
  return config;
}

}  // namespace kube::config
