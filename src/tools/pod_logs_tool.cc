#include "tools/pod_logs_tool.h"

#include <string>
#include <utility>

#include "tools/pod_log_read.h"

namespace tools {

using base::json::Value;
using base::json::Writer;
using mcp::Field;

namespace {

constexpr const char* kOutput =
    R"({"type":"object","properties":{"logs":{"type":"string"},)"
    R"("following":{"type":"boolean","description":"the log can be followed by subscribing to followUri"},)"
    R"("followUri":{"type":"string"},"container":{"type":"string"},)"
    R"("truncated":{"type":"boolean","description":"older bytes were left out"},"omittedBytes":{"type":"integer"}},)"
    R"("required":["logs","following"],"additionalProperties":false})";

mcp::Schema input_schema() {
  std::vector<Field> fields(7);
  fields[0] = {.name = "namespace",
               .description = "namespace of the pod",
               .required = true,
               .form = Field::Form::dns_label};
  fields[1] = {.name = "pod",
               .description = "name of the pod",
               .required = true,
               .form = Field::Form::dns_subdomain};
  fields[2] = {.name = "container",
               .description = "container; may be left out when the pod has one",
               .form = Field::Form::dns_label_or_empty};
  fields[3] = {.name = "tailLines",
               .type = Field::Type::integer,
               .description = "only the last N lines",
               .nullable = true,
               .minimum = 0,
               .maximum = kLogNumberMax};
  fields[4] = {.name = "sinceSeconds",
               .type = Field::Type::integer,
               .description = "only lines of the last N seconds",
               .nullable = true,
               .minimum = 1,
               .maximum = kLogNumberMax};
  fields[5] = {.name = "previous",
               .type = Field::Type::boolean,
               .description = "the log of the instance before the last restart"};
  fields[6] = {.name = "follow",
               .type = Field::Type::boolean,
               .description = "also answer with the URI to subscribe to for new lines"};
  return mcp::Schema(std::move(fields));
}

class PodLogsRun final : public mcp::ToolRun {
 public:
  PodLogsRun(KubeContext& context, mcp::ToolReply& reply)
      : reply_(reply), read_(context, PodLogRead::Fn::bind<&PodLogsRun::on_read>(this)) {}

  void start(const mcp::Caller& caller, PodLogRequest request, bool follow) {
    follow_ = follow;
    request_ = request;
    read_.start(std::move(request), credentials_of(caller));
  }

 private:
  void on_read(PodLogRead::Outcome outcome) {
    if (outcome.failure) return reply_.fail(outcome.failure->message);
    request_.container = outcome.container;
    std::string out;
    Writer w(out);
    w.begin_object().field("logs", outcome.text).field("following", follow_);
    if (follow_) w.field("followUri", request_.uri());
    w.field("container", outcome.container);
    if (outcome.omitted_bytes > 0)
      w.field("truncated", true).field("omittedBytes", outcome.omitted_bytes);
    w.end_object();
    reply_.succeed(std::move(out));
  }

  mcp::ToolReply& reply_;
  bool follow_ = false;
  PodLogRequest request_;
  PodLogRead read_;
};

class PodLogsTool final : public mcp::Tool {
 public:
  explicit PodLogsTool(KubeContext& context) : context_(context) {
    info_.name = "k0rdent.mgmt.podLogs.get";
    info_.title = "Get pod logs";
    info_.description =
        "Reads the log of one container of a pod in the management cluster: its newest megabyte at "
        "most, and says when older lines were "
        "left out. Use tailLines or sinceSeconds to ask for less. With follow it also answers the "
        "resource URI to subscribe to for new lines.";
    info_.input = input_schema();
    info_.output_schema_json = kOutput;
    info_.meta_json = R"({"plane":"mgmt","category":"podLogs","action":"get"})";
  }
  const mcp::ToolInfo& info() const override { return info_; }
  std::unique_ptr<mcp::ToolRun> start(const mcp::Caller& caller, Value arguments,
                                      mcp::ToolReply& reply) override {
    if (auto allowed = context_.filter.check(arguments["namespace"].str()); !allowed) {
      reply.fail(allowed.error().what());
      return nullptr;
    }
    PodLogRequest request = PodLogRequest::from_arguments(arguments);
    const bool follow = arguments["follow"].bool_or(false);
    if (follow && request.previous) {
      reply.fail(
          "'follow' and 'previous' exclude each other: an ended instance writes no new lines");
      return nullptr;
    }
    auto run = std::make_unique<PodLogsRun>(context_, reply);
    run->start(caller, std::move(request), follow);
    return run;
  }

 private:
  KubeContext& context_;
  mcp::ToolInfo info_;
};

}  // namespace

std::unique_ptr<mcp::Tool> make_pod_logs_tool(KubeContext& context) {
  return std::make_unique<PodLogsTool>(context);
}

}  // namespace tools
