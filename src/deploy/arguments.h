// The arguments of the tools that write k0rdent's objects; each tool takes some of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "change/arguments.h"
#include "mcp/schema.h"

namespace deploy {

// Machines of the control plane or of the workers, in the words of a provider.
struct Machines {
  std::string instance_type, vm_size, image;
  std::optional<std::int64_t> root_volume_size;
};
struct AwsMachines : Machines {
  static mcp::Fields fields();
};
struct AzureMachines : Machines {
  static mcp::Fields fields();
};
struct GcpMachines : Machines {
  static mcp::Fields fields();
};
struct Network {
  std::string name;
  static mcp::Fields fields();
};

struct ServiceSource {
  std::string kind, name;
  static mcp::Fields fields();
};

struct ServiceDependency {
  std::string name, ns;
  static mcp::Fields fields();
};

struct Arguments : change::CommonArguments {
  std::string name, ns;
  std::string template_name, provider, kind{"standalone-cp"}, credential;
  mcp::Json config;
  std::map<std::string, std::string> labels;
  bool wait = false;
  std::string wait_timeout{"30m"};
  std::string poll_interval;  // the original's; taken, and not needed: the cluster is watched
  // The friendly ones of aws, azure and gcp.
  std::string region, location, subscription_id, project;
  Network network;
  AwsMachines aws_control_plane, aws_worker;
  AzureMachines azure_control_plane, azure_worker;
  GcpMachines gcp_control_plane, gcp_worker;
  std::optional<std::int64_t> control_plane_number, workers_number;
  // Services.
  std::string cluster_ns, cluster_name, service_name, service_ns, template_ns;
  mcp::Json values, helm_options, provider_config;
  std::optional<std::vector<ServiceSource>> values_from;  // an empty list removes them
  std::optional<std::vector<ServiceDependency>> depends_on;
  std::optional<bool> disable;
  std::optional<std::int64_t> priority;
  // MultiClusterServices, Credentials.
  mcp::Json cluster_selector;
  std::vector<mcp::Json> services;
  std::string identity_kind, identity_name, identity_ns, description;
  std::string secret_name, tenant_id, client_id;  // an identity to make; names, no secrets
};

}  // namespace deploy
