#include "deploy/identity_kinds.h"

namespace deploy {

using base::json::Value;
using base::json::Writer;

namespace {

constexpr std::string_view kInfrastructure = "infrastructure.cluster.x-k8s.io";

constexpr std::string_view kKinds[] = {"AWSClusterStaticIdentity",     "AWSClusterRoleIdentity",
                                       "AWSClusterControllerIdentity", "AzureClusterIdentity",
                                       "VSphereClusterIdentity",       "OpenStackClusterIdentity"};

}  // namespace

bool is_identity(std::string_view group, std::string_view kind, Value interfaces) {
  if (group.empty()) return kind == "Secret";
  for (const std::string_view each : kKinds)
    if (kind == each && group == kInfrastructure) return true;
  for (const Value each : interfaces.array()) {
    for (const Value one : each["spec"]["clusterIdentities"].array())
      if (one["kind"].str() == kind && one["group"].str() == group) return true;
    for (const Value one : each["spec"]["clusterIdentityKinds"].array())  // older
      if (one.str() == kind) return true;
  }
  return false;
}

std::string identity_kinds_text() {
  std::string out;
  for (const std::string_view each : kKinds)
    out.append(each).append(", ");
  return out + "Secret";
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

}  // namespace deploy
