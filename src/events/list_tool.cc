#include "events/list_tool.h"

#include <string>
#include <utility>

#include "cluster/rpc_error.h"
#include "events/list.h"

namespace events {

using mcp::Field;

namespace {

struct EventArguments {
  std::string ns;
  std::vector<std::string> types;
  std::string for_kind, for_name, field_selector, label_selector;
  std::int64_t since_seconds = 0, limit = 0;

  static mcp::Fields fields() {
    using Args = EventArguments;
    return {
        mcp::field<&Args::ns>({.name = "namespace",
                               .description = "namespace whose events to list",
                               .required = true,
                               .form = Field::Form::dns_label}),
        mcp::field<&Args::types>(
            {.name = "types",
             .description = "only events of these types (Normal, Warning), ignoring case"}),
        mcp::field<&Args::for_kind>(
            {.name = "forKind",
             .description = "only events about objects of this kind, ignoring case"}),
        mcp::field<&Args::for_name>(
            {.name = "forName",
             .description = "only events about objects of this name, ignoring case"}),
        mcp::field<&Args::field_selector>(
            {.name = "fieldSelector",
             .description = "Kubernetes field selector, in the names of either event API, e.g. "
                            "involvedObject.kind=Pod,reason!=Pulled"}),
        mcp::field<&Args::label_selector>(
            {.name = "labelSelector", .description = "Kubernetes label selector of the events"}),
        mcp::field<&Args::since_seconds>(
            {.name = "sinceSeconds",
             .description = "only events of the last N seconds; 0 or less: all"}),
        mcp::field<&Args::limit>(
            {.name = "limit", .description = "the newest N events; 0 or less: all (at most 5000)"}),
    };
  }
};
using Call = mcp::TypedCall<Events>;

class EventsRun final : public mcp::ToolRun {
 public:
  EventsRun(cluster::Cluster& cluster, Call call)
      : call_(call), list_(cluster, List::Fn::bind<&EventsRun::on_list>(this)) {}

  // False: it is answered.
  bool start(Filter filter) {
    auto ok = list_.start(std::move(filter), call_->caller());
    if (!ok) call_.fail(mcp::ToolError{ok.error().what()});
    return ok.has_value();
  }

 private:
  void on_list(const kube::Failure* failure, mcp::JsonOf<Events> events) {
    if (failure) return call_.fail(mcp::ToolError{"list events: " + failure->message});
    call_.succeed(std::move(events));
  }

  Call call_;
  List list_;
};

class EventsTool final : public mcp::TypedTool<EventArguments, Events> {
 public:
  explicit EventsTool(cluster::Cluster& cluster)
      : TypedTool({.name = "k0rdent.mgmt.events.list",
                   .title = "List events",
                   .description =
                       "Lists the Kubernetes events of one namespace of the management cluster, "
                       "newest first. Filters by event type, by kind and name of the object "
                       "concerned, by field and label selector, and by age. Subscribe to "
                       "k0rdent://events/{namespace} to be notified of new events.",
                   .meta_json = R"({"plane":"mgmt","category":"events","action":"list"})"}),
        cluster_(cluster) {}

  std::unique_ptr<mcp::ToolRun> start(EventArguments arguments, Call call) override {
    auto selector =
        Selector::parse({std::move(arguments.ns), std::move(arguments.types),
                         std::move(arguments.for_kind), std::move(arguments.for_name),
                         std::move(arguments.field_selector), std::move(arguments.label_selector)});
    if (!selector) {
      call.fail(cluster::to_rpc(selector.error()));
      return nullptr;
    }
    auto run = std::make_unique<EventsRun>(cluster_, call);
    const bool started =
        run->start({*std::move(selector), arguments.since_seconds, arguments.limit});
    return started ? std::move(run) : nullptr;
  }

 private:
  cluster::Cluster& cluster_;
};

}  // namespace

std::unique_ptr<mcp::Tool> make_events_tool(cluster::Cluster& cluster) {
  return std::make_unique<EventsTool>(cluster);
}

}  // namespace events
