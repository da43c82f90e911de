#include "objects/write_tools.h"

#include <string_view>
#include <utility>

#include "change/tool.h"
#include "kinds/need.h"
#include "objects/apply_planner.h"
#include "objects/named_planner.h"

namespace objects {

using mcp::Field;

namespace {

using A = WriteArguments;
using Force = change::CommonArguments::Force;

struct ToolRow {
  std::string_view name, title, description, action;
  mcp::Fields own;  // beside kind, namespace and name
  Force force = Force::yes;
  bool named = true, destructive = false, idempotent = true;
  PlannerResult (*make)(change::Context&, WriteArguments);
  // A wrong name is answered with the nearest ones; an apply creates what is not there.
  std::string_view verbs = "get,list,patch";
};

void add_whole(std::vector<ToolRow>& out) {
  out.push_back(
      {.name = "k0rdent.mgmt.objects.apply",
       .title = "Apply objects",
       .description =
           "Creates or changes objects of any kind by server-side apply. The manifest is "
           "the whole wish: fields that an apply before had and this one lacks are "
           "removed; to change a part use objects.patch. Shows the diff; conflicts with "
           "other field managers are reported, not forced.",
       .action = "apply",
       .own = {mcp::field<&A::manifest>({.name = "manifest",
                                         .description = "YAML or JSON text, or object(s)",
                                         .required = true,
                                         .json_types = {"string", "object", "array"}}),
               mcp::field<&A::ns>({.name = "namespace", .form = Field::Form::dns_label_or_empty}),
               mcp::field<&A::field_manager>({.name = "fieldManager", .max_length = 128})},
       .named = false,
       .make = plan_apply,
       .verbs = "get,list,create,patch"});
  out.push_back({.name = "k0rdent.mgmt.objects.patch",
                 .title = "Patch an object",
                 .description =
                     "Changes a part of one object of any kind by JSON merge patch: what is not "
                     "mentioned stays, null removes, lists are replaced. With type json by JSON "
                     "Patch: [{op, path, value}]. Shows the diff.",
                 .action = "patch",
                 .own = {mcp::field<&A::patch>({.name = "patch",
                                                .description = "YAML or JSON text, or JSON",
                                                .required = true,
                                                .json_types = {"string", "object", "array"}}),
                         mcp::field<&A::type>({.name = "type", .one_of = {"merge", "json"}})},
                 .make = plan_patch});
  out.push_back(
      {.name = "k0rdent.mgmt.objects.delete",
       .title = "Delete an object",
       .description = "Deletes one object of any kind, after showing what goes with it. A "
                      "ClusterDeployment has its own tool.",
       .action = "delete",
       .own = {mcp::field<&A::uid>({.name = "uid"}),
               mcp::field<&A::propagation>(
                   {.name = "propagation", .one_of = {"background", "foreground", "orphan"}})},
       .force = Force::no,
       .destructive = true,
       .make = plan_delete,
       .verbs = "get,list,delete"});
}

void add_parts(std::vector<ToolRow>& out) {
  out.push_back({.name = "k0rdent.mgmt.objects.scale",
                 .title = "Scale an object",
                 .description = "Sets spec.replicas of a Deployment, StatefulSet or the like.",
                 .action = "scale",
                 .own = {mcp::field<&A::replicas>({.name = "replicas",
                                                   .required = true,
                                                   .minimum = 0,
                                                   .maximum = 100000,
                                                   .show_limits = false})},
                 .make = plan_scale});
  out.push_back({.name = "k0rdent.mgmt.objects.restart",
                 .title = "Restart a workload",
                 .description =
                     "Restarts the pods of a Deployment, StatefulSet or DaemonSet one after the "
                     "other, as kubectl rollout restart.",
                 .action = "restart",
                 .own = {},
                 .idempotent = false,
                 .make = plan_restart});
  out.push_back({.name = "k0rdent.mgmt.objects.annotate",
                 .title = "Annotate an object",
                 .description = "Sets annotations of an object; null removes one.",
                 .action = "annotate",
                 .own = {mcp::field<&A::annotations>(
                     {.name = "annotations", .required = true, .json_types = {"object"}})},
                 .make = plan_annotate});
  out.push_back({.name = "k0rdent.mgmt.objects.label",
                 .title = "Label an object",
                 .description =
                     "Sets labels of an object; null removes one. Labels of a cluster decide which "
                     "MultiClusterServices it gets.",
                 .action = "label",
                 .own = {mcp::field<&A::labels>(
                     {.name = "labels", .required = true, .json_types = {"object"}})},
                 .make = plan_label});
}

mcp::Fields fields_of(const ToolRow& row) {
  mcp::Fields out;
  if (row.named) {
    out.push_back(mcp::field<&A::kind>({.name = "kind", .required = true}));
    out.push_back(mcp::field<&A::name>({.name = "name", .required = true}));
    out.push_back(
        mcp::field<&A::ns>({.name = "namespace", .form = Field::Form::dns_label_or_empty}));
  }
  for (const Field& each : row.own)
    out.push_back(each);
  change::CommonArguments::add_to(out, row.force);
  return out;
}

}  // namespace

std::vector<std::unique_ptr<mcp::Tool>> make_write_tools(change::Context& context) {
  std::vector<std::unique_ptr<mcp::Tool>> out;
  std::vector<ToolRow> rows;
  add_whole(rows);
  add_parts(rows);
  for (const ToolRow& row : rows) {
    mcp::ToolInfo info{.name = std::string(row.name),
                       .title = std::string(row.title),
                       .description = std::string(row.description),
                       .meta_json = R"({"plane":"mgmt","category":"objects","action":")" +
                                    std::string(row.action) + "\"}",
                       .destructive = row.destructive,
                       .idempotent = row.idempotent,
                       .open_world = false,
                       .needs = kinds::need_any(row.verbs)};
    out.push_back(std::make_unique<change::WritingTool<WriteArguments>>(context, std::move(info),
                                                                        fields_of(row), row.make));
  }
  return out;
}

}  // namespace objects
