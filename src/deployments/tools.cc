#include "deployments/tools.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "answer/list_arguments.h"
#include "answer/members.h"
#include "answer/report.h"
#include "deployments/joined.h"
#include "deployments/rows.h"
#include "deployments/view.h"
#include "mcp/schema.h"
#include "mcp/schema_tool.h"

namespace deployments {

using base::json::Writer;
using mcp::Field;

namespace {

struct Arguments {
  std::string ns, name;
  std::int64_t max_bytes = answer::default_answer_bytes();

  static mcp::Fields fields() {
    return {mcp::field<&Arguments::ns>({.name = "namespace",
                                        .description = "absent: k0rdent's own",
                                        .form = Field::Form::dns_label_or_empty}),
            mcp::field<&Arguments::name>(
                {.name = "name", .required = true, .form = Field::Form::dns_subdomain}),
            mcp::field<&Arguments::max_bytes>({.name = "maxBytes",
                                               .minimum = answer::kLeastAnswerBytes,
                                               .maximum = answer::kMostAnswerBytes,
                                               .show_default = true})};
  }
};

// A member of an answer, for its schema.
struct Member {
  std::string_view name, type;
};

// Members are in the order in which a row is read.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct ToolRow {
  std::string_view name, title, description, meta;
  Joined::Depth depth;
  View view;
  std::span<const Member> members;
  bool summary;  // has the row's members (rows.h), too
};

constexpr Member kOwn[] = {
    {"deletionTimestamp", "string"},   {"k0rdentRegion", "string"}, {"generation", "integer"},
    {"observedGeneration", "integer"}, {"clusterAuth", "string"},   {"auditPolicy", "string"},
    {"dataSource", "string"},          {"ipamClaim", "string"},     {"template", "object"},
    {"credential", "object"},          {"services", "array"},       {"config", "object"},
    {"upgradesNotValid", "array"},
};

constexpr Member kDetail[] = {
    {"state", "string"},
    {"deletionTimestamp", "string"},
    {"templateRef", "object"},
    {"credentialRef", "object"},
    {"template", "object"},
    {"credential", "object"},
    {"provider", "string"},
    {"region", "string"},
    {"k0rdentRegion", "string"},
    {"k8sVersion", "string"},
    {"availableUpgrades", "array"},
    {"upgradesNotValid", "array"},
    {"controlPlaneEndpoint", "object"},
    {"kubeconfigSecret", "object"},
    {"aws", "object"},
    {"azure", "object"},
    {"gcp", "object"},
    {"cluster", "object"},
    {"controlPlane", "object"},
    {"infrastructure", "object"},
    {"sveltosCluster", "object"},
    {"helmRelease", "object"},
    {"machines", "object"},
    {"addresses", "array"},
    {"machinesNotReady", "array"},
    {"machineDeployments", "array"},
    {"machinePools", "array"},
    {"conditions", "array"},
    {"deploymentConditions", "array"},
    {"services", "array"},
};
constexpr Member kState[] = {{"update", "object"}};

constexpr ToolRow kTools[] = {
    {"k0rdent.mgmt.clusterDeployments.get", "Show a cluster deployment",
     "Shows one ClusterDeployment as declared and as KCM sees it: template, credential, config, "
     "services, conditions (worst first), upgrades. For what it is made of: "
     "clusterDeployments.detail; for its progress: getState.",
     R"({"plane":"mgmt","category":"clusterDeployments","action":"get"})", Joined::Depth::own,
     view_own, kOwn, true},
    {"k0rdent.mgmt.clusterDeployments.detail", "Show what a cluster is made of",
     "Shows what one cluster is made of, whatever its provider: control plane, infrastructure, "
     "machines by state, addresses, versions, services, conditions. In a cloud's own words: "
     "k0rdent.provider.*.detail.",
     R"({"plane":"mgmt","category":"clusterDeployments","action":"detail"})", Joined::Depth::all,
     view_detail, kDetail, false},
    {"k0rdent.mgmt.clusterDeployments.getState", "Show a cluster's progress",
     "Tells how far one cluster is (phase, per cent) and what is wrong with it or the objects "
     "behind it, worst first. To follow it, subscribe to "
     "k0rdent://cluster-monitor/{namespace}/{name}.",
     R"({"plane":"mgmt","category":"clusterDeployments","action":"get"})", Joined::Depth::all,
     view_state, kState, false},
    {"k0rdent.provider.aws.clusterDeployments.detail", "Show an AWS cluster",
     "As k0rdent.mgmt.clusterDeployments.detail, with AWS's words: VPC, subnets, gateways, load "
     "balancers, security groups; EKS too.",
     R"({"plane":"provider","category":"clusterDeployments","action":"detail","provider":"aws"})",
     Joined::Depth::all, view_aws, kDetail, false},
    {"k0rdent.provider.azure.clusterDeployments.detail", "Show an Azure cluster",
     "As k0rdent.mgmt.clusterDeployments.detail, with Azure's words: resource group, VNet, "
     "subnets, load balancers, security groups; AKS too.",
     R"({"plane":"provider","category":"clusterDeployments","action":"detail","provider":"azure"})",
     Joined::Depth::all, view_azure, kDetail, false},
    {"k0rdent.provider.gcp.clusterDeployments.detail", "Show a Google Cloud cluster",
     "As k0rdent.mgmt.clusterDeployments.detail, with Google's words: project, network, subnets, "
     "firewall rules, routers; GKE too.",
     R"({"plane":"provider","category":"clusterDeployments","action":"detail","provider":"gcp"})",
     Joined::Depth::all, view_gcp, kDetail, false},
};

// Names and types: what clients check and models read.
mcp::Schema output_of(const ToolRow& row) {
  std::string out;
  Writer w(out);
  const auto member = [&](std::string_view name, std::string_view type) {
    w.key(name).begin_object().field("type", type).end_object();
  };
  w.begin_object().field("type", "object").key("properties").begin_object();
  if (row.members.data() != kState) {
    member("name", "string");
    member("namespace", "string");
  }
  if (row.summary) {
    for (const answer::RowMember& each : kRowMembers)
      member(each.name, answer::schema_type(each.type));
  }
  for (const Member& each : row.members)
    member(each.name, each.type);
  member("truncated", "boolean");
  member("notes", "array");
  w.end_object().end_object();
  return mcp::Schema::verbatim(std::move(out));
}

class Run final : public mcp::ToolRun {
 public:
  Run(cluster::Cluster& cluster, const ToolRow& row, Arguments arguments, mcp::ToolReply& reply)
      : cluster_(cluster),
        row_(row),
        arguments_(std::move(arguments)),
        reply_(reply),
        joined_(cluster, reply.caller(), Joined::Fn::bind<&Run::on_joined>(this)) {}

