#include "deployments/provider.h"

#include "base/text.h"
#include "base/url.h"
#include "cluster/template_name.h"
#include "deployments/rows.h"

namespace deployments {

using base::json::Value;

namespace {

struct Name {
  std::string_view prefix, provider;
};
constexpr Name kByKind[] = {
    {"AWS", "aws"},         {"Azure", "azure"},         {"GCP", "gcp"},
    {"VSphere", "vsphere"}, {"OpenStack", "openstack"}, {"Kubevirt", "kubevirt"},
    {"Remote", "remote"},   {"Docker", "docker"},
};

Value endpoint(const Joined& joined) {
  const Value infrastructure = joined.infrastructure(), control_plane = joined.control_plane();
  for (const Value each :
       {joined.capi()["spec"]["controlPlaneEndpoint"],
        infrastructure["spec"]["controlPlaneEndpoint"],
        control_plane["spec"]["controlPlaneEndpoint"],
        control_plane["status"]["controlPlaneEndpoint"], control_plane["spec"]["endpoint"]}) {
    if (!each["host"].str().empty()) return each;
  }
  return {};
}

}  // namespace

std::string provider_of(const Joined& joined) {
  const std::string_view kind = joined.capi()["spec"]["infrastructureRef"]["kind"].str();
  for (const Name& each : kByKind) {
    if (kind.starts_with(each.prefix)) return std::string(each.provider);
  }
  constexpr std::string_view kPrefix = "infrastructure-";
  for (const Value each : joined.cluster_template()["status"]["providers"].array()) {
    if (!each.str().starts_with(kPrefix)) continue;
    return std::string(cluster::provider_name(each.str().substr(kPrefix.size())));
  }
  return std::string(provider_of(joined.deployment()));
}

std::string endpoint_json(const Joined& joined) {
  const Value found = endpoint(joined);
  std::string out;
  if (!found) return out;
  base::json::Writer w(out);
  w.begin_object().field("host", found["host"].str());
  if (const auto port = found["port"].as_int()) w.field("port", *port);
  w.end_object();
  return out;
}

std::string endpoint_text(const Joined& joined) {
  const Value found = endpoint(joined);
  std::string out = base::printable(found["host"].str(), 256);
  if (const auto port = found["port"].as_int(); port && !out.empty())
    out = base::join_host_port(out, static_cast<int>(*port));
  return out;
}

}  // namespace deployments
