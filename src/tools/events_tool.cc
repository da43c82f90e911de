#include "tools/events_tool.h"

#include <string>
#include <utility>

#include "tools/event_list.h"

namespace tools {

using base::json::Value;
using mcp::Field;

namespace {

constexpr std::string_view kEvent =
    R"({"type":"object","properties":{"name":{"type":"string"},"namespace":{"type":"string"},)"
    R"("reason":{"type":"string"},"message":{"type":"string"},"type":{"type":"string"},)"
    R"("involvedObject":{"type":"object","properties":{"namespace":{"type":"string"},"name":{"type":"string"},)"
    R"("kind":{"type":"string"},"uid":{"type":"string"}},"additionalProperties":false},)"
    R"("reportingController":{"type":"string"},"reportingInstance":{"type":"string"},"count":{"type":"integer"},)"
    R"("firstTimestamp":{"type":"string"},"lastTimestamp":{"type":"string"},"eventTime":{"type":"string"},)"
    R"("series":{"type":"object","properties":{"count":{"type":"integer"},"lastObservedTime":{"type":"string"}},)"
    R"("additionalProperties":false}},"required":["name","namespace","reason","message","type","involvedObject"],)"
    R"("additionalProperties":false})";

mcp::Schema input_schema() {
  std::vector<Field> fields(6);
  fields[0] = {.name = "namespace",
               .description = "namespace whose events to list",
               .required = true,
               .form = Field::Form::dns_label};
  fields[1] = {.name = "types",
               .type = Field::Type::strings,
               .description = "only events of these types (Normal, Warning), ignoring case"};
  fields[2] = {.name = "forKind",
               .description = "only events about objects of this kind, ignoring case"};
  fields[3] = {.name = "forName",
               .description = "only events about objects of this name, ignoring case"};
  fields[4] = {.name = "sinceSeconds",
               .type = Field::Type::integer,
               .description = "only events of the last N seconds; 0 or less: all",
               .nullable = true};
  fields[5] = {.name = "limit",
               .type = Field::Type::integer,
               .description = "the newest N events; 0 or less: all (at most 5000)",
               .nullable = true};
  return mcp::Schema(std::move(fields));
}

class EventsRun final : public mcp::ToolRun {
 public:
  EventsRun(KubeContext& context, mcp::ToolReply& reply)
      : reply_(reply), list_(context, EventList::Fn::bind<&EventsRun::on_list>(this)) {}

  void start(const mcp::Caller& caller, Value arguments) {
    EventFilter filter;
    filter.ns = arguments["namespace"].str();
    for (Value type : arguments["types"].array())
      filter.types.emplace_back(type.str());
    filter.kind = arguments["forKind"].str();
    filter.name = arguments["forName"].str();
    filter.since_seconds = arguments["sinceSeconds"].int_or(0);
    filter.limit = arguments["limit"].int_or(0);
    list_.start(std::move(filter), credentials_of(caller));
  }

 private:
  void on_list(const kube::Failure* failure, std::string json) {
    if (failure) return reply_.fail("list events: " + failure->message);
    reply_.succeed(std::move(json));
  }

  mcp::ToolReply& reply_;
  EventList list_;
};

class EventsTool final : public mcp::Tool {
 public:
  explicit EventsTool(KubeContext& context) : context_(context) {
    info_.name = "k0rdent.mgmt.events.list";
    info_.title = "List events";
    info_.description =
        "Lists the Kubernetes events of one namespace of the management cluster, newest first. "
        "Filters by event type, by kind and "
        "name of the object concerned, and by age. Subscribe to k0rdent://events/{namespace} to be "
        "told of new ones.";
    info_.input = input_schema();
    info_.output_schema_json =
        std::string(R"({"type":"object","properties":{"events":{"type":"array","items":)")
            .append(kEvent)
            .append(
                R"(},"omitted":{"type":"integer","description":"older events that passed the filter and were left out"}},)"
                R"("required":["events"],"additionalProperties":false})");
    info_.meta_json = R"({"plane":"mgmt","category":"events","action":"list"})";
  }
  const mcp::ToolInfo& info() const override { return info_; }
  std::unique_ptr<mcp::ToolRun> start(const mcp::Caller& caller, Value arguments,
                                      mcp::ToolReply& reply) override {
    if (auto allowed = context_.filter.check(arguments["namespace"].str()); !allowed) {
      reply.fail(allowed.error().what());
      return nullptr;
    }
    auto run = std::make_unique<EventsRun>(context_, reply);
    run->start(caller, arguments);
    return run;
  }

 private:
  KubeContext& context_;
  mcp::ToolInfo info_;
};

}  // namespace

std::unique_ptr<mcp::Tool> make_events_tool(KubeContext& context) {
  return std::make_unique<EventsTool>(context);
}

}  // namespace tools
