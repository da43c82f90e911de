// The infrastructure provider of a ClusterDeployment, and its own words for what it made: the
// objects of Cluster API's providers for AWS (CAPA v1beta2), Azure (CAPZ v1beta1) and Google (CAPG
// v1beta1), also where the control plane is the cloud's (EKS, AKS, GKE).
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "deployments/joined.h"

namespace deployments {

// By the infrastructure object's kind, else by the template's providers or name: "aws", "azure",
// "gcp", "vsphere", "openstack", "kubevirt", "remote", "docker", "adopted"; "": unknown.
std::string provider_of(const Joined& joined);

// {"host":…,"port":…}; "": none yet.
std::string endpoint_json(const Joined& joined);
// "host:port"
std::string endpoint_text(const Joined& joined);

// The members are the original server's where they can be true.
std::string aws_json(const Joined& joined);
std::string azure_json(const Joined& joined);
std::string gcp_json(const Joined& joined);

}  // namespace deployments
