#include "deploy/identity_kinds.h"

#include <algorithm>

#include "base/text.h"
#include "cluster/template_name.h"

namespace deploy {

using base::json::Value;
using base::json::Writer;

namespace {

constexpr std::string_view kInfrastructure = "infrastructure.cluster.x-k8s.io", kSecret = "Secret";

// What each infrastructure provider takes, where its ProviderInterface is not there. That of adopted
// clusters, "internal", has none: KCM has the code itself.
struct Taken {
  std::string_view provider, kind;
};
constexpr Taken kTaken[] = {{"aws", "AWSClusterStaticIdentity"},
                            {"aws", "AWSClusterRoleIdentity"},
                            {"aws", "AWSClusterControllerIdentity"},
                            {"azure", "AzureClusterIdentity"},
                            {"azure", kSecret},  // AKS
                            {"vsphere", "VSphereClusterIdentity"},
                            {"vsphere", kSecret},
                            {"openstack", "OpenStackClusterIdentity"},
                            {"openstack", kSecret},
                            {"gcp", kSecret},
                            {"docker", kSecret},
                            {"kubevirt", kSecret},
                            {"k0sproject-k0smotron", kSecret},
                            {"internal", kSecret}};

bool is_known(const Taken& known, std::string_view group, std::string_view kind) {
  return kind == known.kind && group == (kind == kSecret ? "" : kInfrastructure);
}

// Whether a ProviderInterface lists the kind.
bool lists(Value interface, std::string_view group, std::string_view kind) {
  for (const Value one : interface["spec"]["clusterIdentities"].array())
    if (one["kind"].str() == kind && one["group"].str() == group) return true;
  for (const Value one : interface["spec"]["clusterIdentityKinds"].array())  // older
    if (one.str() == kind) return true;
  return false;
}

// The kinds that a provider takes; empty: it is not known.
std::vector<std::string_view> taken_by(std::string_view provider, Value interfaces) {
  std::vector<std::string_view> out;
  for (const Value each : interfaces.array()) {
    if (each["metadata"]["labels"]["cluster.x-k8s.io/provider"].str() !=
        "infrastructure-" + std::string(provider))
      continue;
    for (const Value one : each["spec"]["clusterIdentities"].array())
      out.push_back(one["kind"].str());
    for (const Value one : each["spec"]["clusterIdentityKinds"].array())
      out.push_back(one.str());
  }
  if (!out.empty()) return out;
  for (const Taken& each : kTaken)
    if (each.provider == provider) out.push_back(each.kind);
  return out;
}

}  // namespace

std::string identity_problem(Value credential, Value cluster_template, Value interfaces) {
  constexpr std::string_view kPrefix = "infrastructure-";
  const std::string_view kind = credential["spec"]["identityRef"]["kind"].str();
  for (const Value each : cluster_template["status"]["providers"].array()) {
    if (kind.empty() || !each.str().starts_with(kPrefix)) continue;
    const std::string_view provider = each.str().substr(kPrefix.size());
    const auto taken = taken_by(provider, interfaces);
    if (taken.empty() || std::find(taken.begin(), taken.end(), kind) != taken.end()) continue;
    std::string text = "Credential " + base::printable(credential["metadata"]["name"].str(), 128);
    text += " has an identity of kind " + base::printable(kind, 128) + ", but template ";
    text += cluster_template["metadata"]["name"].str();
    text += " is for " + base::printable(cluster::provider_name(provider), 64) + ", which takes ";
    for (std::size_t i = 0; i < taken.size(); ++i)
      text.append(i == 0 ? "" : " or ").append(taken[i]);
    return text;
  }
  return {};
}

bool is_identity(std::string_view group, std::string_view kind, Value interfaces) {
  if (group.empty()) return kind == kSecret;
  for (const Taken& each : kTaken)
    if (is_known(each, group, kind)) return true;
  for (const Value each : interfaces.array())
    if (lists(each, group, kind)) return true;
  return false;
}

std::string identity_kinds_text() {
  std::string out;
  for (const Taken& each : kTaken)
    if (each.kind != kSecret) out.append(each.kind).append(", ");
  return out.append(kSecret);
}

bool has_secret(std::string_view kind) {
  return kind == "AWSClusterStaticIdentity" || kind == "AzureClusterIdentity" ||
         kind == "VSphereClusterIdentity" || kind == "OpenStackClusterIdentity";
}

std::string missing_part(std::string_view kind, const IdentityParts& parts) {
  const bool azure = kind == "AzureClusterIdentity";
  if (!has_secret(kind))
    return "an identity of kind " + std::string(kind) + " is not made of a Secret alone";
  if (azure && (parts.tenant_id.empty() || parts.client_id.empty()))
    return "an AzureClusterIdentity needs 'tenantID' and 'clientID' (neither is a secret)";
  if (!azure && !(parts.tenant_id.empty() && parts.client_id.empty()))
    return "'tenantID' and 'clientID' are Azure's only";
  return {};
}

std::string identity_body(std::string_view kind, const IdentityParts& parts) {
  std::string out;
  Writer w(out);
  w.begin_object().key("spec").begin_object();
  if (kind == "AWSClusterStaticIdentity") {
    w.field("secretRef", parts.secret);
    w.key("allowedNamespaces").begin_object().end_object();
  } else if (kind == "AzureClusterIdentity") {
    w.field("type", "ServicePrincipal").field("tenantID", parts.tenant_id);
    w.field("clientID", parts.client_id).key("clientSecret").begin_object();
    w.field("name", parts.secret).field("namespace", parts.secret_ns).end_object();
    w.key("allowedNamespaces").begin_object().end_object();
  } else if (kind == "VSphereClusterIdentity") {
    w.field("secretName", parts.secret).key("allowedNamespaces").begin_object();
    w.key("selector").begin_object().key("matchLabels").begin_object().end_object();
    w.end_object().end_object();
  } else {
    w.key("secretRef").begin_object().field("name", parts.secret);
    w.field("namespace", parts.secret_ns).end_object();
  }
  w.end_object().end_object();
  return out;
}

std::string_view secret_of(std::string_view kind, Value identity) {
  const Value spec = identity["spec"];
  if (kind == "AWSClusterStaticIdentity") return spec["secretRef"].str();
  if (kind == "VSphereClusterIdentity") return spec["secretName"].str();
  return spec[kind == "AzureClusterIdentity" ? "clientSecret" : "secretRef"]["name"].str();
}

std::string_view secret_warning(std::string_view kind) {
  return kind == "VSphereClusterIdentity"
             ? "the provider makes the Secret this identity's own: no other one can use it, and it "
               "is deleted with the identity"
             : "";
}

}  // namespace deploy
