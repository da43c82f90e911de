#include "change/deletion_rows.h"

#include <algorithm>
#include <iterator>

#include "change/kind_match.h"
#include "kinds/credential_provider.h"
#include "kinds/table.h"

namespace change {

using base::json::Value;

namespace {

std::string_view name_of(Value object) {
  return object["metadata"]["name"].str();
}

bool uses_credential(Value object, Value deleted) {
  return object["spec"]["credential"].str() == name_of(deleted);
}
bool uses_template(Value object, Value deleted) {
  return object["spec"]["template"].str() == name_of(deleted);
}
bool has_service_of(Value object, Value deleted) {
  for (const Value each : object["spec"]["serviceSpec"]["services"].array())
    if (each["template"].str() == name_of(deleted)) return true;
  return false;
}
bool has_service_of_chain(Value object, Value deleted) {
  for (const Value each : object["spec"]["serviceSpec"]["services"].array())
    if (each["templateChain"].str() == name_of(deleted)) return true;
  return false;
}
bool is_in_chain(Value object, Value deleted) {
  for (const Value each : deleted["spec"]["supportedTemplates"].array())
    if (each["name"].str() == object["spec"]["template"].str()) return true;
  return false;
}
bool is_in_region(Value object, Value deleted) {
  return object["spec"]["region"].str() == name_of(deleted);
}
bool runs_in_region(Value object, Value deleted) {
  return object["status"]["region"].str() == name_of(deleted);
}
bool is_of_release(Value object, Value deleted) {
  return object["spec"]["release"].str() == name_of(deleted) ||
         object["status"]["release"].str() == name_of(deleted);
}
bool is_served_by(Value object, Value deleted) {
  return object["spec"]["provider"]["name"].str() == name_of(deleted);
}
bool has_component(Value object, Value deleted) {
  return object["status"]["components"][name_of(deleted)].present();
}
bool has_its_name(Value object, Value deleted) {
  return name_of(object) == name_of(deleted);
}
bool is_on(Value object, Value deleted) {
  const Value ref = object["spec"]["infrastructureRef"];
  return ref["name"].str() == name_of(deleted) && ref["kind"].str() == deleted["kind"].str();
}
bool is_owned_by(Value object, Value deleted) {
  for (const Value each : object["metadata"]["ownerReferences"].array())
    if (each["uid"].str() == deleted["metadata"]["uid"].str()) return true;
  return false;
}
bool has_identity(Value object, Value deleted) {
  const Value ref = object["spec"]["identityRef"];
  if (ref["kind"].str() != deleted["kind"].str() || ref["name"].str() != name_of(deleted))
    return false;
  const std::string_view ns = deleted["metadata"]["namespace"].str();
  return ns.empty() || kinds::identity_namespace(object) == ns;
}

constexpr std::string_view kCapi = "cluster.x-k8s.io", kInfra = "infrastructure.cluster.x-k8s.io",
                           kControl = "controlplane.cluster.x-k8s.io",
                           kHelm = "helm.toolkit.fluxcd.io",
                           kOfCluster = "cluster.x-k8s.io/cluster-name";
constexpr bool kEverywhere = true, kHere = false;

constexpr CountRow kUsersOfCredential[] = {
    {"cluster uses it", "clusters use it", "ClusterDeployment", kHere, uses_credential}};
constexpr CountRow kUsersOfTemplate[] = {
    {"cluster uses it", "clusters use it", "ClusterDeployment", kHere, uses_template}};
constexpr CountRow kServicesOfTemplate[] = {
    {"cluster has services of it", "clusters have services of it", "ClusterDeployment", kHere,
     has_service_of},
    {"MultiClusterService has services of it", "MultiClusterServices have services of it",
     "MultiClusterService", kEverywhere, has_service_of}};
constexpr CountRow kInChain[] = {{"cluster gets its upgrades by it",
                                  "clusters get their upgrades by it", "ClusterDeployment", kHere,
                                  is_in_chain}};
constexpr CountRow kServicesOfChain[] = {
    {"cluster has services of it", "clusters have services of it", "ClusterDeployment", kHere,
     has_service_of_chain},
    {"MultiClusterService has services of it", "MultiClusterServices have services of it",
     "MultiClusterService", kEverywhere, has_service_of_chain}};
constexpr CountRow kInRegion[] = {{"credential in this region", "credentials in this region",
                                   "Credential", kEverywhere, is_in_region},
                                  {"cluster is managed in it", "clusters are managed in it",
                                   "ClusterDeployment", kEverywhere, runs_in_region}};
constexpr CountRow kManaged[] = {
    {"cluster is managed", "clusters are managed", "ClusterDeployment", kEverywhere}};
constexpr CountRow kOfRelease[] = {
    {"Management is of it", "Managements are of it", "Management", kEverywhere, is_of_release}};
constexpr CountRow kServed[] = {
    {"ServiceSet is its", "ServiceSets are its", "ServiceSet", kEverywhere, is_served_by}};
constexpr CountRow kHasIdentity[] = {
    {"credential has it", "credentials have it", "Credential", kEverywhere, has_identity}};
constexpr CountRow kInstalled[] = {
    {"ClusterDeployment is installed by it: KCM makes the HelmRelease, and so a new cluster, again",
     "ClusterDeployments are installed by it", "ClusterDeployment", kHere, has_its_name},
    {"Cluster goes with it", "Clusters go with it", "Cluster", kHere, has_its_name},
    {"machine", "machines", "Machine", kHere, nullptr, kOfCluster},
    {"Management has a component of that name", "Managements have a component of that name",
     "Management", kEverywhere, has_component}};
constexpr CountRow kInCluster[] = {
    {"ClusterDeployment is of it, and stays", "ClusterDeployments are of it, and stay",
     "ClusterDeployment", kHere, has_its_name},
    {"machine", "machines", "Machine", kHere, nullptr, kOfCluster}};
constexpr CountRow kOnInfrastructure[] = {
    {"Cluster is on it", "Clusters are on it", "Cluster", kHere, is_on}};
constexpr CountRow kOfDeployment[] = {
    {"machine", "machines", "Machine", kHere, nullptr, "cluster.x-k8s.io/deployment-name"}};
constexpr CountRow kOfSet[] = {
    {"machine", "machines", "Machine", kHere, nullptr, "cluster.x-k8s.io/set-name"}};
constexpr CountRow kOwned[] = {{"machine", "machines", "Machine", kHere, is_owned_by}};

constexpr std::string_view kMachinesGo =
    "Its machines are deleted at the provider, and what runs on them moves or stops.";

// The first that fits counts. A ClusterDeployment and a MultiClusterService are in deletion.cc.
constexpr DeletionRow kRows[] = {
    {kinds::kK0rdent, "Credential",
     "Nothing protects a credential that is in use: without it its clusters can neither change nor "
     "be deleted.",
     kUsersOfCredential},
    {kinds::kK0rdent, "ClusterTemplate", "", kUsersOfTemplate},
    {kinds::kK0rdent, "ServiceTemplate", "", kServicesOfTemplate},
    {kinds::kK0rdent, "ClusterTemplateChain", "", kInChain},
    {kinds::kK0rdent, "ServiceTemplateChain", "", kServicesOfChain},
    {kinds::kK0rdent, "Region", "Deleting a region takes k0rdent's components from it.", kInRegion},
    {kinds::kK0rdent, "Management", "Deleting the Management uninstalls k0rdent itself.", kManaged},
    {kinds::kK0rdent, "Release", "", kOfRelease},
    {kinds::kK0rdent, "StateManagementProvider",
     "Services stay as they are where it was their provider: they can neither change nor be "
     "uninstalled.",
     kServed},
    {kHelm, "HelmRelease", "Deleting a HelmRelease uninstalls all that it installed.", kInstalled,
     /*of_kcm=*/true},
    {kHelm, "HelmRelease", "Deleting a HelmRelease uninstalls all that it installed."},
    {kCapi, "Cluster",
     "Deleting a Cluster deletes its machines at the provider and everything that runs on them. "
     "clusterDeployments.delete is the way to delete a cluster of k0rdent's.",
     kInCluster},
    {kCapi, "MachineDeployment", kMachinesGo, kOfDeployment},
    {kCapi, "MachineSet", kMachinesGo, kOfSet},
    {kCapi, "MachinePool", kMachinesGo, kOwned},
    {kCapi, "Machine",
     "The machine is deleted at the provider, and what runs on it moves or stops."},
    {kControl, "*ControlPlane",
     "Deleting a control plane takes the cluster's API server and its data (etcd) with it.",
     kOwned},
    {kInfra, "*Identity",
     "Nothing protects an identity that is in use: without it the clusters of its credentials can "
     "neither change nor be deleted.",
     kHasIdentity},
    {kInfra, "*Cluster",
     "Deleting a cluster's infrastructure deletes its network and load balancers at the provider.",
     kOnInfrastructure},
};

}  // namespace

const DeletionRow* deletion_row_of(std::string_view group, std::string_view kind, Value deleted) {
  const bool of_kcm = deleted["metadata"]["labels"]["k0rdent.mirantis.com/managed"].str() == "true";
  const auto* const row =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const DeletionRow& each) {
        return is_of_group(each.group, group) && is_of_kind(each.kind, kind) &&
               (!each.of_kcm || of_kcm);
      });
  return row == std::end(kRows) ? nullptr : row;
}

}  // namespace change
