#include "graph/model/reader.h"

#include <set>
#include <utility>

#include "graph/model/node.h"
#include "graph/model/path.h"

namespace graph::model {

using base::json::Member;
using base::json::Value;

namespace {

constexpr std::string_view kByName = "same namespace and name";
constexpr std::string_view kByConvention = "name convention";
constexpr std::string_view kFluxName = "helm.toolkit.fluxcd.io/name",
                           kFluxNamespace = "helm.toolkit.fluxcd.io/namespace",
                           kCapiCluster = "cluster.x-k8s.io/cluster-name",
                           kProfileName = "projectsveltos.io/profile-name",
                           kClusterProfileName = "projectsveltos.io/cluster-profile-name",
                           kManaged = "k0rdent.mirantis.com/managed";

// Group and version of "group/version"; the core group has the version alone.
std::pair<std::string_view, std::string_view> split_api(std::string_view api) {
  const std::size_t slash = api.find('/');
  if (slash == api.npos) return {{}, api};
  return {api.substr(0, slash), api.substr(slash + 1)};
}

bool is_template(std::string_view name) {
  return name.find("{{") != name.npos;
}

}  // namespace

std::uint64_t uid_hash(std::string_view uid) {
  if (uid.empty()) return 0;
  std::uint64_t hash = 14695981039346656037u;  // FNV-1a
  for (const char c : uid)
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash ? hash : 1;
}

Reader::Reader(Kinds& kinds, const IdentityPaths& identities, std::string system_namespace)
    : kinds_(kinds), identities_(identities), system_(std::move(system_namespace)) {
  rules_.resize(kinds.size());
  for (const Rule& rule : graph_rules()) {
    if (rule.from != "*") rules_[kinds.find(rule.from)].push_back(&rule);
  }
}

Object Reader::read(KindId id, Value object) {
  Object out;
  const Value metadata = object["metadata"];
  out.ref = {id, std::string(metadata["namespace"].str()), std::string(metadata["name"].str())};
  out.uid = uid_hash(metadata["uid"].str());
  out.labels = Labels(metadata["labels"]);
  add_ruled(out, object);
  add_owners(out, metadata);
  add_labelled(out);
  add_conventions(out, object);
  add_needs(out, object);
  add_selections(out, object);
  out.members = node_members(kinds_[id], object);
  return out;
}

bool Reader::is_identity(KindId kind) const {
  return std::string_view(kinds_[kind].type).ends_with("Identity");
}

std::string_view Reader::home(const Object& object) const {
  return object.ref.ns.empty() ? system_ : object.ref.ns;
}

Ref Reader::ref(std::string_view type, std::string_view ns, std::string_view name) const {
  const KindId id = kinds_.find(type);
  return {id, kinds_[id].namespaced ? std::string(ns) : std::string(), std::string(name)};
}

void Reader::add(Object& to, std::string_view edge, Ref other, std::string path) const {
  Claim claim;
  claim.type = edge_type(edge);
  claim.other = std::move(other);
  claim.path = std::move(path);
  to.claims.push_back(std::move(claim));
}

void Reader::add_convention(Object& to, std::string_view edge, Ref other,
                            std::string_view path) const {
  add(to, edge, std::move(other), std::string(path));
  to.claims.back().convention = true;
}

// ---- fields

void Reader::add_ruled(Object& to, Value object) {
  static const std::vector<const Rule*> none;
  const auto& rules = to.ref.kind < rules_.size() ? rules_[to.ref.kind] : none;
  std::vector<std::string> namespaces;
  for (const Rule* rule : rules) {
    const bool clusters = rule->where == Rule::Where::clusters;
    if (clusters && namespaces.empty()) namespaces = cluster_namespaces(object);
    for (PathHit& hit : walk_path(object, rule->path)) {
      if (!clusters || !hit.value["namespace"].str().empty()) {
        add_found(to, *rule, hit.value, std::move(hit.path));
        continue;
      }
      for (const std::string& ns : namespaces)
        add_found(to, *rule, hit.value, hit.path, ns);
    }
  }
  const std::string& group = kind(to).group;
  const bool provider =
      group == "infrastructure.cluster.x-k8s.io" || group == "controlplane.cluster.x-k8s.io";
  for (const Rule& rule : graph_rules()) {
    if (rule.from != "*" || !provider) continue;
    for (PathHit& hit : walk_path(object, rule.path))
      add_found(to, rule, hit.value, std::move(hit.path));
  }
}

// The namespaces of its ServiceSets: that of each cluster that it matches; for the management
// cluster the system namespace.
std::vector<std::string> Reader::cluster_namespaces(Value object) const {
  std::set<std::string> out;
  for (Value cluster : object["status"]["matchingClusters"].array()) {
    const bool deployment = cluster["kind"].str() == "ClusterDeployment";
    out.emplace(deployment ? cluster["namespace"].str() : system_);
  }
  return {out.begin(), out.end()};
}

void Reader::add_found(Object& to, const Rule& rule, Value found, std::string path,
                       std::string_view where) {
  const bool plain = found.is(base::json::Type::string);
  const std::string_view name = plain ? found.str() : found["name"].str();
  const std::string_view written = plain ? std::string_view() : found["namespace"].str();
  if (name.empty() || is_template(name) || is_template(written)) return;
  const bool nowhere = rule.where == Rule::Where::written && written.empty();
  const KindId id = rule.to.empty() ? kind_of(to, found, !nowhere) : kinds_.find(rule.to);
  if (id == kNoKind) return;
  const bool system = rule.where == Rule::Where::system;
  const bool own = rule.where == Rule::Where::flux &&
                   kinds_[id].group.find("toolkit.fluxcd.io") == std::string::npos;
  const std::string_view ns = !where.empty()           ? where
                              : system                 ? system_
                              : own || written.empty() ? home(to)
                                                       : written;
  add(to, rule.edge, {id, kinds_[id].namespaced ? std::string(ns) : "", std::string(name)},
      std::move(path));
  to.claims.back().convention = rule.if_there;
}

// References give group and version, the group alone, or neither (then a kind of the table is
// meant, or one of the object's own group).
KindId Reader::kind_of(const Object& from, Value reference, bool namespaced) {
  const std::string_view name = reference["kind"].str();
  if (name.empty()) return kNoKind;
  // What a Machine names exists once for each Machine: only kinds of the table, which a filter can
  // request, are read.
  if (kind(from).policy == KindPolicy::asked) return kinds_.find(name);
  if (const std::string_view api = reference["apiVersion"].str(); !api.empty()) {
    const auto [group, version] = split_api(api);
    return kinds_.add(group, version, name, namespaced);
  }
  if (const Value group = reference["apiGroup"]; group)
    return kinds_.add(group.str(), {}, name, namespaced);
  if (const KindId known = kinds_.find(name); known != kNoKind) return known;
  return kinds_.add(kind(from).group, {}, name, namespaced);
}

// ---- owners and labels

void Reader::add_owners(Object& to, Value metadata) {
  std::size_t index = 0;
  for (Value owner : metadata["ownerReferences"].array()) {
    std::string path = ".metadata.ownerReferences[" + std::to_string(index++) + "]";
    const auto [group, version] = split_api(owner["apiVersion"].str());
    // A control plane of a provider's own kind may be named here before a Cluster names it.
    const bool provider = group.ends_with(".cluster.x-k8s.io");
    const KindId id = provider ? kinds_.add(group, version, owner["kind"].str(), true)
                               : kinds_.find(group, owner["kind"].str());
    const std::string_view name = owner["name"].str();
    if (id == kNoKind || name.empty() || (kinds_[id].namespaced && to.ref.ns.empty())) continue;
    add(to, "owns", {id, kinds_[id].namespaced ? to.ref.ns : "", std::string(name)},
        std::move(path));
    to.claims.back().incoming = true;
    to.claims.back().owner_uid = uid_hash(owner["uid"].str());
  }
}

void Reader::add_labelled(Object& to) {
  const Kind& k = kind(to);
  const std::string_view release = to.labels.get(kFluxName);
  if (!release.empty()) {
    const std::string_view written = to.labels.get(kFluxNamespace);
    add_convention(to, "renders",
                   ref("HelmRelease", written.empty() ? to.ref.ns : written, release),
                   "labels helm.toolkit.fluxcd.io/name, /namespace");
    to.claims.back().incoming = true;
    if (k.type == "Cluster") {
      const Ref deployment = ref("ClusterDeployment", to.ref.ns, release);
      add_convention(to, "cluster", deployment, "label helm.toolkit.fluxcd.io/name");
      to.claims.back().incoming = to.claims.back().bare = true;
      add_convention(to, "kubeconfig", ref("Secret", to.ref.ns, to.ref.name + "-kubeconfig"),
                     kByConvention);
      to.claims.back().from = deployment;
      to.claims.back().bare = true;
    }
  }
  if (const std::string_view cluster = to.labels.get(kCapiCluster);
      !cluster.empty() && k.cluster_api() && k.type != "Cluster" && !to.ref.ns.empty()) {
    // Before the field with the same meaning, which states the same edge.
    add(to, "part-of", ref("Cluster", to.ref.ns, cluster), "label cluster.x-k8s.io/cluster-name");
    std::swap(to.claims.front(), to.claims.back());
  }
  if (k.type != "ClusterSummary") return;
  for (const std::string_view label : {kProfileName, kClusterProfileName}) {
    const std::string_view profile = to.labels.get(label);
    if (profile.empty()) continue;
    add_convention(to, "summary",
                   ref(label == kProfileName ? "Profile" : "ClusterProfile", to.ref.ns, profile),
                   "label " + std::string(label));
    to.claims.back().incoming = true;
  }
}

// ---- conventions, and what only one kind has

void Reader::add_conventions(Object& to, Value object) {
  const std::string& type = kind(to).type;
  const Value spec = object["spec"];
  const std::string &ns = to.ref.ns, &name = to.ref.name;
  if (type == "ClusterDeployment") {
    add_convention(to, "release", ref("HelmRelease", ns, name), kByName);
    add_convention(to, "cluster", ref("SveltosCluster", ns, name), kByName);
    if (!spec["clusterAuth"].str().empty())
      add_convention(to, "auth-config", ref("Secret", ns, name + "-auth-config"), kByConvention);
    if (!spec["auditPolicy"].str().empty())
      add_convention(to, "audit-config", ref("ConfigMap", ns, name + "-audit-policy"),
                     kByConvention);
  } else if (type == "ServiceSet") {
    const bool self = spec["provider"]["selfManagement"].bool_or(false);
    add_convention(to, "profile", ref(self ? "ClusterProfile" : "Profile", ns, name), kByName);
  } else if (type == "Credential") {
    // A Region's are in its own cluster, which is not watched from here.
    for (Claim& claim : to.claims) {
      if (claim.type == edge_type("identity")) claim.convention = !spec["region"].str().empty();
    }
    add_propagated(to, spec["identityRef"]);
  } else if (type == "Management" || type == "Region") {
    add_components(to, object);
  } else if (type == "ClusterTemplateChain" || type == "ServiceTemplateChain") {
    add_upgrades(to, object);
  } else if (type == "ClusterTemplate" || type == "ServiceTemplate" || type == "ProviderTemplate") {
    add_sources(to, object);
  } else if (type == "ClusterIPAM") {
    const bool infoblox = spec["provider"].str() == "ipam-infoblox";
    add_convention(to, "pool", ref(infoblox ? "InfobloxIPPool" : "InClusterIPPool", ns, name),
                   kByName);
  } else if (type == "ClusterSummary") {
    add_summarised(to, spec);
  }
  // On Flux's and Sveltos' objects the label means something else.
  const bool copied = kind(to).k0rdent() || is_identity(to.ref.kind) || type == "Secret";
  if (copied && to.labels.get(kManaged) == "true" && !ns.empty() && ns != system_)
    add_convention(to, "copy-of", {to.ref.kind, system_, name}, kByName);
}

// What is copied into the clusters of a Credential, from where its identity is; a cluster-scoped
// identity has its companions beside the Credential.
void Reader::add_propagated(Object& to, Value identity) {
  const std::string name(identity["name"].str());
  if (name.empty()) return;
  const std::string_view written = identity["namespace"].str();
  const std::string_view ns = written.empty() ? std::string_view(to.ref.ns) : written;
  add_convention(to, "propagates", ref("ConfigMap", ns, name + "-resource-template"),
                 kByConvention);
  add_convention(to, "propagates", ref("Secret", ns, name + "-secret"), kByConvention);
}

// What a template's controller makes of its specs, as long as the status does not name it.
void Reader::add_sources(Object& to, Value object) {
  if (object["spec"]["helm"]["chartSpec"] && !object["status"]["chartRef"])
    add_convention(to, "chart", ref("HelmChart", home(to), to.ref.name), kByConvention);
  constexpr std::pair<std::string_view, std::string_view> made[] = {
      {"git", "GitRepository"}, {"bucket", "Bucket"}, {"oci", "OCIRepository"}};
  for (const std::string_view of :
       {".spec.helm.chartSource", ".spec.kustomize", ".spec.resources"}) {
    for (const PathHit& remote : walk_path(object, std::string(of) + ".remoteSourceSpec")) {
      for (const auto& [member, type] : made) {
        if (remote.value[member])
          add_convention(to, "source", ref(type, home(to), to.ref.name), kByName);
      }
    }
  }
}

void Reader::add_upgrades(Object& to, Value object) {
  const std::string_view type =
      kind(to).type == "ClusterTemplateChain" ? "ClusterTemplate" : "ServiceTemplate";
  std::size_t index = 0;
  for (Value supported : object["spec"]["supportedTemplates"].array()) {
    const std::string base = ".spec.supportedTemplates[" + std::to_string(index++) + "]";
    if (supported["name"].str().empty()) continue;
    for (PathHit& hit : walk_path(supported, ".availableUpgrades[].name")) {
      if (hit.value.str().empty()) continue;
      add(to, "upgrades-to", ref(type, to.ref.ns, hit.value.str()), base + hit.path);
      to.claims.back().from = ref(type, to.ref.ns, supported["name"].str());
    }
  }
}

void Reader::add_summarised(Object& to, Value spec) {
  const std::string_view name = spec["clusterName"].str();
  if (name.empty()) return;
  const bool sveltos = spec["clusterType"].str() == "Sveltos";
  add(to, "summarises",
      ref(sveltos ? "SveltosCluster" : "Cluster", spec["clusterNamespace"].str(), name),
      ".spec.clusterName, .clusterNamespace, .clusterType");
}

// Each component is a HelmRelease of its name; a Region's have the Region's name before it.
void Reader::add_components(Object& to, Value object) {
  const std::string before = kind(to).type == "Region" ? to.ref.name + "-" : "";
  for (const Member component : object["status"]["components"].object()) {
    const std::string name(component.key);
    add_convention(to, "component-release", ref("HelmRelease", system_, before + name),
                   ".status.components." + name);
  }
}

// What an identity needs.
void Reader::add_needs(Object& to, Value object) {
  if (!is_identity(to.ref.kind)) return;
  for (const IdentityPaths::Reference& r : identities_.of(kind(to).group, kind(to).type)) {
    const std::string path = "." + r.name_path;
    for (const PathHit& hit : walk_path(object, path)) {
      const KindId id = kinds_.add(r.group, {}, r.kind, true);
      if (id == kNoKind || hit.value.str().empty()) continue;
      std::string_view ns = system_;
      const auto where = walk_path(object, "." + r.namespace_path);
      if (!r.namespace_path.empty() && !where.empty() && !where[0].value.str().empty())
        ns = where[0].value.str();
      add(to, "identity-secret",
          {id, kinds_[id].namespaced ? std::string(ns) : "", std::string(hit.value.str())}, path);
    }
  }
}

}  // namespace graph::model
