#include "tools/lists.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "answer/path.h"
#include "base/text.h"
#include "cluster/template_name.h"
#include "graph/model/kinds.h"
#include "graph/model/node.h"
#include "tools/credential_provider.h"

namespace tools {

using answer::ListRow;
using answer::MemberType;
using answer::RowColumn;
using answer::RowMember;
using base::WallTime;
using base::json::Value;
using base::json::Writer;

namespace {

constexpr std::string_view kGroup = "k0rdent.mirantis.com", kVersions = "v1beta1,v1alpha1";
// A condition's message may be a page of Helm's output; the whole one is in the object.
constexpr std::size_t kMessageBytes = 512;

void text(std::string& out, std::string_view value) {
  if (!value.empty()) base::json::append_string(out, value);
}

void ref(std::string& out, std::string_view name, std::string_view ns,
         std::string_view version = {}) {
  if (name.empty()) return;
  Writer(out)
      .begin_object()
      .field("name", name)
      .field_if("namespace", ns)
      .field_if("version", version)
      .end_object();
}

// ---- cluster deployments

void owner(Value object, WallTime, std::string& out) {
  const Value metadata = object["metadata"];
  const std::string_view named = metadata["annotations"]["k0rdent.mirantis.com/owner"].str();
  text(out, named.empty() ? metadata["ownerReferences"].at(0)["name"].str() : named);
}

void age_seconds(Value object, WallTime now, std::string& out) {
  const auto created = base::parse_rfc3339(object["metadata"]["creationTimestamp"].str());
  if (!created) return;
  out = std::to_string(std::max<std::int64_t>(0, (now.ns - created->ns) / 1'000'000'000));
}

void template_ref(Value object, WallTime, std::string& out) {
  const std::string_view name = object["spec"]["template"].str();
  ref(out, name, object["metadata"]["namespace"].str(), cluster::version_in_name(name));
}

void credential_ref(Value object, WallTime, std::string& out) {
  ref(out, object["spec"]["credential"].str(), object["metadata"]["namespace"].str());
}

void service_templates(Value object, WallTime, std::string& out) {
  const Value services = object["spec"]["serviceSpec"]["services"];
  if (services.size() == 0) return;
  Writer w(out);
  w.begin_array();
  for (const Value service : services.array())
    w.string(service["template"].str());
  w.end_array();
}

std::string_view deployment_provider(Value object) {
  const Value labels = object["metadata"]["labels"];
  for (const std::string_view label :
       {"cloud.k0rdent.mirantis.com/provider", "k0rdent.mirantis.com/provider"}) {
    if (const std::string_view given = labels[label].str(); !given.empty()) return given;
  }
  return cluster::provider_in_name(object["spec"]["template"].str());
}
void deployment_provider_json(Value object, WallTime, std::string& out) {
  text(out, deployment_provider(object));
}

// AWS and GCP charts take `region`, Azure's `location`.
void region(Value object, WallTime, std::string& out) {
  const Value config = object["spec"]["config"];
  for (const Value each : {object["metadata"]["labels"]["cloud.k0rdent.mirantis.com/region"],
                           config["region"], config["location"]}) {
    if (!each.str().empty()) return text(out, each.str());
  }
}

void is_ready(Value object, WallTime, std::string& out) {
  out = answer::condition_of(object, "Ready")["status"].str() == "True" ? "true" : "false";
}

// The word that the graph shows for the same object.
void deployment_state(Value object, WallTime, std::string& out) {
  static const graph::model::Kinds kinds;
  static const graph::model::Kind& kind = kinds[kinds.find("ClusterDeployment")];
  text(out, graph::model::node_state(kind, object));
}

void ready_message(Value object, WallTime, std::string& out) {
  text(out, base::printable(answer::condition_of(object, "Ready")["message"].str(), kMessageBytes));
}

void conditions(Value object, WallTime, std::string& out) {
  const Value all = object["status"]["conditions"];
  if (all.size() == 0) return;
  Writer w(out);
  w.begin_array();
  for (const Value each : all.array()) {
    w.begin_object().field("type", each["type"].str()).field("status", each["status"].str());
    w.field_if("reason", each["reason"].str());
    w.field_if("message", base::printable(each["message"].str(), kMessageBytes));
    w.field_if("lastTransitionTime", each["lastTransitionTime"].str()).end_object();
  }
  w.end_array();
}

constexpr RowMember kDeploymentMembers[] = {
    {.name = "labels", .type = MemberType::object, .path = ".metadata.labels"},
    {.name = "owner", .write = owner},
    {.name = "createdAt", .path = ".metadata.creationTimestamp"},
    {.name = "ageSeconds", .type = MemberType::number, .write = age_seconds},
    {.name = "templateRef", .type = MemberType::object, .write = template_ref},
    {.name = "credentialRef", .type = MemberType::object, .write = credential_ref},
    {.name = "clusterIdentityRef",
     .type = MemberType::object,
     .path = ".spec.config.clusterIdentity"},
    {.name = "serviceTemplates", .type = MemberType::list, .write = service_templates},
    {.name = "cloudProvider", .write = deployment_provider_json},
    {.name = "region", .write = region},
    {.name = "k8sVersion", .path = ".status.k8sVersion"},
    {.name = "ready", .type = MemberType::flag, .required = true, .write = is_ready},
    {.name = "phase", .write = deployment_state},
    {.name = "message", .write = ready_message},
    {.name = "dryRun", .type = MemberType::flag, .path = ".spec.dryRun"},
    {.name = "availableUpgrades", .type = MemberType::list, .path = ".status.availableUpgrades"},
    {.name = "conditions", .type = MemberType::list, .write = conditions},
};
constexpr RowColumn kDeploymentColumns[] = {
    {"READY", ".status.conditions[Ready].status"},
    {"SERVICES", ".status.conditions[ServicesInReadyState].message"},
    {"TEMPLATE", ".spec.template"},
    {"MESSAGES", ".status.conditions[Ready].message"},
};

// ---- templates

Value first_of(std::initializer_list<Value> values) {
  for (const Value each : values) {
    if (!each.str().empty()) return each;
  }
  return {};
}

void service_template_version(Value object, WallTime, std::string& out) {
  text(out, first_of({object["spec"]["version"], object["spec"]["helm"]["chartSpec"]["version"],
                      object["status"]["chartVersion"]})
                .str());
}

Value chart_ref(Value object) {
  const Value used = object["status"]["chartRef"];
  return used ? used : object["spec"]["helm"]["chartRef"];
}
void chart_kind(Value object, WallTime, std::string& out) {
  const std::string_view kind = chart_ref(object)["kind"].str();
  text(out, !kind.empty()                         ? kind
            : object["spec"]["helm"]["chartSpec"] ? std::string_view("HelmChart")
                                                  : std::string_view());
}
void chart_name(Value object, WallTime, std::string& out) {
  text(out,
       first_of({object["spec"]["helm"]["chartSpec"]["chart"], chart_ref(object)["name"]}).str());
}

// KCM names a provider "infrastructure-aws"; bootstrap and control plane are no clouds.
std::string_view template_provider(Value object) {
  constexpr std::string_view kPrefix = "infrastructure-";
  for (const Value each : object["status"]["providers"].array()) {
    if (each.str().starts_with(kPrefix)) return each.str().substr(kPrefix.size());
  }
  const std::string_view label =
      object["metadata"]["labels"]["k0rdent.mirantis.com/provider"].str();
  return label.empty() ? cluster::provider_in_name(object["metadata"]["name"].str()) : label;
}
void template_provider_json(Value object, WallTime, std::string& out) {
  text(out, template_provider(object));
}

void cluster_template_version(Value object, WallTime, std::string& out) {
  const std::string_view chart =
      first_of({object["spec"]["helm"]["chartSpec"]["version"], object["status"]["chartVersion"]})
          .str();
  text(out, chart.empty() ? cluster::version_in_name(object["metadata"]["name"].str())
                          : std::string(chart));
}

constexpr RowColumn kTemplateColumns[] = {{"VALID", ".status.valid"}};
constexpr RowMember kServiceTemplateMembers[] = {
    {.name = "labels", .type = MemberType::object, .path = ".metadata.labels"},
    {.name = "version", .write = service_template_version},
    {.name = "chartKind", .write = chart_kind},
    {.name = "chartName", .write = chart_name},
    {.name = "description", .path = ".status.description"},
    {.name = "valid", .type = MemberType::flag, .path = ".status.valid"},
    {.name = "validationError", .path = ".status.validationError"},
};
constexpr RowMember kClusterTemplateMembers[] = {
    {.name = "description", .path = ".status.description"},
    {.name = "provider", .write = template_provider_json},
    {.name = "cloud", .write = template_provider_json},
    {.name = "version", .write = cluster_template_version},
    {.name = "k8sVersion", .path = ".status.k8sVersion"},
    {.name = "labels", .type = MemberType::object, .path = ".metadata.labels"},
    {.name = "created_at", .path = ".metadata.creationTimestamp"},
    {.name = "valid", .type = MemberType::flag, .path = ".status.valid"},
    {.name = "validationError", .path = ".status.validationError"},
};

// ---- multi-cluster services, credentials, namespaces

void service_count(Value object, WallTime, std::string& out) {
  out = std::to_string(object["spec"]["serviceSpec"]["services"].size());
}

constexpr RowMember kMultiClusterMembers[] = {
    {.name = "labels", .type = MemberType::object, .path = ".metadata.labels"},
    {.name = "matchLabels",
     .type = MemberType::object,
     .path = ".spec.clusterSelector.matchLabels"},
    {.name = "matchExpressions",
     .type = MemberType::list,
     .path = ".spec.clusterSelector.matchExpressions"},
    {.name = "serviceCount", .type = MemberType::number, .write = service_count},
    {.name = "createdAt", .path = ".metadata.creationTimestamp"},
    {.name = "ready", .type = MemberType::flag, .required = true, .write = is_ready},
    {.name = "message", .write = ready_message},
};
constexpr RowColumn kMultiClusterColumns[] = {
    {"CLUSTERS", ".status.conditions[ClusterInReadyState].message"},
    {"PROVIDER", ".spec.serviceSpec.provider.name"},
    {"SELF-MANAGEMENT", ".spec.serviceSpec.provider.selfManagement"},
};

void credential_provider_json(Value object, WallTime, std::string& out) {
  text(out, credential_provider(object));
}

void identity_ref(Value object, WallTime, std::string& out) {
  const Value identity = object["spec"]["identityRef"];
  if (identity["name"].str().empty()) return;
  const std::string_view ns = identity["namespace"].str();
  Writer(out)
      .begin_object()
      .field_if("kind", identity["kind"].str())
      .field("name", identity["name"].str())
      .field("namespace", ns.empty() ? object["metadata"]["namespace"].str() : ns)
      .end_object();
}

constexpr RowMember kCredentialMembers[] = {
    {.name = "provider", .write = credential_provider_json},
    {.name = "labels", .type = MemberType::object, .path = ".metadata.labels"},
    {.name = "created_at", .path = ".metadata.creationTimestamp"},
    {.name = "ready", .type = MemberType::flag, .required = true, .path = ".status.ready"},
    {.name = "region", .path = ".spec.region"},
    {.name = "description", .path = ".spec.description"},
    {.name = "identityRef", .type = MemberType::object, .write = identity_ref},
};
constexpr RowColumn kCredentialColumns[] = {
    {"READY", ".status.ready"}, {"REGION", ".spec.region"}, {"DESCRIPTION", ".spec.description"}};

constexpr RowMember kNamespaceMembers[] = {
    {.name = "labels", .type = MemberType::object, .path = ".metadata.labels"},
    {.name = "status", .required = true, .path = ".status.phase"},
};
constexpr RowColumn kNamespaceColumns[] = {{"STATUS", ".status.phase"}};

constexpr ListRow kLists[] = {
    {.name = "k0rdent.mgmt.namespaces.list",
     .title = "List namespaces",
     .description = "Lists the namespaces of the k0rdent management cluster with their labels and "
                    "phase.",
     .category = "namespaces",
     .action = "list",
     .what = "namespaces",
     .key = "namespaces",
     .kind = {"namespaces", "", "v1", false},
     .members = kNamespaceMembers,
     .columns = kNamespaceColumns},
    {.name = "k0rdent.mgmt.clusterDeployments.list",
     .title = "List cluster deployments",
     .description = "Lists the ClusterDeployments of one namespace, or of all that the caller may "
                    "see: template, credential, provider, region, state, conditions. Use "
                    "clusterDeployments.listAll to select by label.",
     .category = "clusterDeployments",
     .action = "list",
     .what = "cluster deployments",
     .key = "clusters",
     .kind = {"clusterdeployments", kGroup, kVersions},
     .members = kDeploymentMembers,
     .columns = kDeploymentColumns,
     .provider = true,
     .provider_of = deployment_provider},
    {.name = "k0rdent.mgmt.clusterDeployments.listAll",
     .title = "List cluster deployments everywhere",
     .description = "Lists the ClusterDeployments of all namespaces that the caller may see, "
                    "optionally only those with a label.",
     .category = "clusterDeployments",
     .action = "listAll",
     .what = "cluster deployments",
     .key = "items",
     .kind = {"clusterdeployments", kGroup, kVersions},
     .members = kDeploymentMembers,
     .columns = kDeploymentColumns,
     .selector = true},
    {.name = "k0rdent.mgmt.serviceTemplates.list",
     .title = "List service templates",
     .description = "Lists the ServiceTemplates that can be deployed to clusters as services: "
                    "chart, version, description, and whether each is valid.",
     .category = "serviceTemplates",
     .action = "list",
     .what = "service templates",
     .key = "items",
     .kind = {"servicetemplates", kGroup, kVersions},
     .members = kServiceTemplateMembers,
     .columns = kTemplateColumns,
     .has_age = false},
    {.name = "k0rdent.mgmt.clusterTemplates.list",
     .title = "List cluster templates",
     .description = "Lists the ClusterTemplates that clusters can be deployed from: provider, "
                    "version, description, and whether each is valid.",
     .category = "clusterTemplates",
     .action = "list",
     .what = "cluster templates",
     .key = "templates",
     .kind = {"clustertemplates", kGroup, kVersions},
     .members = kClusterTemplateMembers,
     .columns = kTemplateColumns,
     .has_age = false,
     .provider = true,
     .scope = true,
     .provider_of = template_provider},
    {.name = "k0rdent.mgmt.multiClusterServices.list",
     .title = "List multi-cluster services",
     .description = "Lists the MultiClusterServices: which clusters each selects, and on how many "
                    "its services are ready.",
     .category = "multiClusterServices",
     .action = "list",
     .what = "multi-cluster services",
     .key = "items",
     .kind = {"multiclusterservices", kGroup, kVersions, false},
     .members = kMultiClusterMembers,
     .columns = kMultiClusterColumns,
     .selector = true},
    {.name = "k0rdent.mgmt.providers.listCredentials",
     .title = "List credentials",
     .description = "Lists the Credentials that clusters can be deployed with: provider, the "
                    "identity behind each, and whether it is ready. Nothing secret is shown.",
     .category = "providers",
     .action = "listCredentials",
     .what = "credentials",
     .key = "credentials",
     .kind = kCredentials,
     .members = kCredentialMembers,
     .columns = kCredentialColumns,
     .has_age = false,
     .provider = true,
     .provider_of = credential_provider},
};

}  // namespace

std::span<const ListRow> lists() {
  return kLists;
}

}  // namespace tools
