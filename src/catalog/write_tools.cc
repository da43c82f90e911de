#include "catalog/write_tools.h"

#include <string>
#include <utility>

#include "catalog/delete_planner.h"
#include "catalog/install_objects.h"
#include "catalog/install_planner.h"
#include "change/answer.h"
#include "change/run.h"
#include "kinds/need.h"
#include "mcp/schema_tool.h"

namespace catalog {
namespace {

using mcp::Field;
using Arguments = InstallArguments;

mcp::Fields fields() {
  using A = Arguments;
  mcp::Fields out = {
      mcp::field<&A::app>({.name = "app", .required = true, .max_length = 128}),
      mcp::field<&A::chart>({.name = "template",
                             .description = "the chart's name",
                             .required = true,
                             .max_length = 128}),
      mcp::field<&A::version>({.name = "version", .required = true, .max_length = 128}),
      mcp::field<&A::ns>({.name = "namespace", .form = Field::Form::dns_label_or_empty}),
      mcp::field<&A::all_namespaces>({.name = "all_namespaces"})};
  change::CommonArguments::add_to(out, change::CommonArguments::Force::no);
  return out;
}

class WriteTool final : public mcp::SchemaTool<Arguments> {
 public:
  WriteTool(change::Context& context, Catalog& catalog, mcp::ToolInfo info, bool installs)
      : SchemaTool(std::move(info), mcp::Schema::with<Arguments>(fields()),
                   mcp::Schema::verbatim(change::output_schema(R"("template":{"type":"string"})"))),
        context_(context),
        catalog_(catalog),
        installs_(installs) {}

  std::unique_ptr<mcp::ToolRun> start(Arguments arguments, mcp::ToolReply& reply) override {
    if (const std::string wrong = problem_of(arguments); !wrong.empty()) {
      reply.fail(mcp::ToolError{wrong});
      return nullptr;
    }
    change::CommonArguments common = arguments;
    auto planner = installs_ ? plan_install(context_, catalog_, std::move(arguments))
                             : plan_delete(context_, std::move(arguments));
    return std::make_unique<change::ChangeRun>(context_, info().name, std::move(common),
                                               std::move(planner), reply);
  }

 private:
  static std::string problem_of(const Arguments& arguments) {
    if (arguments.app.empty() || arguments.chart.empty() || arguments.version.empty())
      return "'app', 'template' and 'version' must not be empty";
    if (arguments.all_namespaces && !arguments.ns.empty())
      return "'namespace' and 'all_namespaces' exclude each other";
    if (template_name(arguments.chart, arguments.version).empty())
      return "'template' and 'version' give no name of an object";
    return {};
  }

  change::Context& context_;
  Catalog& catalog_;
  const bool installs_;
};

}  // namespace

std::vector<std::unique_ptr<mcp::Tool>> make_write_tools(change::Context& context,
                                                         Catalog& catalog) {
  std::vector<std::unique_ptr<mcp::Tool>> out;
  out.push_back(std::make_unique<WriteTool>(
      context, catalog,
      mcp::ToolInfo{
          .name = "k0rdent.mgmt.serviceTemplates.install_from_catalog",
          .title = "Install a service template",
          .description = "Makes a ServiceTemplate of a catalog chart, and its HelmRepository.",
          .meta_json =
              R"({"plane":"mgmt","category":"serviceTemplates","action":"install_from_catalog"})",
          .read_only = false,
          .needs = kinds::need("get,create,patch", {"HelmRepository", "ServiceTemplate"}) +
                   kinds::need("list", {"Namespace"})},
      true));
  out.push_back(std::make_unique<WriteTool>(
      context, catalog,
      mcp::ToolInfo{
          .name = "k0rdent.mgmt.serviceTemplates.delete",
          .title = "Delete a service template",
          .description = "Deletes a ServiceTemplate of the catalog if nothing uses it; else names "
                         "its users.",
          .meta_json = R"({"plane":"mgmt","category":"serviceTemplates","action":"delete"})",
          .read_only = false,
          .destructive = true,
          .open_world = false,
          .needs = kinds::need("get,delete", {"HelmRepository", "ServiceTemplate"}) +
                   kinds::need("list", {"Namespace", "ClusterDeployment", "ServiceTemplateChain",
                                        "MultiClusterService", "ServiceTemplate", "ClusterTemplate",
                                        "HelmChart"})},
      false));
  return out;
}

}  // namespace catalog
