#include "graph/model/kinds.h"

#include "base/text.h"

namespace graph::model {

namespace {

constexpr std::string_view kK0rdent = "k0rdent.mirantis.com",
                           kFluxSource = "source.toolkit.fluxcd.io",
                           kFluxHelm = "helm.toolkit.fluxcd.io", kCapi = "cluster.x-k8s.io",
                           kInfra = "infrastructure.cluster.x-k8s.io",
                           kControl = "controlplane.cluster.x-k8s.io",
                           kBootstrap = "bootstrap.cluster.x-k8s.io",
                           kIpam = "ipam.cluster.x-k8s.io", kSveltos = "config.projectsveltos.io",
                           kSveltosLib = "lib.projectsveltos.io";
constexpr bool kNamespaced = true, kClusterScoped = false;
constexpr KindPolicy kAlways = KindPolicy::always, kNamed = KindPolicy::named,
                     kAsked = KindPolicy::asked, kLookup = KindPolicy::lookup;

struct Row {
  std::string_view type, group, versions;
  bool namespaced;
  KindPolicy policy;
};

constexpr Row kTable[] = {
    {"ClusterDeployment", kK0rdent, "v1beta1,v1alpha1", kNamespaced, kAlways},
    {"ServiceTemplate", kK0rdent, "v1beta1,v1alpha1", kNamespaced, kAlways},
    {"MultiClusterService", kK0rdent, "v1beta1,v1alpha1", kClusterScoped, kAlways},
    {"ClusterTemplate", kK0rdent, "v1beta1,v1alpha1", kNamespaced, kAlways},
    {"ProviderTemplate", kK0rdent, "v1beta1,v1alpha1", kClusterScoped, kAlways},
    {"ClusterTemplateChain", kK0rdent, "v1beta1,v1alpha1", kNamespaced, kAlways},
    {"ServiceTemplateChain", kK0rdent, "v1beta1,v1alpha1", kNamespaced, kAlways},
    {"ServiceSet", kK0rdent, "v1beta1,v1alpha1", kNamespaced, kAlways},
    {"StateManagementProvider", kK0rdent, "v1beta1,v1alpha1", kClusterScoped, kAlways},
    {"Credential", kK0rdent, "v1beta1,v1alpha1", kNamespaced, kAlways},
    {"Management", kK0rdent, "v1beta1,v1alpha1", kClusterScoped, kAlways},
    {"Region", kK0rdent, "v1beta1,v1alpha1", kClusterScoped, kAlways},
    {"Release", kK0rdent, "v1beta1,v1alpha1", kClusterScoped, kAlways},
    {"AccessManagement", kK0rdent, "v1beta1,v1alpha1", kClusterScoped, kAlways},
    {"ProviderInterface", kK0rdent, "v1beta1,v1alpha1", kClusterScoped, kAlways},
    {"ManagementBackup", kK0rdent, "v1beta1,v1alpha1", kClusterScoped, kAlways},
    {"ClusterIPAMClaim", kK0rdent, "v1beta1,v1alpha1", kNamespaced, kAlways},
    {"ClusterIPAM", kK0rdent, "v1beta1,v1alpha1", kNamespaced, kAlways},
    {"DataSource", kK0rdent, "v1beta1,v1alpha1", kNamespaced, kAlways},
    {"ClusterDataSource", kK0rdent, "v1beta1,v1alpha1", kNamespaced, kAlways},
    {"ClusterAuthentication", kK0rdent, "v1beta1,v1alpha1", kNamespaced, kAlways},
    {"ClusterAuditPolicy", kK0rdent, "v1beta1,v1alpha1", kNamespaced, kAlways},

    {"HelmRelease", kFluxHelm, "v2,v2beta2", kNamespaced, kAlways},
    {"HelmChart", kFluxSource, "v1,v1beta2", kNamespaced, kAlways},
    {"HelmRepository", kFluxSource, "v1,v1beta2", kNamespaced, kAlways},
    {"GitRepository", kFluxSource, "v1,v1beta2", kNamespaced, kNamed},
    {"Bucket", kFluxSource, "v1,v1beta2", kNamespaced, kNamed},
    {"OCIRepository", kFluxSource, "v1,v1beta2", kNamespaced, kNamed},

    {"Cluster", kCapi, "v1beta2,v1beta1", kNamespaced, kAlways},
    {"MachineDeployment", kCapi, "v1beta2,v1beta1", kNamespaced, kAlways},
    {"MachinePool", kCapi, "v1beta2,v1beta1", kNamespaced, kAlways},
    {"K0sControlPlane", kControl, "v1beta2,v1beta1", kNamespaced, kNamed},
    {"K0smotronControlPlane", kControl, "v1beta2,v1beta1", kNamespaced, kNamed},
    {"AWSManagedControlPlane", kControl, "v1beta2,v1beta1", kNamespaced, kNamed},
    {"AWSCluster", kInfra, "v1beta2,v1beta1", kNamespaced, kNamed},
    {"AWSManagedCluster", kInfra, "v1beta2,v1beta1", kNamespaced, kNamed},
    {"AzureCluster", kInfra, "v1beta2,v1beta1", kNamespaced, kNamed},
    {"AzureASOManagedCluster", kInfra, "v1beta2,v1beta1,v1alpha1", kNamespaced, kNamed},
    {"AzureASOManagedControlPlane", kInfra, "v1beta2,v1beta1,v1alpha1", kNamespaced, kNamed},
    {"GCPCluster", kInfra, "v1beta2,v1beta1", kNamespaced, kNamed},
    {"GCPManagedCluster", kInfra, "v1beta2,v1beta1", kNamespaced, kNamed},
    {"GCPManagedControlPlane", kInfra, "v1beta2,v1beta1", kNamespaced, kNamed},
    {"OpenStackCluster", kInfra, "v1beta2,v1beta1", kNamespaced, kNamed},
    {"VSphereCluster", kInfra, "v1beta2,v1beta1", kNamespaced, kNamed},
    {"DockerCluster", kInfra, "v1beta2,v1beta1", kNamespaced, kNamed},
    {"KubevirtCluster", kInfra, "v1beta2,v1beta1,v1alpha1", kNamespaced, kNamed},
    {"RemoteCluster", kInfra, "v1beta2,v1beta1", kNamespaced, kNamed},
    {"AWSClusterStaticIdentity", kInfra, "v1beta2,v1beta1", kClusterScoped, kNamed},
    {"AWSClusterRoleIdentity", kInfra, "v1beta2,v1beta1", kClusterScoped, kNamed},
    {"AWSClusterControllerIdentity", kInfra, "v1beta2,v1beta1", kClusterScoped, kNamed},
    {"AzureClusterIdentity", kInfra, "v1beta2,v1beta1", kNamespaced, kNamed},
    {"VSphereClusterIdentity", kInfra, "v1beta2,v1beta1", kClusterScoped, kNamed},
    {"OpenStackClusterIdentity", kInfra, "v1beta2,v1beta1,v1alpha1", kClusterScoped, kNamed},

    {"MachineSet", kCapi, "v1beta2,v1beta1", kNamespaced, kAsked},
    {"Machine", kCapi, "v1beta2,v1beta1", kNamespaced, kAsked},
    {"K0sWorkerConfig", kBootstrap, "v1beta2,v1beta1", kNamespaced, kAsked},
    {"K0sControllerConfig", kBootstrap, "v1beta2,v1beta1", kNamespaced, kAsked},
    {"KubeadmConfig", kBootstrap, "v1beta2,v1beta1", kNamespaced, kAsked},
    {"AWSMachine", kInfra, "v1beta2,v1beta1", kNamespaced, kAsked},
    {"AzureMachine", kInfra, "v1beta2,v1beta1", kNamespaced, kAsked},
    {"GCPMachine", kInfra, "v1beta2,v1beta1", kNamespaced, kAsked},
    {"OpenStackMachine", kInfra, "v1beta2,v1beta1,v1alpha1", kNamespaced, kAsked},
    {"VSphereMachine", kInfra, "v1beta2,v1beta1", kNamespaced, kAsked},
    {"DockerMachine", kInfra, "v1beta2,v1beta1", kNamespaced, kAsked},
    {"KubevirtMachine", kInfra, "v1beta2,v1beta1,v1alpha1", kNamespaced, kAsked},
    {"RemoteMachine", kInfra, "v1beta2,v1beta1", kNamespaced, kAsked},
    {"InClusterIPPool", kIpam, "v1alpha2,v1alpha1", kNamespaced, kNamed},
    {"InfobloxIPPool", kIpam, "v1alpha1", kNamespaced, kNamed},

    {"Profile", kSveltos, "v1beta1,v1alpha1", kNamespaced, kAlways},
    {"ClusterProfile", kSveltos, "v1beta1,v1alpha1", kClusterScoped, kAlways},
    {"ClusterSummary", kSveltos, "v1beta1,v1alpha1", kNamespaced, kAlways},
    {"SveltosCluster", kSveltosLib, "v1beta1,v1alpha1", kNamespaced, kAlways},

    {"Secret", "", "v1", kNamespaced, kLookup},
    {"ConfigMap", "", "v1", kNamespaced, kLookup},
    {"Namespace", "", "v1", kClusterScoped, kNamed},
    {"Deployment", "apps", "v1", kNamespaced, kLookup},
    {"DaemonSet", "apps", "v1", kNamespaced, kLookup},
    {"StatefulSet", "apps", "v1", kNamespaced, kLookup},
    {"Backup", "velero.io", "v1", kNamespaced, kNamed},
};

// The versions tried for a kind that only a reference names.
constexpr std::string_view kUsualVersions[] = {"v1", "v1beta2", "v1beta1", "v1alpha2", "v1alpha1"};

kube::Resource core(std::string_view type) {
  return {"", "v1", base::to_lower(type) + "s", true};
}

}  // namespace

bool Kind::k0rdent() const {
  return group == kK0rdent;
}

bool Kind::cluster_api() const {
  return group == kCapi || std::string_view(group).ends_with(".cluster.x-k8s.io");
}

Kinds::Kinds() {
  for (const Row& row : kTable) {
    Kind kind;
    kind.type = row.type;
    kind.group = row.group;
    for (std::string_view version : base::split(row.versions, ','))
      kind.versions.emplace_back(version);
    kind.namespaced = row.namespaced;
    kind.policy = row.policy;
    if (row.group.empty() && row.policy == kLookup) {  // always served
      kind.resource = core(row.type);
      kind.state = KindState::single;
    }
    kinds_.push_back(std::move(kind));
  }
  fixed_ = kinds_.size();
}

KindId Kinds::find(std::string_view type) const {
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    if (kinds_[i].type == type) return static_cast<KindId>(i);
  }
  return kNoKind;
}

