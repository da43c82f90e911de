#include "describe/needed_values.h"

#include "base/text.h"

namespace describe {

namespace {

struct Needed {
  std::string_view name, paths;
};
constexpr Needed kNeeded[] = {
    {"aws-standalone-cp", "region,controlPlane.instanceType,worker.instanceType"},
    {"aws-hosted-cp", "region,vpcID,subnets,securityGroupIDs,instanceType,managementClusterName"},
    {"aws-eks", "region"},
    {"azure-standalone-cp", "location,subscriptionID,controlPlane.vmSize,worker.vmSize"},
    {"azure-hosted-cp",
     "location,subscriptionID,vmSize,resourceGroup,network.vnetName,network.nodeSubnetName,"
     "network.routeTableName,network.securityGroupName"},
    {"azure-aks", "location,machinePools.system.vmSize,machinePools.user.vmSize"},
    {"gcp-standalone-cp",
     "project,region,network.name,controlPlane.instanceType,worker.instanceType"},
    {"gcp-hosted-cp", "project,region,network.name,worker.instanceType,worker.image"},
    {"gcp-gke", "project,region"},
    {"openstack-standalone-cp",
     "identityRef.cloudName,identityRef.region,controlPlane.flavor,worker.flavor"},
    {"openstack-hosted-cp", "identityRef.cloudName,identityRef.region,flavor"},
    {"vsphere-standalone-cp",
     "vsphere.server,vsphere.thumbprint,vsphere.datacenter,vsphere.datastore,"
     "vsphere.resourcePool,vsphere.folder,controlPlaneEndpointIP"},
    {"vsphere-hosted-cp", "vsphere.server,vsphere.datacenter,controlPlaneEndpointIP"},
    {"remote-cluster", "machines"},
};

}  // namespace

std::vector<std::string_view> needed_values(std::string_view template_name) {
  for (const Needed& each : kNeeded) {
    if (!template_name.starts_with(each.name)) continue;
    const bool whole = template_name.size() == each.name.size();
    if (whole || template_name[each.name.size()] == '-') return base::split(each.paths, ',');
  }
  return {};
}

}  // namespace describe
