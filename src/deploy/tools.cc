#include "deploy/tools.h"

#include <string>
#include <string_view>
#include <utility>

#include "change/tool.h"
#include "deploy/arguments.h"
#include "deploy/change_planners.h"
#include "deploy/credential_planner.h"
#include "deploy/deploy_planner.h"
#include "deploy/multi_cluster_planner.h"
#include "kinds/need.h"
#include "monitor/watch.h"

namespace deploy {

using mcp::Field;

namespace {

using A = Arguments;
using Force = change::CommonArguments::Force;

constexpr std::string_view kNamed =
    R"("name":{"type":"string"},"namespace":{"type":"string"},"template":{"type":"string"},)"
    R"("uid":{"type":"string"},"waited":{"type":"string"},"reached":{"type":"boolean"})";
constexpr std::string_view kService =
    R"("clusterName":{"type":"string"},"clusterNamespace":{"type":"string"},)"
    R"("service":{"type":"object"},"removedService":{"type":"object"},)"
    R"("message":{"type":"string"},"dryRun":{"type":"boolean"})";

struct ToolRow {
  std::string name;
  std::string_view title, description;
  std::string_view plane, category, action;
  mcp::Fields fields;
  PlannerResult (*make)(change::Context&, Arguments);
  Force force = Force::yes;
  bool destructive = false;
  std::string_view members = kNamed;
  mcp::Needs needs = {};
};

// What planners that begin with a ClusterDeployment ask for, and those that write one; a wrong name is
// answered with the nearest ones.
mcp::Needs present_needs() {
  return kinds::need("get,list,patch", {"ClusterDeployment"});
}
mcp::Needs change_needs() {
  return present_needs() + kinds::need("get", {"Cluster", "ClusterTemplate", "HelmRelease"}) +
         monitor::watch_needs();
}
mcp::Needs services_needs() {
  return present_needs() + kinds::need("get", {"StateManagementProvider"});
}
mcp::Needs deploy_needs() {
  return kinds::need("get,create", {"ClusterDeployment"}) + kinds::need("get", {"HelmRelease"}) +
         kinds::need("list", {"ClusterTemplate", "Credential", "Management", "MultiClusterService",
                              "ProviderInterface"}) +
         kinds::need_any("get") + monitor::watch_needs();
}

Field ns_field() {
  return mcp::field<&A::ns>({.name = "namespace", .form = Field::Form::dns_label_or_empty});
}
Field name_field() {
  return mcp::field<&A::name>(
      {.name = "name", .required = true, .form = Field::Form::dns_subdomain});
}
void add_wait(mcp::Fields& out) {
  out.push_back(mcp::field<&A::wait>({.name = "wait"}));
  out.push_back(mcp::field<&A::wait_timeout>({.name = "waitTimeout"}));
}

mcp::Fields deploy_fields() {
  mcp::Fields out = {
      name_field(),
      ns_field(),
      mcp::field<&A::template_name>({.name = "template"}),
      mcp::field<&A::provider>(
          {.name = "provider", .description = "instead of template: its newest valid one"}),
      mcp::field<&A::kind>({.name = "kind", .description = "with provider", .show_default = true}),
      mcp::field<&A::credential>({.name = "credential", .required = true}),
      mcp::field<&A::config>({.name = "config",
                              .description = "values, as clusterTemplates.describe names them",
                              .json_types = {"object"}}),
      mcp::field<&A::labels>({.name = "labels"}),
  };
  add_wait(out);
  return out;
}

// In the order of the original's: the provider's own, machines, numbers.
mcp::Fields provider_fields(mcp::Fields own) {
  mcp::Fields out = {name_field(), ns_field(),
                     mcp::field<&A::credential>({.name = "credential", .required = true}),
                     mcp::field<&A::template_name>(
                         {.name = "template", .description = "absent: the newest valid"})};
  for (Field& each : own)
    out.push_back(std::move(each));
  out.push_back(mcp::field<&A::control_plane_number>({.name = "controlPlaneNumber",
                                                      .description = "absent: 3",
                                                      .minimum = 0,
                                                      .show_limits = false}));
  out.push_back(mcp::field<&A::workers_number>(
      {.name = "workersNumber", .description = "absent: 2", .minimum = 0, .show_limits = false}));
  out.push_back(mcp::field<&A::labels>({.name = "labels"}));
  add_wait(out);
  return out;
}

ToolRow provider_row(std::string_view provider, std::string_view title, mcp::Fields own,
                     PlannerResult (*make)(change::Context&, Arguments)) {
  return {.name = "k0rdent.provider." + std::string(provider) + ".clusterDeployments.deploy",
          .title = title,
          .description =
              "clusterDeployments.deploy in this provider's words, with the newest valid "
              "standalone template.",
          .plane = "provider",
          .category = "clusterDeployments",
          .action = "deploy",
          .fields = provider_fields(std::move(own)),
          .make = make,
          .force = Force::no,
          .needs = deploy_needs()};
}

void add_deployments(std::vector<ToolRow>& out) {
  constexpr std::string_view kPlane = "mgmt", kCategory = "clusterDeployments";
  out.push_back({.name = "k0rdent.mgmt.clusterDeployments.deploy",
                 .title = "Deploy a cluster",
                 .description =
                     "Makes a new ClusterDeployment of any template, after checking template, "
                     "credential and config. It is confirmed first, and never changes one that is "
                     "there.",
                 .plane = kPlane,
                 .category = kCategory,
                 .action = "deploy",
                 .fields = deploy_fields(),
                 .make = plan_deploy,
                 .force = Force::no,
                 .needs = deploy_needs()});
  out.push_back(
      provider_row("aws", "Deploy a cluster on AWS",
                   {mcp::field<&A::region>({.name = "region", .required = true}),
                    mcp::field<&A::aws_control_plane>({.name = "controlPlane", .required = true}),
                    mcp::field<&A::aws_worker>({.name = "worker", .required = true})},
                   plan_aws));
  out.push_back(
      provider_row("azure", "Deploy a cluster on Azure",
                   {mcp::field<&A::location>({.name = "location", .required = true}),
                    mcp::field<&A::subscription_id>({.name = "subscriptionID", .required = true}),
                    mcp::field<&A::azure_control_plane>({.name = "controlPlane", .required = true}),
                    mcp::field<&A::azure_worker>({.name = "worker", .required = true})},
                   plan_azure));
  out.push_back(
      provider_row("gcp", "Deploy a cluster on GCP",
                   {mcp::field<&A::project>({.name = "project", .required = true}),
                    mcp::field<&A::region>({.name = "region", .required = true}),
                    mcp::field<&A::network>({.name = "network", .required = true}),
                    mcp::field<&A::gcp_control_plane>({.name = "controlPlane", .required = true}),
                    mcp::field<&A::gcp_worker>({.name = "worker", .required = true})},
                   plan_gcp));
}

void add_changes(std::vector<ToolRow>& out) {
  constexpr std::string_view kPlane = "mgmt", kCategory = "clusterDeployments";
  mcp::Fields update = {
      name_field(), ns_field(),
      mcp::field<&A::config>({.name = "config", .required = true, .json_types = {"object"}})};
  add_wait(update);
  out.push_back({.name = "k0rdent.mgmt.clusterDeployments.update",
                 .title = "Change a cluster's config",
                 .description =
                     "Merges values into a ClusterDeployment's config (null removes one), checked "
                     "against its template; shows the diff.",
                 .plane = kPlane,
                 .category = kCategory,
                 .action = "update",
                 .fields = std::move(update),
                 .make = plan_update,
                 .needs = change_needs() + kinds::need("get", {"ConfigMap"})});
  mcp::Fields upgrade = {
      name_field(), ns_field(),
      mcp::field<&A::template_name>(
          {.name = "template", .description = "absent: answers which upgrades there are"})};
  add_wait(upgrade);
  out.push_back(
      {.name = "k0rdent.mgmt.clusterDeployments.upgrade",
       .title = "Upgrade a cluster",
       .description = "Changes a ClusterDeployment's template, only along the upgrades that its "
                      "chains allow.",
       .plane = kPlane,
       .category = kCategory,
       .action = "upgrade",
       .fields = std::move(upgrade),
       .make = plan_upgrade,
       .needs = change_needs() + kinds::need("list", {"ClusterTemplate", "ClusterTemplateChain"})});
  mcp::Fields removal = {name_field(), ns_field(), mcp::field<&A::wait>({.name = "wait"}),
                         mcp::field<&A::wait_timeout>({.name = "deletionTimeout"}),
                         mcp::field<&A::poll_interval>({.name = "pollInterval"})};
  out.push_back(
      {.name = "k0rdent.mgmt.clusterDeployments.delete",
       .title = "Delete a cluster",
       .description =
           "Deletes a ClusterDeployment and its cluster, after showing what goes with it "
           "and what may stay and keep costing.",
       .plane = kPlane,
       .category = kCategory,
       .action = "delete",
       .fields = std::move(removal),
       .make = plan_delete,
       .force = Force::no,
       .destructive = true,
       .needs = kinds::need("get,list,delete", {"ClusterDeployment"}) +
                kinds::need("list", {"Machine", "MultiClusterService", "Region"}) +
                kinds::need("get", {"Cluster", "ClusterTemplate", "Credential", "HelmRelease"}) +
                monitor::watch_needs()});
}

void add_services(std::vector<ToolRow>& out) {
  const auto cluster_fields = [] {
    return mcp::Fields{mcp::field<&A::cluster_ns>({.name = "clusterNamespace", .required = true}),
                       mcp::field<&A::cluster_name>({.name = "clusterName", .required = true})};
  };
  mcp::Fields apply = cluster_fields();
  for (Field& each : mcp::Fields{
           mcp::field<&A::template_ns>({.name = "templateNamespace"}),
           mcp::field<&A::template_name>({.name = "templateName", .required = true}),
           mcp::field<&A::service_name>({.name = "serviceName",
           .description = "absent: templateName",
           .form = Field::Form::dns_label}),
           mcp::field<&A::service_ns>(
               {.name = "serviceNamespace", .form = Field::Form::dns_label_or_empty}),
           mcp::field<&A::values>({.name = "values",
           .description = "object, or YAML text",
           .json_types = {"object", "string"}}),
           mcp::field<&A::values_from>({.name = "valuesFrom"}),
           mcp::field<&A::helm_options>({.name = "helmOptions",
           .description = "replaced as a whole; {} removes them",
           .json_types = {"object"}}),
           mcp::field<&A::depends_on>({.name = "dependsOn"}),
           mcp::field<&A::disable>({.name = "disable"}),
           mcp::field<&A::provider_config>({.name = "providerConfig", .json_types = {"object"}})})
    apply.push_back(std::move(each));
  out.push_back(
      {.name = "k0rdent.mgmt.clusterDeployments.services.apply",
       .title = "Install or change a service",
       .description =
           "Adds a service (a ServiceTemplate) to one cluster, or changes it; what is not "
           "given stays. For many clusters: multiClusterServices.apply.",
       .plane = "mgmt",
       .category = "clusterDeployments",
       .action = "services.apply",
       .fields = std::move(apply),
       .make = plan_service,
       .members = kService,
       .needs = services_needs() + kinds::need("get", {"ServiceTemplate"})});
  mcp::Fields removal = cluster_fields();
  removal.push_back(mcp::field<&A::service_name>({.name = "serviceName", .required = true}));
  removal.push_back(mcp::field<&A::service_ns>({.name = "serviceNamespace"}));
  out.push_back({.name = "k0rdent.mgmt.clusterDeployments.services.remove",
                 .title = "Remove a service",
                 .description = "Takes a service out of one cluster, which uninstalls it.",
                 .plane = "mgmt",
                 .category = "clusterDeployments",
                 .action = "services.remove",
                 .fields = std::move(removal),
                 .make = plan_service_removal,
                 .destructive = true,
                 .members = kService,
                 .needs = services_needs() + kinds::need("list", {"ServiceSet"})});
}

void add_many_clusters(std::vector<ToolRow>& out) {
  out.push_back(
      {.name = "k0rdent.mgmt.multiClusterServices.apply",
       .title = "Install services in many clusters",
       .description =
           "Makes or changes a MultiClusterService: services for all clusters whose labels match. "
           "Shows the clusters that match before and after.",
       .plane = "mgmt",
       .category = "multiClusterServices",
       .action = "apply",
       .fields =
           {name_field(),
            mcp::field<&A::cluster_selector>({.name = "clusterSelector",
                                              .description = "{matchLabels, matchExpressions}",
                                              .required = true,
                                              .json_types = {"object"}}),
            mcp::field<&A::services>({.name = "services",
                                      .description = "[{name, namespace, template, values …}]",
                                      .required = true,
                                      .json_types = {"object"}})},
       .make = plan_multi_cluster_apply,
       .needs = kinds::need("get,list,create,patch", {"MultiClusterService"}) +
                kinds::need("get", {"StateManagementProvider"}) +
                kinds::need("list", {"ClusterDeployment", "ServiceTemplate"})});
  out.push_back({.name = "k0rdent.mgmt.multiClusterServices.delete",
                 .title = "Remove services from many clusters",
                 .description =
                     "Deletes a MultiClusterService, which uninstalls its services, after showing "
                     "from which clusters.",
                 .plane = "mgmt",
                 .category = "multiClusterServices",
                 .action = "delete",
                 .fields = {name_field()},
                 .make = plan_multi_cluster_delete,
                 .force = Force::no,
                 .destructive = true,
                 .needs = kinds::need("get,list,delete", {"MultiClusterService"}) +
                          kinds::need("list", {"ClusterDeployment"})});
}

void add_credentials(std::vector<ToolRow>& out) {
  out.push_back(
      {.name = "k0rdent.mgmt.credentials.create",
       .title = "Create a credential",
       .description =
           "Makes a Credential for an identity that exists, or makes the identity, too, of a "
           "Secret that exists (secretName); secrets are never given here.",
       .plane = "mgmt",
       .category = "credentials",
       .action = "create",
       .fields = {name_field(), ns_field(),
                  mcp::field<&A::identity_kind>(
                      {.name = "identityKind",
                       .description = "Secret, AWSClusterStaticIdentity …",
                       .required = true}),
                  mcp::field<&A::identity_name>({.name = "identityName", .required = true}),
                  mcp::field<&A::identity_ns>({.name = "identityNamespace"}),
                  mcp::field<&A::secret_name>(
                      {.name = "secretName", .description = "makes the identity of it"}),
                  mcp::field<&A::tenant_id>({.name = "tenantID", .description = "Azure"}),
                  mcp::field<&A::client_id>({.name = "clientID", .description = "Azure"}),
                  mcp::field<&A::description>({.name = "description"})},
       .make = plan_credential,
       .force = Force::no,
       // The identity, of which the metadata are read, is of any kind.
       .needs = kinds::need("get,create", {"Credential"}) + kinds::need_any("get,list") +
                kinds::need("create", {"AWSClusterStaticIdentity", "AzureClusterIdentity",
                                       "VSphereClusterIdentity", "OpenStackClusterIdentity"})});
}

}  // namespace

std::vector<std::unique_ptr<mcp::Tool>> make_write_tools(change::Context& context) {
  std::vector<ToolRow> rows;
  add_deployments(rows);
  add_changes(rows);
  add_services(rows);
  add_many_clusters(rows);
  add_credentials(rows);
  std::vector<std::unique_ptr<mcp::Tool>> out;
  for (ToolRow& row : rows) {
    change::CommonArguments::add_to(row.fields, row.force);
    std::string meta = R"({"plane":")" + std::string(row.plane) + R"(","category":")" +
                       std::string(row.category) + R"(","action":")" + std::string(row.action) +
                       "\"}";
    mcp::ToolInfo info{.name = std::move(row.name),
                       .title = std::string(row.title),
                       .description = std::string(row.description),
                       .meta_json = std::move(meta),
                       .destructive = row.destructive,
                       .open_world = false,
                       .needs = std::move(row.needs)};
    for (const Field& each : row.fields)
      if (each.name == "wait") info.tasks = mcp::TaskSupport::optional;
    out.push_back(std::make_unique<change::WritingTool<Arguments>>(
        context, std::move(info), std::move(row.fields), row.make, row.members));
  }
  return out;
}

}  // namespace deploy
