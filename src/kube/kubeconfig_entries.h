// One cluster's and one user's entry of a kubeconfig, read and checked. Private to the
// kubeconfig*.cc files and in_cluster.cc.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/yaml.h"
#include "kube/kubeconfig.h"

namespace kube {

// Where an entry stands.
struct Place {
  std::string where;  // "kubeconfig /x/config: cluster \"a\""
  std::string dir;    // absolute: what its relative paths are relative to
};

base::Result<ClusterConfig> read_cluster(const base::yaml::Node* node, const Place& place,
                                         std::vector<std::string>& warnings);
base::Result<UserConfig> read_user(const base::yaml::Node* node, const Place& place,
                                   std::vector<std::string>& warnings);
// The cluster's extension for exec plugins as JSON, or "".
base::Result<std::string> exec_extension(const base::yaml::Node* cluster, const Place& place);
// What only cluster and user together show: credentials over http, TLS settings without TLS.
base::Result<void> check_together(const Config& config, std::vector<std::string>& warnings);

// The service account of the pod that we run in. Requires: in_cluster().
bool in_cluster(const LoadOptions& options);
base::Result<Config> load_in_cluster(const LoadOptions& options);

// A variable's value, or "".
std::string env_value(const LoadOptions& options, const char* name);

}  // namespace kube
