#include "tools/lists.h"

#include <initializer_list>
#include <string>
#include <string_view>

#include "answer/members.h"
#include "cluster/template_name.h"
#include "deployments/rows.h"
#include "kinds/credential_provider.h"
#include "kinds/table.h"

namespace tools {

using answer::append_text;
using answer::ListRow;
using answer::MemberType;
using answer::RowColumn;
using answer::RowMember;
using base::WallTime;
using base::json::Value;
using base::json::Writer;

namespace {

// ---- templates

Value first_of(std::initializer_list<Value> values) {
  for (const Value each : values) {
    if (!each.str().empty()) return each;
  }
  return {};
}

void service_template_version(Value object, WallTime, std::string& out) {
  append_text(out,
              first_of({object["spec"]["version"], object["spec"]["helm"]["chartSpec"]["version"],
                        object["status"]["chartVersion"]})
                  .str());
}

Value chart_ref(Value object) {
  const Value used = object["status"]["chartRef"];
  return used ? used : object["spec"]["helm"]["chartRef"];
}
void chart_kind(Value object, WallTime, std::string& out) {
  const std::string_view kind = chart_ref(object)["kind"].str();
  append_text(out, !kind.empty()                         ? kind
                   : object["spec"]["helm"]["chartSpec"] ? std::string_view("HelmChart")
                                                         : std::string_view());
}
void chart_name(Value object, WallTime, std::string& out) {
  append_text(
      out,
      first_of({object["spec"]["helm"]["chartSpec"]["chart"], chart_ref(object)["name"]}).str());
}

// KCM names a provider "infrastructure-aws"; bootstrap and control plane are no clouds.
std::string_view template_provider(Value object) {
  constexpr std::string_view kPrefix = "infrastructure-";
  for (const Value each : object["status"]["providers"].array()) {
    if (each.str().starts_with(kPrefix))
      return cluster::provider_name(each.str().substr(kPrefix.size()));
  }
  const std::string_view label =
      object["metadata"]["labels"]["k0rdent.mirantis.com/provider"].str();
  return label.empty() ? cluster::provider_in_name(object["metadata"]["name"].str())
                       : cluster::provider_name(label);
}
void template_provider_json(Value object, WallTime, std::string& out) {
  append_text(out, template_provider(object));
}

void cluster_template_version(Value object, WallTime, std::string& out) {
  const std::string_view chart =
      first_of({object["spec"]["helm"]["chartSpec"]["version"], object["status"]["chartVersion"]})
          .str();
  append_text(out, chart.empty() ? cluster::version_in_name(object["metadata"]["name"].str())
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
    {.name = "clusters", .path = ".status.conditions[ClusterInReadyState].message"},
    {.name = "provider", .path = ".spec.serviceSpec.provider.name"},
    {.name = "selfManagement",
     .type = MemberType::flag,
     .path = ".spec.serviceSpec.provider.selfManagement"},
    {.name = "createdAt", .path = ".metadata.creationTimestamp"},
    {.name = "ready", .type = MemberType::flag, .required = true, .write = answer::is_ready},
    {.name = "message", .write = answer::ready_message},
};
constexpr RowColumn kMultiClusterColumns[] = {
    {"CLUSTERS", ".status.conditions[ClusterInReadyState].message"},
    {"PROVIDER", ".spec.serviceSpec.provider.name"},
    {"SELF-MANAGEMENT", ".spec.serviceSpec.provider.selfManagement"},
};

void credential_provider_json(Value object, WallTime, std::string& out) {
  append_text(out, kinds::credential_provider(object));
}

void identity_ref(Value object, WallTime, std::string& out) {
  const Value identity = object["spec"]["identityRef"];
  if (identity["name"].str().empty()) return;
  Writer(out)
      .begin_object()
      .field_if("kind", identity["kind"].str())
      .field("name", identity["name"].str())
      .field_if("namespace", kinds::identity_namespace(object))
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

const ListRow kLists[] = {
    {.name = "k0rdent.mgmt.namespaces.list",
     .title = "List namespaces",
     .description = "Lists the namespaces of the k0rdent management cluster with their labels and "
                    "phase.",
     .category = "namespaces",
     .action = "list",
     .what = "namespaces",
     .key = "namespaces",
     .kind = kinds::get("Namespace"),
     .members = kNamespaceMembers,
     .columns = kNamespaceColumns},
    {.name = "k0rdent.mgmt.clusterDeployments.list",
     .title = "List cluster deployments",
     .description = "Lists the ClusterDeployments of one namespace, or of all that the caller may "
                    "see: template, credential, provider, region, state, conditions.",
     .category = "clusterDeployments",
     .action = "list",
     .what = "cluster deployments",
     .key = "clusters",
     .kind = kinds::get("ClusterDeployment"),
     .members = deployments::kRowMembers,
     .columns = deployments::kRowColumns,
     .provider = true,
     .provider_of = deployments::provider_of,
     .join = &deployments::kJoin},
    {.name = "k0rdent.mgmt.clusterDeployments.listAll",
     .title = "List cluster deployments everywhere",
     .description = "Lists the ClusterDeployments of all namespaces that the caller may see, "
                    "optionally only those with a label.",
     .category = "clusterDeployments",
     .action = "listAll",
     .what = "cluster deployments",
     .key = "items",
     .kind = kinds::get("ClusterDeployment"),
     .members = deployments::kRowMembers,
     .columns = deployments::kRowColumns,
     .selector = true,
     .join = &deployments::kJoin},
    {.name = "k0rdent.mgmt.serviceTemplates.list",
     .title = "List service templates",
     .description = "Lists the ServiceTemplates that can be deployed to clusters as services: "
                    "chart, version, description, and whether each is valid.",
     .category = "serviceTemplates",
     .action = "list",
     .what = "service templates",
     .key = "items",
     .kind = kinds::get("ServiceTemplate"),
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
     .kind = kinds::get("ClusterTemplate"),
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
     .kind = kinds::get("MultiClusterService"),
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
     .kind = kinds::get("Credential"),
     .members = kCredentialMembers,
     .columns = kCredentialColumns,
     .has_age = false,
     .provider = true,
     .provider_of = kinds::credential_provider},
};

}  // namespace

std::span<const ListRow> lists() {
  return kLists;
}

}  // namespace tools