  void start() {
    joined_.start(arguments_.ns.empty() ? cluster_.system_namespace : arguments_.ns,
                  arguments_.name, row_.depth, /*upgrades=*/row_.view != view_state);
  }

 private:
  void on_joined() {
    if (joined_.error()) return reply_.fail(mcp::ToolError{joined_.error()->what()});
    answer::Report report(static_cast<std::size_t>(arguments_.max_bytes));
    if (auto ok = row_.view(report, joined_, cluster_.loop.wall_now()); !ok)
      return reply_.fail(mcp::ToolError{ok.error().what()});
    reply_.succeed(report.finish());
  }

  cluster::Cluster& cluster_;
  const ToolRow& row_;
  const Arguments arguments_;
  mcp::ToolReply& reply_;
  Joined joined_;
};

mcp::ToolInfo info_of(const ToolRow& row) {
  return {.name = std::string(row.name),
          .title = std::string(row.title),
          .description = std::string(row.description),
          .meta_json = std::string(row.meta),
          .open_world = false,
          .needs = joined_needs(row.depth)};
}

class Tool final : public mcp::SchemaTool<Arguments> {
 public:
  Tool(cluster::Cluster& cluster, const ToolRow& row)
      : SchemaTool(info_of(row), mcp::Schema::with<Arguments>(Arguments::fields()), output_of(row)),
        cluster_(cluster),
        row_(row) {}

  std::unique_ptr<mcp::ToolRun> start(Arguments arguments, mcp::ToolReply& reply) override {
    auto run = std::make_unique<Run>(cluster_, row_, std::move(arguments), reply);
    run->start();
    return run;
  }

 private:
  cluster::Cluster& cluster_;
  const ToolRow& row_;
};

}  // namespace

std::vector<std::unique_ptr<mcp::Tool>> make_tools(cluster::Cluster& cluster) {
  std::vector<std::unique_ptr<mcp::Tool>> out;
  for (const ToolRow& row : kTools)
    out.push_back(std::make_unique<Tool>(cluster, row));
  return out;
}

}  // namespace deployments
