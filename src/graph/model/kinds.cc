#include "graph/model/kinds.h"

#include "base/text.h"
#include "kinds/table.h"

namespace graph::model {

namespace {

constexpr std::string_view kCapi = "cluster.x-k8s.io";
constexpr KindPolicy kAlways = KindPolicy::always, kNamed = KindPolicy::named,
                     kAsked = KindPolicy::asked, kLookup = KindPolicy::lookup;

struct Row {
  std::string_view type;
  KindPolicy policy;
};

constexpr Row kTable[] = {
    {"ClusterDeployment", kAlways},
    {"ServiceTemplate", kAlways},
    {"MultiClusterService", kAlways},
    {"ClusterTemplate", kAlways},
    {"ProviderTemplate", kAlways},
    {"ClusterTemplateChain", kAlways},
    {"ServiceTemplateChain", kAlways},
    {"ServiceSet", kAlways},
    {"StateManagementProvider", kAlways},
    {"Credential", kAlways},
    {"Management", kAlways},
    {"Region", kAlways},
    {"Release", kAlways},
    {"AccessManagement", kAlways},
    {"ProviderInterface", kAlways},
    {"ManagementBackup", kAlways},
    {"ClusterIPAMClaim", kAlways},
    {"ClusterIPAM", kAlways},
    {"DataSource", kAlways},
    {"ClusterDataSource", kAlways},
    {"ClusterAuthentication", kAlways},
    {"ClusterAuditPolicy", kAlways},

    {"HelmRelease", kAlways},
    {"HelmChart", kAlways},
    {"HelmRepository", kAlways},
    {"GitRepository", kNamed},
    {"Bucket", kNamed},
    {"OCIRepository", kNamed},

    {"Cluster", kAlways},
    {"MachineDeployment", kAlways},
    {"MachinePool", kAlways},
    {"K0sControlPlane", kNamed},
    {"K0smotronControlPlane", kNamed},
    {"AWSManagedControlPlane", kNamed},
    {"AWSCluster", kNamed},
    {"AWSManagedCluster", kNamed},
    {"AzureCluster", kNamed},
    {"AzureASOManagedCluster", kNamed},
    {"AzureASOManagedControlPlane", kNamed},
    {"GCPCluster", kNamed},
    {"GCPManagedCluster", kNamed},
    {"GCPManagedControlPlane", kNamed},
    {"OpenStackCluster", kNamed},
    {"VSphereCluster", kNamed},
    {"DockerCluster", kNamed},
    {"KubevirtCluster", kNamed},
    {"RemoteCluster", kNamed},
    {"AWSClusterStaticIdentity", kNamed},
    {"AWSClusterRoleIdentity", kNamed},
    {"AWSClusterControllerIdentity", kNamed},
    {"AzureClusterIdentity", kNamed},
    {"VSphereClusterIdentity", kNamed},
    {"OpenStackClusterIdentity", kNamed},

    {"MachineSet", kAsked},
    {"Machine", kAsked},
    {"K0sWorkerConfig", kAsked},
    {"K0sControllerConfig", kAsked},
    {"KubeadmConfig", kAsked},
    {"AWSMachine", kAsked},
    {"AzureMachine", kAsked},
    {"GCPMachine", kAsked},
    {"OpenStackMachine", kAsked},
    {"VSphereMachine", kAsked},
    {"DockerMachine", kAsked},
    {"KubevirtMachine", kAsked},
    {"RemoteMachine", kAsked},
    {"InClusterIPPool", kNamed},
    {"InfobloxIPPool", kNamed},

    {"Profile", kAlways},
    {"ClusterProfile", kAlways},
    {"ClusterSummary", kAlways},
    {"SveltosCluster", kAlways},

    {"Secret", kLookup},
    {"ConfigMap", kLookup},
    {"Namespace", kNamed},
    {"Deployment", kLookup},
    {"DaemonSet", kLookup},
    {"StatefulSet", kLookup},
    {"Backup", kNamed},
};

// The versions tried for a kind that only a reference names.
constexpr std::string_view kUsualVersions[] = {"v1", "v1beta2", "v1beta1", "v1alpha2", "v1alpha1"};

}  // namespace

bool Kind::k0rdent() const {
  return group == kinds::kK0rdent;
}

bool Kind::cluster_api() const {
  return group == kCapi || std::string_view(group).ends_with(".cluster.x-k8s.io");
}

Kinds::Kinds() {
  for (const Row& row : kTable) {
    const kinds::Kind& known = kinds::get(row.type);
    Kind kind;
    kind.row = &known;
    kind.type = known.kind;
    kind.group = known.group;
    for (std::string_view version : base::split(known.versions, ','))
      kind.versions.emplace_back(version);
    kind.namespaced = known.namespaced;
    kind.policy = row.policy;
    if (known.group.empty() && row.policy == kLookup) {  // always served
      kind.resource = {"", kind.versions[0], std::string(known.plural), known.namespaced};
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
  added.row = kinds::find(group, kind);
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
