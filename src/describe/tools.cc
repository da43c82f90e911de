#include "describe/tools.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "answer/list_arguments.h"
#include "cluster/nearest_names.h"
#include "describe/description.h"
#include "kinds/need.h"
#include "kinds/table.h"
#include "mcp/schema.h"
#include "mcp/schema_tool.h"

namespace describe {

using base::json::Writer;
using mcp::Field;

namespace {

// A member of an answer, for its schema.
struct Member {
  std::string_view name, type;
};

// Members are in the order in which a row is read.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
struct ToolRow {
  std::string_view name, title, description, meta;
  cluster::ListedKind kind;  // of the object that is named
  bool named = true;         // takes a name, and a namespace if the kind is in namespaces
  std::unique_ptr<Description> (*make)();
  std::span<const Member> members;
  mcp::Needs more;  // besides the object that is named
};

constexpr Member kTemplate[] = {
    {"valid", "boolean"},        {"validationError", "string"}, {"description", "string"},
    {"chart", "object"},         {"providers", "array"},        {"k8sVersion", "string"},
    {"k8sConstraint", "string"}, {"source", "object"},          {"chains", "array"},
    {"upgrades", "array"},       {"unusableUpgrades", "array"}, {"values", "array"},
    {"valuesFrom", "string"},    {"inferred", "boolean"},       {"example", "object"},
    {"schema", "object"},
};
constexpr Member kCredential[] = {
    {"ready", "boolean"}, {"message", "string"},  {"description", "string"},
    {"region", "string"}, {"identity", "object"}, {"problem", "string"},
    {"needs", "array"},   {"usedBy", "array"},    {"conditions", "array"},
};
constexpr Member kService[] = {
    {"ready", "boolean"},     {"message", "string"}, {"selector", "object"},
    {"services", "array"},    {"problem", "string"}, {"nearest", "object"},
    {"asOfBefore", "string"}, {"clusters", "array"}, {"conditions", "array"},
    {"dependsOn", "array"},   {"upgrades", "array"},
};
constexpr Member kHealth[] = {
    {"state", "string"},      {"message", "string"},
    {"release", "string"},    {"appliedRelease", "string"},
    {"upgrading", "boolean"}, {"problems", "array"},
    {"components", "array"},  {"releases", "array"},
    {"regions", "array"},     {"stateManagementProviders", "array"},
    {"providers", "array"},   {"conditions", "array"},
    {"deployments", "array"}, {"accessManagementError", "string"},
};

constexpr Member kPod[] = {
    {"status", "string"},         {"message", "string"},
    {"ready", "string"},          {"restarts", "integer"},
    {"lastRestart", "string"},    {"owner", "string"},
    {"node", "string"},           {"podIP", "string"},
    {"qosClass", "string"},       {"conditions", "array"},
    {"serviceAccount", "string"}, {"containers", "array"},
    {"volumes", "array"},         {"deletionTimestamp", "string"},
};

const ToolRow kTools[] = {
    {"k0rdent.pods.inspect",
     "Inspect a pod",
     "Shows one pod in kubectl's words: each container's state, restarts with when and why, "
     "requests and limits; node, owner, volumes, conditions that are wrong. Its log: podLogs.get.",
     R"({"plane":"mgmt","category":"pods","action":"inspect"})",
     kinds::get("Pod"),
     true,
     describe_pod,
     kPod,
     {}},
    {"k0rdent.mgmt.clusterTemplates.describe", "Describe a cluster template",
     "Says what a ClusterTemplate takes (each value with type, default, meaning), an example of "
     "spec.config, its provider, whether it is valid, and the upgrades that its chains allow. Use "
     "it before a deployment.",
     R"({"plane":"mgmt","category":"clusterTemplates","action":"describe"})",
     kinds::get("ClusterTemplate"), true, describe_cluster_template, kTemplate,
     kinds::need("list", {"ClusterTemplateChain"}) + kinds::need("get", {"ConfigMap"})},
    {"k0rdent.mgmt.serviceTemplates.describe", "Describe a service template",
     "Says what a ServiceTemplate takes as values (type, default, meaning), its chart or source, "
     "whether it is valid, and the upgrades that its chains allow.",
     R"({"plane":"mgmt","category":"serviceTemplates","action":"describe"})",
     kinds::get("ServiceTemplate"), true, describe_service_template, kTemplate,
     kinds::need("list", {"ServiceTemplateChain"}) + kinds::need("get", {"ConfigMap"})},
    {"k0rdent.mgmt.credentials.describe", "Describe a credential",
     "Says whether a Credential is ready or why not, which identity it names, whether the Secret "
     "behind that is there, and which clusters use it. Nothing secret.",
     R"({"plane":"mgmt","category":"credentials","action":"describe"})", kinds::get("Credential"),
     true, describe_credential,
     kCredential,  // The identity that it names is of any kind.
     kinds::need("list", {"ClusterDeployment", "ProviderInterface"}) + kinds::need_any("get")},
    {"k0rdent.mgmt.multiClusterServices.describe", "Describe a multi-cluster service",
     "Shows a MultiClusterService with the clusters that it matches, or the nearest if it matches "
     "none, and the state of its services in each.",
     R"({"plane":"mgmt","category":"multiClusterServices","action":"describe"})",
     kinds::get("MultiClusterService"), true, describe_multi_cluster_service, kService,
     kinds::need("list", {"ServiceSet", "ClusterDeployment"})},
    {"k0rdent.mgmt.management.health", "Show k0rdent's own health",
     "Shows whether k0rdent itself works: Management, components, Releases, Regions, state "
     "management providers and the Deployments of its namespace, each ready or why not, and the "
     "upgrade under way. Start here when everything seems broken.",
     R"({"plane":"mgmt","category":"management","action":"health"})", kinds::get("Management"),
     false, describe_management, kHealth,
     kinds::need("list", {"Release", "Region", "StateManagementProvider", "Deployment", "Pod"}) +
         kinds::need("get", {"AccessManagement"})},
};

struct Arguments {
  std::string ns, name;
  std::int64_t max_bytes = answer::default_answer_bytes();
};

mcp::Schema input_of(const ToolRow& row) {
  using A = Arguments;
  mcp::Fields out;
  if (row.named && row.kind.namespaced) {
    out.push_back(mcp::field<&A::ns>({.name = "namespace",
                                      .description = "absent: k0rdent's own",
                                      .form = Field::Form::dns_label_or_empty}));
  }
  if (row.named) {
    out.push_back(mcp::field<&A::name>(
        {.name = "name", .required = true, .form = Field::Form::dns_subdomain}));
  }
  out.push_back(mcp::field<&A::max_bytes>({.name = "maxBytes",
                                           .minimum = answer::kLeastAnswerBytes,
                                           .maximum = answer::kMostAnswerBytes,
                                           .show_limits = false}));
  return mcp::Schema::with<Arguments>(std::move(out));
}

// Names and types: what clients check and models read.
mcp::Schema output_of(const ToolRow& row) {
  std::string out;
  Writer w(out);
  const auto member = [&](std::string_view name, std::string_view type) {
    w.key(name).begin_object().field("type", type).end_object();
  };
  w.begin_object().field("type", "object").key("properties").begin_object();
  if (row.named) member("name", "string");
  if (row.named && row.kind.namespaced) member("namespace", "string");
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
        description_(row.make()),
        gather_(cluster, reply.caller(), cluster::Gather::Fn::bind<&Run::on_gathered>(this)),
        nearest_(cluster, cluster::NearestNames::Fn::bind<&Run::on_nearest>(this)) {
    if (row.named && row.kind.namespaced && arguments_.ns.empty())
      arguments_.ns = cluster.system_namespace;
    main_ = description_->begin(gather_, {arguments_.ns, arguments_.name});
  }

 private:
  void on_gathered() {
    if (main_ && main_->failure()) {
      if (!main_->absent() || !row_.named)
        return reply_.fail(mcp::ToolError{main_->failure_text()});
      return nearest_.start(reply_.caller(), row_.kind, arguments_.ns, arguments_.name);
    }
    if (description_->more(gather_)) return;
    answer::Report report(static_cast<std::size_t>(arguments_.max_bytes));
    description_->write(report, cluster_.loop.wall_now());
    for (const std::string& note : gather_.notes())
      report.note(note);
    reply_.succeed(report.finish());
  }

  void on_nearest(const std::vector<std::string>& names) {
    reply_.fail(mcp::ToolError{main_->failure_text() + cluster::nearest_text(names)});
  }

  cluster::Cluster& cluster_;
  const ToolRow& row_;
  Arguments arguments_;
  mcp::ToolReply& reply_;
  const std::unique_ptr<Description> description_;
  cluster::Part* main_ = nullptr;
  cluster::Gather gather_;
  cluster::NearestNames nearest_;
};

mcp::ToolInfo info_of(const ToolRow& row) {
  return {.name = std::string(row.name),
          .title = std::string(row.title),
          .description = std::string(row.description),
          .meta_json = std::string(row.meta),
          .open_world = false,
          // A wrong name is answered with the nearest ones.
          .needs = kinds::need("get,list", row.kind) + row.more};
}

class Tool final : public mcp::SchemaTool<Arguments> {
 public:
  Tool(cluster::Cluster& cluster, const ToolRow& row)
      : SchemaTool(info_of(row), input_of(row), output_of(row)), cluster_(cluster), row_(row) {}

  std::unique_ptr<mcp::ToolRun> start(Arguments arguments, mcp::ToolReply& reply) override {
    return std::make_unique<Run>(cluster_, row_, std::move(arguments), reply);
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

}  // namespace describe
