// Reads and checks a kubeconfig's cluster and user entries. Private to the kubeconfig*.cc files and
// in_cluster.cc.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/yaml.h"
#include "kube/config/kubeconfig.h"

namespace kube::config {

// The location of an entry, for errors and relative paths.
struct Place {
  std::string where;  // "kubeconfig /x/config: cluster \"a\""
  std::string dir;    // absolute; relative paths are resolved against it
};

base::Result<ClusterConfig> read_cluster(const base::yaml::Node* node, const Place& place,
                                         std::vector<std::string>& warnings);
base::Result<UserConfig> read_user(const base::yaml::Node* node, const Place& place,
                                   std::vector<std::string>& warnings);
// The cluster's extension for exec plugins as JSON, or "".
base::Result<std::string> exec_extension(const base::yaml::Node* cluster, const Place& place);
// The login in the server's URL takes the place of the user's own.
void use_login(Config& config, std::vector<std::string>& warnings);
// Checks cluster and user together: credentials over http, TLS settings without TLS.
base::Result<void> check_together(const Config& config, std::vector<std::string>& warnings);

// Whether this process runs in a pod with a service account, or with its ca.crt alone where that is
// enough (LoadOptions::needs_credentials); load_in_cluster() requires it.
bool in_cluster(const LoadOptions& options);
base::Result<Config> load_in_cluster(const LoadOptions& options);

// The value of an environment variable, or "".
std::string env_value(const LoadOptions& options, const char* name);

}  // namespace kube::config
