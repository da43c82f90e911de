// k0rdent.mgmt.objects.list: the kind is looked up, and the rest is a list like any other, with the
// columns of the API server's Table.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "answer/list_run.h"
#include "base/text.h"
#include "base/time.h"
#include "cluster/kind_query.h"
#include "kinds/need.h"
#include "mcp/schema_tool.h"
#include "objects/tools.h"

namespace objects {

namespace {

// The row of every kind, before the kind is known.
constexpr answer::RowMember kMembers[] = {
    {.name = "createdAt", .path = ".metadata.creationTimestamp"}};

constexpr answer::ListRow kAnyKind{
    .name = "k0rdent.mgmt.objects.list",
    .title = "List objects of any kind",
    .description =
        "Lists objects of any kind that the cluster serves, with kubectl's columns. "
        "Events come newest first. For k0rdent's own kinds, pods and events their own tools say "
        "more; "
        "objects.kinds lists the kinds.",
    .category = "objects",
    .action = "list",
    .what = "objects",
    .key = "objects",
    .members = kMembers,
    .served = answer::Columns::served};

// When an event of either API last happened, all digits, so that times compare as text. The column
// of the API server's Table is an age, in which 90s and 2m do not compare.
std::string last_seen(base::json::Value event) {
  for (const base::json::Value each :
       {event["series"]["lastObservedTime"], event["lastTimestamp"],
        event["deprecatedLastTimestamp"], event["eventTime"], event["firstTimestamp"],
        event["deprecatedFirstTimestamp"], event["metadata"]["creationTimestamp"]}) {
    if (const auto time = base::parse_rfc3339(each.str())) return base::format_rfc3339(*time, 9);
  }
  return {};
}
constexpr answer::RowColumn kLastSeen{.header = "LAST SEEN", .time = last_seen};

bool is_events(const cluster::NamedKind& kind) {
  return kind.resource.plural == "events" && (kind.group.empty() || kind.group == "events.k8s.io");
}

class ListRun final : public mcp::ToolRun {
 public:
  ListRun(cluster::Cluster& context, answer::ListArguments arguments, mcp::ToolReply& reply)
      : context_(context),
        arguments_(std::move(arguments)),
        reply_(reply),
        query_(context, cluster::KindQuery::Fn::bind<&ListRun::on_kind>(this)) {
    query_.start(reply.caller(), arguments_.kind);
  }

 private:
  void on_kind(const cluster::KindAnswer& answer) {
    const cluster::NamedKind* const kind = answer.kind;
    if (!kind) return fail(answer.error);
    if (!kind->resource.can("list"))
      return fail("objects of kind " + kind->text() +
                  " cannot be listed (verbs: " + base::join(kind->resource.verbs, ", ") + ")");
    if (!kind->resource.namespaced && !arguments_.ns.empty())
      return fail(kind->text() + " are not in namespaces: leave out 'namespace'");
    kind_ = *kind;
    what_ = kind_.text();
    row_.what = what_;
    row_.kind = {kind_.resource.plural, kind_.group, kind_.version, kind_.resource.namespaced};
    if (is_events(kind_)) {
      row_.hidden = &kLastSeen;
      row_.sort_by = kLastSeen.header;
    }
    if (arguments_.wide) row_.served = answer::Columns::served_wide;
    list_ = answer::start_list(context_, row_, std::move(arguments_), reply_);
  }
  void fail(const std::string& what) { reply_.fail(mcp::ToolError{what}); }

  cluster::Cluster& context_;
  answer::ListArguments arguments_;
  mcp::ToolReply& reply_;
  cluster::NamedKind kind_;  // whose texts row_ shows
  std::string what_;
  answer::ListRow row_ = kAnyKind;
  std::unique_ptr<mcp::ToolRun> list_;
  cluster::KindQuery query_;
};

class ListTool final : public mcp::SchemaTool<answer::ListArguments> {
 public:
  explicit ListTool(cluster::Cluster& cluster)
      : SchemaTool({.name = std::string(kAnyKind.name),
                    .title = std::string(kAnyKind.title),
                    .description = std::string(kAnyKind.description),
                    .meta_json = R"({"plane":"mgmt","category":"objects","action":"list"})",
                    .open_world = false,
                    .needs = kinds::need_any("list") + kinds::need("get", {"Namespace"})},
                   answer::list_input(kAnyKind), answer::list_output(kAnyKind)),
        cluster_(cluster) {}

  std::unique_ptr<mcp::ToolRun> start(answer::ListArguments arguments,
                                      mcp::ToolReply& reply) override {
    return std::make_unique<ListRun>(cluster_, std::move(arguments), reply);
  }

 private:
  cluster::Cluster& cluster_;
};

}  // namespace

std::unique_ptr<mcp::Tool> make_list_tool(cluster::Cluster& context) {
  return std::make_unique<ListTool>(context);
}

}  // namespace objects
