// What CAPG made: GCPCluster, or GCPManagedCluster and GCPManagedControlPlane for GKE.
#include "deployments/provider.h"

namespace deployments {

using base::json::Member;
using base::json::Value;
using base::json::Writer;

namespace {

std::string_view first(std::initializer_list<Value> values) {
  for (const Value each : values) {
    if (!each.str().empty()) return each.str();
  }
  return {};
}

// ".../global/networks/default" → "default"
std::string_view last_part(std::string_view link) {
  return link.substr(link.rfind('/') + 1);
}

void write_network(Writer& w, Value spec, Value status) {
  const std::string_view link = status["selfLink"].str();
  const std::string_view name = spec["name"].str();
  if (!name.empty() || !link.empty()) {
    w.key("network").begin_object().field("name", name.empty() ? last_part(link) : name);
    w.field_if("selfLink", link).end_object();
  }
  w.key("subnets").begin_array();
  for (const Value each : spec["subnets"].array()) {
    w.begin_object().field("name", each["name"].str()).field_if("cidr", each["cidrBlock"].str());
    w.field_if("region", each["region"].str()).field_if("role", each["purpose"].str());
    w.end_object();
  }
  w.end_array().key("firewallRules").begin_array();
  for (const Member each : status["firewallRules"].object())
    w.begin_object().field("name", each.key).field_if("selfLink", each.value.str()).end_object();
  w.end_array().key("routers").begin_array();
  if (const std::string_view router = status["router"].str(); !router.empty())
    w.begin_object().field("name", last_part(router)).field("selfLink", router).end_object();
  w.end_array();
  w.field_if("apiServerAddress",
             first({status["apiServerIpAddress"], status["apiInternalIpAddress"]}));
}

void write_gke(Writer& w, Value control_plane) {
  const Value spec = control_plane["spec"], status = control_plane["status"];
  w.key("gke").begin_object().field_if("clusterName", spec["clusterName"].str());
  w.field_if("location", spec["location"].str());
  w.field_if("version", first({status["currentVersion"], status["version"], spec["version"],
                               spec["controlPlaneVersion"]}));
  w.field_if("releaseChannel", spec["releaseChannel"].str());
  w.field("autopilot", spec["enableAutopilot"].bool_or(false)).end_object();
}

}  // namespace

std::string gcp_json(const Joined& joined) {
  const Value infrastructure = joined.infrastructure(), control_plane = joined.control_plane();
  const Value spec = infrastructure["spec"], config = joined.deployment()["spec"]["config"];
  std::string out;
  Writer w(out);
  w.begin_object();
  w.field("project", first({spec["project"], control_plane["spec"]["project"], config["project"]}));
  w.field("region", first({spec["region"], config["region"], control_plane["spec"]["location"]}));
  write_network(w, spec["network"], infrastructure["status"]["network"]);
  if (control_plane["kind"].str() == "GCPManagedControlPlane") write_gke(w, control_plane);
  w.end_object();
  return out;
}

}  // namespace deployments
