#include "tools/graph_rules.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "tools/graph_object.h"

namespace tools {

namespace {

constexpr auto kOwn = GraphRule::Where::own, kSystem = GraphRule::Where::system,
               kWritten = GraphRule::Where::written;

constexpr std::string_view kEdges[] = {
    "adapter",
    "allocates",
    "applies-to",
    "audit-config",
    "auth-config",
    "backup",
    "bootstrap",
    "can-deploy-next",
    "chart",
    "claims-addresses",
    "cluster",
    "component",
    "component-release",
    "control-plane",
    "copy-of",
    "data-of",
    "depends-on",
    "deploys",
    "distributes",
    "follows-chain",
    "for-claim",
    "for-cluster",
    "handles",
    "identity",
    "identity-secret",
    "in-region",
    "infrastructure",
    "installs",
    "into",
    "kubeconfig",
    "matches",
    "owns",
    "part-of",
    "policy",
    "profile",
    "propagates",
    "provisioner",
    "region-cluster",
    "release",
    "release-depends-on",
    "renders",
    "rolled-out-by",
    "schema",
    "secret",
    "selects",
    "ships",
    "source",
    "summarises",
    "summary",
    "supports",
    "targets",
    "template-resource",
    "upgradable-to",
    "upgrades-to",
    "uses-audit-policy",
    "uses-authentication",
    "uses-credential",
    "uses-data-source",
    "uses-provider",
    "uses-template",
    "values-from",
};

constexpr GraphRule kRules[] = {
    {"ClusterDeployment", "uses-template", ".spec.template", "ClusterTemplate"},
    {"ClusterDeployment", "uses-credential", ".spec.credential", "Credential"},
    {"ClusterDeployment", "uses-authentication", ".spec.clusterAuth", "ClusterAuthentication"},
    {"ClusterDeployment", "uses-audit-policy", ".spec.auditPolicy", "ClusterAuditPolicy"},
    {"ClusterDeployment", "uses-data-source", ".spec.dataSource", "DataSource"},
    {"ClusterDeployment", "claims-addresses", ".spec.ipamClaim.ref", "ClusterIPAMClaim"},
    {"ClusterDeployment", "upgradable-to", ".status.availableUpgrades[]", "ClusterTemplate"},
    {"ClusterDeployment", "in-region", ".status.region", "Region"},
    // Both carry a ServiceSpec; a MultiClusterService's templates are validated in the system
    // namespace.
    {"ClusterDeployment", "deploys", ".spec.serviceSpec.services[].template", "ServiceTemplate"},
    {"MultiClusterService", "deploys", ".spec.serviceSpec.services[].template", "ServiceTemplate"},
    {"ClusterDeployment", "follows-chain", ".spec.serviceSpec.services[].templateChain",
     "ServiceTemplateChain"},
    {"MultiClusterService", "follows-chain", ".spec.serviceSpec.services[].templateChain",
     "ServiceTemplateChain"},
    {"ClusterDeployment", "can-deploy-next",
     ".status.servicesUpgradePaths[].availableUpgrades[].versions[].name", "ServiceTemplate"},
    {"MultiClusterService", "can-deploy-next",
     ".status.servicesUpgradePaths[].availableUpgrades[].versions[].name", "ServiceTemplate"},
    {"ClusterDeployment", "uses-provider", ".spec.serviceSpec.provider.name",
     "StateManagementProvider"},
    {"MultiClusterService", "uses-provider", ".spec.serviceSpec.provider.name",
     "StateManagementProvider"},
    {"ClusterDeployment", "values-from", ".spec.serviceSpec.services[].valuesFrom[]", ""},
    {"ClusterDeployment", "policy", ".spec.serviceSpec.provider.config.policyRefs[]", ""},
    {"MultiClusterService", "policy", ".spec.serviceSpec.provider.config.policyRefs[]", ""},
    {"ClusterDeployment", "policy", ".spec.serviceSpec.policyRefs[]", ""},
    {"MultiClusterService", "policy", ".spec.serviceSpec.policyRefs[]", ""},
    {"ClusterDeployment", "template-resource",
     ".spec.serviceSpec.provider.config.templateResourceRefs[].resource", ""},
    {"MultiClusterService", "template-resource",
     ".spec.serviceSpec.provider.config.templateResourceRefs[].resource", ""},
    {"ClusterDeployment", "template-resource", ".spec.serviceSpec.templateResourceRefs[].resource",
     ""},
    {"MultiClusterService", "template-resource",
     ".spec.serviceSpec.templateResourceRefs[].resource", ""},
    {"MultiClusterService", "matches", ".status.matchingClusters[]", ""},
    {"MultiClusterService", "depends-on", ".spec.dependsOn[]", "MultiClusterService"},

    {"ServiceSet", "deploys", ".spec.services[].template", "ServiceTemplate"},
    {"ServiceSet", "uses-provider", ".spec.provider.name", "StateManagementProvider"},
    {"ServiceSet", "targets", ".spec.cluster", "ClusterDeployment"},
    {"ServiceSet", "rolled-out-by", ".spec.multiClusterService", "MultiClusterService"},
    {"ServiceSet", "values-from", ".spec.services[].valuesFrom[]", ""},
    {"ServiceSet", "policy", ".spec.provider.config.policyRefs[]", ""},
    {"ServiceSet", "template-resource", ".spec.provider.config.templateResourceRefs[].resource",
     ""},
    // Workloads of the installation: the provider's own state says when one is missing.
    {"StateManagementProvider", "adapter", ".spec.adapter", "", kOwn, true},
    {"StateManagementProvider", "provisioner", ".spec.provisioner[]", "", kOwn, true},

    {"ClusterTemplateChain", "supports", ".spec.supportedTemplates[].name", "ClusterTemplate"},
    {"ServiceTemplateChain", "supports", ".spec.supportedTemplates[].name", "ServiceTemplate"},
    // What the controller made or found; without it, what is asked for.
    {"ClusterTemplate", "chart", ".status.chartRef", ""},
    {"ClusterTemplate", "chart", ".spec.helm.chartRef", ""},
    {"ServiceTemplate", "chart", ".status.chartRef", ""},
    {"ServiceTemplate", "chart", ".spec.helm.chartRef", ""},
    {"ProviderTemplate", "chart", ".status.chartRef", ""},
    {"ProviderTemplate", "chart", ".spec.helm.chartRef", ""},
    {"ClusterTemplate", "source", ".spec.helm.chartSpec.sourceRef", ""},
    {"ServiceTemplate", "source", ".spec.helm.chartSpec.sourceRef", ""},
    {"ProviderTemplate", "source", ".spec.helm.chartSpec.sourceRef", ""},
    {"ServiceTemplate", "source", ".status.sourceStatus", ""},
    {"ServiceTemplate", "source", ".spec.helm.chartSource.localSourceRef", ""},
    {"ServiceTemplate", "source", ".spec.kustomize.localSourceRef", ""},
    {"ServiceTemplate", "source", ".spec.resources.localSourceRef", ""},
    {"ClusterTemplate", "schema", ".status.schemaConfigMapName", "ConfigMap"},
    {"ServiceTemplate", "schema", ".status.schemaConfigMapName", "ConfigMap"},
    {"ProviderTemplate", "schema", ".status.schemaConfigMapName", "ConfigMap"},

    {"Credential", "in-region", ".spec.region", "Region"},
    {"Credential", "identity", ".spec.identityRef", "", kWritten},
    {"Region", "region-cluster", ".spec.clusterDeployment", "ClusterDeployment"},
    {"Region", "secret", ".spec.kubeConfig", "Secret"},
    {"Management", "installs", ".spec.release", "Release"},
    {"Management", "installs", ".status.release", "Release"},
    {"Management", "component", ".status.components.*.template", "ProviderTemplate"},
    {"Management", "component", ".spec.core.kcm.template", "ProviderTemplate"},
    {"Management", "component", ".spec.core.capi.template", "ProviderTemplate"},
    {"Management", "component", ".spec.providers[].template", "ProviderTemplate"},
    {"Region", "component", ".status.components.*.template", "ProviderTemplate"},
    {"Region", "component", ".spec.core.kcm.template", "ProviderTemplate"},
    {"Region", "component", ".spec.core.capi.template", "ProviderTemplate"},
    {"Region", "component", ".spec.providers[].template", "ProviderTemplate"},
    {"Release", "ships", ".spec.kcm.template", "ProviderTemplate"},
    {"Release", "ships", ".spec.capi.template", "ProviderTemplate"},
    {"Release", "ships", ".spec.regional.template", "ProviderTemplate"},
    {"Release", "ships", ".spec.providers[].template", "ProviderTemplate"},
    {"AccessManagement", "distributes", ".spec.accessRules[].clusterTemplateChains[]",
     "ClusterTemplateChain", kSystem},
    {"AccessManagement", "distributes", ".spec.accessRules[].serviceTemplateChains[]",
     "ServiceTemplateChain", kSystem},
    {"AccessManagement", "distributes", ".spec.accessRules[].credentials[]", "Credential", kSystem},
    {"AccessManagement", "distributes", ".spec.accessRules[].clusterAuthentications[]",
     "ClusterAuthentication", kSystem},
    {"AccessManagement", "distributes", ".spec.accessRules[].dataSources[]", "DataSource", kSystem},
    {"AccessManagement", "distributes", ".spec.accessRules[].clusterAuditPolicies[]",
     "ClusterAuditPolicy", kSystem},
    {"AccessManagement", "into", ".spec.accessRules[].targetNamespaces.list[]", "Namespace"},
    {"ClusterIPAMClaim", "allocates", ".spec.clusterIPAMRef", "ClusterIPAM"},
    {"ClusterIPAMClaim", "for-cluster", ".spec.cluster", "ClusterDeployment"},
    {"ClusterIPAM", "for-claim", ".spec.clusterIPAMClaimRef", "ClusterIPAMClaim"},
    {"ClusterDataSource", "data-of", ".spec.dataSource", "DataSource"},
    {"ClusterDataSource", "secret", ".status.kineDataSourceSecret", "Secret"},
    {"ClusterDataSource", "secret", ".status.caSecret", "Secret"},
    {"DataSource", "secret", ".spec.auth.username", "Secret"},
    {"DataSource", "secret", ".spec.auth.password", "Secret"},
    {"DataSource", "secret", ".spec.certificateAuthority", "Secret"},
    {"ClusterAuthentication", "secret", ".spec.caSecret", "Secret"},
    {"ManagementBackup", "backup", ".status.lastBackupName", "Backup", kSystem},

    {"HelmRelease", "chart", ".spec.chartRef", ""},
    {"HelmRelease", "release-depends-on", ".spec.dependsOn[]", "HelmRelease"},
    {"HelmRelease", "kubeconfig", ".spec.kubeConfig.secretRef", "Secret"},
    {"HelmChart", "source", ".spec.sourceRef", ""},
    {"Cluster", "control-plane", ".spec.controlPlaneRef", ""},
    {"Cluster", "infrastructure", ".spec.infrastructureRef", ""},
    {"MachineDeployment", "bootstrap", ".spec.template.spec.bootstrap.configRef", ""},
    {"MachineDeployment", "part-of", ".spec.clusterName", "Cluster"},
    {"SveltosCluster", "kubeconfig", ".spec.kubeconfigName", "Secret"},
    {"Profile", "applies-to", ".spec.clusterRefs[]", ""},
    {"Profile", "applies-to", ".status.matchingClusters[]", ""},
    {"ClusterProfile", "applies-to", ".spec.clusterRefs[]", ""},
    {"ClusterProfile", "applies-to", ".status.matchingClusters[]", ""},
    {"OpenStackCluster", "identity", ".spec.identityRef", "Secret"},
    // Any infrastructure object that has one.
    {"*", "identity", ".spec.identityRef", "", kWritten},
};

}  // namespace

std::span<const GraphRule> graph_rules() {
  return kRules;
}

std::string_view edge_name(EdgeType type) {
  return kEdges[type];
}

EdgeType edge_type(std::string_view name) {
  const auto* at = std::find(std::begin(kEdges), std::end(kEdges), name);
  CHECK(at != std::end(kEdges));
  return static_cast<EdgeType>(at - std::begin(kEdges));
}

}  // namespace tools
