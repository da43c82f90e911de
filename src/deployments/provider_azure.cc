// What CAPZ made: AzureCluster; for AKS the resources of Azure Service Operator that
// AzureASOManagedCluster and AzureASOManagedControlPlane carry.
#include <set>

#include "deployments/provider.h"

namespace deployments {

using base::json::Value;
using base::json::Writer;

namespace {

std::string_view first(std::initializer_list<Value> values) {
  for (const Value each : values) {
    if (!each.str().empty()) return each.str();
  }
  return {};
}

Value resource(Value object, std::string_view kind) {
  for (const Value each : object["spec"]["resources"].array()) {
    if (each["kind"].str() == kind) return each;
  }
  return {};
}

void write_ref(Writer& w, Value value) {
  w.field_if("id", value["id"].str()).field_if("name", value["name"].str());
}

void write_subnets(Writer& w, Value network) {
  w.key("subnets").begin_array();
  for (const Value each : network["subnets"].array()) {
    w.begin_object();
    write_ref(w, each);
    w.field_if("cidr", each["cidrBlocks"].at(0).str()).field_if("role", each["role"].str());
    w.end_object();
  }
  w.end_array();
  std::set<std::string_view> seen;
  w.key("securityGroups").begin_array();
  for (const Value subnet : network["subnets"].array()) {
    const Value each = subnet["securityGroup"];
    if (each["name"].str().empty() || !seen.insert(each["name"].str()).second) continue;
    w.begin_object();
    write_ref(w, each);
    w.end_object();
  }
  w.end_array();
  for (const Value subnet : network["subnets"].array()) {
    const Value each = subnet["natGateway"];
    if (each["name"].str().empty()) continue;
    w.key("natGateway").begin_object();
    write_ref(w, each);
    w.end_object();
    break;
  }
}

void write_balancers(Writer& w, Value network) {
  w.key("loadBalancers").begin_array();
  for (const std::string_view key : {"apiServerLB", "nodeOutboundLB", "controlPlaneOutboundLB"}) {
    const Value each = network[key];
    if (each["name"].str().empty()) continue;
    const Value front = each["frontendIPs"].at(0);
    w.begin_object();
    write_ref(w, each);
    w.field_if("type", each["type"].str()).field_if("frontendIP", front["privateIP"].str());
    w.field_if("publicIP", front["publicIP"]["name"].str());
    w.field_if("dnsName", front["publicIP"]["dnsName"].str()).end_object();
  }
  w.end_array();
}

void write_aks(Writer& w, Value managed, Value control_plane) {
  w.key("aks").begin_object();
  w.field_if("clusterName", first({managed["spec"]["azureName"], managed["metadata"]["name"]}));
  w.field_if("version",
             first({control_plane["status"]["version"], control_plane["spec"]["version"]}));
  w.end_object();
}

}  // namespace

std::string azure_json(const Joined& joined) {
  const Value infrastructure = joined.infrastructure(), control_plane = joined.control_plane();
  const Value spec = infrastructure["spec"], network = spec["networkSpec"];
  const Value config = joined.deployment()["spec"]["config"];
  const Value group = resource(infrastructure, "ResourceGroup");
  const Value managed = resource(control_plane, "ManagedCluster");
  std::string out;
  Writer w(out);
  w.begin_object();
  w.field("resourceGroup", first({spec["resourceGroup"], group["spec"]["azureName"],
                                  group["metadata"]["name"], config["resourceGroup"]}));
  w.field("subscriptionID", first({spec["subscriptionID"], config["subscriptionID"]}));
  w.field("location", first({spec["location"], managed["spec"]["location"],
                             group["spec"]["location"], config["location"]}));
  if (const Value identity = spec["identityRef"]; !identity["name"].str().empty()) {
    w.key("identityRef").begin_object().field("name", identity["name"].str());
    w.field_if("namespace", identity["namespace"].str()).end_object();
  }
  if (const Value vnet = network["vnet"]; !vnet["name"].str().empty()) {
    w.key("vnet").begin_object();
    write_ref(w, vnet);
    w.field_if("cidr", vnet["cidrBlocks"].at(0).str()).end_object();
  }
  write_subnets(w, network);
  write_balancers(w, network);
  if (managed) write_aks(w, managed, control_plane);
  w.end_object();
  return out;
}

}  // namespace deployments
