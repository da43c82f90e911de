// What CAPA made: AWSCluster, or AWSManagedControlPlane where the control plane is EKS's.
#include "deployments/provider.h"
#include "deployments/rows.h"

namespace deployments {

using base::json::Member;
using base::json::Value;
using base::json::Writer;

namespace {

// "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/…": the account is the fifth
// part; no object of CAPA has it as a field.
std::string_view account_of(std::string_view arn) {
  for (int part = 0; part < 4; ++part) {
    const std::size_t colon = arn.find(':');
    if (colon == arn.npos) return {};
    arn.remove_prefix(colon + 1);
  }
  return arn.substr(0, arn.find(':'));
}

// EKS subnets and those of earlier revisions have their cloud id in `id`.
std::string_view id_of(Value subnet) {
  const std::string_view id = subnet["resourceID"].str();
  return id.empty() ? subnet["id"].str() : id;
}

void write_subnets(Writer& w, Value network) {
  w.key("subnets").begin_array();
  for (const Value each : network["subnets"].array()) {
    if (id_of(each).empty()) continue;
    w.begin_object().field("id", id_of(each)).field_if("cidr", each["cidrBlock"].str());
    w.field_if("availabilityZone", each["availabilityZone"].str());
    w.field("isPublic", each["isPublic"].bool_or(false));
    w.field_if("role", each["tags"]["sigs.k8s.io/cluster-api-provider-aws/role"].str());
    w.field_if("routeTableID", each["routeTableId"].str()).end_object();
  }
  w.end_array();
  w.key("natGateways").begin_array();
  for (const Value each : network["subnets"].array()) {
    const std::string_view id = each["natGatewayId"].str();
    if (id.empty()) continue;
    w.begin_object().field("id", id).field_if("subnetID", id_of(each));
    w.field_if("availabilityZone", each["availabilityZone"].str()).end_object();
  }
  w.end_array();
}

void write_balancers(Writer& w, Value status) {
  w.key("loadBalancers").begin_array();
  for (const std::string_view key : {"apiServerElb", "secondaryAPIServerELB"}) {
    const Value each = status[key];
    if (each["name"].str().empty() && each["dnsName"].str().empty()) continue;
    w.begin_object().field_if("arn", each["arn"].str()).field_if("name", each["name"].str());
    w.field_if("type", each["loadBalancerType"].str()).field_if("scheme", each["scheme"].str());
    w.field_if("dnsName", each["dnsName"].str()).end_object();
  }
  w.end_array();
}

void write_groups(Writer& w, Value spec, Value status) {
  w.key("securityGroups").begin_array();
  for (const Member each : status["securityGroups"].object()) {
    w.begin_object().field("id", each.value["id"].str());
    w.field_if("name", each.value["name"].str()).field("role", each.key).end_object();
  }
  for (const Member each : spec["securityGroupOverrides"].object()) {
    if (!status["securityGroups"][each.key])
      w.begin_object().field("id", each.value.str()).field("role", each.key).end_object();
  }
  w.end_array();
}

void write_eks(Writer& w, Value control_plane) {
  const Value spec = control_plane["spec"], status = control_plane["status"];
  w.key("eks").begin_object().field_if("clusterName", spec["eksClusterName"].str());
  const std::string_view version = status["version"].str();
  w.field_if("version", version.empty() ? spec["version"].str() : version);
  w.field_if("oidcProvider", status["oidcProvider"]["arn"].str());
  w.key("addons").begin_array();
  for (const Value each : status["addons"].array()) {
    w.begin_object().field("name", each["name"].str()).field_if("version", each["version"].str());
    w.field_if("status", each["status"].str()).end_object();
  }
  w.end_array().end_object();
  const std::string_view role = spec["roleName"].str();
  if (role.empty()) return;
  w.key("iamRoles").begin_array().begin_object().field("name", role);
  w.field("role", "control-plane").end_object().end_array();
}

}  // namespace

std::string aws_json(const Joined& joined) {
  const bool eks = joined.control_plane()["kind"].str() == "AWSManagedControlPlane";
  const Value source = eks ? joined.control_plane() : joined.infrastructure();
  const Value spec = source["spec"], network = spec["network"], vpc = network["vpc"];
  const Value status = source["status"]["networkStatus"];
  std::string out;
  Writer w(out);
  w.begin_object().field_if("accountID", account_of(status["apiServerElb"]["arn"].str()));
  const std::string_view region = spec["region"].str();
  w.field("region", region.empty() ? region_of(joined.deployment()) : region);
  if (!vpc["id"].str().empty()) {
    w.key("vpc").begin_object().field("id", vpc["id"].str());
    w.field_if("cidr", vpc["cidrBlock"].str()).end_object();
  }
  if (const std::string_view id = vpc["internetGatewayId"].str(); !id.empty())
    w.key("internetGateway").begin_object().field("id", id).end_object();
  write_subnets(w, network);
  if (const Value ips = status["natGatewaysIPs"]; ips.size() > 0)
    w.key("natGatewayIPs").raw(ips.to_json());
  write_balancers(w, status);
  write_groups(w, network, status);
  if (eks) write_eks(w, source);
  w.end_object();
  return out;
}

}  // namespace deployments
