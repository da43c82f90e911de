#include "kinds/table.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "kinds/state.h"

namespace kinds {

namespace {

constexpr std::string_view kFluxSource = "source.toolkit.fluxcd.io",
                           kFluxHelm = "helm.toolkit.fluxcd.io", kCapi = "cluster.x-k8s.io",
                           kInfra = "infrastructure.cluster.x-k8s.io",
                           kControl = "controlplane.cluster.x-k8s.io",
                           kBootstrap = "bootstrap.cluster.x-k8s.io",
                           kIpam = "ipam.cluster.x-k8s.io", kSveltos = "config.projectsveltos.io",
                           kSveltosLib = "lib.projectsveltos.io";
constexpr std::string_view kBeta = "v1beta1,v1alpha1", kBeta2 = "v1beta2,v1beta1",
                           kBeta2Alpha = "v1beta2,v1beta1,v1alpha1";
constexpr bool kNamespaced = true, kClusterWide = false;  // in namespaces, or cluster-scoped

constexpr SummaryField kServiceTemplate[] = {{"description", ".status.description"},
                                             {"chartVersion", ".status.chartVersion"},
                                             {"validationError", ".status.validationError"}};
constexpr SummaryField kClusterTemplate[] = {{"description", ".status.description"},
                                             {"chartVersion", ".status.chartVersion"},
                                             {"k8sVersion", ".status.k8sVersion"},
                                             {"providers", ".status.providers"},
                                             {"validationError", ".status.validationError"}};
constexpr SummaryField kProviderTemplate[] = {{"description", ".status.description"},
                                              {"chartVersion", ".status.chartVersion"},
                                              {"providers", ".status.providers"},
                                              {"validationError", ".status.validationError"}};
constexpr SummaryField kClusterDeployment[] = {{"template", ".spec.template"},
                                               {"credential", ".spec.credential"},
                                               {"k8sVersion", ".status.k8sVersion"},
                                               {"dryRun", ".spec.dryRun"}};
constexpr SummaryField kMultiClusterService[] = {
    {"matchLabels", ".spec.clusterSelector.matchLabels"},
    {"matchExpressions", ".spec.clusterSelector.matchExpressions"},
    {"serviceCount", "#.spec.serviceSpec.services[]"}};
constexpr SummaryField kServiceSet[] = {{"cluster", ".spec.cluster"},
                                        {"multiClusterService", ".spec.multiClusterService"},
                                        {"provider", ".spec.provider.name"},
                                        {"deployed", ".status.deployed"},
                                        {"serviceCount", "#.spec.services[]"}};
constexpr SummaryField kStateManagementProvider[] = {{"suspended", ".spec.suspend"}};
constexpr SummaryField kClusterTemplateChain[] = {{"validationError", ".status.validationError"}};
constexpr SummaryField kServiceTemplateChain[] = {{"validationError", ".status.validationError"}};
constexpr SummaryField kCredential[] = {{"description", ".spec.description"},
                                        {"region", ".spec.region"},
                                        {"identityKind", ".spec.identityRef.kind"}};
constexpr SummaryField kManagement[] = {{"release", ".status.release"}};
constexpr SummaryField kRelease[] = {{"version", ".spec.version"}};
constexpr SummaryField kProviderInterface[] = {{"description", ".spec.description"}};
constexpr SummaryField kManagementBackup[] = {{"schedule", ".spec.schedule"},
                                              {"error", ".status.error"}};
constexpr SummaryField kClusterIPAMClaim[] = {{"provider", ".spec.provider"}};
constexpr SummaryField kClusterIPAM[] = {{"provider", ".spec.provider"}};
constexpr SummaryField kDataSource[] = {{"type", ".spec.type"}};
constexpr SummaryField kClusterDataSource[] = {{"error", ".status.error"}};
constexpr SummaryField kHelmRelease[] = {{"releaseName", ".spec.releaseName"}};
constexpr SummaryField kHelmChart[] = {{"chart", ".spec.chart"}, {"version", ".spec.version"}};
constexpr SummaryField kHelmRepository[] = {{"url", ".spec.url"}, {"type", ".spec.type"}};
constexpr SummaryField kGitRepository[] = {{"url", ".spec.url"}};
constexpr SummaryField kOCIRepository[] = {{"url", ".spec.url"}};
constexpr SummaryField kBucket[] = {{"endpoint", ".spec.endpoint"}};
constexpr SummaryField kCluster[] = {{"phase", ".status.phase"}};
constexpr SummaryField kMachineDeployment[] = {{"replicas", ".spec.replicas"},
                                               {"readyReplicas", ".status.readyReplicas"}};
constexpr SummaryField kMachinePool[] = {{"replicas", ".spec.replicas"}};
constexpr SummaryField kMachineSet[] = {{"replicas", ".spec.replicas"}};
constexpr SummaryField kMachine[] = {
    {"phase", ".status.phase"}, {"node", ".status.nodeRef.name"}, {"version", ".spec.version"}};
constexpr SummaryField kSveltosCluster[] = {{"connectionStatus", ".status.connectionStatus"},
                                            {"failureMessage", ".status.failureMessage"}};
constexpr SummaryField kProfile[] = {{"syncMode", ".spec.syncMode"}};
constexpr SummaryField kClusterProfile[] = {{"syncMode", ".spec.syncMode"}};
constexpr SummaryField kClusterSummary[] = {{"clusterName", ".spec.clusterName"},
                                            {"clusterType", ".spec.clusterType"}};
constexpr SummaryField kPod[] = {{"ready", ".status.conditions[Ready].status"},
                                 {"node", ".spec.nodeName"}};
constexpr SummaryField kReplicas[] = {{"replicas", ".spec.replicas"},
                                      {"readyReplicas", ".status.readyReplicas"},
                                      {"updatedReplicas", ".status.updatedReplicas"}};
constexpr SummaryField kDaemonSet[] = {
    {"desiredNumberScheduled", ".status.desiredNumberScheduled"},
    {"numberReady", ".status.numberReady"},
    {"updatedNumberScheduled", ".status.updatedNumberScheduled"}};
constexpr SummaryField kJob[] = {{"completions", ".spec.completions"},
                                 {"active", ".status.active"},
                                 {"succeeded", ".status.succeeded"},
                                 {"failed", ".status.failed"}};
constexpr SummaryField kControlPlane[] = {{"replicas", ".spec.replicas"},
                                          {"readyReplicas", ".status.readyReplicas"},
                                          {"version", ".status.version"}};

constexpr Kind kTable[] = {
    {{"clusterdeployments", kK0rdent, kBeta, kNamespaced},
     "ClusterDeployment",
     deployment_state,
     kClusterDeployment},
    {{"servicetemplates", kK0rdent, kBeta, kNamespaced},
     "ServiceTemplate",
     valid_state,
     kServiceTemplate},
    {{"multiclusterservices", kK0rdent, kBeta, kClusterWide},
     "MultiClusterService",
     multi_cluster_state,
     kMultiClusterService},
    {{"clustertemplates", kK0rdent, kBeta, kNamespaced},
     "ClusterTemplate",
     valid_state,
     kClusterTemplate},
    {{"providertemplates", kK0rdent, kBeta, kClusterWide},
     "ProviderTemplate",
     valid_state,
     kProviderTemplate},
    {{"clustertemplatechains", kK0rdent, kBeta, kNamespaced},
     "ClusterTemplateChain",
     valid_state,
     kClusterTemplateChain},
    {{"servicetemplatechains", kK0rdent, kBeta, kNamespaced},
     "ServiceTemplateChain",
     valid_state,
     kServiceTemplateChain},
    {{"servicesets", kK0rdent, kBeta, kNamespaced}, "ServiceSet", service_set_state, kServiceSet},
    {{"statemanagementproviders", kK0rdent, kBeta, kClusterWide},
     "StateManagementProvider",
     ready_state,
     kStateManagementProvider},
    {{"credentials", kK0rdent, kBeta, kNamespaced}, "Credential", ready_state, kCredential},
    {{"managements", kK0rdent, kBeta, kClusterWide}, "Management", condition_state, kManagement},
    {{"regions", kK0rdent, kBeta, kClusterWide}, "Region", condition_state},
    {{"releases", kK0rdent, kBeta, kClusterWide}, "Release", ready_state, kRelease},
    {{"accessmanagements", kK0rdent, kBeta, kClusterWide}, "AccessManagement"},
    {{"providerinterfaces", kK0rdent, kBeta, kClusterWide},
     "ProviderInterface",
     nullptr,
     kProviderInterface},
    {{"managementbackups", kK0rdent, kBeta, kClusterWide},
     "ManagementBackup",
     backup_state,
     kManagementBackup},
    {{"clusteripamclaims", kK0rdent, kBeta, kNamespaced},
     "ClusterIPAMClaim",
     bound_state,
     kClusterIPAMClaim},
    {{"clusteripams", kK0rdent, kBeta, kNamespaced}, "ClusterIPAM", phase_state, kClusterIPAM},
    {{"datasources", kK0rdent, kBeta, kNamespaced}, "DataSource", nullptr, kDataSource},
    {{"clusterdatasources", kK0rdent, kBeta, kNamespaced},
     "ClusterDataSource",
     ready_state,
     kClusterDataSource},
    {{"clusterauthentications", kK0rdent, kBeta, kNamespaced}, "ClusterAuthentication"},
    {{"clusterauditpolicies", kK0rdent, kBeta, kNamespaced}, "ClusterAuditPolicy"},

    {{"helmreleases", kFluxHelm, "v2,v2beta2", kNamespaced},
     "HelmRelease",
     flux_state,
     kHelmRelease},
    {{"helmcharts", kFluxSource, "v1,v1beta2", kNamespaced}, "HelmChart", flux_state, kHelmChart},
    {{"helmrepositories", kFluxSource, "v1,v1beta2", kNamespaced},
     "HelmRepository",
     helm_repository_state,
     kHelmRepository},
    {{"gitrepositories", kFluxSource, "v1,v1beta2", kNamespaced},
     "GitRepository",
     flux_state,
     kGitRepository},
    {{"buckets", kFluxSource, "v1,v1beta2", kNamespaced}, "Bucket", flux_state, kBucket},
    {{"externalartifacts", kFluxSource, "v1,v1beta2", kNamespaced}, "ExternalArtifact", flux_state},
    {{"ocirepositories", kFluxSource, "v1,v1beta2", kNamespaced},
     "OCIRepository",
     flux_state,
     kOCIRepository},

    {{"clusters", kCapi, kBeta2, kNamespaced}, "Cluster", phase_state, kCluster},
    {{"machinedeployments", kCapi, kBeta2, kNamespaced},
     "MachineDeployment",
     nullptr,
     kMachineDeployment},
    {{"machinepools", kCapi, kBeta2, kNamespaced}, "MachinePool", nullptr, kMachinePool},
    {{"machinesets", kCapi, kBeta2, kNamespaced}, "MachineSet", nullptr, kMachineSet},
    {{"machines", kCapi, kBeta2, kNamespaced}, "Machine", phase_state, kMachine},
    {{"k0scontrolplanes", kControl, kBeta2, kNamespaced},
     "K0sControlPlane",
     control_plane_state,
     kControlPlane},
    {{"k0smotroncontrolplanes", kControl, kBeta2, kNamespaced},
     "K0smotronControlPlane",
     control_plane_state,
     kControlPlane},
    {{"awsmanagedcontrolplanes", kControl, kBeta2, kNamespaced}, "AWSManagedControlPlane"},
    {{"awsclusters", kInfra, kBeta2, kNamespaced}, "AWSCluster"},
    {{"awsmanagedclusters", kInfra, kBeta2, kNamespaced}, "AWSManagedCluster"},
    {{"azureclusters", kInfra, kBeta2, kNamespaced}, "AzureCluster"},
    {{"azureasomanagedclusters", kInfra, kBeta2Alpha, kNamespaced}, "AzureASOManagedCluster"},
    {{"azureasomanagedcontrolplanes", kInfra, kBeta2Alpha, kNamespaced},
     "AzureASOManagedControlPlane"},
    {{"gcpclusters", kInfra, kBeta2, kNamespaced}, "GCPCluster"},
    {{"gcpmanagedclusters", kInfra, kBeta2, kNamespaced}, "GCPManagedCluster"},
    {{"gcpmanagedcontrolplanes", kInfra, kBeta2, kNamespaced}, "GCPManagedControlPlane"},
    {{"openstackclusters", kInfra, kBeta2, kNamespaced}, "OpenStackCluster"},
    {{"vsphereclusters", kInfra, kBeta2, kNamespaced}, "VSphereCluster"},
    {{"dockerclusters", kInfra, kBeta2, kNamespaced}, "DockerCluster"},
    {{"kubevirtclusters", kInfra, kBeta2Alpha, kNamespaced}, "KubevirtCluster"},
    {{"remoteclusters", kInfra, kBeta2, kNamespaced}, "RemoteCluster"},
    {{"awsclusterstaticidentities", kInfra, kBeta2, kClusterWide}, "AWSClusterStaticIdentity"},
    {{"awsclusterroleidentities", kInfra, kBeta2, kClusterWide}, "AWSClusterRoleIdentity"},
    {{"awsclustercontrolleridentities", kInfra, kBeta2, kClusterWide},
     "AWSClusterControllerIdentity"},
    {{"azureclusteridentities", kInfra, kBeta2, kNamespaced}, "AzureClusterIdentity"},
    {{"vsphereclusteridentities", kInfra, kBeta2, kClusterWide}, "VSphereClusterIdentity"},
    {{"openstackclusteridentities", kInfra, kBeta2Alpha, kClusterWide}, "OpenStackClusterIdentity"},
    {{"awsmachines", kInfra, kBeta2, kNamespaced}, "AWSMachine"},
    {{"azuremachines", kInfra, kBeta2, kNamespaced}, "AzureMachine"},
    {{"gcpmachines", kInfra, kBeta2, kNamespaced}, "GCPMachine"},
    {{"openstackmachines", kInfra, kBeta2Alpha, kNamespaced}, "OpenStackMachine"},
    {{"vspheremachines", kInfra, kBeta2, kNamespaced}, "VSphereMachine"},
    {{"dockermachines", kInfra, kBeta2, kNamespaced}, "DockerMachine"},
    {{"kubevirtmachines", kInfra, kBeta2Alpha, kNamespaced}, "KubevirtMachine"},
    {{"remotemachines", kInfra, kBeta2, kNamespaced}, "RemoteMachine"},
    {{"k0sworkerconfigs", kBootstrap, kBeta2, kNamespaced}, "K0sWorkerConfig"},
    {{"k0scontrollerconfigs", kBootstrap, kBeta2, kNamespaced}, "K0sControllerConfig"},
    {{"kubeadmconfigs", kBootstrap, kBeta2, kNamespaced}, "KubeadmConfig"},
    {{"inclusterippools", kIpam, "v1alpha2,v1alpha1", kNamespaced}, "InClusterIPPool"},
    {{"infobloxippools", kIpam, "v1alpha1", kNamespaced}, "InfobloxIPPool"},

    {{"profiles", kSveltos, kBeta, kNamespaced}, "Profile", nullptr, kProfile},
    {{"clusterprofiles", kSveltos, kBeta, kClusterWide},
     "ClusterProfile",
     nullptr,
     kClusterProfile},
    {{"clustersummaries", kSveltos, kBeta, kNamespaced},
     "ClusterSummary",
     cluster_summary_state,
     kClusterSummary},
    {{"sveltosclusters", kSveltosLib, kBeta, kNamespaced},
     "SveltosCluster",
     sveltos_cluster_state,
     kSveltosCluster},

    {{"namespaces", "", "v1", kClusterWide}, "Namespace"},
    {{"secrets", "", "v1", kNamespaced}, "Secret"},
    {{"configmaps", "", "v1", kNamespaced}, "ConfigMap"},
    {{"pods", "", "v1", kNamespaced}, "Pod", pod_word, kPod},
    {{"events", "", "v1", kNamespaced}, "Event"},
    {{"deployments", "apps", "v1", kNamespaced}, "Deployment", apps_deployment_state, kReplicas},
    {{"daemonsets", "apps", "v1", kNamespaced}, "DaemonSet", daemon_set_state, kDaemonSet},
    {{"statefulsets", "apps", "v1", kNamespaced}, "StatefulSet", stateful_set_state, kReplicas},
    {{"jobs", "batch", "v1", kNamespaced}, "Job", job_state, kJob},
    {{"backups", "velero.io", "v1", kNamespaced}, "Backup"},
};

}  // namespace

std::span<const Kind> all() {
  return kTable;
}

const Kind* find(std::string_view kind) {
  const auto at = std::find_if(std::begin(kTable), std::end(kTable),
                               [&](const Kind& each) { return each.kind == kind; });
  return at == std::end(kTable) ? nullptr : at;
}

const Kind* find(std::string_view group, std::string_view kind) {
  const Kind* found = find(kind);
  return found && found->group == group ? found : nullptr;
}

const Kind& get(std::string_view kind) {
  const Kind* found = find(kind);
  CHECK(found);
  return *found;
}

}  // namespace kinds