KindId Kinds::find(std::string_view group, std::string_view kind) const {
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    const Kind& k = kinds_[i];
    // The type of a kind whose plain name was taken includes its group.
    if (k.group == group && std::string_view(k.type).substr(0, k.type.find('.')) == kind)
      return static_cast<KindId>(i);
  }
  return kNoKind;
}

KindId Kinds::add(std::string_view group, std::string_view version, std::string_view kind,
                  bool namespaced) {
  if (const KindId known = find(group, kind); known != kNoKind) return known;
  const bool plain = !kind.empty() && kind.find_first_of(".:/ ") == kind.npos;
  if (!plain || kinds_.size() - fixed_ >= kGraphAddedKinds) return kNoKind;
  Kind added;
  added.type = kind;
  if (find(added.type) != kNoKind) added.type.append(".").append(group);
  added.group = group;
  if (!version.empty()) added.versions.emplace_back(version);
  for (std::string_view usual : kUsualVersions) {
    if (usual != version) added.versions.emplace_back(usual);
  }
  added.namespaced = namespaced;
  // No other kind of the core group is watched: they are many and large.
  added.policy = group.empty() ? KindPolicy::lookup : KindPolicy::named;
  kinds_.push_back(std::move(added));
  return static_cast<KindId>(kinds_.size() - 1);
}

const std::vector<std::string_view>& graph_types() {
  static const std::vector<std::string_view> types = [] {
    std::vector<std::string_view> out;
    for (const Row& row : kTable)
      out.push_back(row.type);
    return out;
  }();
  return types;
}

}  // namespace graph::model
